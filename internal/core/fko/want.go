package fko

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Want is what a wait ends with.
type Want int

const (
	// Running waits for a job that runs, or that has finished.
	Running Want = iota
	// Suspended waits for a job that has been stopped.
	Suspended
	// SessionReady waits for a session cluster that takes jobs.
	SessionReady
	// Acknowledged waits until the operator has taken note of a change that
	// leaves the job alone.
	Acknowledged
	// Launched waits until the specification is deployed, whether or not its
	// job runs.
	Launched
	// Deferred waits for nothing: the operator gives no sign of a change
	// while a job stays suspended, nor of one that is created suspended.
	Deferred
)

// SteadyState is what a specification ends in.
func SteadyState(spec flink.Tree) Want {
	job, ok := spec["job"].(map[string]any)
	switch {
	case !ok:
		return SessionReady
	case job["state"] == flink.JobSuspended:
		return Suspended
	}
	return Running
}

// SteadyStateOf is SteadyState of the specification of an object.
func SteadyStateOf(object *unstructured.Unstructured) Want {
	spec, _ := object.Object["spec"].(map[string]any)
	return SteadyState(spec)
}
