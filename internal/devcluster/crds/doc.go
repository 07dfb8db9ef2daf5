// Package crds generates the custom resource definitions of the Flink Kubernetes Operator for several of its releases
// from one compact table of fields, and installs them.
//
// The definitions accept and refuse what the operator's own do: no defaults, no required fields, no validation beyond
// types and enumerations, and unknown fields are pruned (or refused, when a request asks for strict validation).
// Pod templates follow the core/v1 types of the Kubernetes release that the control plane is built from.
package crds
