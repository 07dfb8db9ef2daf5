package fko

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// States of status.jobManagerDeploymentStatus.
const (
	ManagerReady       = "READY"
	managerMissing     = "MISSING"
	ManagerError       = "ERROR"
	ReconcileDeployed  = "DEPLOYED"
	ReconcileUpgrading = "UPGRADING"
)

// LastStateDummy is what the operator writes in place of a path when a job was
// restored from its high-availability metadata
// (AbstractJobReconciler.LAST_STATE_DUMMY_SP_PATH).
const LastStateDummy = "KUBERNETES_OPERATOR_LAST_STATE"

// Status is what the operator says about a FlinkDeployment or a
// FlinkSessionJob, with what of the object's metadata the rules need. Fields
// that an operator version does not have are empty.
type Status struct {
	UID        string
	Generation int64
	// Deleting tells that the object has a deletion timestamp.
	Deleting bool
	// Observed is the generation that the operator has taken up: since 1.8 its
	// observedGeneration, before that the generation it notes in
	// lastReconciledSpec. Zero before the first deployment.
	Observed            int64
	LifecycleState      string
	ReconciliationState string
	JobState            string
	JobID               string
	// JobManager is empty for a session job, which has none of its own.
	JobManager string
	// SavepointPath is where the job can be restored from.
	SavepointPath string
	Error         *Failure
	FlinkVersion  string
	// Reconciled tells that lastReconciledSpec is there.
	Reconciled bool
	// Deployed tells that a specification was deployed at least once.
	Deployed bool
	// EverRan tells that some specification has become stable, and Ran that
	// the one that was deployed last has.
	EverRan, Ran bool
	// Mode is the upgrade mode by which the job was last stopped or started,
	// and LastState tells that this was by its high-availability metadata.
	Mode      string
	LastState bool
	// Earlier is the path that the status still has when the job's state is not
	// there, but newer or gone.
	Earlier string
	// StateLocation is where the job's state is.
	StateLocation flink.StateLocation
}

// StatusOf reads the status of a FlinkDeployment or FlinkSessionJob. It never
// fails: the operator calls its status internal, so a field that is missing or
// of another type counts as not said.
func StatusOf(object *unstructured.Unstructured) Status {
	raw, _ := object.Object["status"].(map[string]any)
	text := func(path ...string) string {
		value, _, _ := unstructured.NestedFieldNoCopy(raw, path...)
		s, _ := value.(string)
		return s
	}
	s := Status{
		UID:                 string(object.GetUID()),
		Generation:          object.GetGeneration(),
		Deleting:            object.GetDeletionTimestamp() != nil,
		LifecycleState:      text("lifecycleState"),
		ReconciliationState: text("reconciliationStatus", "state"),
		JobState:            text("jobStatus", "state"),
		JobID:               text("jobStatus", "jobId"),
		JobManager:          text("jobManagerDeploymentStatus"),
		Error:               ParseFailure(text("error")),
		FlinkVersion:        text("clusterInfo", "flink-version"),
	}
	reconciled, stable := text("reconciliationStatus", "lastReconciledSpec"), text("reconciliationStatus", "lastStableSpec")
	var noted reconciliation
	if reconciled != "" {
		noted = reconciliationOf(reconciled)
	}
	s = s.withPath(text("jobStatus", "upgradeSavepointPath"), text("jobStatus", "savepointInfo", "lastSavepoint", "location"), noted.Spec.Job.UpgradeMode)
	observed, _, _ := unstructured.NestedFieldNoCopy(raw, "observedGeneration")
	s.Observed = Integer(observed)

	s.EverRan = stable != ""
	if reconciled != "" {
		// The operator compares the two texts as well, for STABLE.
		s.Ran = stable == reconciled
		s.Reconciled = true
		s.Deployed = true
		if s.Observed == 0 || s.ReconciliationState == ReconcileUpgrading {
			meta := noted.Metadata
			if s.Observed == 0 {
				s.Observed = meta.Metadata.Generation
			}
			// The specification is noted before it is deployed for the first
			// time.
			if s.ReconciliationState == ReconcileUpgrading && meta.FirstDeployment {
				s.Deployed = false
			}
		}
	}
	return s.located(object)
}

// withPath takes down where the job's state is. The operator leaves the path of
// an earlier savepoint where it is when it stops a job by its last state or
// without state, and tells only in the mode that it notes in lastReconciledSpec
// that the path is outdated. Of a job that ended it notes the last checkpoint in
// either case.
func (s Status) withPath(upgrade, savepoint, mode string) Status {
	path := upgrade
	if path == "" || path == LastStateDummy {
		// Before 1.10, and with snapshot resources switched off, the operator
		// notes savepoints here.
		path = savepoint
	}
	s.LastState = upgrade == LastStateDummy || path == LastStateDummy
	s.Mode = mode
	if s.Mode == flink.UpgradeLastState && !s.isTerminated() {
		s.LastState = true
	}
	emptied := s.Mode == flink.UpgradeStateless && s.LifecycleState == flink.LifecycleSuspended
	switch {
	case path == LastStateDummy:
	case s.LastState, emptied:
		s.Earlier = path
	default:
		s.SavepointPath = path
	}
	return s
}

// reconciliation is what lastReconciledSpec tells beside the specification
// (ReconciliationMetadata), and how the operator stopped or restored the job
// last. Operators before 1.8 keep the object's metadata in it.
type reconciliation struct {
	Spec struct {
		Job struct {
			UpgradeMode string `json:"upgradeMode"`
		} `json:"job"`
	} `json:"spec"`
	Metadata struct {
		FirstDeployment bool `json:"firstDeployment"`
		Metadata        struct {
			Generation int64 `json:"generation"`
		} `json:"metadata"`
	} `json:"resource_metadata"`
}

func reconciliationOf(text string) reconciliation {
	var r reconciliation
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return reconciliation{}
	}
	return r
}

// Integer reads a number of a decoded object, whichever way it was decoded.
func Integer(value any) int64 {
	switch v := value.(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	case json.Number:
		n, _ := v.Int64()
		return n
	}
	return 0
}

// Flink returns the status in the terms that all platforms share. restURL is
// where the JobManager answers.
func (s Status) Flink(restURL string) flink.Status {
	out := flink.Status{
		UID:            s.UID,
		LifecycleState: s.LifecycleState,
		JobState:       s.JobState,
		JobID:          s.JobID,
		JobManager:     s.JobManager,
		SavepointPath:  s.SavepointPath,
		FlinkVersion:   s.FlinkVersion,
		StateLocation:  s.StateLocation,
		Deployed:       s.Deployed,
	}
	if s.JobState == flink.StateFinished && s.Observed < s.Generation && s.LifecycleState != flink.LifecycleSuspended {
		// While the operator has not taken the specification up, the job may be
		// one that was stopped: a status from before its suspension was seen to
		// come back for a moment when it was resumed.
		out.JobState = flink.StateReconciling
	}
	if s.Error != nil {
		out.Error = s.Error.Sentence()
	}
	if s.Deployed {
		out.RestURL = restURL
	}
	return out
}

// WithoutError is the status for a message that tells the error elsewhere.
func (s Status) WithoutError() Status {
	s.Error = nil
	return s
}

// InTrouble tells whether something has gone wrong, as far as the status says. A
// JobManager that does not know its job yet is not.
func (s Status) InTrouble() bool {
	if s.Error != nil && !s.Error.IsJobNotFound() || s.JobManager == ManagerError || s.LifecycleState == flink.LifecycleFailed {
		return true
	}
	switch s.JobState {
	case flink.StateFailing, flink.StateFailed, flink.StateRestarting, flink.StateCanceled:
		return true
	}
	return false
}

// String is the status in one line, for logs and messages.
func (s Status) String() string {
	parts := []string{"generation " + strconv.FormatInt(s.Generation, 10)}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	if s.Observed != s.Generation {
		parts = append(parts, fmt.Sprintf("observed %d", s.Observed))
	}
	if s.LifecycleState == "" && s.JobState == "" {
		parts = append(parts, "no status yet")
	}
	add("lifecycle state", s.LifecycleState)
	add("job", s.JobState)
	add("JobManager", s.JobManager)
	if s.Error != nil {
		add("error:", s.Error.Sentence())
	}
	return strings.Join(parts, ", ")
}

// Finished tells whether the job came to its end, and not for the platform's
// sake. A job that is stopped to be suspended, upgraded or deployed again reads
// FINISHED too, until it is on its way. The JobManager of a finished job stays
// for a while, and a session job has none of its own. Where its state is tells a
// job that had no more to do from one that somebody stopped with a savepoint.
func Finished(s flink.Status) bool {
	if s.JobState != flink.StateFinished {
		return false
	}
	switch s.LifecycleState {
	case flink.LifecycleStable:
		return s.JobManager == ManagerReady || s.JobManager == managerMissing || s.JobManager == ""
	case flink.LifecycleDeployed, flink.LifecycleRolledBack:
		return s.JobManager == ManagerReady
	default:
		return false
	}
}

// HasFailed tells whether a status says that something is down for good. A job that
// was stopped on purpose is not.
func HasFailed(status flink.Status) bool {
	if status.LifecycleState == flink.LifecycleSuspended {
		return false
	}
	return status.JobState == flink.StateFailed || status.LifecycleState == flink.LifecycleFailed
}
