// Package lifecycle is what the resources have in common that run something on
// Flink: how their data become an effective specification, what a plan says,
// and how create, read, update and delete go, with their waits. It knows none of
// the types: a Type says what is its own.
package lifecycle
