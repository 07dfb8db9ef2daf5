package operator

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// guard refuses a change that would lose state, or put it at risk, of which its plan did not know:
// the plan may have been made long ago or without a refresh, and the job may have
// been started or changed since. It decides as a plan that sees the object as it
// is now.
func guard(live *unstructured.Unstructured, change platform.Change) error {
	observed, err := observe(live)
	if err != nil {
		return err
	}
	return guardAgainst(seen{observed, fko.StatusOf(live)}, change)
}

// guardWhole is guard for all that a deployment consists of.
func guardWhole(found *located, change platform.Change) error {
	observed, err := found.observe(change.Ref)
	if err != nil {
		return err
	}
	now := seen{observed: observed}
	if active := found.active(); active != nil {
		now.status = fko.StatusOf(active)
	}
	return guardAgainst(now, change)
}

// seen is a deployment as a change finds it.
type seen struct {
	observed *platform.Observed
	// status is that of the object whose job is the deployment's.
	status fko.Status
}

func guardAgainst(now seen, change platform.Change) error {
	old, err := now.previous(change)
	if err != nil {
		return err
	}
	status := now.observed.Status
	status.KeptSavepoint, status.KeptVersion = change.Was.KeptSavepoint, change.Was.KeptVersion
	planned := planner.Plan(planner.Input{
		Semantics: fko.Semantics{}, Name: change.Name, Old: &old, New: change.Spec, OldForm: now.observed.Form, NewForm: change.Form, Status: status,
		AllowStateLoss: change.AllowStateLoss, AcceptStateRisk: change.AcceptStateRisk,
	})
	if state := planned.Rollout.State; (state == planner.StateLost || state == planner.StateAtRisk) && len(planned.Errors) > 0 {
		return changedSince(planned.Errors[0].Summary, planned.Errors[0].Detail, now.status)
	}
	if change.AllowStateLoss {
		return nil
	}
	switch status := now.status; {
	case change.Rollout.Action != planner.ActionRerun || !status.EverRan || status.IsOver(now.observed.Spec):
		return nil
	case fko.Finished(status.Flink("")) && status.StateLocation == flink.LocationPath:
		return changedSince(fmt.Sprintf("The job %q was stopped with a savepoint", change.Name),
			fmt.Sprintf("The plan runs a finished job again from the start, but its state is in %s.", status.SavepointPath), status)
	default:
		return changedSince(fmt.Sprintf("The job %q has not finished any more", change.Name),
			"The plan runs a finished job again from the start, but it has been started since.", status)
	}
}

func changedSince(summary, detail string, status fko.Status) error {
	return &platform.RolloutError{
		Summary: summary,
		Detail:  joinLines(detail, fmt.Sprintf("The plan did not know of this state. Seen now: %s.", status), "Nothing was written. Plan again with a refresh."),
	}
}

// previous is the specification before a change as the deployment has it now.
func (now seen) previous(change platform.Change) (flink.DeploymentSpec, error) {
	applied, err := flink.TreeOf(change.Was.Spec)
	if err != nil {
		return flink.DeploymentSpec{}, err
	}
	return flink.SpecOf(flink.Observe(applied, now.observed.Spec))
}
