// Package tfkit is what the Terraform resources of this provider share: the
// environment attribute, the attributes of a specification, their way into its
// struct and back, texts compared by meaning, paths, diagnostics, logging and what
// the provider's configuration hands on.
package tfkit
