// Package cloudflow is Lightbend Cloudflow: an application is a CloudflowApplication with its Secrets, which
// Cloudflow's operator reads. That runs the streamlets of the runtime akka, and leaves those of Flink to somebody
// else: each of them is a FlinkDeployment beside its entry, by way of the operator of Flink.
package cloudflow
