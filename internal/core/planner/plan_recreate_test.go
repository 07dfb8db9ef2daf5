package planner_test

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

func TestPlanNotInPlace(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "native to standalone", after: []edit{inMode(flink.ModeStandalone), image("b:1")}, status: running,
			action: planner.ActionRecreate, state: planner.StateKept, downtime: true, because: []string{"mode", "image"},
			summary:  "recreate: mode set to standalone, image registry.example.com/orders:1.4.0 -> b:1; the job stops with a savepoint, its deployment is deleted and created again from it",
			warnings: []string{"mode: The job \"orders\" will be down while its deployment is created again\nmode is set to standalone, image changes from registry.example.com/orders:1.4.0 to b:1. The operator refuses this change in place, so the job is stopped with a savepoint (s3://flink/savepoints), its deployment is deleted, and created again from the savepoint."},
		},
		{
			name: "standalone to native of a job that failed", before: []edit{inMode(flink.ModeStandalone)}, after: []edit{inMode(flink.ModeNative)},
			status: keptAt("s3://flink/checkpoints/7", func(s *flink.Status) { s.JobState = flink.StateFailed }),
			action: planner.ActionRecreate, state: planner.StateKept, downtime: true, because: []string{"mode"},
			summary:  "recreate: mode standalone -> native; the job is FAILED, its deployment is deleted and created again from s3://flink/checkpoints/7",
			warnings: []string{"mode: goes on from s3://flink/checkpoints/7."},
		},
		{
			name: "without a directory for savepoints", status: running, common: []edit{without("state.savepoints.dir"), upgradeBy(flink.UpgradeLastState)}, after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionRecreate, state: planner.StateLost, downtime: true, because: []string{"mode"},
			summary: "recreate: mode set to standalone; the deployment is deleted and created again, and its state is lost",
			errors:  []string{`mode: To keep the state, set flink_configuration["state.savepoints.dir"]; to accept the loss`},
		},
		{
			name: "with a directory for savepoints of the operator's own", status: running, common: []edit{without("state.savepoints.dir")}, after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionRecreate, state: planner.StateKept, downtime: true, because: []string{"mode"},
			summary:  "recreate: mode set to standalone; the job stops with a savepoint, its deployment is deleted and created again from it",
			warnings: []string{"mode: will be down"},
		},
		{
			name: "from a savepoint since which a restarting job has run", after: []edit{inMode(flink.ModeStandalone), from("s3://old/1")},
			status: status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateRestarting, "s3://old/1" }),
			action: planner.ActionRecreate, state: planner.StateLost, downtime: true, because: []string{"mode"},
			summary: "recreate: mode set to standalone; the deployment is deleted and created again from s3://old/1, and drops its present state",
			errors:  []string{"mode: To keep the state, take job.initial_savepoint_path back; to accept the loss"},
		},
		{
			name: "with a directory for savepoints in the same change", status: running, before: []edit{without("state.savepoints.dir"), upgradeBy(flink.UpgradeLastState)}, after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionRecreate, state: planner.StateKept, downtime: true, because: []string{"mode", `flink_configuration["state.savepoints.dir"]`, "upgrade.mode"},
			summary:  `recreate: mode set to standalone, flink_configuration["state.savepoints.dir"] set to s3://flink/savepoints, upgrade.mode last_state -> savepoint; the job stops with a savepoint, its deployment is deleted and created again from it`,
			warnings: []string{"mode: will be down"},
		},
		{
			name: "stateless", status: running, common: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionRecreate, state: planner.StateLost, downtime: true, because: []string{"mode"},
			summary: "recreate: mode set to standalone; the deployment is deleted and created again, and its state is lost",
			errors:  []string{`mode: To keep the state, set upgrade.mode to "savepoint" or "last_state"; to accept the loss`},
		},
		{
			name: "from another savepoint", status: running, after: []edit{inMode(flink.ModeStandalone), from("s3://old/1")},
			action: planner.ActionRecreate, state: planner.StateLost, downtime: true, because: []string{"mode"},
			summary: "recreate: mode set to standalone; the deployment is deleted and created again from s3://old/1, and drops its present state",
			errors:  []string{"mode: To keep the state, take job.initial_savepoint_path back; to accept the loss"},
		},
		{
			name: "of a finished job", status: inState(flink.StateFinished), after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionRecreate, state: planner.StateFresh, because: []string{"mode"},
			summary:  "recreate: mode set to standalone; the deployment is created again and the finished job runs again from the start",
			warnings: []string{`mode: The finished job "orders" will run again`},
		},
		{
			name: "of a suspended job", common: []edit{jobState(flink.JobSuspended)}, after: []edit{inMode(flink.ModeStandalone)},
			status: keptAt("s3://flink/savepoints/1", func(s *flink.Status) { s.LifecycleState, s.JobState = flink.LifecycleSuspended, flink.StateFinished }),
			action: planner.ActionRecreate, state: planner.StateKept, because: []string{"mode"},
			summary: "recreate: mode set to standalone; the deployment is deleted and created again with the state in s3://flink/savepoints/1",
		},
		{
			name: "of a job that was suspended without state", common: []edit{jobState(flink.JobSuspended)}, after: []edit{inMode(flink.ModeStandalone)},
			status: status(func(s *flink.Status) {
				s.LifecycleState, s.JobState, s.StateLocation = flink.LifecycleSuspended, flink.StateFinished, flink.LocationNone
			}),
			action: planner.ActionRecreate, state: planner.StateFresh, because: []string{"mode"},
			summary: "recreate: mode set to standalone; the deployment is deleted and created again; its job starts without state, as there is none",
		},
		{
			name: "of a job that was suspended by last state", common: []edit{jobState(flink.JobSuspended), upgradeBy(flink.UpgradeLastState)}, after: []edit{inMode(flink.ModeStandalone)},
			status: status(func(s *flink.Status) { s.LifecycleState, s.JobState = flink.LifecycleSuspended, flink.StateFinished }),
			action: planner.ActionRecreate, state: planner.StateLost, because: []string{"mode"},
			summary: "recreate: mode set to standalone; the deployment is deleted and created again, and its state is lost",
			errors:  []string{`mode: To keep the state, set job.state = "running" first`},
		},
		{
			name: "of a session cluster", status: running, common: []edit{noJob}, after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionRecreate, state: planner.StateNone, downtime: true, because: []string{"mode"},
			summary:  "recreate: mode set to standalone; the session cluster is deleted and created again",
			warnings: []string{`mode: The session cluster "orders" will be down`},
		},
		{
			name: "before anything was deployed", after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionCreate, state: planner.StateFresh, because: []string{"mode"},
			summary: "create: mode set to standalone; the job has not run yet and starts without state",
		},
		{
			name: "mode said that was meant", status: running, after: []edit{inMode(flink.ModeNative)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"mode"},
			summary:  "savepoint upgrade: mode set to native; the job stops with a savepoint and restarts from it",
			warnings: []string{"mode: will be down"},
		},
	})
	for _, test := range []struct {
		name          string
		before, after edit
		want          string
	}{
		{"job to session", func(*flink.DeploymentSpec) {}, noJob, "from a cluster with a job to a session cluster"},
		{"session to job", noJob, func(*flink.DeploymentSpec) {}, "from a session cluster to a cluster with a job"},
	} {
		t.Run(test.name, func(t *testing.T) {
			old := spec(test.before)
			got := planner.Plan(planner.Input{Semantics: fko.Semantics{}, Name: "orders", Old: &old, New: spec(test.after), Status: running})
			if got.Rollout.Action != planner.ActionRecreate || len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Summary, test.want) {
				t.Errorf("decision %+v", got)
			}
		})
	}
}
