package operator

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// guard refuses a change that would lose state of which its plan did not know:
// the plan may have been made long ago or without a refresh, and the job may have
// been started or changed since. It decides as a plan that sees the object as it
// is now.
func guard(live *unstructured.Unstructured, change platform.Change) error {
	if change.AllowStateLoss {
		return nil
	}
	status := StatusOf(live)
	old, err := previousIn(live, change)
	if err != nil {
		return err
	}
	now := planner.Plan(planner.Input{Name: change.Name, Old: &old, New: change.Spec, Status: status.Flink("")})
	if now.Rollout.State == planner.StateLost && len(now.Errors) > 0 {
		return changedSince(now.Errors[0].Summary, now.Errors[0].Detail, status)
	}
	spec, err := specTree(live)
	if err != nil {
		return err
	}
	if change.Rollout.Action == planner.ActionRerun && status.EverRan && !status.isOver(spec) {
		return changedSince(fmt.Sprintf("The job %q has not finished any more", change.Name),
			"The plan runs a finished job again from the start, but it has been started since.", status)
	}
	return nil
}

func changedSince(summary, detail string, status Status) error {
	return &platform.RolloutError{
		Summary: summary,
		Detail:  joinLines(detail, fmt.Sprintf("The plan did not know of this state. Seen now: %s.", status), "Nothing was written. Plan again with a refresh."),
	}
}

// previousIn is the specification before a change as the object has it now.
func previousIn(live *unstructured.Unstructured, change platform.Change) (flink.DeploymentSpec, error) {
	applied, err := flink.TreeOf(change.Previous)
	if err != nil {
		return flink.DeploymentSpec{}, err
	}
	observed, err := observe(live)
	if err != nil {
		return flink.DeploymentSpec{}, err
	}
	old, err := flink.SpecOf(flink.Observe(applied, observed.Spec))
	if _, pending := live.GetAnnotations()[recreationAnnotation]; pending && old.Job != nil && change.Previous.Job != nil {
		// The path is the provider's own, until the job runs.
		old.Job.InitialSavepointPath = change.Previous.Job.InitialSavepointPath
	}
	return old, err
}
