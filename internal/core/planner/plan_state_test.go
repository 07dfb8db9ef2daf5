package planner_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

const dropsState = `This change drops the state of job "orders"`

func TestPlanStateless(t *testing.T) {
	chosen := originMap{"upgrade.mode": ""}
	byDefault := originMap{"upgrade.mode": "default"}
	runPlans(t, []planCase{
		{
			name: "refused", status: running, common: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{image("b:1")}, origins: chosen,
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"image"},
			summary: "stateless restart: image registry.example.com/orders:1.4.0 -> b:1; the job restarts empty and its state is lost",
			errors:  []string{"image: " + dropsState + "\nimage changes from registry.example.com/orders:1.4.0 to b:1. The operator stops the job without a savepoint and starts it empty. To keep the state, set upgrade.mode to \"savepoint\" or \"last_state\"; to accept the loss, set upgrade.allow_state_loss = true."},
		},
		{
			name: "allowed", status: running, allow: true, common: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{image("b:1")},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"image"},
			summary:  "stateless restart: image registry.example.com/orders:1.4.0 -> b:1; the job restarts empty and its state is lost",
			warnings: []string{`image: The job "orders" will lose its state`},
		},
		{
			name: "mode changed in the same change", status: running, after: []edit{image("b:1"), upgradeBy(flink.UpgradeStateless)},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"image", "upgrade.mode"},
			summary: "stateless restart: image registry.example.com/orders:1.4.0 -> b:1, upgrade.mode savepoint -> stateless; the job restarts empty and its state is lost",
			errors:  []string{"upgrade.mode: " + dropsState},
		},
		{
			name: "checkpoint directory removed", status: running, origins: byDefault,
			after:  []edit{without("state.checkpoints.dir"), upgradeBy(flink.UpgradeStateless)},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true,
			because: []string{`flink_configuration["state.checkpoints.dir"]`, "upgrade.mode (default)"},
			summary: `stateless restart: flink_configuration["state.checkpoints.dir"] removed, upgrade.mode savepoint -> stateless (default); the job restarts empty and its state is lost`,
			errors:  []string{`flink_configuration["state.checkpoints.dir"]: upgrade.mode becomes stateless because the configuration has no checkpoint directory. To keep the state, set flink_configuration["state.checkpoints.dir"]`},
		},
		{
			name: "never had a checkpoint directory", status: running, origins: byDefault,
			common: []edit{without("state.checkpoints.dir"), upgradeBy(flink.UpgradeStateless)}, after: []edit{parallelism(4)},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"job.parallelism"},
			summary: "stateless restart: job.parallelism 2 -> 4; the job restarts empty and its state is lost",
			errors:  []string{"job.parallelism: upgrade.mode is stateless because the configuration has no checkpoint directory."},
		},
		{
			name: "savepoint directory removed, without high availability", status: running, origins: byDefault, common: []edit{without("high-availability.type")},
			after:  []edit{without("state.savepoints.dir"), upgradeBy(flink.UpgradeStateless)},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true,
			because: []string{`flink_configuration["state.savepoints.dir"]`, "upgrade.mode (default)"},
			summary: `stateless restart: flink_configuration["state.savepoints.dir"] removed, upgrade.mode savepoint -> stateless (default); the job restarts empty and its state is lost`,
			errors:  []string{`flink_configuration["state.savepoints.dir"]: upgrade.mode becomes stateless because the configuration has neither a savepoint directory nor high availability. To keep the state, set flink_configuration["state.savepoints.dir"];`},
		},
		{
			name: "no mode at all is stateless to the operator", status: running,
			common: []edit{func(s *flink.DeploymentSpec) { s.Job.UpgradeMode = nil }}, after: []edit{parallelism(4)},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"job.parallelism"},
			summary: "stateless restart: job.parallelism 2 -> 4; the job restarts empty and its state is lost",
			errors:  []string{"job.parallelism: " + dropsState},
		},
		{
			name: "a savepoint is state", common: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{parallelism(4)},
			status: flink.Status{SavepointPath: "s3://flink/savepoints/1"},
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"job.parallelism"},
			summary: "stateless restart: job.parallelism 2 -> 4; the job restarts empty and its state is lost",
			errors:  []string{"job.parallelism: " + dropsState},
		},
	})
}

func TestPlanRedeploy(t *testing.T) {
	const path = "s3://old/savepoint-1"
	runPlans(t, []planCase{
		{
			name: "refused", status: running, after: []edit{from(path)},
			action: planner.ActionRedeploy, state: planner.StateLost, downtime: true, because: []string{"job.initial_savepoint_path"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://old/savepoint-1; the job restarts from s3://old/savepoint-1 and drops its present state",
			errors:  []string{"job.initial_savepoint_path: " + dropsState},
		},
		{
			name: "allowed, with other changes", status: running, allow: true, before: []edit{from("s3://old/savepoint-0")}, after: []edit{from(path), image("b:1")},
			action: planner.ActionRedeploy, state: planner.StateLost, downtime: true, because: []string{"job.initial_savepoint_path", "image"},
			summary:  "redeploy from savepoint: job.initial_savepoint_path s3://old/savepoint-0 -> s3://old/savepoint-1, image registry.example.com/orders:1.4.0 -> b:1; the job restarts from s3://old/savepoint-1 and drops its present state",
			warnings: []string{`job.initial_savepoint_path: The job "orders" will lose its state`},
		},
		{
			name: "to the very state of a failed job", after: []edit{from(path)},
			status: keptAt(path, func(s *flink.Status) { s.JobState = flink.StateFailed }),
			action: planner.ActionRedeploy, state: planner.StateKept, downtime: true, because: []string{"job.initial_savepoint_path"},
			summary:  "redeploy from savepoint: job.initial_savepoint_path set to s3://old/savepoint-1; the job is FAILED, it restarts from s3://old/savepoint-1",
			warnings: []string{"job.initial_savepoint_path: will be down while it restarts"},
		},
		{
			name: "to a savepoint since which a restarting job has run", after: []edit{from(path)},
			status: status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateRestarting, path }),
			action: planner.ActionRedeploy, state: planner.StateLost, downtime: true, because: []string{"job.initial_savepoint_path"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://old/savepoint-1; the job restarts from s3://old/savepoint-1 and drops its present state",
			errors:  []string{"job.initial_savepoint_path: " + dropsState},
		},
		{
			name: "to a savepoint that a running job has left behind", after: []edit{from(path)},
			status: status(func(s *flink.Status) { s.SavepointPath = path }),
			action: planner.ActionRedeploy, state: planner.StateLost, downtime: true, because: []string{"job.initial_savepoint_path"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://old/savepoint-1; the job restarts from s3://old/savepoint-1 and drops its present state",
			errors:  []string{"job.initial_savepoint_path: " + dropsState},
		},
		{
			name: "of a finished job", status: inState(flink.StateFinished), after: []edit{from(path)},
			action: planner.ActionRedeploy, state: planner.StateFresh, because: []string{"job.initial_savepoint_path"},
			summary:  "redeploy from savepoint: job.initial_savepoint_path set to s3://old/savepoint-1; the finished job runs again, from s3://old/savepoint-1",
			warnings: []string{`job.initial_savepoint_path: The finished job "orders" will run again`},
		},
		{
			name: "together with resume", status: running, before: []edit{jobState(flink.JobSuspended)}, after: []edit{from(path)},
			action: planner.ActionRedeploy, state: planner.StateLost, because: []string{"job.initial_savepoint_path", "job.state"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://old/savepoint-1, job.state suspended -> running; the job restarts from s3://old/savepoint-1 and drops its present state",
			errors:  []string{"job.initial_savepoint_path: " + dropsState},
		},
		{
			name: "of a job that stays suspended", status: running, common: []edit{jobState(flink.JobSuspended)}, after: []edit{from(path)},
			action: planner.ActionDeferred, state: planner.StateKept, because: []string{"job.initial_savepoint_path"},
			summary: "deferred: job.initial_savepoint_path set to s3://old/savepoint-1; recorded, takes effect when the job is resumed",
			errors:  []string{`job.initial_savepoint_path: The suspended job "orders" cannot be given another savepoint`},
		},
		{
			name: "before anything was deployed", after: []edit{from(path)},
			action: planner.ActionCreate, state: planner.StateKept, because: []string{"job.initial_savepoint_path"},
			summary: "create: job.initial_savepoint_path set to s3://old/savepoint-1; the job has not run yet and starts from s3://old/savepoint-1",
		},
		{
			name: "another change before anything was deployed", after: []edit{image("b:1")},
			action: planner.ActionCreate, state: planner.StateFresh, because: []string{"image"},
			summary: "create: image registry.example.com/orders:1.4.0 -> b:1; the job has not run yet and starts without state",
		},
		{
			name: "what ran the job was deleted", status: flink.Status{LifecycleState: flink.LifecycleDeleted, StateLocation: flink.LocationPlatform},
			action: planner.ActionCreate, state: planner.StateFresh,
			summary: "create: what ran the job was deleted, and the new job starts without state",
		},
		{
			name: "what ran the job was deleted, and its state is known", status: flink.Status{LifecycleState: flink.LifecycleDeleted, SavepointPath: "s3://sp/1", StateLocation: flink.LocationPlatform},
			action: planner.ActionCreate, state: planner.StateLost,
			summary: "create: what ran the job was deleted, and the new job starts without its state",
			errors:  []string{": " + dropsState + "\nWhat ran the job was deleted, and the job would start empty. Its newest state that is known is in s3://sp/1. To keep the state, set job.initial_savepoint_path = \"s3://sp/1\"; to accept the loss, set upgrade.allow_state_loss = true."},
		},
		{
			name: "what had suspended the job was deleted", status: flink.Status{LifecycleState: flink.LifecycleDeleted, SavepointPath: "s3://sp/1", StateLocation: flink.LocationPath},
			common: []edit{func(s *flink.DeploymentSpec) { s.Job.State = new(flink.JobSuspended) }},
			action: planner.ActionCreate, state: planner.StateLost,
			summary: "create: what ran the job was deleted, and the new job starts without its state",
			errors:  []string{": " + dropsState + "\nWhat ran the job was deleted, and the job would start empty. Its newest state that is known is in s3://sp/1. To keep the state, set job.initial_savepoint_path = \"s3://sp/1\"; to accept the loss, set upgrade.allow_state_loss = true."},
		},
		{
			name: "what ran the job was deleted, and it starts from its state", status: flink.Status{LifecycleState: flink.LifecycleDeleted, SavepointPath: path, StateLocation: flink.LocationPath},
			after: []edit{from(path)}, action: planner.ActionCreate, state: planner.StateKept,
			summary: "create: the job starts from s3://old/savepoint-1",
		},
		{
			name: "what does not restart before anything was deployed", after: []edit{upgradeBy(flink.UpgradeLastState)},
			action: planner.ActionConfigOnly, state: planner.StateNone, because: []string{"upgrade.mode"},
			summary: "config only: upgrade.mode savepoint -> last_state; nothing has run yet",
		},
		{
			name: "scaling before anything was deployed", common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "reactive")}, after: []edit{parallelism(4)},
			action: planner.ActionCreate, state: planner.StateFresh, because: []string{"job.parallelism"},
			summary: "create: job.parallelism 2 -> 4; the job has not run yet and starts without state",
		},
		{
			name: "session cluster before it was deployed", common: []edit{noJob}, after: []edit{image("b:1")},
			action: planner.ActionCreate, state: planner.StateNone, because: []string{"image"},
			summary: "create: image registry.example.com/orders:1.4.0 -> b:1; the session cluster has not run yet",
		},
	})
}

func TestPlanSuspendAndResume(t *testing.T) {
	suspend, resume := []edit{jobState(flink.JobSuspended)}, []edit{jobState(flink.JobSuspended)}
	stopped := keptAt("s3://flink/savepoints/1", func(s *flink.Status) { s.LifecycleState, s.JobState = flink.LifecycleSuspended, flink.StateFinished })
	stoppedAs := func(location flink.StateLocation) flink.Status {
		return status(func(s *flink.Status) {
			s.LifecycleState, s.JobState, s.StateLocation = flink.LifecycleSuspended, flink.StateFinished, location
		})
	}
	byLastState, withoutState := stoppedAs(flink.LocationPlatform), stoppedAs(flink.LocationNone)
	stateless, lastState := []edit{upgradeBy(flink.UpgradeStateless)}, []edit{upgradeBy(flink.UpgradeLastState)}
	runPlans(t, []planCase{
		{
			name: "suspend by savepoint", status: running, after: suspend,
			action: planner.ActionSuspend, state: planner.StateKept, downtime: true, because: []string{"job.state"},
			summary:  "suspend: job.state running -> suspended; the job stops with a savepoint",
			warnings: []string{"job.state: The job \"orders\" will stop\njob.state changes from running to suspended. The operator stops the job with a savepoint (s3://flink/savepoints)."},
		},
		{
			name: "suspend with other changes", status: running, after: []edit{jobState(flink.JobSuspended), image("b:1")},
			action: planner.ActionSuspend, state: planner.StateKept, downtime: true, because: []string{"job.state", "image"},
			summary:  "suspend: job.state running -> suspended, image registry.example.com/orders:1.4.0 -> b:1; the job stops with a savepoint",
			warnings: []string{"job.state: will stop"},
		},
		{
			name: "suspend by last state", status: running, common: lastState, after: suspend,
			action: planner.ActionSuspend, state: planner.StateKept, downtime: true, because: []string{"job.state"},
			summary:  "suspend: job.state running -> suspended; the job stops and keeps its last checkpoint",
			warnings: []string{"job.state: keeps its last checkpoint"},
		},
		{
			name: "suspend with another savepoint", status: running, after: []edit{jobState(flink.JobSuspended), from("s3://old/1")},
			action: planner.ActionSuspend, state: planner.StateKept, downtime: true, because: []string{"job.state"},
			summary: "suspend: job.state running -> suspended; the job stops with a savepoint",
			errors:  []string{`job.initial_savepoint_path: The suspended job "orders" cannot be given another savepoint`},
		},
		{
			name: "suspend stateless", status: running, common: stateless, after: suspend,
			action: planner.ActionSuspend, state: planner.StateLost, downtime: true, because: []string{"job.state"},
			summary: "suspend: job.state running -> suspended; the job stops and its state is lost",
			errors:  []string{"job.state: " + dropsState},
		},
		{
			name: "suspend a failed job", status: inState(flink.StateFailed), after: suspend,
			action: planner.ActionSuspend, state: planner.StateKept, downtime: true, because: []string{"job.state"},
			summary:  "suspend: job.state running -> suspended; the job is FAILED, it stops and keeps its last checkpoint",
			warnings: []string{"job.state: cannot take a savepoint"},
		},
		{
			name: "suspend a finished job", status: inState(flink.StateFinished), after: suspend,
			action: planner.ActionSuspend, state: planner.StateNone, because: []string{"job.state"},
			summary: "suspend: job.state running -> suspended; the job has finished already",
		},
		{
			name: "suspend what never ran", after: suspend,
			action: planner.ActionSuspend, state: planner.StateNone, because: []string{"job.state"},
			summary: "suspend: job.state running -> suspended; the job has not run yet",
		},
		{
			name: "resume", status: stopped, before: resume,
			action: planner.ActionResume, state: planner.StateKept, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job restarts from s3://flink/savepoints/1",
		},
		{
			name: "resume from the last checkpoint, with a change", status: byLastState, common: lastState, before: resume, after: []edit{parallelism(4)},
			action: planner.ActionResume, state: planner.StateKept, because: []string{"job.state", "job.parallelism"},
			summary: "resume: job.state suspended -> running, job.parallelism 2 -> 4; the job restarts from its last checkpoint",
		},
		{
			name: "resume stateless what has state", status: stopped, before: resume, after: stateless,
			action: planner.ActionResume, state: planner.StateLost, because: []string{"job.state", "upgrade.mode"},
			summary: "resume: job.state suspended -> running, upgrade.mode savepoint -> stateless; the job starts empty and its state is lost",
			errors:  []string{"upgrade.mode: " + dropsState},
		},
		{
			name: "resume stateless a mode that was deferred", status: stopped, common: stateless, before: resume,
			action: planner.ActionResume, state: planner.StateLost, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job starts empty and its state is lost",
			errors:  []string{"job.state: " + dropsState},
		},
		{
			name: "resume what was suspended without state", status: withoutState, common: stateless, before: resume,
			action: planner.ActionResume, state: planner.StateFresh, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job was suspended without state and starts empty",
		},
		{
			name: "resume stateless what was suspended by last state", status: byLastState, common: stateless, before: resume,
			action: planner.ActionResume, state: planner.StateLost, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job starts empty and its state is lost",
			errors:  []string{"job.state: " + dropsState},
		},
		{
			name: "resume by savepoint what was suspended without state", status: withoutState, before: resume,
			action: planner.ActionResume, state: planner.StateFresh, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job was suspended without state and starts empty",
		},
		{
			name: "to savepoint while suspended without state", status: withoutState, common: resume, before: stateless,
			action: planner.ActionDeferred, state: planner.StateNone, because: []string{"upgrade.mode"},
			summary: "deferred: upgrade.mode stateless -> savepoint; recorded, takes effect when the job is resumed",
		},
		{
			name: "resume stateless, and nobody has said where the state is", status: stoppedAs(flink.LocationUnknown), common: stateless, before: resume,
			action: planner.ActionResume, state: planner.StateLost, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job starts empty and its state is lost",
			errors:  []string{"job.state: " + dropsState},
		},
		{
			name: "resume, and nobody has said where the state is", status: stoppedAs(flink.LocationUnknown), before: resume,
			action: planner.ActionResume, state: planner.StateKept, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job restarts from its last checkpoint",
		},
		{
			name: "start from a savepoint what was suspended without state", status: withoutState, before: resume, after: []edit{from("s3://old/savepoint-1")},
			action: planner.ActionRedeploy, state: planner.StateKept, because: []string{"job.initial_savepoint_path", "job.state"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://old/savepoint-1, job.state suspended -> running; the job has no state of its own and starts from s3://old/savepoint-1",
		},
		{
			name: "start what was created suspended", before: resume,
			action: planner.ActionResume, state: planner.StateFresh, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job starts for the first time",
		},
		{
			name: "start from a savepoint what was created suspended", before: resume, common: []edit{from("s3://old/savepoint-1")},
			action: planner.ActionResume, state: planner.StateKept, because: []string{"job.state"},
			summary: "resume: job.state suspended -> running; the job starts for the first time, from s3://old/savepoint-1",
		},
		{
			name: "change while suspended", status: stopped, common: resume, after: []edit{image("b:1"), config("kubernetes.operator.x", "1")},
			action: planner.ActionDeferred, state: planner.StateKept, because: []string{`flink_configuration["kubernetes.operator.x"]`, "image"},
			summary: `deferred: flink_configuration["kubernetes.operator.x"] set to 1, image registry.example.com/orders:1.4.0 -> b:1; recorded, takes effect when the job is resumed`,
		},
		{
			name: "to stateless while suspended", status: stopped, common: resume, after: stateless,
			action: planner.ActionDeferred, state: planner.StateKept, because: []string{"upgrade.mode"},
			summary:  "deferred: upgrade.mode savepoint -> stateless; recorded, takes effect when the job is resumed",
			warnings: []string{"upgrade.mode: From now on every restart"},
		},
		{
			name: "change of what was created suspended", common: resume, after: []edit{image("b:1")},
			action: planner.ActionDeferred, state: planner.StateNone, because: []string{"image"},
			summary: "deferred: image registry.example.com/orders:1.4.0 -> b:1; recorded, takes effect when the job is resumed",
		},
		{
			name: "another Flink version after a suspension by last state", status: byLastState, common: lastState, before: []edit{jobState(flink.JobSuspended), version("v1_19")},
			action: planner.ActionResume, state: planner.StateKept, because: []string{"job.state", "flink_version"},
			summary: "resume: job.state suspended -> running, flink_version v1_19 -> v1_20; the job restarts from its last checkpoint",
			errors:  []string{`flink_version: The Flink version of the suspended job "orders" cannot change`},
		},
		{
			name: "another Flink version after a suspension by savepoint", status: stopped, before: []edit{jobState(flink.JobSuspended), version("v1_19")},
			action: planner.ActionResume, state: planner.StateKept, because: []string{"job.state", "flink_version"},
			summary: "resume: job.state suspended -> running, flink_version v1_19 -> v1_20; the job restarts from s3://flink/savepoints/1",
		},
	})
}

func TestPlanRerun(t *testing.T) {
	finished := inState(flink.StateFinished)
	runPlans(t, []planCase{
		{
			name: "restarting change", status: finished, after: []edit{image("b:1")},
			action: planner.ActionRerun, state: planner.StateFresh, because: []string{"image"},
			summary:  "rerun: image registry.example.com/orders:1.4.0 -> b:1; the finished job runs again from the start",
			warnings: []string{`image: The finished job "orders" will run again`},
		},
		{
			name: "whatever the mode", status: finished, common: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{image("b:1")},
			action: planner.ActionRerun, state: planner.StateFresh, because: []string{"image"},
			summary:  "rerun: image registry.example.com/orders:1.4.0 -> b:1; the finished job runs again from the start",
			warnings: []string{"image: will run again"},
		},
		{
			name: "a job that somebody stopped with a savepoint goes on from it", after: []edit{image("b:1")},
			status: keptAt("s3://flink/savepoints/1", func(s *flink.Status) { s.JobState = flink.StateFinished }),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FINISHED, it restarts from s3://flink/savepoints/1",
			warnings: []string{"image: it restarts the job from s3://flink/savepoints/1."},
		},
		{
			name: "the same stateless", after: []edit{image("b:1")}, common: []edit{upgradeBy(flink.UpgradeStateless)},
			status: keptAt("s3://flink/savepoints/1", func(s *flink.Status) { s.JobState = flink.StateFinished }),
			action: planner.ActionStateless, state: planner.StateLost, downtime: true, because: []string{"image"},
			summary: "stateless restart: image registry.example.com/orders:1.4.0 -> b:1; the job restarts empty and its state is lost",
			errors:  []string{"image: " + dropsState},
		},
		{
			name: "overrides of a finished job do not scale it", status: finished, common: []edit{config("jobmanager.scheduler", "adaptive")}, after: []edit{config("pipeline.jobvertex-parallelism-overrides", "a:2")},
			action: planner.ActionRerun, state: planner.StateFresh, because: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]`},
			summary:  `rerun: flink_configuration["pipeline.jobvertex-parallelism-overrides"] set to a:2; the finished job runs again from the start`,
			warnings: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]: will run again`},
		},
		{
			name: "a job that another upgrade has just stopped is not finished", after: []edit{image("b:1")},
			status: keptAt("s3://flink/savepoints/1", func(s *flink.Status) {
				s.LifecycleState, s.JobState, s.JobManager = flink.LifecycleUpgrading, flink.StateFinished, "MISSING"
			}),
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is UPGRADING, it restarts from s3://flink/savepoints/1",
			warnings: []string{"image: The job is UPGRADING, so the operator cannot take a savepoint"},
		},
		{
			name: "what does not restart", status: finished, after: []edit{upgradeBy(flink.UpgradeLastState)},
			action: planner.ActionConfigOnly, state: planner.StateNone, because: []string{"upgrade.mode"},
			summary: "config only: upgrade.mode savepoint -> last_state; the job is not restarted",
		},
	})
}
