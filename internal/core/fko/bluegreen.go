package fko

import (
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// ChildLabel is the operator's on the FlinkDeployments of a
// FlinkBlueGreenDeployment.
const ChildLabel = "flink/blue-green-deployment-type"

// BlueGreen is a FlinkBlueGreenDeployment with its FlinkDeployments.
type BlueGreen struct {
	Parent   *unstructured.Unstructured
	Children map[string]*unstructured.Unstructured
}

// BlueGreenStatus is what the operator says about a FlinkBlueGreenDeployment.
type BlueGreenStatus struct {
	// State is status.blueGreenState.
	State string
	// Job is status.jobStatus.state: RECONCILING, RUNNING, FAILING or SUSPENDED.
	Job   string
	Error string
	// Reconciled is the template's specification that was taken up last; nil
	// before the first.
	Reconciled flink.Tree
	// Text is lastReconciledSpec as it stands.
	Text string
}

// BlueGreenStatusOf reads the status of a FlinkBlueGreenDeployment. A field that is
// missing counts as not said.
func BlueGreenStatusOf(parent *unstructured.Unstructured) BlueGreenStatus {
	text := func(path ...string) string {
		value, _, _ := unstructured.NestedString(parent.Object, append([]string{"status"}, path...)...)
		return value
	}
	s := BlueGreenStatus{State: text("blueGreenState"), Job: text("jobStatus", "state"), Error: text("error"), Text: text("lastReconciledSpec")}
	if reconciled, err := flink.ParseTree([]byte(s.Text)); err == nil {
		spec, _ := reconciled["spec"].(map[string]any)
		template, _ := spec["template"].(map[string]any)
		s.Reconciled, _ = template["spec"].(map[string]any)
	}
	return s
}

// The states of a FlinkBlueGreenDeployment begin with one of these, and end with
// a color.
const (
	// StateInitializing is that of a deployment that has never been active. It
	// returns there when its first version is given up.
	StateInitializing  = "INITIALIZING_"
	StateActive        = "ACTIVE_"
	StateSavepointing  = "SAVEPOINTING_"
	StateTransitioning = "TRANSITIONING_TO_"
)

// ColorIn returns the color at the end of a state.
func ColorIn(state string) string {
	return strings.ToLower(state[strings.LastIndexByte(state, '_')+1:])
}

// RefusedAnnotation is on a color that the provider has suspended because its
// version has failed, with the generation that it had then.
const RefusedAnnotation = "flink-terraform.io/refused"

// State is status.blueGreenState: which color is active, or where a switch is.
func (n BlueGreen) State() string {
	state, _, _ := unstructured.NestedString(n.Parent.Object, "status", "blueGreenState")
	return state
}

// Active is the color that counts: the one from which a switch goes while there
// is one, and not one that was stopped while the other runs on.
func (n BlueGreen) Active() string {
	state := n.State()
	color := ColorIn(state)
	other := flink.OtherColor(color)
	child, beside := n.Children[color], n.Children[other]
	switch {
	case beside == nil:
		return color
	case child == nil, strings.HasPrefix(state, StateTransitioning):
		return other
	case strings.HasPrefix(state, StateActive) && SteadyStateOf(child) == Suspended && (isRefused(child) || runsOn(beside)):
		return other
	}
	return color
}

// isRefused tells whether a color was suspended because its version has failed,
// and has been given no other one.
func isRefused(child *unstructured.Unstructured) bool {
	return child.GetAnnotations()[RefusedAnnotation] == strconv.FormatInt(child.GetGeneration(), 10)
}

// runsOn tells whether a color runs and is to run on.
func runsOn(child *unstructured.Unstructured) bool {
	return child.GetDeletionTimestamp() == nil && SteadyStateOf(child) == Running && StatusOf(child).JobState == flink.StateRunning
}

// Stray is the color beside the one that the operator calls active, when it is
// the one that counts or runs; nil for none.
func (n BlueGreen) Stray() *unstructured.Unstructured {
	state := n.State()
	other := n.Children[flink.OtherColor(ColorIn(state))]
	if !strings.HasPrefix(state, StateActive) || other == nil || n.Active() == ColorIn(state) && !runsOn(other) {
		return nil
	}
	return other
}

// Template is the specification in spec.template, with the numbers of a Tree.
func (n BlueGreen) Template() flink.Tree {
	spec, _, _ := unstructured.NestedFieldNoCopy(n.Parent.Object, "spec", "template", "spec")
	tree, err := flink.TreeOf(spec)
	if err != nil || tree == nil {
		return flink.Tree{}
	}
	return tree
}

// Unstarted tells whether the operator has begun with nothing yet, because it has
// not looked, or because the job is to be suspended from the start: it waits in
// INITIALIZING_BLUE then, and takes nothing for reconciled
// (InitializingBlueStateHandler).
func (n BlueGreen) Unstarted() bool {
	s := BlueGreenStatusOf(n.Parent)
	return len(n.Children) == 0 && s.Reconciled == nil &&
		(s.State == "" || strings.HasPrefix(s.State, StateInitializing) && SteadyState(n.Template()) == Suspended)
}

// Bereft tells whether somebody has deleted the color that ran. The operator makes
// no other one then.
func (n BlueGreen) Bereft() bool {
	return len(n.Children) == 0 && strings.HasPrefix(n.State(), StateActive)
}

// GivenUp tells whether the operator has aborted the first version. It starts
// another one, and only one that differs.
func (n BlueGreen) GivenUp() bool {
	s := BlueGreenStatusOf(n.Parent)
	return strings.HasPrefix(s.State, StateInitializing) && s.Reconciled != nil && s.Job == flink.StateFailing
}

// Jammed tells whether the operator will never start a job: after it gave the
// first version up, it was asked to suspend it, and forgot that it had failed.
func (n BlueGreen) Jammed() bool {
	s := BlueGreenStatusOf(n.Parent)
	return strings.HasPrefix(s.State, StateInitializing) && s.Reconciled != nil && s.Job == flink.StateSuspended
}

// Resting tells whether the operator has nothing to do: it is not on its way
// from one color to the other, and has taken the template up.
func (n BlueGreen) Resting() bool {
	s := BlueGreenStatusOf(n.Parent)
	switch {
	case n.Unstarted(), n.Jammed():
		return true
	case strings.HasPrefix(s.State, StateSavepointing), strings.HasPrefix(s.State, StateTransitioning), s.State == "":
		return false
	case s.Job == flink.StateFailing:
		return true
	}
	// The state passes through ACTIVE between savepoint and transition.
	return s.Reconciled != nil && flink.Equal(n.Template(), flink.Observe(n.Template(), s.Reconciled))
}

// AbortWords says what the operator's error means.
func AbortWords(message string) string {
	switch {
	case strings.HasPrefix(message, "Aborting deployment"):
		return "the new version did not run in time, and the operator has given it up: " + message
	case strings.Contains(message, "is not READY"):
		return "the operator did not take the change up, because the active color did not run: " + message
	}
	return message
}

// IsChild tells whether a FlinkDeployment belongs to a FlinkBlueGreenDeployment.
func IsChild(object *unstructured.Unstructured) bool {
	_, ok := object.GetLabels()[ChildLabel]
	return ok
}

// Coming returns the color to which the operator is on its way, with the
// FlinkDeployment that it has made; nil when there is none.
func (n BlueGreen) Coming() *unstructured.Unstructured {
	if n.Parent == nil {
		return nil
	}
	state := n.State()
	if !strings.HasPrefix(state, StateTransitioning) {
		return nil
	}
	return n.Children[ColorIn(state)]
}

// IsWanted tells whether a child has a specification, whatever path its job starts
// from: the operator writes that of the switch's savepoint.
func IsWanted(child *unstructured.Unstructured, want flink.Tree) bool {
	spec, err := RunningSpec(child, StatusOf(child))
	bare := WithoutPath(want)
	return err == nil && flink.Equal(flink.Observe(bare, spec), bare)
}

// Stamp is a time in the status by the operator's clock, zero when there is none.
// One that is not set is the Unix epoch.
func (n BlueGreen) Stamp(field string) time.Time {
	text, _, _ := unstructured.NestedString(n.Parent.Object, "status", field)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return at
}
