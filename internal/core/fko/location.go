package fko

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// located adds to a status where the state of the object's job is.
func (s Status) located(object *unstructured.Unstructured) Status {
	job, ok, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "job")
	if fields, isMap := job.(map[string]any); ok && isMap {
		s.StateLocation = s.location(fields["state"] == flink.JobSuspended)
	}
	return s
}

// location is where the job's state is, as the operator would restore it
// (AbstractJobReconciler.getJobUpgrade and restoreJob); stops tells that the
// specification wants the job suspended.
func (s Status) location(stops bool) flink.StateLocation {
	// The operator restores from the path alone, and from nothing without one.
	pathOrNone := flink.LocationNone
	if s.SavepointPath != "" {
		pathOrNone = flink.LocationPath
	}
	switch {
	case !s.Deployed:
		return pathOrNone
	case s.LifecycleState == flink.LifecycleSuspended:
		return s.locationOfSuspended(pathOrNone)
	case s.isTerminated() && (s.SavepointPath != "" || !s.EverRan):
		// The operator has noted the last checkpoint, if there ever was one.
		return pathOrNone
	case Finished(s.Flink("")) && !stops:
		// Flink deletes the checkpoints of a job that comes to its end by itself.
		// A savepoint stays: `flink stop` ends a job with one, which the operator
		// notes as the newest snapshot.
		if flink.IsCheckpoint(s.SavepointPath) {
			return flink.LocationNone
		}
		return pathOrNone
	case s.JobState == flink.StateRunning, s.LastState:
		return flink.LocationPlatform
	case s.SavepointPath != "" && !s.Ran && s.Mode != flink.UpgradeStateless:
		// What is deployed was to start from there, and has never run.
		return flink.LocationPath
	case s.SavepointPath == "" && !s.EverRan && s.JobManager == ManagerError:
		return flink.LocationNone
	case s.EverRan:
		return flink.LocationPlatform
	}
	return flink.LocationUnknown
}

// locationOfSuspended is location for a suspended job. How it was stopped is how
// it is resumed, unless the new mode is stateless.
func (s Status) locationOfSuspended(pathOrNone flink.StateLocation) flink.StateLocation {
	switch {
	case s.Mode == flink.UpgradeStateless:
		return flink.LocationNone
	case s.LastState:
		return flink.LocationPlatform
	case s.Mode == flink.UpgradeSavepoint, s.SavepointPath != "":
		return pathOrNone
	}
	return flink.LocationUnknown
}

// isTerminated tells whether the job ended without being asked to.
func (s Status) isTerminated() bool {
	return s.JobState == flink.StateFailed || s.JobState == flink.StateCanceled
}

// NewestPath returns the path of the job's newest state as the status has it. It
// is sure when there can be nothing newer.
func (s Status) NewestPath() (path string, sure bool) {
	if s.SavepointPath == "" {
		return s.Earlier, false
	}
	return s.SavepointPath, s.StateLocation == flink.LocationPath
}

// IsOver tells whether the job came to its end by itself and left no state to go
// on from, because Flink deletes its checkpoints.
func (s Status) IsOver(spec flink.Tree) bool {
	return Finished(s.Flink("")) && SteadyState(spec) != Suspended && s.StateLocation != flink.LocationPath
}
