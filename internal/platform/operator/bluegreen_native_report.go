package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// failed reports a version that the operator has given up, and removes what is
// left of it.
func (t *nativeTurn) failed(ctx context.Context, n native, cause string) error {
	failure := &platform.RolloutError{Summary: fmt.Sprintf(t.subject(), t.change.Name) + ": " + cause}
	if n.parent == nil {
		return failure
	}
	state := nativeStatusOf(n.parent)
	active := n.active()
	told := []string{fmt.Sprintf("Waited %s for %s %s, which is %s with the job %s.", t.elapsed(), blueGreenKind.Kind, t.change.Ref, state.State, state.Job)}
	if state.Error != "" {
		told = append(told, line("operator", state.Error))
	}
	failure.RolledBack = strings.HasPrefix(state.State, stateActive)
	if left := n.children[flink.OtherColor(active)]; left != nil && failure.RolledBack {
		told = append(told, t.evidence(ctx, left))
		if err := t.single.remove(ctx, left); err != nil {
			return err
		}
		told = append(told, fmt.Sprintf("Removed the new version (%s).", flink.OtherColor(active)))
	}
	if child := n.children[active]; child != nil && failure.RolledBack {
		runs := fmt.Sprintf("The previous version (%s) was never stopped and runs on.", active)
		if status := StatusOf(child); status.JobState != flink.StateRunning {
			runs = fmt.Sprintf("The previous version (%s) does not run either: %s.", active, status)
			if status.SavepointPath != "" {
				runs += fmt.Sprintf(" The newest known state of the job is in %s.", status.SavepointPath)
			}
		}
		told = append(told, runs, "The change stays in the next plan. Correct the cause and apply again.")
	} else if child != nil {
		told = append(told, t.evidence(ctx, child))
	}
	failure.Detail = joinLines(told...)
	return failure
}

// evidence is what the cluster knows about a color.
func (t *nativeTurn) evidence(ctx context.Context, child *unstructured.Unstructured) string {
	spec, err := specTree(child)
	if err != nil {
		return ""
	}
	ref := platform.Ref{Namespace: child.GetNamespace(), Name: child.GetName()}
	r := &rollout{deployments: t.single, ref: ref, write: write{uid: string(child.GetUID()), applied: spec}, began: t.began, last: StatusOf(child)}
	return r.evidence(ctx)
}

// overdue reports a wait that ended with its time; an interrupt stays what it
// is. The format has the deployment's name in it.
func (t *nativeTurn) overdue(ctx context.Context, err error, last native, format string) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	failure := &platform.RolloutError{Summary: fmt.Sprintf(format, t.change.Name)}
	if last.parent == nil {
		return failure
	}
	words, cancel := lastWords(ctx)
	defer cancel()
	state := nativeStatusOf(last.parent)
	told := []string{fmt.Sprintf("Waited %s for %s %s, which is %s with the job %s.", t.elapsed(), blueGreenKind.Kind, t.change.Ref, orElse(state.State, "not looked at"), orElse(state.Job, "not there"))}
	for _, child := range last.children {
		told = append(told, line(child.GetName(), StatusOf(child).String()), t.evidence(words, child))
	}
	switch {
	case strings.HasPrefix(state.State, stateSavepointing):
		told = append(told, "The operator waits for the savepoint without a limit of its own. Check that the job's checkpoints succeed and that its savepoint directory can be written, and look into the operator's log.")
	case strings.HasPrefix(state.State, stateTransitioning):
		told = append(told, fmt.Sprintf("The operator gives the new version up after upgrade.blue_green[\"abort_grace_period\"]. When that has long passed, it is jammed: its log says why. "+
			"Ways out: upgrade.strategy = %q, which creates the deployment again with its state, or upgrade.blue_green = { engine = %q }.", flink.StrategyInPlace, flink.EngineProvider))
	default:
		told = append(told, "Check that the operator runs and watches the namespace. The change stays written; apply again to wait on, or raise the timeout in timeouts.")
	}
	failure.Detail = joinLines(told...)
	return failure
}
