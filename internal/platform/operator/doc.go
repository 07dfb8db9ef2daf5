// Package operator runs deployments on the Flink Kubernetes Operator, version
// 1.7 and later: it writes FlinkDeployment objects, follows their status until
// what was written runs, and explains what does not.
//
// The rules about the operator's status were taken from recordings of the real
// operator, 1.7.0 and 1.15.0; tests replay them.
package operator
