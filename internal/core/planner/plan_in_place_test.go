package planner_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

func TestPlanWithoutRestart(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "create", absent: true,
			action: planner.ActionCreate, state: planner.StateFresh, summary: "create",
		},
		{
			name: "create from a savepoint", absent: true, after: []edit{from("s3://old/savepoint-1")},
			action: planner.ActionCreate, state: planner.StateKept, summary: "create: the job starts from s3://old/savepoint-1",
		},
		{
			name: "create suspended", absent: true, after: []edit{jobState(flink.JobSuspended)},
			action: planner.ActionCreate, state: planner.StateNone, summary: "create: suspended, nothing runs until job.state is running",
		},
		{
			name: "create a session cluster", absent: true, after: []edit{noJob},
			action: planner.ActionCreate, state: planner.StateNone, summary: "create",
		},
		{
			name: "metadata", status: running, provider: []string{"labels", "annotations"},
			action: planner.ActionMetadata, state: planner.StateNone, because: []string{"labels", "annotations"},
			summary: "metadata: labels, annotations; the job is not touched",
		},
		{
			name: "metadata of a suspended job", status: running, common: []edit{jobState(flink.JobSuspended)}, provider: []string{"labels"},
			action: planner.ActionMetadata, state: planner.StateNone, because: []string{"labels"},
			summary: "metadata: labels; the job is not touched",
		},
		{
			name: "operator's key", status: running, after: []edit{config("kubernetes.operator.savepoint.history.max.count", "5")},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{`flink_configuration["kubernetes.operator.savepoint.history.max.count"]`},
			summary: `config only: flink_configuration["kubernetes.operator.savepoint.history.max.count"] set to 5; the job keeps running`,
		},
		{
			name: "autoscaler's key, default parallelism, allow_non_restored_state", status: running,
			after:  []edit{config("job.autoscaler.enabled", "true"), config("parallelism.default", "3"), func(s *flink.DeploymentSpec) { s.Job.AllowNonRestoredState = new(true) }},
			action: planner.ActionConfigOnly, state: planner.StateKept,
			because: []string{`flink_configuration["job.autoscaler.enabled"]`, `flink_configuration["parallelism.default"] (not used, job.parallelism wins)`, "job.allow_non_restored_state"},
			summary: `config only: flink_configuration["job.autoscaler.enabled"] set to true, flink_configuration["parallelism.default"] set to 3 (not used, job.parallelism wins), job.allow_non_restored_state set to true; the job keeps running`,
		},
		{
			name: "upgrade mode", status: running, after: []edit{upgradeBy(flink.UpgradeLastState)},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{"upgrade.mode"},
			summary: "config only: upgrade.mode savepoint -> last_state; the job keeps running",
		},
		{
			name: "upgrade mode to stateless", status: running, after: []edit{upgradeBy(flink.UpgradeStateless)},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{"upgrade.mode"},
			summary:  "config only: upgrade.mode savepoint -> stateless; the job keeps running",
			warnings: []string{"upgrade.mode: From now on every restart of job \"orders\" drops its state"},
		},
		{
			name: "restart triggers removed", status: running, before: []edit{nonce(7)},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{"restart_triggers"},
			summary: "config only: restart_triggers changed; the job keeps running",
		},
		{
			name: "initial savepoint path taken away", status: running, before: []edit{from("s3://old/savepoint-1")},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{"job.initial_savepoint_path"},
			summary: "config only: job.initial_savepoint_path removed; the job keeps running",
		},
		{
			name: "scale standalone reactive", status: running,
			common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "REACTIVE"), config(flink.KeyCheckpointInterval, "10 s")}, before: []edit{taskManagers(2)}, after: []edit{taskManagers(4)},
			action: planner.ActionScaleInPlace, state: planner.StateKept, because: []string{"task_manager.replicas"},
			summary:  "scale in place: task_manager.replicas 2 -> 4; the tasks restart from the last checkpoint, within the same job",
			downtime: true,
			warnings: []string{"task_manager.replicas: The job \"orders\" will pause while it is rescaled"},
		},
		{
			name: "scale standalone reactive with an ignored key", status: running,
			common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "reactive"), config(flink.KeyCheckpointInterval, "10 s")},
			after:  []edit{parallelism(4), config("kubernetes.operator.x", "1"), upgradeBy(flink.UpgradeStateless)},
			action: planner.ActionScaleInPlace, state: planner.StateKept, because: []string{"job.parallelism"},
			summary:  "scale in place: job.parallelism 2 -> 4; the tasks restart from the last checkpoint, within the same job",
			downtime: true,
			warnings: []string{"job.parallelism: The job \"orders\" will pause", "upgrade.mode: From now on"},
		},
		{
			// A job that takes no checkpoints begins again without its state.
			name: "scale native by overrides without checkpoints", status: running, common: []edit{config("jobmanager.scheduler", "adaptive")},
			before: []edit{config("pipeline.jobvertex-parallelism-overrides", "a:1")}, after: []edit{config("pipeline.jobvertex-parallelism-overrides", "a:2")},
			action: planner.ActionScaleInPlace, state: planner.StateAtRisk, because: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]`},
			summary:  `scale in place: flink_configuration["pipeline.jobvertex-parallelism-overrides"] a:1 -> a:2; the tasks restart within the same job, empty unless the job itself enables checkpoints`,
			downtime: true,
			warnings: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]: The job "orders" will pause`},
		},
	})
}

func TestPlanNothing(t *testing.T) {
	old := orders()
	for _, test := range []struct {
		name string
		new  flink.DeploymentSpec
	}{
		{"the same", orders()},
		{"the same in other words", spec(func(s *flink.DeploymentSpec) { s.TaskManager.Resource.Memory = new("2048m") })},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := planner.Plan(planner.Input{Semantics: fko.Semantics{}, Name: "orders", Revision: 4, Old: &old, New: test.new, Status: running})
			want := planner.Decision{Rollout: planner.Rollout{Revision: 4, Action: planner.ActionNone, State: planner.StateNone, Summary: "#4 no change"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

// A schedule of savepoints is none of the job's matters, also when the operator has put an
// earlier version back. What changes inside of it is told in its own words.
func TestAScheduleDoesNotTouchTheJob(t *testing.T) {
	t.Parallel()
	keeping := func(last int) flink.DeploymentSpec {
		out := orders()
		out.SavepointSchedule = flink.Document{"cronExpression": "0 0 3 * * *", "retention": map[string]any{"keepLast": last}}
		return out
	}
	old := keeping(7)
	for _, is := range []flink.Status{running, status(func(s *flink.Status) { s.LifecycleState = flink.LifecycleRolledBack })} {
		got := planner.Plan(planner.Input{Semantics: fko.Semantics{}, Name: "orders", Revision: 1, Old: &old, New: keeping(4), Status: is})
		if want := "#2 config only: savepoint_schedule.retention.keepLast 7 -> 4; the job keeps running"; got.Rollout.Summary != want || got.Rollout.Because[0] != "savepoint_schedule" {
			t.Errorf("want %q, got %q because of %q", want, got.Rollout.Summary, got.Rollout.Because)
		}
	}
}
