package planner_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// What a change of the Flink version does to the state, by the ways in which a job gets
// its state.
func TestPlanSaysWhatIsAtRisk(t *testing.T) {
	const (
		path     = "s3://flink/savepoints/1"
		accepted = "v1_20->v2_3"
		remedy   = `flink_version: To take the risk, set upgrade.accept_state_risk = "v1_20->v2_3". The savepoint of before is named in status.kept_savepoint`
		taken    = `flink_version: upgrade.accept_state_risk = "v1_20->v2_3" accepts it.`
		change   = "flink_version v1_20 -> v2_3"
	)
	next := []edit{version("v2_3")}
	byVersion := []string{"flink_version"}
	suspendedAt := keptAt(path, func(s *flink.Status) {
		s.LifecycleState, s.JobState, s.FlinkVersion = flink.LifecycleSuspended, flink.StateFinished, "1.20.1"
	})
	stopped := []edit{jobState(flink.JobSuspended)}
	runPlans(t, []planCase{
		{
			name: "a major by savepoint", status: running, after: next,
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "savepoint upgrade: " + change + "; the job stops with a savepoint and restarts from it, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "a major by savepoint, accepted", status: running, after: next, accept: accepted,
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary:  "savepoint upgrade: " + change + "; the job stops with a savepoint and restarts from it, and its state is at risk",
			warnings: []string{taken, "flink_version: The job \"orders\" will be down while it restarts"},
		},
		{
			name: "accepted among others", status: running, after: next, accept: "v1_18->v1_20 , v1_20->v2_3",
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary:  "savepoint upgrade: " + change + "; the job stops with a savepoint and restarts from it, and its state is at risk",
			warnings: []string{"flink_version: accepts it", "flink_version: will be down"},
		},
		{
			name: "another change was accepted", status: running, after: next, accept: "v1_20->v2_2",
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "savepoint upgrade: " + change + "; the job stops with a savepoint and restarts from it, and its state is at risk",
			errors:  []string{`flink_version: upgrade.accept_state_risk is "v1_20->v2_2", which is not this change. To take the risk, set upgrade.accept_state_risk = "v1_20->v2_3"`},
		},
		{
			name: "the loss of state accepts no risk", status: running, after: next, allow: true,
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "savepoint upgrade: " + change + "; the job stops with a savepoint and restarts from it, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "what is accepted stays", status: running, common: next, after: []edit{parallelism(4)}, accept: accepted,
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: will be down"},
		},
		{
			name: "no types of Kryo", status: running, common: []edit{config("pipeline.generic-types", "false")}, after: next,
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary:  "savepoint upgrade: " + change + "; the job stops with a savepoint and restarts from it, and its state is at risk",
			warnings: []string{"flink_version: As pipeline.generic-types is false, the job has no types of Kryo", "flink_version: will be down"},
		},
		{
			name: "a major by last state, with a directory for savepoints", status: running, common: []edit{upgradeBy(flink.UpgradeLastState)}, after: next,
			action: planner.ActionLastState, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "last state upgrade: " + change + "; as the Flink version changes, the job stops with a savepoint and restarts from it, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "a major by last state, without", status: running, common: []edit{upgradeBy(flink.UpgradeLastState), without("state.savepoints.dir")}, after: next,
			action: planner.ActionLastState, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "last state upgrade: " + change + "; the job restarts from its last checkpoint, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "an unaligned checkpoint goes to no other minor", status: running, before: []edit{version("v1_19")},
			common: []edit{upgradeBy(flink.UpgradeLastState), without("state.savepoints.dir"), config("execution.checkpointing.unaligned", "true")},
			action: planner.ActionLastState, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "last state upgrade: flink_version v1_19 -> v1_20; the job restarts from its last checkpoint, and its state is at risk",
			errors:  []string{`flink_version: set upgrade.accept_state_risk = "v1_19->v1_20"`},
		},
		{
			name: "unaligned checkpoints, and a savepoint is taken", status: running, before: []edit{version("v1_19")},
			common: []edit{upgradeBy(flink.UpgradeLastState), config("execution.checkpointing.unaligned", "true")},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: byVersion,
			summary:  "last state upgrade: flink_version v1_19 -> v1_20; as the Flink version changes, the job stops with a savepoint and restarts from it",
			warnings: []string{"flink_version: SQL and the Table API are without this guarantee"},
		},
		{
			name: "a major without state", status: running, common: []edit{upgradeBy(flink.UpgradeStateless)}, after: next, allow: true,
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: byVersion,
			summary:  "stateless restart: " + change + "; the job restarts empty and its state is lost",
			warnings: []string{"flink_version: will lose its state"},
		},
		{
			name: "a major of a job that has no state", after: next, status: status(func(s *flink.Status) { s.StateLocation = flink.LocationNone }),
			action: planner.ActionSavepoint, state: planner.StateFresh, because: byVersion,
			summary: "savepoint upgrade: " + change + "; the job has no state yet and starts without",
		},
		{
			name: "a major of a finished job", after: next, status: inState(flink.StateFinished),
			action: planner.ActionRerun, state: planner.StateFresh, because: byVersion,
			summary:  "rerun: " + change + "; the finished job runs again from the start",
			warnings: []string{"flink_version: will run again"},
		},
		{
			name: "the way back", status: running, common: next, after: []edit{version("v1_20")}, accept: "v2_3->v1_20",
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "savepoint upgrade: flink_version v2_3 -> v1_20; the job stops with a savepoint and restarts from it, and its state is at risk",
			errors:  []string{`flink_version: The state of job "orders" cannot be restored: Flink 1.20 does not read state that Flink 2.3 wrote`},
		},
		{
			name: "the way back from the savepoint that was kept", status: running, common: next, after: []edit{version("v1_20"), from(path)}, allow: true,
			action: planner.ActionRedeploy, state: planner.StateLost, downtime: true, because: []string{"job.initial_savepoint_path", "flink_version"},
			summary:  "redeploy from savepoint: job.initial_savepoint_path set to s3://flink/savepoints/1, flink_version v2_3 -> v1_20; the job restarts from s3://flink/savepoints/1 and drops its present state",
			warnings: []string{"job.initial_savepoint_path: will lose its state"},
		},
		{
			name: "a major from a path that is given", status: running, after: []edit{version("v2_3"), from("s3://flink/savepoints/2")}, allow: true,
			action: planner.ActionRedeploy, state: planner.StateLost, downtime: true, because: []string{"job.initial_savepoint_path", "flink_version"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://flink/savepoints/2, " + change + "; the job restarts from s3://flink/savepoints/2 and drops its present state",
			errors:  []string{remedy},
		},
		{
			name: "the way back from the newest state of a failed job", common: next, after: []edit{version("v1_20"), from(path)}, allow: true,
			status: keptAt(path, func(s *flink.Status) { s.LifecycleState, s.JobState = flink.LifecycleFailed, flink.StateFailed }),
			action: planner.ActionRedeploy, state: planner.StateAtRisk, downtime: true, because: []string{"job.initial_savepoint_path", "flink_version"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://flink/savepoints/1, flink_version v2_3 -> v1_20; the job is FAILED, it restarts from s3://flink/savepoints/1, and its state is at risk",
			errors:  []string{"flink_version: cannot be restored"},
		},
		{
			name: "the way back of a job that never ran with the major", common: next, after: []edit{version("v1_20")},
			status: keptAt(path, func(s *flink.Status) {
				s.LifecycleState, s.JobState, s.KeptSavepoint, s.KeptVersion = flink.LifecycleFailed, flink.StateFailed, path, "v1_20"
			}),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: byVersion,
			summary:  "savepoint upgrade: flink_version v2_3 -> v1_20; the job is FAILED, it restarts from s3://flink/savepoints/1",
			warnings: []string{"flink_version: will be down"},
		},
		{
			name: "on to another version of the major", common: next, after: []edit{version("v2_4")},
			status: keptAt(path, func(s *flink.Status) {
				s.LifecycleState, s.JobState, s.KeptSavepoint, s.KeptVersion = flink.LifecycleFailed, flink.StateFailed, path, "v1_20"
			}),
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "savepoint upgrade: flink_version v2_3 -> v2_4; the job is FAILED, it restarts from s3://flink/savepoints/1, and its state is at risk",
			errors:  []string{`flink_version: set upgrade.accept_state_risk = "v1_20->v2_4"`},
		},
		{
			name: "a major while suspended", status: suspendedAt, common: stopped, after: next,
			action: planner.ActionDeferred, state: planner.StateAtRisk, because: byVersion,
			summary: "deferred: " + change + "; recorded, takes effect when the job is resumed, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "resumed with a major", status: suspendedAt, before: stopped, after: next,
			action: planner.ActionResume, state: planner.StateAtRisk, because: []string{"job.state", "flink_version"},
			summary: "resume: job.state suspended -> running, " + change + "; the job restarts from s3://flink/savepoints/1, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "resumed after a major was recorded", status: suspendedAt, common: next, before: stopped,
			action: planner.ActionResume, state: planner.StateAtRisk, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job restarts from s3://flink/savepoints/1, and its state is at risk",
			errors:  []string{`flink_version: Flink 2.3 does not read all that Flink 1.20 wrote`},
		},
		{
			name: "suspended with a major", status: running, after: []edit{version("v2_3"), jobState(flink.JobSuspended)},
			action: planner.ActionSuspend, state: planner.StateAtRisk, downtime: true, because: []string{"job.state", "flink_version"},
			summary: "suspend: job.state running -> suspended, " + change + "; the job stops with a savepoint, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "created again with a major", status: running, after: []edit{version("v2_3"), inMode(flink.ModeStandalone)},
			action: planner.ActionRecreate, state: planner.StateAtRisk, downtime: true, because: []string{"mode", "flink_version"},
			summary: "recreate: mode set to standalone, " + change + "; the job stops with a savepoint, its deployment is deleted and created again from it, and its state is at risk",
			errors:  []string{remedy},
		},
		{
			name: "blue/green", status: running, form: byProvider, after: next,
			action: planner.ActionBlueGreen, state: planner.StateAtRisk, because: byVersion,
			summary: "blue green: " + change + "; green starts from a savepoint of blue, which runs on until then; both run for a while (at-least-once), and its state is at risk",
			errors:  []string{"flink_version: a proof does not look at the values of the state"},
		},
		{
			name: "a session cluster", status: status(func(s *flink.Status) { s.JobState = "" }), common: []edit{noJob}, after: next,
			action: planner.ActionLastState, state: planner.StateAtRisk, downtime: true, because: byVersion,
			summary: "last state upgrade: " + change + "; the session cluster restarts and recovers the jobs that run on it, and their state is at risk",
			errors:  []string{`flink_version: The state of the jobs on session cluster "orders" is at risk`},
		},
		{
			name: "nothing of the job", status: running, common: next, after: []edit{config("kubernetes.operator.reconcile.interval", "5 s")},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{`flink_configuration["kubernetes.operator.reconcile.interval"]`},
			summary: `config only: flink_configuration["kubernetes.operator.reconcile.interval"] set to 5 s; the job keeps running`,
		},
		{
			name: "the savepoint would be claimed", status: running, after: []edit{version("v2_3"), config("execution.state-recovery.claim-mode", "CLAIM")}, accept: accepted,
			action: planner.ActionSavepoint, state: planner.StateAtRisk, downtime: true, because: []string{`flink_configuration["execution.state-recovery.claim-mode"]`, "flink_version"},
			summary: `savepoint upgrade: flink_configuration["execution.state-recovery.claim-mode"] set to CLAIM, ` + change + "; the job stops with a savepoint and restarts from it, and its state is at risk",
			errors:  []string{`flink_configuration["execution.state-recovery.claim-mode"]: Set it to NO_CLAIM`},
		},
	})
}
