package vvp

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// States of a SessionCluster beside StateRunning and StateFailed: StateStopped may be desired as
// well (SessionClusterSpec.state, SessionClusterStatus.state).
const (
	StateStopped  = "STOPPED"
	StateStarting = "STARTING"
	StateUpdating = "UPDATING"
)

// SessionMark is what has to be known of a change of a SessionCluster to go on with it, in this
// process or in another one. It is the text of AnnotationUnfinished.
type SessionMark struct {
	// Action is that of the rollout.
	Action string `json:"action"`
	// Then is the spec that the cluster gets when it is stopped, nil when it has it: as long as it
	// runs, the platform lets nobody write it.
	Then flink.Tree `json:"then,omitempty"`
	// Restart is the AnnotationRestart that comes with Then.
	Restart string `json:"restart,omitempty"`
	// By tells the client that makes the change.
	By string `json:"by,omitempty"`
}

// SessionMarkOf reads the mark of a SessionCluster; false where it has none that can be read.
func SessionMarkOf(cluster flink.Tree) (SessionMark, bool) {
	var mark SessionMark
	text, ok := at(cluster, "metadata", "annotations", AnnotationUnfinished).(string)
	if !ok {
		return mark, false
	}
	whole, err := flink.ParseTree([]byte(text))
	if err != nil || json.Unmarshal([]byte(text), &mark) != nil {
		return SessionMark{}, false
	}
	// With numbers as the rest of the document has them.
	mark.Then, _ = whole["then"].(flink.Tree)
	return mark, true
}

// String is the text of AnnotationUnfinished.
func (m SessionMark) String() string {
	// It consists of what came from JSON.
	text, _ := json.Marshal(m)
	return string(text)
}

// Whole returns a SessionCluster as it will be when a change is seen through that waits for the
// cluster to stop: what was asked for is in its mark. The argument is not changed.
func Whole(cluster flink.Tree) flink.Tree {
	mark, unfinished := SessionMarkOf(cluster)
	if !unfinished || mark.Then == nil {
		return cluster
	}
	out := maps.Clone(cluster)
	out["spec"] = mark.Then
	metadata, _ := cluster["metadata"].(flink.Tree)
	annotations, _ := metadata["annotations"].(flink.Tree)
	metadata, annotations = maps.Clone(metadata), maps.Clone(annotations)
	delete(annotations, AnnotationRestart)
	if mark.Restart != "" {
		annotations[AnnotationRestart] = mark.Restart
	}
	metadata["annotations"] = annotations
	out["metadata"] = metadata
	return out
}

// Restarts tells whether a SessionCluster has to be stopped to become another one: only the
// number of its TaskManagers may change while it runs, and one that does not run and shall is
// started anew.
func Restarts(live, next flink.Tree) bool {
	switch State(live) {
	case StateRunning, StateStarting, StateUpdating:
		if Desired(live) != StateRunning {
			return true
		}
	default:
		return true
	}
	fixed := func(of flink.Tree) flink.Tree {
		spec, _ := of["spec"].(flink.Tree)
		spec = maps.Clone(spec)
		delete(spec, "state")
		delete(spec, "numberOfTaskManagers")
		return spec
	}
	restart := func(of flink.Tree) any { return at(of, "metadata", "annotations", AnnotationRestart) }
	return restart(live) != restart(next) || !reflect.DeepEqual(fixed(live), fixed(next))
}

// Next is what comes next of a change, by what is seen of the SessionCluster. stale tells that a
// failure is the one of before the change.
func (m SessionMark) Next(seen Seen, stale bool) Step {
	failed := seen.State == StateFailed && !stale
	switch {
	case m.Then != nil && seen.Desired == StateRunning, m.Then == nil && seen.Desired == StateStopped:
		return StepOverruled
	case m.Then != nil && (seen.State == StateStopped || failed):
		// Both are terminal.
		return StepStart
	case m.Then != nil:
		return StepWait
	case failed:
		return StepFailed
	case seen.State == StateRunning:
		return StepDone
	}
	return StepWait
}

// Occupies tells whether the job of a Deployment keeps the platform from stopping its session
// cluster: it runs, or will.
func Occupies(seen Seen) bool {
	switch seen.State {
	case StateFailed, StateFinished:
		return false
	case StateSuspended, StateCancelled:
		return seen.Desired == StateRunning
	}
	return true
}

// SessionStatus returns what the platform says about a session cluster.
func SessionStatus(cluster flink.Tree) flink.Status {
	said := func(path ...string) string {
		value, _ := at(cluster, path...).(string)
		return value
	}
	state := State(cluster)
	s := flink.Status{UID: said("metadata", "id"), LifecycleState: state, JobManager: managerOf(state), Deployed: true}
	switch state {
	case StateFailed:
		s.Error = SessionFailure(cluster)
	case StateRunning, StateUpdating:
		s.FlinkVersion = said("spec", "flinkVersion")
	}
	return s
}

// managerOf is what the JobManager of a session cluster does, in the words of flink.Status.
func managerOf(state string) string {
	switch state {
	case StateRunning, StateUpdating:
		return flink.ManagerReady
	case StateStarting:
		return flink.ManagerDeploying
	case StateFailed:
		return flink.ManagerError
	}
	return flink.ManagerMissing
}

// SessionFailure is why a session cluster has failed, empty where the platform does not say it.
func SessionFailure(cluster flink.Tree) string {
	message, _ := at(cluster, "status", "failure", "message").(string)
	reason, _ := at(cluster, "status", "failure", "reason").(string)
	return cmp.Or(message, reason)
}
