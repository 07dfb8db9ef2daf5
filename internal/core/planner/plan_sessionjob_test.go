package planner_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// onSession makes the specification one of a session job.
func onSession(s *flink.DeploymentSpec) {
	*s = flink.DeploymentSpec{DeploymentName: new("shared"), FlinkConfiguration: s.FlinkConfiguration, Job: s.Job}
}

func TestPlanSessionJobs(t *testing.T) {
	t.Parallel()
	const down = "The job \"orders\" will be down while it restarts"
	for _, test := range []planCase{
		{
			name: "create", absent: true, common: []edit{onSession},
			action: planner.ActionCreate, state: planner.StateFresh, summary: "create",
		},
		{
			name: "parallelism", status: running, common: []edit{onSession}, after: []edit{parallelism(4)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "a directory that the session cluster may have", status: running, common: []edit{onSession, without("state.savepoints.dir")}, after: []edit{parallelism(4)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: stops the job with a savepoint and restarts it from there"},
		},
		{
			name: "last state", status: running, common: []edit{onSession, upgradeBy(flink.UpgradeLastState)}, after: []edit{nonce(2)},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"restart_triggers"},
			summary:  "last state upgrade: restart_triggers changed; the job restarts from its last checkpoint",
			warnings: []string{"restart_triggers: " + down},
		},
		{
			name: "stateless by default", status: running, common: []edit{onSession, upgradeBy(flink.UpgradeStateless)}, after: []edit{parallelism(4)},
			origins: originMap{"upgrade.mode": "default"},
			action:  planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"job.parallelism"},
			summary: "stateless restart: job.parallelism 2 -> 4; the job restarts empty and its state is lost",
			errors:  []string{"job.parallelism: What the session cluster configures is not seen here"},
		},
		{
			name: "suspend", status: running, common: []edit{onSession}, after: []edit{jobState(flink.JobSuspended)},
			action: planner.ActionSuspend, state: planner.StateKept, downtime: true, because: []string{"job.state"},
			summary:  "suspend: job.state running -> suspended; the job stops with a savepoint",
			warnings: []string{"job.state: The job \"orders\" will stop"},
		},
		{
			name: "parallelism overrides, as nobody knows the cluster's scheduler", status: running, common: []edit{onSession},
			after:  []edit{config("pipeline.jobvertex-parallelism-overrides", "a:2")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"flink_configuration[\"pipeline.jobvertex-parallelism-overrides\"]"},
			summary:  "savepoint upgrade: flink_configuration[\"pipeline.jobvertex-parallelism-overrides\"] set to a:2; the job stops with a savepoint and restarts from it",
			warnings: []string{"flink_configuration[\"pipeline.jobvertex-parallelism-overrides\"]: " + down},
		},
		{
			name: "an operator's key", status: running, common: []edit{onSession}, after: []edit{config("job.autoscaler.enabled", "true")},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{"flink_configuration[\"job.autoscaler.enabled\"]"},
			summary: "config only: flink_configuration[\"job.autoscaler.enabled\"] set to true; the job keeps running",
		},
	} {
		t.Run(test.name, test.run)
	}
}
