package standin

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
)

// status is the status of a FlinkDeployment or a FlinkSessionJob; fields that
// only one of them has stay at their zero value on the other.
type status struct {
	ClusterInfo        map[string]string  `json:"clusterInfo,omitzero"`
	Conditions         []condition        `json:"conditions,omitzero"`
	Error              string             `json:"error,omitempty"`
	JobManager         string             `json:"jobManagerDeploymentStatus,omitempty"`
	Job                jobStatus          `json:"jobStatus"`
	Lifecycle          string             `json:"lifecycleState,omitempty"`
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Reconciliation     reconciliation     `json:"reconciliationStatus"`
	TaskManager        *taskManagerStatus `json:"taskManager,omitempty"`
}

type condition struct {
	LastTransitionTime string `json:"lastTransitionTime"`
	Message            string `json:"message"`
	Reason             string `json:"reason"`
	Status             string `json:"status"`
	Type               string `json:"type"`
}

type jobStatus struct {
	JobName              string         `json:"jobName,omitempty"`
	JobID                string         `json:"jobId,omitempty"`
	State                string         `json:"state,omitempty"`
	StartTime            string         `json:"startTime,omitempty"`
	UpdateTime           string         `json:"updateTime,omitempty"`
	UpgradeSavepointPath string         `json:"upgradeSavepointPath,omitempty"`
	SavepointInfo        savepointInfo  `json:"savepointInfo"`
	CheckpointInfo       checkpointInfo `json:"checkpointInfo"`
}

type checkpointInfo struct {
	LastPeriodicTimestamp int64 `json:"lastPeriodicCheckpointTimestamp"`
}

// savepointInfo is where operators before 1.10 report savepoints.
type savepointInfo struct {
	LastPeriodicTimestamp int64       `json:"lastPeriodicSavepointTimestamp"`
	History               []savepoint `json:"savepointHistory"`
	Last                  *savepoint  `json:"lastSavepoint,omitempty"`
	TriggerID             string      `json:"triggerId,omitempty"`
	TriggerTimestamp      int64       `json:"triggerTimestamp,omitempty"`
	TriggerType           string      `json:"triggerType,omitempty"`
	FormatType            string      `json:"formatType,omitempty"`
}

type savepoint struct {
	FormatType   string `json:"formatType"`
	Location     string `json:"location"`
	TimeStamp    int64  `json:"timeStamp"`
	TriggerNonce *int64 `json:"triggerNonce,omitempty"`
	TriggerType  string `json:"triggerType"`
}

type reconciliation struct {
	LastReconciledSpec string `json:"lastReconciledSpec,omitempty"`
	LastStableSpec     string `json:"lastStableSpec,omitempty"`
	Timestamp          int64  `json:"reconciliationTimestamp"`
	State              string `json:"state"`
}

type taskManagerStatus struct {
	LabelSelector string `json:"labelSelector"`
	Replicas      int64  `json:"replicas"`
}

// States of status.jobManagerDeploymentStatus.
const (
	jmReady            = "READY"
	jmDeployedNotReady = "DEPLOYED_NOT_READY"
	jmDeploying        = "DEPLOYING"
	jmMissing          = "MISSING"
	jmError            = "ERROR"
)

// States of reconciliationStatus.state.
const (
	recDeployed    = "DEPLOYED"
	recUpgrading   = "UPGRADING"
	recRollingBack = "ROLLING_BACK"
	recRolledBack  = "ROLLED_BACK"
)

// States of jobStatus.state that the stand-in shows.
const (
	jobReconciling = "RECONCILING"
	jobCreated     = "CREATED"
	jobRunning     = "RUNNING"
	jobRestarting  = "RESTARTING"
	jobCancelling  = "CANCELLING"
	jobCanceled    = "CANCELED"
	jobFailed      = "FAILED"
	jobFinished    = "FINISHED"

	// These two only a FlinkBlueGreenDeployment shows.
	jobFailing   = "FAILING"
	jobSuspended = "SUSPENDED"
)

// lastStateDummy stands in upgradeSavepointPath after a restore from HA metadata.
const lastStateDummy = "KUBERNETES_OPERATOR_LAST_STATE"

// jobNotFound is the one error of the operator that is no JSON.
const jobNotFound = "Job Not Found"

func newStatus(v version, session bool) *status {
	st := &status{Reconciliation: reconciliation{State: recUpgrading}}
	st.Job.SavepointInfo.History = []savepoint{}
	if session {
		return st
	}
	st.JobManager = jmMissing
	st.ClusterInfo = map[string]string{}
	if v.conditions {
		st.Conditions = []condition{}
	}
	return st
}

// readStatus reads the status of an object, nil when it has none.
func readStatus(obj map[string]any) (*status, error) {
	m, ok := obj["status"].(map[string]any)
	if !ok || len(m) == 0 {
		return nil, nil
	}
	st := &status{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(m, st); err != nil {
		return nil, fmt.Errorf("read status: %w", err)
	}
	if st.Job.SavepointInfo.History == nil {
		st.Job.SavepointInfo.History = []savepoint{}
	}
	return st, nil
}

func (st *status) content() map[string]any { return contentOf(st) }

// contentOf is a status as the apiserver takes it.
func contentOf(st any) map[string]any {
	raw, err := json.Marshal(st)
	if err != nil {
		panic(err) // plain data always encodes
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil {
		panic(err)
	}
	return m
}

func (st *status) terminal() bool {
	switch st.Job.State {
	case jobFinished, jobFailed, jobCanceled:
		return true
	}
	return false
}

// setCondition writes the one condition, Running, of operators since 1.15. Its
// transition time changes only with True and False.
func (st *status) setCondition(application bool, now time.Time) {
	c := condition{Type: "Running", Status: "False"}
	if application {
		if st.Job.State == "" {
			return
		}
		c.Reason = st.Job.State[:1] + strings.ToLower(st.Job.State[1:])
		c.Message = "Job status " + st.Job.State
		if st.Job.State == jobRunning {
			c.Status = "True"
		}
	} else {
		switch st.JobManager {
		case jmReady:
			c.Status, c.Reason, c.Message = "True", "JobManagerReady", "JobManager is running and ready to receive REST API calls"
		case jmDeployedNotReady:
			c.Reason, c.Message = "DeployedNotReady", "JobManager is running but not yet ready to receive REST API calls"
		case jmDeploying:
			c.Reason, c.Message = "JobManagerIsDeploying", "JobManager process is starting up"
		case jmError:
			c.Reason, c.Message = "Error", "JobManager deployment failed"
		default:
			c.Reason, c.Message = "JobManagerDeploymentMissing", "JobManager deployment not found"
		}
	}
	c.LastTransitionTime = now.UTC().Format(time.RFC3339Nano)
	if len(st.Conditions) == 1 && st.Conditions[0].Status == c.Status {
		c.LastTransitionTime = st.Conditions[0].LastTransitionTime
	}
	st.Conditions = []condition{c}
}
