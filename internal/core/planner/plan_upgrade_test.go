package planner_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

func TestPlanUpgrades(t *testing.T) {
	const down = `will be down while it restarts`
	runPlans(t, []planCase{
		{
			name: "savepoint", status: running, after: []edit{parallelism(4)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: The job \"orders\" will be down while it restarts\njob.parallelism changes from 2 to 4. The operator stops the job with a savepoint (s3://flink/savepoints) and restarts it from there."},
		},
		{
			name: "what does not restart is no cause", status: running, after: []edit{image("registry.example.com/orders:1.4.1"), config("kubernetes.operator.x", "1")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> registry.example.com/orders:1.4.1; the job stops with a savepoint and restarts from it",
			warnings: []string{"image: " + down},
		},
		{
			// The object has the version that failed.
			name: "whatever is written after the operator's own rollback", status: status(func(s *flink.Status) { s.LifecycleState = flink.LifecycleRolledBack }),
			after:  []edit{config("kubernetes.operator.x", "1")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{`flink_configuration["kubernetes.operator.x"]`},
			summary:  `savepoint upgrade: flink_configuration["kubernetes.operator.x"] set to 1; the job stops with a savepoint and restarts from it`,
			warnings: []string{`flink_configuration["kubernetes.operator.x"]: ` + down},
		},
		{
			name: "labels after the operator's own rollback", status: status(func(s *flink.Status) { s.LifecycleState = flink.LifecycleRolledBack }), provider: []string{"labels"},
			action: planner.ActionMetadata, state: planner.StateNone, because: []string{"labels"},
			summary: "metadata: labels; the job is not touched",
		},
		{
			name: "restart triggers", status: running, before: []edit{nonce(7)}, after: []edit{nonce(8)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"restart_triggers"},
			summary:  "savepoint upgrade: restart_triggers changed; the job stops with a savepoint and restarts from it",
			warnings: []string{"restart_triggers: " + down},
		},
		{
			name: "first restart triggers", status: running, after: []edit{nonce(8)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"restart_triggers"},
			summary:  "savepoint upgrade: restart_triggers changed; the job stops with a savepoint and restarts from it",
			warnings: []string{"restart_triggers: " + down},
		},
		{
			name: "last state", status: running, common: []edit{upgradeBy(flink.UpgradeLastState)}, after: []edit{parallelism(4)},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "last state upgrade: job.parallelism 2 -> 4; the job restarts from its last checkpoint",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "last state with another Flink version", status: running, common: []edit{upgradeBy(flink.UpgradeLastState)}, before: []edit{version("v1_19")},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"flink_version"},
			summary:  "last state upgrade: flink_version v1_19 -> v1_20; as the Flink version changes, the job stops with a savepoint and restarts from it",
			warnings: []string{"flink_version: As the Flink version changes, the operator stops the job with a savepoint (s3://flink/savepoints)"},
		},
		{
			name: "the new mode counts", status: running, after: []edit{parallelism(4), upgradeBy(flink.UpgradeLastState)},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"job.parallelism", "upgrade.mode"},
			summary:  "last state upgrade: job.parallelism 2 -> 4, upgrade.mode savepoint -> last_state; the job restarts from its last checkpoint",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "away from stateless", status: running, before: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{parallelism(4)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"job.parallelism", "upgrade.mode"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4, upgrade.mode stateless -> savepoint; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "scale native by parallelism", status: running, common: []edit{config("jobmanager.scheduler", "adaptive")}, after: []edit{parallelism(4)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "scale standalone without the reactive scheduler", status: running, common: []edit{inMode(flink.ModeStandalone)}, before: []edit{taskManagers(2)}, after: []edit{taskManagers(4)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"task_manager.replicas"},
			summary:  "savepoint upgrade: task_manager.replicas 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"task_manager.replicas: " + down},
		},
		{
			name: "scaling in place forbidden", status: running,
			common: []edit{config("jobmanager.scheduler", "adaptive"), config("kubernetes.operator.job.upgrade.inplace-scaling.enabled", "false")},
			after:  []edit{config("pipeline.jobvertex-parallelism-overrides", "a:2")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]`},
			summary:  `savepoint upgrade: flink_configuration["pipeline.jobvertex-parallelism-overrides"] set to a:2; the job stops with a savepoint and restarts from it`,
			warnings: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]: ` + down},
		},
		{
			name: "scaling in place of an old Flink", status: running, common: []edit{config("jobmanager.scheduler", "adaptive"), version("v1_17")},
			after:  []edit{config("pipeline.jobvertex-parallelism-overrides", "a:2")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]`},
			summary:  `savepoint upgrade: flink_configuration["pipeline.jobvertex-parallelism-overrides"] set to a:2; the job stops with a savepoint and restarts from it`,
			warnings: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]: ` + down},
		},
		{
			name: "scaling together with a restart", status: running, common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "reactive")}, after: []edit{parallelism(4), image("b:1")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image", "job.parallelism"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1, job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"image: " + down},
		},
		{
			name: "the whole task manager", status: running, common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "reactive")},
			before: []edit{func(s *flink.DeploymentSpec) { s.TaskManager = nil }}, after: []edit{func(s *flink.DeploymentSpec) { s.TaskManager = &flink.TaskManager{Replicas: new(int64(2))} }},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"task_manager.replicas"},
			summary:  "savepoint upgrade: task_manager.replicas set to 2; the job stops with a savepoint and restarts from it",
			warnings: []string{"task_manager.replicas: " + down},
		},
		{
			name: "default of the environment", status: running, after: []edit{config("state.backend.type", "rocksdb")},
			origins: originMap{`flink_configuration["state.backend.type"]`: "default of environment prod"},
			action:  planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{`flink_configuration["state.backend.type"] (default of environment prod)`},
			summary:  `savepoint upgrade: flink_configuration["state.backend.type"] set to rocksdb (default of environment prod); the job stops with a savepoint and restarts from it`,
			warnings: []string{`flink_configuration["state.backend.type"]: ` + down},
		},
		{
			name: "default that is gone from the environment", status: running, before: []edit{config("state.backend.type", "rocksdb")},
			origins: originMap{}, oldOrigins: originMap{`flink_configuration["state.backend.type"]`: "default of environment prod"},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{`flink_configuration["state.backend.type"] (default of environment prod)`},
			summary:  `savepoint upgrade: flink_configuration["state.backend.type"] removed (default of environment prod); the job stops with a savepoint and restarts from it`,
			warnings: []string{`flink_configuration["state.backend.type"]: ` + down},
		},
		{
			name: "a notice stands at what the deployment says", status: running, after: []edit{image("b:1"), parallelism(3)},
			origins: originMap{"image": "override of environment prod"},
			action:  planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image (override of environment prod)", "job.parallelism"},
			summary:  `savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1 (override of environment prod), job.parallelism 2 -> 3; the job stops with a savepoint and restarts from it`,
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "job failed, path known", after: []edit{image("b:1")},
			status: keptAt("s3://flink/checkpoints/1/chk-7", func(s *flink.Status) { s.JobState, s.LifecycleState = flink.StateFailed, flink.LifecycleFailed }),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FAILED, it restarts from s3://flink/checkpoints/1/chk-7",
			warnings: []string{"image: The job is FAILED, so the operator cannot take a savepoint: it restarts the job from s3://flink/checkpoints/1/chk-7."},
		},
		{
			name: "job failed, nothing known", status: inState(flink.StateFailed), after: []edit{image("b:1")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FAILED, it restarts from its last checkpoint",
			warnings: []string{"image: " + down},
		},
		{
			name: "job restarting, an older savepoint known", after: []edit{image("b:1")},
			status: status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateRestarting, "s3://flink/savepoints/1" }),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is RESTARTING, it restarts from its last checkpoint or s3://flink/savepoints/1",
			warnings: []string{"image: " + down},
		},
		{
			name: "JobManager does not start after an upgrade", after: []edit{image("b:1")},
			status: keptAt("s3://flink/savepoints/1", func(s *flink.Status) {
				s.LifecycleState, s.JobState, s.JobManager = flink.LifecycleDeployed, flink.StateReconciling, "ERROR"
			}),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is RECONCILING, it restarts from s3://flink/savepoints/1",
			warnings: []string{"image: " + down},
		},
		{
			name: "JobManager fails after it has run since the savepoint", after: []edit{image("b:1")},
			status: status(func(s *flink.Status) {
				s.JobState, s.JobManager, s.SavepointPath = flink.StateReconciling, "ERROR", "s3://flink/savepoints/1"
			}),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is RECONCILING, it restarts from its last checkpoint or s3://flink/savepoints/1",
			warnings: []string{"image: " + down},
		},
		{
			name: "a job that has never run", after: []edit{image("b:1")},
			status: status(func(s *flink.Status) {
				s.LifecycleState, s.JobState, s.JobManager, s.StateLocation = flink.LifecycleDeployed, flink.StateReconciling, "ERROR", flink.LocationNone
			}),
			action: planner.ActionSavepoint, state: planner.StateFresh, because: []string{"image"},
			summary: "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job has no state yet and starts without",
		},
		{
			name: "a job that has never run, stateless", after: []edit{image("b:1"), upgradeBy(flink.UpgradeStateless)},
			status: status(func(s *flink.Status) {
				s.LifecycleState, s.JobState, s.JobManager, s.StateLocation = flink.LifecycleDeployed, flink.StateReconciling, "ERROR", flink.LocationNone
			}),
			action: planner.ActionStateless, state: planner.StateFresh, because: []string{"image", "upgrade.mode"},
			summary: "stateless restart: image registry.example.com/orders:1.4.0 -> b:1, upgrade.mode savepoint -> stateless; the job has no state yet and starts without",
		},
		{
			name: "last state placeholder is no path", common: []edit{upgradeBy(flink.UpgradeLastState)}, after: []edit{image("b:1")},
			status: status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateFailed, "" }),
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "last state upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FAILED, it restarts from its last checkpoint",
			warnings: []string{"image: " + down},
		},
		{
			name: "fallback to the last state forbidden", status: inState(flink.StateRestarting),
			common: []edit{config("kubernetes.operator.job.upgrade.last-state-fallback.enabled", "false")}, after: []edit{image("b:1")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is RESTARTING, the operator waits until it runs to stop it with a savepoint",
			warnings: []string{"image: kubernetes.operator.job.upgrade.last-state-fallback.enabled is false, so the operator waits until the job runs"},
		},
		{
			name: "fallback to the last state forbidden, job failed", status: inState(flink.StateFailed),
			common: []edit{config("kubernetes.operator.job.upgrade.last-state-fallback.enabled", "false")}, after: []edit{image("b:1")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FAILED, it restarts from its last checkpoint",
			warnings: []string{"image: " + down},
		},
		{
			name: "fallback to the last state forbidden, another Flink version", status: inState(flink.StateRestarting),
			common: []edit{config("kubernetes.operator.job.upgrade.last-state-fallback.enabled", "false")}, before: []edit{version("v1_19")},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"flink_version"},
			summary:  "savepoint upgrade: flink_version v1_19 -> v1_20; the job is RESTARTING, it restarts from its last checkpoint",
			warnings: []string{"flink_version: " + down},
		},
		{
			name: "job that is being resumed", after: []edit{image("b:1")},
			status: keptAt("s3://flink/savepoints/1", func(s *flink.Status) { s.LifecycleState, s.JobState = flink.LifecycleSuspended, flink.StateFinished }),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is SUSPENDED, it restarts from s3://flink/savepoints/1",
			warnings: []string{"image: " + down},
		},
		{
			name: "session cluster with high availability", status: status(func(s *flink.Status) { s.JobState = "" }), common: []edit{noJob}, after: []edit{image("b:1")},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "last state upgrade: image registry.example.com/orders:1.4.0 -> b:1; the session cluster restarts and recovers the jobs that run on it",
			warnings: []string{"image: The session cluster \"orders\" will be down while it restarts"},
		},
		{
			name: "session cluster without", status: status(func(s *flink.Status) { s.JobState = flink.StateFinished }), common: []edit{noJob, without("high-availability.type")}, after: []edit{image("b:1")},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"image"},
			summary: "stateless restart: image registry.example.com/orders:1.4.0 -> b:1; the session cluster restarts without the jobs that run on it",
			errors:  []string{"image: set flink_configuration[\"high-availability.type\"]"},
		},
		{
			name: "session cluster without, with leave", status: running, allow: true, common: []edit{noJob, without("high-availability.type")}, after: []edit{image("b:1")},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"image"},
			summary:  "stateless restart: image registry.example.com/orders:1.4.0 -> b:1; the session cluster restarts without the jobs that run on it",
			warnings: []string{"image: The jobs on session cluster \"orders\" will lose their state"},
		},
		{
			name: "session cluster that gets high availability", status: running, common: []edit{noJob}, before: []edit{without("high-availability.type")},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"flink_configuration[\"high-availability.type\"]"},
			summary: "stateless restart: flink_configuration[\"high-availability.type\"] set to kubernetes; the session cluster restarts without the jobs that run on it",
			errors:  []string{"flink_configuration[\"high-availability.type\"]: suspend its session jobs first"},
		},
		{
			name: "session cluster that never ran", status: flink.Status{}, common: []edit{noJob, without("high-availability.type")}, after: []edit{image("b:1")},
			action: planner.ActionCreate, state: planner.StateNone, because: []string{"image"},
			summary: "create: image registry.example.com/orders:1.4.0 -> b:1; the session cluster has not run yet",
		},
		{
			name: "operator's key of a session cluster", status: status(func(s *flink.Status) { s.JobState = flink.StateReconciling }), common: []edit{noJob}, after: []edit{config("kubernetes.operator.reconcile.interval", "30 s")},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{"flink_configuration[\"kubernetes.operator.reconcile.interval\"]"},
			summary: "config only: flink_configuration[\"kubernetes.operator.reconcile.interval\"] set to 30 s; the session cluster keeps running",
		},
	})
}
