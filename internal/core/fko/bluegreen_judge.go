package fko

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// BlueGreenJudge decides from a sequence of versions of a FlinkBlueGreenDeployment
// and its children whether what was written runs. Findings 29 to 39 of the
// recorded timelines say why no single field is enough: the state is ACTIVE and
// the job RUNNING twice in the middle of a switch, a specification that was
// swallowed counts as reconciled, and nothing of the active child is seen in the
// parent afterwards.
type BlueGreenJudge struct {
	// generation is the parent's as the write returned it.
	generation int64
	uid        string
	// want is the template's specification as it was written.
	want flink.Tree
	goal Want
	// inherited is the parent's error at the time of the write, which stays
	// until the operator begins its transition; fresh tells that it has gone.
	inherited string
	fresh     bool
	// known tells that what is wanted counted as reconciled before it was
	// written, as it does when the change only leaves something out; before is
	// what did.
	known  bool
	before string
	// trouble is what was last wrong with the new color.
	trouble string
	// Verdict is the last one.
	Verdict Verdict
}

// NewBlueGreenJudge returns a judge of a write that has seen nothing.
func NewBlueGreenJudge(written BlueGreen, want flink.Tree, goal Want, before BlueGreenStatus) *BlueGreenJudge {
	j := &BlueGreenJudge{uid: string(written.Parent.GetUID()), generation: written.Parent.GetGeneration(), want: want, goal: goal, inherited: before.Error, before: before.Text}
	j.known = j.reconciled(before)
	return j
}

// See takes note of a version and returns the verdict. One other than Waiting
// stays.
func (j *BlueGreenJudge) See(n BlueGreen) Verdict {
	if j.Verdict.Progress != Waiting {
		return j.Verdict
	}
	switch {
	case n.Parent == nil, string(n.Parent.GetUID()) != j.uid:
		j.Verdict = Verdict{Progress: Failed, Cause: "the object was deleted"}
		return j.Verdict
	case n.Parent.GetDeletionTimestamp() != nil:
		j.Verdict = Verdict{Progress: Failed, Cause: "the object is being deleted"}
		return j.Verdict
	case n.Parent.GetGeneration() < j.generation:
		return j.Verdict
	}
	s := BlueGreenStatusOf(n.Parent)
	if s.Error != j.inherited || strings.HasPrefix(s.State, StateTransitioning) {
		j.fresh = true
	}
	if strings.HasPrefix(s.State, StateTransitioning) {
		j.look(n, ColorIn(s.State))
	}
	v := n.Verdict(j.want, j.goal)
	switch {
	case v.Progress == Done && j.known && s.Text == j.before:
		v = Verdict{Cause: "the operator has not taken the specification up"}
	case v.Progress == Done:
	case s.Job == flink.StateFailing && s.Error != "" && !strings.HasPrefix(s.State, StateTransitioning) && !strings.HasPrefix(s.State, StateSavepointing) &&
		(j.fresh || !j.known && j.reconciled(s)):
		v = Verdict{Progress: Failed, Cause: AbortWords(s.Error)}
		if j.trouble != "" {
			v.Cause = j.trouble
		}
	default:
		v.Progress = Waiting
		if j.trouble != "" {
			v.Cause += ": " + j.trouble
		}
	}
	j.Verdict = v
	return v
}

// look keeps what is wrong with the color to come: the parent does not say it,
// and the abort takes it off the child.
func (j *BlueGreenJudge) look(n BlueGreen, color string) {
	child := n.Children[color]
	if child == nil {
		return
	}
	switch status := StatusOf(child); {
	case status.Error != nil && !status.Error.IsJobNotFound() && !status.Error.isMount():
		j.trouble = status.Error.Sentence()
		if status.Error.IsImage() {
			image, _ := j.want["image"].(string)
			j.trouble = fmt.Sprintf("image %q cannot be pulled", image)
		}
	case status.JobState == flink.StateRunning:
		j.trouble = ""
	}
}

// reconciled tells whether the operator has taken the wanted specification up.
func (j *BlueGreenJudge) reconciled(s BlueGreenStatus) bool {
	return s.Reconciled != nil && flink.Equal(flink.Observe(j.want, s.Reconciled), j.want)
}

// Verdict applies the rules for the end of a rollout to one version: Done, or
// Waiting with what is missing.
func (n BlueGreen) Verdict(want flink.Tree, goal Want) Verdict {
	s := BlueGreenStatusOf(n.Parent)
	waiting := func(format string, arguments ...any) Verdict {
		return Verdict{Cause: fmt.Sprintf(format, arguments...)}
	}
	bare := WithoutPath(want)
	color := ColorIn(s.State)
	child := n.Children[color]
	switch {
	case goal == Deferred:
		return Verdict{Progress: Done}
	case s.State == "":
		return waiting("the operator has not looked at it")
	case strings.HasPrefix(s.State, StateSavepointing):
		return waiting("the operator takes a savepoint of %s", color)
	case strings.HasPrefix(s.State, StateTransitioning):
		return waiting("%s does not run yet%s", color, InParentheses(child))
	case !strings.HasPrefix(s.State, StateActive):
		return waiting("it is %s", s.State)
	case s.Error != "":
		return waiting("%s", AbortWords(s.Error))
	case s.Reconciled == nil || !flink.Equal(flink.Observe(bare, s.Reconciled), bare):
		return waiting("the operator has not taken the specification up")
	case child == nil:
		return waiting("%s is not there", color)
	case n.Children[flink.OtherColor(color)] != nil:
		return waiting("%s is not gone yet", flink.OtherColor(color))
	}
	if !IsWanted(child, want) {
		// The operator counts a specification as reconciled that it has
		// swallowed.
		return waiting("%s does not have the specification", color)
	}
	status := StatusOf(child)
	runs, _ := RunningSpec(child, status)
	switch {
	case goal == Suspended && status.LifecycleState != flink.LifecycleSuspended:
		return waiting("%s is not suspended%s", color, InParentheses(child))
	case goal == Acknowledged && status.Observed < status.Generation:
		return waiting("%s has not been looked at", color)
	case goal == Running && !IsRolledOut(status, runs):
		return waiting("%s does not run%s", color, InParentheses(child))
	}
	return Verdict{Progress: Done}
}

// InParentheses tells the status of a child at the end of a sentence; empty for none.
func InParentheses(child *unstructured.Unstructured) string {
	if child == nil {
		return ""
	}
	return " (" + StatusOf(child).String() + ")"
}
