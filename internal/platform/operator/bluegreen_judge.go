package operator

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// nativeJudge decides from a sequence of versions of a FlinkBlueGreenDeployment
// and its children whether what was written runs. Findings 29 to 39 of the
// recorded timelines say why no single field is enough: the state is ACTIVE and
// the job RUNNING twice in the middle of a switch, a specification that was
// swallowed counts as reconciled, and nothing of the active child is seen in the
// parent afterwards.
type nativeJudge struct {
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
	verdict Verdict
}

// judgeOf returns a judge of a write that has seen nothing.
func judgeOf(written native, want flink.Tree, goal Want, before nativeStatus) *nativeJudge {
	j := &nativeJudge{uid: string(written.parent.GetUID()), generation: written.parent.GetGeneration(), want: want, goal: goal, inherited: before.Error, before: before.text}
	j.known = j.reconciled(before)
	return j
}

// see takes note of a version and returns the verdict. One other than Waiting
// stays.
func (j *nativeJudge) see(n native) Verdict {
	if j.verdict.Progress != Waiting {
		return j.verdict
	}
	switch {
	case n.parent == nil, string(n.parent.GetUID()) != j.uid:
		j.verdict = Verdict{Progress: Failed, Cause: "the object was deleted"}
		return j.verdict
	case n.parent.GetDeletionTimestamp() != nil:
		j.verdict = Verdict{Progress: Failed, Cause: "the object is being deleted"}
		return j.verdict
	case n.parent.GetGeneration() < j.generation:
		return j.verdict
	}
	s := nativeStatusOf(n.parent)
	if s.Error != j.inherited || strings.HasPrefix(s.State, stateTransitioning) {
		j.fresh = true
	}
	if strings.HasPrefix(s.State, stateTransitioning) {
		j.look(n, colorIn(s.State))
	}
	v := n.verdict(j.want, j.goal)
	switch {
	case v.Progress == Done && j.known && s.text == j.before:
		v = Verdict{Cause: "the operator has not taken the specification up"}
	case v.Progress == Done:
	case s.Job == flink.StateFailing && s.Error != "" && !strings.HasPrefix(s.State, stateTransitioning) && !strings.HasPrefix(s.State, stateSavepointing) &&
		(j.fresh || !j.known && j.reconciled(s)):
		v = Verdict{Progress: Failed, Cause: abortWords(s.Error)}
		if j.trouble != "" {
			v.Cause = j.trouble
		}
	default:
		v.Progress = Waiting
		if j.trouble != "" {
			v.Cause += ": " + j.trouble
		}
	}
	j.verdict = v
	return v
}

// look keeps what is wrong with the color to come: the parent does not say it,
// and the abort takes it off the child.
func (j *nativeJudge) look(n native, color string) {
	child := n.children[color]
	if child == nil {
		return
	}
	switch status := StatusOf(child); {
	case status.Error != nil && !status.Error.isJobNotFound() && !status.Error.isMount():
		j.trouble = status.Error.Sentence()
		if status.Error.isImage() {
			image, _ := j.want["image"].(string)
			j.trouble = fmt.Sprintf("image %q cannot be pulled", image)
		}
	case status.JobState == flink.StateRunning:
		j.trouble = ""
	}
}

// reconciled tells whether the operator has taken the wanted specification up.
func (j *nativeJudge) reconciled(s nativeStatus) bool {
	return s.Reconciled != nil && flink.Equal(flink.Observe(j.want, s.Reconciled), j.want)
}

// verdict applies the rules for the end of a rollout to one version: Done, or
// Waiting with what is missing.
func (n native) verdict(want flink.Tree, goal Want) Verdict {
	s := nativeStatusOf(n.parent)
	waiting := func(format string, arguments ...any) Verdict {
		return Verdict{Cause: fmt.Sprintf(format, arguments...)}
	}
	bare := withoutPath(want)
	color := colorIn(s.State)
	child := n.children[color]
	switch {
	case goal == Deferred:
		return Verdict{Progress: Done}
	case s.State == "":
		return waiting("the operator has not looked at it")
	case strings.HasPrefix(s.State, stateSavepointing):
		return waiting("the operator takes a savepoint of %s", color)
	case strings.HasPrefix(s.State, stateTransitioning):
		return waiting("%s does not run yet%s", color, of(child))
	case !strings.HasPrefix(s.State, stateActive):
		return waiting("it is %s", s.State)
	case s.Error != "":
		return waiting("%s", abortWords(s.Error))
	case s.Reconciled == nil || !flink.Equal(flink.Observe(bare, s.Reconciled), bare):
		return waiting("the operator has not taken the specification up")
	case child == nil:
		return waiting("%s is not there", color)
	case n.children[flink.OtherColor(color)] != nil:
		return waiting("%s is not gone yet", flink.OtherColor(color))
	}
	observed, err := observe(child)
	if err != nil || !flink.Equal(flink.Observe(bare, observed.Spec), bare) {
		// The operator counts a specification as reconciled that it has
		// swallowed.
		return waiting("%s does not have the specification", color)
	}
	status := StatusOf(child)
	switch {
	case goal == Suspended && status.LifecycleState != flink.LifecycleSuspended:
		return waiting("%s is not suspended%s", color, of(child))
	case goal == Acknowledged && status.Observed < status.Generation:
		return waiting("%s has not been looked at", color)
	case goal == Running && !isRolledOut(status, observed.Spec):
		return waiting("%s does not run%s", color, of(child))
	}
	return Verdict{Progress: Done}
}

// of tells the status of a child at the end of a sentence.
func of(child *unstructured.Unstructured) string {
	if child == nil {
		return ""
	}
	return " (" + StatusOf(child).String() + ")"
}
