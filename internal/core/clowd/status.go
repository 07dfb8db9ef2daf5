package clowd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// States of an entry's job, in the provider's words: Clowder has none.
const (
	StateRunning   = "RUNNING"
	StateDeploying = "DEPLOYING"
	StateSuspended = "SUSPENDED"
	StateFailed    = "FAILED"
)

// Types of the conditions of a ClowdApp and a ClowdEnvironment
// (apis/cloud.redhat.com/v1alpha1, ClowdCondition).
const (
	conditionReady      = "DeploymentsReady"
	conditionReconciled = "ReconciliationSuccessful"
	conditionFailed     = "ReconciliationFailed"
)

// Reconciliation is what Clowder says of an object as a whole.
type Reconciliation struct {
	// Current tells that it speaks of the present specification.
	Current bool
	// Done tells that Clowder has carried the present specification out. Whether pods run is
	// another question: `ready` and DeploymentsReady stay true while it fails.
	Done bool
	// Ready is the condition DeploymentsReady.
	Ready bool
	// Problem is why it is not done, in Clowder's words; empty where it does not say.
	Problem string
}

// ReconciliationOf reads the status of a ClowdApp or of a ClowdEnvironment.
func ReconciliationOf(object flink.Tree) Reconciliation {
	generation, _ := number(at(object, "metadata", "generation"))
	observed, has := number(at(object, "status", "generation"))
	out := Reconciliation{Current: has && observed == generation}
	reconciled, failed := condition(object, conditionReconciled), condition(object, conditionFailed)
	ready := condition(object, conditionReady)
	out.Ready = ready["status"] == "True"
	out.Done = out.Current && reconciled["status"] == "True"
	switch {
	case failed["status"] == "True":
		out.Problem = textAt(failed, "message")
	case reconciled["status"] == "False":
		out.Problem = textAt(reconciled, "message")
	}
	if out.Problem == "" && reconciled["status"] != "True" {
		// The text of a failure is even the message of a condition that is true.
		out.Problem = textAt(ready, "message")
	}
	out.Problem = strings.Join(strings.Fields(out.Problem), " ")
	return out
}

func condition(object flink.Tree, kind string) flink.Tree {
	for _, item := range listAt(object, "status", "conditions") {
		if found, _ := item.(flink.Tree); found["type"] == kind {
			return found
		}
	}
	return nil
}

// Workload is what there is of the Deployment that Clowder makes of an entry.
type Workload struct {
	// Exists tells that there is one.
	Exists bool
	// UID and Revision are those of the Mark that it was made of.
	UID      string
	Revision int64
	// Pods is how many there are, and Ready tells that it has those that it shall have, and
	// that they are ready.
	Pods  int64
	Ready bool
	// Image is that of its pods.
	Image string
}

// WorkloadOf reads a Deployment, nil for none.
func WorkloadOf(deployment flink.Tree) Workload {
	if deployment == nil {
		return Workload{}
	}
	out := Workload{Exists: true}
	if mark, ok := MarkOf(deployment); ok {
		out.UID, out.Revision = mark.UID, mark.Revision
	}
	if containers := listAt(deployment, "spec", "template", "spec", "containers"); len(containers) > 0 {
		first, _ := containers[0].(flink.Tree)
		out.Image = textAt(first, "image")
	}
	wanted, said := number(at(deployment, "spec", "replicas"))
	if !said {
		wanted = 1
	}
	generation, _ := number(at(deployment, "metadata", "generation"))
	observed, _ := number(at(deployment, "status", "observedGeneration"))
	out.Pods, _ = number(at(deployment, "status", "replicas"))
	ready, _ := number(at(deployment, "status", "readyReplicas"))
	updated, _ := number(at(deployment, "status", "updatedReplicas"))
	out.Ready = observed >= generation && ready == wanted && updated == wanted && out.Pods == wanted
	return out
}

// Seen is all that is seen of an entry.
type Seen struct {
	// Entry is it, and Mark its mark.
	Entry flink.Tree
	Mark  Mark
	App   Reconciliation
	Workload
}

// TakenUp tells whether Clowder has made the Deployment of the entry as it is.
func (s Seen) TakenUp() bool {
	return s.App.Done && s.Exists && s.UID == s.Mark.UID && s.Revision == s.Mark.Revision
}

// Arrived tells whether the entry is what was written: its job runs, or its pods are gone.
func (s Seen) Arrived() bool { return s.TakenUp() && s.Ready }

// Working tells whether the Deployment of the entry is as the provider has written it last. Clowder
// may not have come to what others have written since, or to the end of a change.
func (s Seen) Working() bool {
	return s.Exists && s.UID == s.Mark.UID && s.Revision == s.Mark.Revision && s.Ready
}

// touched tells whether somebody has changed the entry since Clowder has made its Deployment, as far as the
// image and the number of pods tell.
func (s Seen) touched() bool {
	return s.Image != "" && s.Image != textAt(s.Entry, "podSpec", "image")
}

// Gone tells whether no pod of the entry is left.
func (s Seen) Gone() bool { return s.Arrived() && !runs(s.Entry) && s.Pods == 0 }

// Status returns what the platform says of an entry.
func (s Seen) Status(place Place) flink.Status {
	spec, _ := flink.SpecOf(Back(place, s.Entry, s.Mark.Said))
	out := flink.Status{UID: s.Mark.UID, JobID: place.JobID(), Deployed: s.Mark.Ran}
	wantsJob := runs(s.Entry)
	switch {
	case s.Mark.Phase == PhaseStop && s.Mark.Unfinished():
		out.LifecycleState = StateDeploying
	case s.Working() && wantsJob && !s.touched():
		out.LifecycleState, out.JobState, out.Deployed = StateRunning, flink.StateRunning, true
	case !wantsJob && s.Working():
		out.LifecycleState = StateSuspended
	case s.App.Problem != "" && !s.App.Done && (!s.Exists || !s.Ready):
		out.LifecycleState, out.Error = StateFailed, s.App.Problem
	default:
		out.LifecycleState = StateDeploying
	}
	switch {
	case !out.Deployed || out.JobState != "":
	case out.LifecycleState == StateSuspended:
		out.JobState = flink.StateSuspended
	default:
		// It ran, and Flink tries to have it run again.
		out.JobState = flink.StateReconciling
	}
	out.StateLocation = location(spec, out)
	if version, known := spec.Version(); known && out.LifecycleState == StateRunning {
		out.FlinkVersion = version.Number()
	}
	return out
}

// location is where the state of a job is.
func location(spec flink.DeploymentSpec, status flink.Status) flink.StateLocation {
	switch {
	case !status.Deployed:
		return flink.LocationNone
	case Keeps(spec), status.LifecycleState == StateRunning:
		return flink.LocationPlatform
	case status.LifecycleState == StateSuspended:
		// Nobody remembers where its checkpoints were.
		return flink.LocationNone
	}
	return flink.LocationUnknown
}

// HasFailed tells whether a status says that something is down for good.
func HasFailed(status flink.Status) bool { return status.LifecycleState == StateFailed }

// Waited says in words what an entry lacks of what was written.
func (s Seen) Waited() string {
	switch {
	case !s.App.Current:
		return "Clowder has not looked at the present specification of the ClowdApp"
	case !s.App.Done:
		return "Clowder has not carried the present specification of the ClowdApp out"
	case !s.TakenUp():
		return "Clowder has not made its Deployment of this version"
	case !s.Ready && !runs(s.Entry):
		return fmt.Sprintf("%d of its pods are left", s.Pods)
	case !s.Ready:
		return "its pod is not ready: Flink does not say that the job runs"
	}
	return "it is as it shall be"
}

func number(value any) (int64, bool) {
	text, ok := scalar(value)
	if !ok {
		return 0, false
	}
	out, err := strconv.ParseInt(text, 10, 64)
	return out, err == nil
}
