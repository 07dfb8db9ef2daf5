// Package cfk is Confluent for Kubernetes as a way to Confluent Manager for Apache Flink: what
// an environment has are custom resources in a Kubernetes namespace, which the controller of
// Confluent for Kubernetes hands on to the server. Its facts are those of the custom resource
// definitions of the release 3.3.0, of the vendor's examples, and of reports from the field.
//
// An application has the specification of a FlinkDeployment and the status that the server has
// of it, so applications are a Store of the operator's objects (applications.go). The others are
// kept as they are told (records.go).
package cfk
