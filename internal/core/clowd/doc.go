// Package clowd is what Clowder means, the operator of Red Hat Insights that runs
// applications by the custom resources ClowdEnvironment and ClowdApp: what becomes of each
// attribute of a specification, an entry of ClowdApp.spec.deployments and the way back, its
// validation, what a change does, and what conditions say. It is pure.
//
// Clowder does not know Flink. An entry is one pod in which Flink's own image runs a
// JobManager and a TaskManager of one job.
package clowd

// Product is the platform's name in messages, and Name its name in environment.platform.
const (
	Product = "Clowder"
	Name    = "clowder"
)
