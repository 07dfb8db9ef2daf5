package standin

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	k8sjson "k8s.io/apimachinery/pkg/util/json"
)

// color is one of the two deployments of a FlinkBlueGreenDeployment, as the label of the FlinkDeployment names it.
type color string

const (
	blue  color = "BLUE"
	green color = "GREEN"
)

var colors = []color{blue, green}

func (c color) other() color {
	if c == blue {
		return green
	}
	return blue
}

// States of status.blueGreenState.
const initializingBlue = "INITIALIZING_BLUE"

func active(c color) string          { return "ACTIVE_" + string(c) }
func savepointing(c color) string    { return "SAVEPOINTING_" + string(c) }
func transitioningTo(c color) string { return "TRANSITIONING_TO_" + string(c) }

// blueGreenStatus is the status of a FlinkBlueGreenDeployment. Of the job it has the state alone.
type blueGreenStatus struct {
	AbortTimestamp           string    `json:"abortTimestamp,omitempty"`
	State                    string    `json:"blueGreenState,omitempty"`
	DeploymentReadyTimestamp string    `json:"deploymentReadyTimestamp,omitempty"`
	Error                    string    `json:"error,omitempty"`
	Job                      jobStatus `json:"jobStatus"`
	LastReconciledSpec       string    `json:"lastReconciledSpec,omitempty"`
	LastReconciledTimestamp  string    `json:"lastReconciledTimestamp,omitempty"`
	SavepointTriggerID       string    `json:"savepointTriggerId,omitempty"`
}

func newBlueGreenStatus() *blueGreenStatus {
	st := &blueGreenStatus{}
	st.Job.SavepointInfo.History = []savepoint{}
	return st
}

// readBlueGreenStatus reads the status of an object, nil when it has none.
func readBlueGreenStatus(obj map[string]any) (*blueGreenStatus, error) {
	m, ok := obj["status"].(map[string]any)
	if !ok || len(m) == 0 {
		return nil, nil
	}
	st := newBlueGreenStatus()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(m, st); err != nil {
		return nil, fmt.Errorf("read status: %w", err)
	}
	return st, nil
}

// resetMarkers ends a transition.
func (st *blueGreenStatus) resetMarkers() {
	st.DeploymentReadyTimestamp, st.AbortTimestamp, st.SavepointTriggerID = instant(epoch), instant(epoch), ""
}

// blueGreenSpec is the spec of a FlinkBlueGreenDeployment.
type blueGreenSpec struct {
	ingress       any
	metadata      any   // of the template; it has no effect
	template      *spec // nil when the template has none
	configuration map[string]string
	configured    bool // configuration is there, if empty
}

func parseBlueGreenSpec(m map[string]any) *blueGreenSpec {
	s := &blueGreenSpec{ingress: m["ingress"], configuration: map[string]string{}}
	configuration, ok := m["configuration"].(map[string]any)
	s.configured = ok
	for k, v := range configuration {
		s.configuration[k] = fmt.Sprint(v)
	}
	template, _ := m["template"].(map[string]any)
	s.metadata = template["metadata"]
	if m, ok := template["spec"].(map[string]any); ok {
		s.template = parseSpec(m)
	}
	return s
}

func parseBlueGreenReconciled(text string) (*blueGreenSpec, error) {
	var doc map[string]any
	if err := k8sjson.Unmarshal([]byte(text), &doc); err != nil {
		return nil, fmt.Errorf("parse lastReconciledSpec: %w", err)
	}
	m, _ := doc["spec"].(map[string]any)
	return parseBlueGreenSpec(m), nil
}

// text renders lastReconciledSpec as the operator's Jackson does.
func (s *blueGreenSpec) text(v version) string {
	var configuration any
	if s.configured {
		configuration = s.configuration
	}
	return object{{"spec", object{
		{"ingress", s.ingress},
		{"template", object{{"metadata", s.metadata}, {"spec", s.template.document(v, false)}}},
		{"configuration", configuration},
	}}}.text()
}

// blueGreenDiff says what a change of the template leads to. Nothing but its spec counts.
type blueGreenDiff int

const (
	blueGreenIgnore blueGreenDiff = iota
	blueGreenSuspend
	blueGreenResume
	blueGreenRedeploy   // to the other color, from the template's initialSavepointPath
	blueGreenPatch      // of the same color, without a restart
	blueGreenTransition // to the other color
)

// diff compares the spec with the one that was reconciled last.
func (b *blueGreenPass) diff() blueGreenDiff {
	before, after := b.last.template, b.spec.template
	was, is := before.jobState(), after.jobState()
	changes := compare(before, after)
	switch {
	case was != is && is == stateSuspended:
		return blueGreenSuspend
	case was == stateSuspended && is == stateRunning:
		return blueGreenResume
	case changes.kind == diffRedeploy:
		return blueGreenRedeploy
	case before.document(b.version, false).text() == after.document(b.version, false).text():
		return blueGreenIgnore
	case changes.kind == diffIgnore:
		return blueGreenPatch
	}
	return blueGreenTransition
}

func (s *spec) jobState() string {
	if s.job == nil {
		return stateRunning
	}
	return s.job.state
}

// reconciled records the spec as the one that was reconciled last.
func (b *blueGreenPass) reconciled() {
	b.last, b.st.LastReconciledSpec = b.spec, b.spec.text(b.version)
}
