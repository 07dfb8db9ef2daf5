package operator

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// A plan that was made without a refresh, or before somebody else started the
// job, does not know of its state. Nothing is written then that would drop it.
func TestGuardSeesTheStateThatThePlanDidNot(t *testing.T) {
	runs := statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY")
	for _, test := range []struct {
		name    string
		status  map[string]any
		action  planner.Action
		edit    func(*platform.Change)
		refused string
	}{
		{
			name: "a first start of a job that runs", status: runs, action: planner.ActionCreate,
			edit:    func(c *platform.Change) { c.Spec.Job.UpgradeMode = new(flink.UpgradeStateless) },
			refused: "This change drops the state of job \"orders\"",
		},
		{
			name: "a first start that keeps the state", status: runs, action: planner.ActionCreate,
			edit: func(*platform.Change) {},
		},
		{
			name: "a first start of what has not been deployed", action: planner.ActionCreate,
			edit: func(c *platform.Change) { c.Spec.Job.UpgradeMode = new(flink.UpgradeStateless) },
		},
		{
			name: "with leave", status: runs, action: planner.ActionCreate,
			edit: func(c *platform.Change) {
				c.Spec.Job.UpgradeMode, c.AllowStateLoss = new(flink.UpgradeStateless), true
			},
		},
		{
			name: "a rerun of a job that runs again", status: runs, action: planner.ActionRerun,
			edit: func(*platform.Change) {}, refused: "The job \"orders\" has not finished any more",
		},
		{
			name: "a rerun", status: statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", "file:/checkpoints/chk-2"), action: planner.ActionRerun,
			edit: func(*platform.Change) {},
		},
		{
			name: "a rerun of a job that was stopped with a savepoint", status: statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", savepoint1), action: planner.ActionRerun,
			edit: func(*platform.Change) {}, refused: "The job \"orders\" was stopped with a savepoint",
		},
		{
			name: "a path that is not the newest state any more", status: statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint1), action: planner.ActionRedeploy,
			edit:    func(c *platform.Change) { c.Spec.Job.InitialSavepointPath = new(savepoint1) },
			refused: "This change drops the state of job \"orders\"",
		},
		{
			name: "another major of Flink", status: runs, action: planner.ActionSavepoint,
			edit: func(c *platform.Change) { c.Spec.FlinkVersion = new("v2_3") }, refused: "The state of job \"orders\" is at risk",
		},
		{
			name: "another major, and a loss is allowed", status: runs, action: planner.ActionSavepoint,
			edit: func(c *platform.Change) { c.Spec.FlinkVersion, c.AllowStateLoss = new("v2_3"), true }, refused: "The state of job \"orders\" is at risk",
		},
		{
			name: "another major, accepted", status: runs, action: planner.ActionSavepoint,
			edit: func(c *platform.Change) { c.Spec.FlinkVersion, c.AcceptStateRisk = new("v2_3"), "v1_20->v2_3" },
		},
		{
			name: "another major from state of an earlier one", status: statusOf(1, "FAILED", "DEPLOYED", "FAILED", "READY", "savepoint", savepoint1), action: planner.ActionSavepoint,
			edit: func(c *platform.Change) {
				c.Spec.FlinkVersion = new("v2_3")
				c.Was.KeptSavepoint, c.Was.KeptVersion = savepoint1, "v2_2"
			},
		},
		{
			name: "a change of the mode alone", status: runs, action: planner.ActionConfigOnly,
			edit: func(c *platform.Change) {
				c.Spec.Image, c.Spec.Job.UpgradeMode = c.Was.Spec.Image, new(flink.UpgradeStateless)
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, d, _ := begin(t, silent, "flink:1")
			if test.status != nil {
				setStatus(t, f, test.status)
			}
			change := changeTo("flink:2")
			change.Rollout.Action = test.action
			test.edit(&change)
			writes := f.count("apply")
			_, err := d.begin(t.Context(), change)
			if test.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			failed := failure(t, err)
			mentions(t, failed.Summary, test.refused)
			mentions(t, failed.Detail, "The plan did not know of this state.", "Nothing was written.")
			if f.count("apply") != writes || f.count("patch") != 0 || f.count("delete") != 0 {
				t.Errorf("the calls were %v", f.calls)
			}
		})
	}
	t.Run("an image that somebody has changed meanwhile", func(t *testing.T) {
		f, d, _ := begin(t, silent, "flink:1")
		setStatus(t, f, runs)
		object := f.live(t)
		object.Object["spec"].(map[string]any)["image"] = "flink:edited"
		f.put(deploymentKind, object)
		change := changeTo("flink:1")
		change.Rollout.Action = planner.ActionConfigOnly
		change.Spec.Job.UpgradeMode = new(flink.UpgradeStateless)
		_, err := d.begin(t.Context(), change)
		mentions(t, failure(t, err).Detail, "image changes from flink:edited to flink:1", "Nothing was written.")
	})
}
