package planner_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

var (
	byProvider = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineProvider}
	byOperator = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineOperator}
)

func TestPlanBlueGreen(t *testing.T) {
	provider, operator := byProvider, byOperator
	green := status(func(s *flink.Status) { s.ActiveColor = flink.Green })
	const once = "; both run for a while (at-least-once)"
	const both = `Two versions of the job "orders" will run for a while`
	without := func(key string) edit {
		return func(s *flink.DeploymentSpec) { delete(s.FlinkConfiguration, key) }
	}
	runPlans(t, []planCase{
		{
			name: "a change that restarts", status: running, form: provider, after: []edit{image("b:1")},
			action: planner.ActionBlueGreen, state: planner.StateKept, because: []string{"image"},
			summary: "blue green: image registry.example.com/orders:1.4.0 -> b:1; green starts from a savepoint of blue, which runs on until then" + once,
			warnings: []string{"image: " + both + "\nimage changes from registry.example.com/orders:1.4.0 to b:1. The new version starts as green, from a savepoint of blue (s3://flink/savepoints), which is not stopped for it. " +
				"When it runs it takes over, and blue is deleted. Until then both process the same input, so sinks see records twice (at-least-once). If green does not start it is removed, and blue runs on."},
		},
		{
			name: "back to blue, by the operator", status: green, form: operator, after: []edit{parallelism(4)},
			action: planner.ActionBlueGreen, state: planner.StateKept, because: []string{"job.parallelism"},
			summary:  "blue green: job.parallelism 2 -> 4; blue starts from a savepoint of green, which runs on until then" + once,
			warnings: []string{"job.parallelism: " + both},
		},
		{
			name: "native to standalone", status: running, form: provider, after: []edit{inMode(flink.ModeStandalone)},
			action: planner.ActionBlueGreen, state: planner.StateKept, because: []string{"mode"},
			summary:  "blue green: mode set to standalone; green starts from a savepoint of blue, which runs on until then" + once,
			warnings: []string{"mode: " + both},
		},
		{
			name: "last state", status: running, form: provider, common: []edit{upgradeBy(flink.UpgradeLastState)}, after: []edit{parallelism(4)},
			action: planner.ActionBlueGreen, state: planner.StateKept, because: []string{"job.parallelism"},
			summary:  "blue green: job.parallelism 2 -> 4; green starts from a savepoint of blue, which runs on until then" + once,
			warnings: []string{"job.parallelism: " + both},
		},
		{
			name: "last state without a directory for savepoints", status: running, form: provider, after: []edit{parallelism(4)},
			common: []edit{upgradeBy(flink.UpgradeLastState), without("state.savepoints.dir")},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "last state upgrade: job.parallelism 2 -> 4; the job restarts from its last checkpoint",
			warnings: []string{`job.parallelism: The job "orders" will be down while it restarts`},
		},
		{
			name: "the same by the operator", status: running, form: operator, after: []edit{parallelism(4)},
			common: []edit{upgradeBy(flink.UpgradeLastState), without("state.savepoints.dir")},
			action: planner.ActionLastState, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary: "last state upgrade: job.parallelism 2 -> 4; the job restarts from its last checkpoint",
			errors:  []string{`job.parallelism: The operator cannot switch the job "orders" without a directory for savepoints`},
		},
		{
			name: "stateless", status: running, form: provider, common: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{parallelism(4)},
			action: planner.ActionBlueGreen, state: planner.StateLost, because: []string{"job.parallelism"},
			summary: "blue green: job.parallelism 2 -> 4; green starts empty beside blue, whose state is lost" + once,
			errors:  []string{`job.parallelism: This change drops the state of job "orders"`},
		},
		{
			name: "another savepoint to start from", status: running, form: provider, after: []edit{from("s3://old/1"), image("b:1")}, allow: true,
			action: planner.ActionBlueGreen, state: planner.StateLost, because: []string{"job.initial_savepoint_path", "image"},
			summary: "blue green: job.initial_savepoint_path set to s3://old/1, image registry.example.com/orders:1.4.0 -> b:1; green starts from s3://old/1 beside blue, whose state is dropped" + once,
			warnings: []string{"job.initial_savepoint_path: The job \"orders\" will lose its state\njob.initial_savepoint_path is set to s3://old/1, image changes from registry.example.com/orders:1.4.0 to b:1. The new version starts as green, from s3://old/1. " +
				"When it runs it takes over, and blue is deleted. Until then both process the same input, so sinks see records twice (at-least-once). If green does not start it is removed, and blue runs on."},
		},
		{
			name: "another savepoint to start from, without leave", status: green, form: operator, after: []edit{from("s3://old/1")},
			common: []edit{upgradeBy(flink.UpgradeLastState), without("state.savepoints.dir")},
			action: planner.ActionBlueGreen, state: planner.StateLost, because: []string{"job.initial_savepoint_path"},
			summary: "blue green: job.initial_savepoint_path set to s3://old/1; blue starts from s3://old/1 beside green, whose state is dropped" + once,
			errors:  []string{"job.initial_savepoint_path: To keep its present state, take job.initial_savepoint_path back, or, where another resource gives it, have Terraform leave it: lifecycle { ignore_changes = [job.initial_savepoint_path] }; to accept the loss"},
		},
		{
			name: "another savepoint to start from, and the job does not run", status: inState(flink.StateFailed), form: provider, after: []edit{from("s3://old/1")},
			action: planner.ActionRedeploy, state: planner.StateLost, downtime: true, because: []string{"job.initial_savepoint_path"},
			summary: "redeploy from savepoint: job.initial_savepoint_path set to s3://old/1; the job restarts from s3://old/1 and drops its present state",
			errors:  []string{`job.initial_savepoint_path: This change drops the state of job "orders"`},
		},
		{
			name: "a job that failed is restarted where it is", status: inState(flink.StateFailed), form: provider, after: []edit{parallelism(4)},
			action: planner.ActionSavepoint, state: planner.StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job is FAILED, it restarts from its last checkpoint",
			warnings: []string{`job.parallelism: The job "orders" will be down while it restarts`},
		},
		{
			name: "the ingress leads to whichever is active", status: running, form: provider,
			after:  []edit{func(s *flink.DeploymentSpec) { s.Ingress = &flink.Ingress{Template: new("a.example.com")} }},
			action: planner.ActionConfigOnly, state: planner.StateKept, because: []string{"ingress.template"},
			summary: "config only: ingress.template set to a.example.com; the job keeps running",
		},
		{
			name: "to blue/green", status: running, reform: &provider,
			action: planner.ActionRecreate, state: planner.StateKept, downtime: true, because: []string{"upgrade.strategy"},
			summary: "recreate: upgrade.strategy in_place -> blue_green; the job stops with a savepoint, its deployment is deleted and created again from it",
			warnings: []string{"upgrade.strategy: The job \"orders\" will be down while its deployment is created again\nupgrade.strategy changes from in_place to blue_green. " +
				"Another strategy or engine needs other objects, so the job is stopped with a savepoint (s3://flink/savepoints), its deployment is deleted, and created again from the savepoint."},
		},
		{
			name: "to in place, with another change", status: green, form: provider, reform: &flink.Form{}, after: []edit{image("b:1")},
			action: planner.ActionRecreate, state: planner.StateKept, downtime: true, because: []string{"upgrade.strategy", "image"},
			summary:  "recreate: upgrade.strategy blue_green -> in_place, image registry.example.com/orders:1.4.0 -> b:1; the job stops with a savepoint, its deployment is deleted and created again from it",
			warnings: []string{"upgrade.strategy: The job \"orders\" will be down"},
		},
		{
			name: "to the other engine", status: running, form: provider, reform: &operator,
			action: planner.ActionRecreate, state: planner.StateKept, downtime: true, because: []string{`upgrade.blue_green["engine"]`},
			summary:  `recreate: upgrade.blue_green["engine"] provider -> operator; the job stops with a savepoint, its deployment is deleted and created again from it`,
			warnings: []string{`upgrade.blue_green["engine"]: The job "orders" will be down`},
		},
		{
			name: "to blue/green before the job ever ran", status: flink.Status{}, reform: &provider,
			action: planner.ActionRecreate, state: planner.StateNone, because: []string{"upgrade.strategy"},
			summary: "recreate: upgrade.strategy in_place -> blue_green; the deployment is deleted and created again; its job has not run yet",
		},
	})
}
