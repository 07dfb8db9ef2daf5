package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// failed reports a version that the operator has given up or that does not work,
// and removes what is left of it where the one from before runs on. The template
// is the one that was written.
func (t *nativeTurn) failed(ctx context.Context, n fko.BlueGreen, want flink.Tree, cause string) error {
	failure := &platform.RolloutError{Summary: fmt.Sprintf(t.subject(), t.change.Name) + ": " + cause}
	if n.Parent == nil {
		return failure
	}
	state := fko.BlueGreenStatusOf(n.Parent)
	active := n.Active()
	told := []string{fmt.Sprintf("Waited %s for %s %s, which is %s with the job %s.", t.elapsed(), blueGreenKind.Kind, t.change.Ref, state.State, state.Job)}
	if state.Error != "" {
		told = append(told, line("operator", state.Error))
	}
	if failure.RolledBack = t.keptBefore(n, want); failure.RolledBack {
		if err := t.putBack(ctx); err != nil {
			told = append(told, "The former labels and annotations could not be put back: "+err.Error())
		}
	}
	left, child := n.Children[flink.OtherColor(active)], n.Children[active]
	if left != nil && failure.RolledBack {
		told = append(told, t.evidence(ctx, left))
	}
	removes := failure.RolledBack && !t.replaced(n)
	if left != nil && removes {
		if err := t.single.remove(ctx, left); err != nil {
			return err
		}
		told = append(told, fmt.Sprintf("Removed the new version (%s).", flink.OtherColor(active)))
	}
	switch {
	case n.Stray() != nil && !removes:
		told = append(told, t.straying(n))
	case child != nil && failure.RolledBack:
		runs := fmt.Sprintf("The previous version (%s) was never stopped and runs on.", active)
		if status := fko.StatusOf(child); status.JobState != flink.StateRunning {
			runs = fmt.Sprintf("The previous version (%s) does not run either: %s.", active, status)
			if status.SavepointPath != "" {
				runs += fmt.Sprintf(" The newest known state of the job is in %s.", status.SavepointPath)
			}
		}
		told = append(told, runs, "The change stays in the next plan. Correct the cause and apply again.")
	case child != nil:
		told = append(told, t.evidence(ctx, child))
		if strings.HasPrefix(state.State, fko.StateActive) {
			told = append(told, fmt.Sprintf("The operator has made this version (%s) the active one, and no other takes its place by itself. Correct the cause and apply again.", active))
		}
	}
	failure.Detail = joinLines(told...)
	return failure
}

// keptBefore tells whether the version from before the write is the active one:
// its color is, and has not been given the template that was written.
func (t *nativeTurn) keptBefore(n fko.BlueGreen, want flink.Tree) bool {
	state := n.State()
	if t.before == "" || !strings.HasPrefix(state, fko.StateActive) || n.Active() != t.before {
		return false
	}
	child := n.Children[t.before]
	return child == nil || !fko.IsWanted(child, want)
}

// putBack gives the FlinkBlueGreenDeployment the labels and annotations back that
// it had before a version that failed. Its template stays: the operator would
// take another one for the next version (finding 36).
func (t *nativeTurn) putBack(ctx context.Context) error {
	patch, changed := patchOf(types.UID(t.change.Was.UID)), false
	for name, values := range map[string]struct{ now, before map[string]string }{
		"labels":      {t.change.Labels, t.change.Was.Labels},
		"annotations": {t.change.Annotations, t.change.Was.Annotations},
	} {
		for key := range values.now {
			if _, had := values.before[key]; !had {
				patch.Set(nil, "metadata", name, key)
				changed = true
			}
		}
		for key, value := range values.before {
			if values.now[key] != value {
				patch.Set(value, "metadata", name, key)
				changed = true
			}
		}
	}
	if !changed {
		return nil
	}
	_, err := t.native.cluster.MergePatch(ctx, blueGreenKind, keyOf(t.change.Ref), patch)
	return err
}

// evidence is what the cluster knows about a color.
func (t *nativeTurn) evidence(ctx context.Context, child *unstructured.Unstructured) string {
	return t.rolloutOf(child).evidence(ctx)
}

// rolloutOf is the wait for a color, to ask what the cluster knows about it.
func (t *nativeTurn) rolloutOf(child *unstructured.Unstructured) *rollout {
	// Without a specification the cluster is asked at the usual ports.
	spec, _ := fko.SpecOf(child)
	ref := platform.Ref{Namespace: child.GetNamespace(), Name: child.GetName()}
	return &rollout{deployments: t.single, ref: ref, write: write{uid: string(child.GetUID()), applied: spec}, began: t.began, last: fko.StatusOf(child)}
}

// overdue reports a wait that ended with its time; an interrupt stays what it
// is. The format has the deployment's name in it.
func (t *nativeTurn) overdue(ctx context.Context, err error, last fko.BlueGreen, format string) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	failure := &platform.RolloutError{Summary: fmt.Sprintf(format, t.change.Name)}
	if last.Parent == nil {
		return failure
	}
	words, cancel := lastWords(ctx)
	defer cancel()
	state := fko.BlueGreenStatusOf(last.Parent)
	failure.Waiting = state.State != "" && state.Error == "" && t.trouble == ""
	told := []string{fmt.Sprintf("Waited %s for %s %s, which is %s with the job %s.", t.elapsed(), blueGreenKind.Kind, t.change.Ref, orElse(state.State, "not looked at"), orElse(state.Job, "not there"))}
	for _, child := range last.Children {
		failure.Waiting = failure.Waiting && !fko.StatusOf(child).InTrouble() && t.rolloutOf(child).podsHeadline(words) == ""
		told = append(told, line(child.GetName(), fko.StatusOf(child).String()), t.evidence(words, child))
	}
	switch {
	case t.trouble != "" && strings.HasPrefix(state.State, fko.StateTransitioning) && len(last.Children) == 2:
		told = append(told, fmt.Sprintf("The previous version (%s) runs on: the operator does not delete it. The next apply waits until the operator has given the new version up.", last.Active()))
	case strings.HasPrefix(state.State, fko.StateSavepointing):
		told = append(told, "The operator waits for the savepoint without a limit of its own. Check that the job's checkpoints succeed and that its savepoint directory can be written, and look into the operator's log.")
	case strings.HasPrefix(state.State, fko.StateTransitioning):
		told = append(told, fmt.Sprintf("The operator gives the new version up after upgrade.blue_green[\"abort_grace_period\"]. When that has long passed, it is jammed: its log says why. "+
			"Ways out: upgrade.strategy = %q, which creates the deployment again with its state, or upgrade.blue_green = { engine = %q }.", flink.StrategyInPlace, flink.EngineProvider))
	case t.wrote:
		told = append(told, "Check that the operator runs and watches the namespace. The change stays written; apply again to wait on, or raise the timeout in timeouts.")
	default:
		told = append(told, "Check that the operator runs and watches the namespace. Nothing was written; apply again, or raise the timeout in timeouts.")
	}
	failure.Detail = joinLines(told...)
	return failure
}
