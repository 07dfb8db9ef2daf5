package vvp

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// States of a savepoint, and the origin of one that the provider has brought in
// (SavepointStatus.state, SavepointMetadata.origin).
const (
	SavepointStarted   = "STARTED"
	SavepointCompleted = "COMPLETED"
	SavepointFailed    = "FAILED"
	OriginCopied       = "COPIED"
	OriginRetained     = "RETAINED_CHECKPOINT"
)

// Savepoint is what a Savepoint tells of itself.
type Savepoint struct {
	ID, DeploymentID, JobID, Origin, Created string
	Location                                 string
	// State is SavepointStarted, SavepointCompleted, SavepointFailed, or one of those of a
	// deletion.
	State string
	// Failure is why there is none.
	Failure     string
	Annotations map[string]string
}

// SavepointOf reads a Savepoint.
func SavepointOf(object flink.Tree) Savepoint {
	said := func(path ...string) string {
		value, _ := at(object, path...).(string)
		return value
	}
	annotations := map[string]string{}
	found, _ := at(object, "metadata", "annotations").(flink.Tree)
	for key, value := range found {
		annotations[key], _ = value.(string)
	}
	return Savepoint{
		ID: said("metadata", "id"), DeploymentID: said("metadata", "deploymentId"), JobID: said("metadata", "jobId"), Origin: said("metadata", "origin"),
		Created: said("metadata", "createdAt"), Location: said("spec", "savepointLocation"), State: said("status", "state"),
		Failure: cmp.Or(said("status", "failure", "message"), said("status", "failure", "reason")), Annotations: annotations,
	}
}

// Newest returns the newest of a deployment's savepoints from which the platform would
// restore its job, and whether there is one. With the same time the later in the list wins.
func Newest(all []Savepoint) (newest Savepoint, found bool) {
	for _, savepoint := range all {
		if savepoint.State == SavepointCompleted && savepoint.Location != "" && !Earlier(savepoint.Created, newest.Created) {
			newest, found = savepoint, true
		}
	}
	return newest, found
}

// Earlier tells whether a time of the server's is before another one. A server leaves out what is
// zero at the end of a fraction, so texts do not sort.
func Earlier(a, b string) bool {
	first, err := time.Parse(time.RFC3339Nano, a)
	second, err2 := time.Parse(time.RFC3339Nano, b)
	if err != nil || err2 != nil {
		return a < b
	}
	return first.Before(second)
}

// Observation is what a status is made of.
type Observation struct {
	// Deployment is the object as the server has it.
	Deployment flink.Tree
	// Savepoints are those of the deployment.
	Savepoints []Savepoint
	// Ran tells that a job of it was ever started. What runs or has failed, has.
	Ran bool
}

// Status returns what the platform says about a deployment.
func (o Observation) Status() flink.Status {
	said := func(path ...string) string {
		value, _ := at(o.Deployment, path...).(string)
		return value
	}
	state := said("status", "state")
	s := flink.Status{
		UID: said("metadata", "id"), LifecycleState: state, JobState: jobState(state), JobID: said("status", "running", "jobId"),
		Deployed: o.Ran || state != StateCancelled && state != StateSuspended && state != "",
	}
	newest, has := Newest(o.Savepoints)
	s.SavepointPath = newest.Location
	s.StateLocation = location(state, s.Deployed, has)
	if mark, unfinished := MarkOf(o.Deployment); unfinished && mark.From != "" && mark.Phase == PhaseStop && mark.Final == StateRunning {
		// It is to start from there, whatever it had before.
		s.SavepointPath, s.StateLocation, s.Deployed = mark.From, flink.LocationPath, true
	}
	if number := said("spec", "template", "spec", "artifact", "flinkVersion"); state == StateRunning {
		s.FlinkVersion = number
	}
	return s
}

// jobState is the word of Flink's for a state of a Deployment, where it has one.
func jobState(state string) string {
	if state == StateCancelled {
		return flink.StateCanceled
	}
	return state
}

// location is where the platform would restore the job from.
func location(state string, ran, savepoint bool) flink.StateLocation {
	switch {
	case !ran:
		return flink.LocationNone
	case state == StateRunning || state == StateTransitioning:
		return flink.LocationPlatform
	case state == StateFinished:
		// Flink deletes the checkpoints of a job that comes to its end by itself.
		return flink.LocationNone
	case state == StateFailed && !savepoint:
		// A checkpoint may be retained that the platform has not noted.
		return flink.LocationUnknown
	case savepoint:
		return flink.LocationPath
	}
	return flink.LocationNone
}

// HasFailed tells whether a status says that something is down for good.
func HasFailed(status flink.Status) bool { return status.LifecycleState == StateFailed }

// State is the observed state of a Deployment, and Desired the one that it shall have.
func State(deployment flink.Tree) string {
	state, _ := at(deployment, "status", "state").(string)
	return state
}

// Desired is the state that a Deployment shall have.
func Desired(deployment flink.Tree) string {
	state, _ := at(deployment, "spec", "state").(string)
	return state
}

// Version is the resource version of an object, zero where it has none.
func Version(object flink.Tree) int64 {
	number, _ := at(object, "metadata", "resourceVersion").(json.Number)
	version, _ := number.Int64()
	return version
}
