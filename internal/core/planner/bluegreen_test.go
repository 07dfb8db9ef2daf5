package planner

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestPlanBlueGreen(t *testing.T) {
	provider := flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineProvider}
	operator := flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineOperator}
	green := status(func(s *flink.Status) { s.ActiveColor = flink.Green })
	const once = "; both run for a while (at-least-once)"
	const both = `Two versions of the job "orders" will run for a while`
	without := func(key string) edit {
		return func(s *flink.DeploymentSpec) { delete(s.FlinkConfiguration, key) }
	}
	runPlans(t, []planCase{
		{
			name: "a change that restarts", status: running, form: provider, after: []edit{image("b:1")},
			action: ActionBlueGreen, state: StateKept, because: []string{"image"},
			summary: "blue green: image registry.example.com/orders:1.4.0 -> b:1; green starts from a savepoint of blue, which runs on until then" + once,
			warnings: []string{"image: " + both + "\nimage changes from registry.example.com/orders:1.4.0 to b:1. The new version starts as green, from a savepoint of blue (s3://flink/savepoints), which is not stopped for it. " +
				"When it runs it takes over, and blue is deleted. Until then both process the same input, so sinks see records twice (at-least-once). If green does not start it is removed, and blue runs on."},
		},
		{
			name: "back to blue, by the operator", status: green, form: operator, after: []edit{parallelism(4)},
			action: ActionBlueGreen, state: StateKept, because: []string{"job.parallelism"},
			summary:  "blue green: job.parallelism 2 -> 4; blue starts from a savepoint of green, which runs on until then" + once,
			warnings: []string{"job.parallelism: " + both},
		},
		{
			name: "native to standalone", status: running, form: provider, after: []edit{inMode(flink.ModeStandalone)},
			action: ActionBlueGreen, state: StateKept, because: []string{"mode"},
			summary:  "blue green: mode set to standalone; green starts from a savepoint of blue, which runs on until then" + once,
			warnings: []string{"mode: " + both},
		},
		{
			name: "last state", status: running, form: provider, common: []edit{upgradeBy(flink.UpgradeLastState)}, after: []edit{parallelism(4)},
			action: ActionBlueGreen, state: StateKept, because: []string{"job.parallelism"},
			summary:  "blue green: job.parallelism 2 -> 4; green starts from a savepoint of blue, which runs on until then" + once,
			warnings: []string{"job.parallelism: " + both},
		},
		{
			name: "last state without a directory for savepoints", status: running, form: provider, after: []edit{parallelism(4)},
			common: []edit{upgradeBy(flink.UpgradeLastState), without("state.savepoints.dir")},
			action: ActionLastState, state: StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "last state upgrade: job.parallelism 2 -> 4; the job restarts from its last checkpoint",
			warnings: []string{`job.parallelism: The job "orders" will be down while it restarts`},
		},
		{
			name: "the same by the operator", status: running, form: operator, after: []edit{parallelism(4)},
			common: []edit{upgradeBy(flink.UpgradeLastState), without("state.savepoints.dir")},
			action: ActionLastState, state: StateKept, downtime: true, because: []string{"job.parallelism"},
			summary: "last state upgrade: job.parallelism 2 -> 4; the job restarts from its last checkpoint",
			errors:  []string{`job.parallelism: The operator cannot switch the job "orders" without a directory for savepoints`},
		},
		{
			name: "stateless", status: running, form: provider, common: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{parallelism(4)},
			action: ActionBlueGreen, state: StateLost, because: []string{"job.parallelism"},
			summary: "blue green: job.parallelism 2 -> 4; green starts empty beside blue, whose state is lost" + once,
			errors:  []string{`job.parallelism: This change drops the state of job "orders"`},
		},
		{
			name: "a job that failed is restarted where it is", status: inState(flink.StateFailed), form: provider, after: []edit{parallelism(4)},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job is FAILED, it restarts from its last checkpoint",
			warnings: []string{`job.parallelism: The job "orders" will be down while it restarts`},
		},
		{
			name: "the ingress leads to whichever is active", status: running, form: provider,
			after:  []edit{func(s *flink.DeploymentSpec) { s.Ingress = &flink.Ingress{Template: new("a.example.com")} }},
			action: ActionConfigOnly, state: StateKept, because: []string{"ingress.template"},
			summary: "config only: ingress.template set to a.example.com; the job keeps running",
		},
		{
			name: "to blue/green", status: running, reform: &provider,
			action: ActionRecreate, state: StateKept, downtime: true, because: []string{"upgrade.strategy"},
			summary: "recreate: upgrade.strategy in_place -> blue_green; the job stops with a savepoint, its deployment is deleted and created again from it",
			warnings: []string{"upgrade.strategy: The job \"orders\" will be down while its deployment is created again\nupgrade.strategy changes from in_place to blue_green. " +
				"Another strategy or engine needs other objects, so the job is stopped with a savepoint (s3://flink/savepoints), its deployment is deleted, and created again from the savepoint."},
		},
		{
			name: "to in place, with another change", status: green, form: provider, reform: &flink.Form{}, after: []edit{image("b:1")},
			action: ActionRecreate, state: StateKept, downtime: true, because: []string{"upgrade.strategy", "image"},
			summary:  "recreate: upgrade.strategy blue_green -> in_place, image registry.example.com/orders:1.4.0 -> b:1; the job stops with a savepoint, its deployment is deleted and created again from it",
			warnings: []string{"upgrade.strategy: The job \"orders\" will be down"},
		},
		{
			name: "to the other engine", status: running, form: provider, reform: &operator,
			action: ActionRecreate, state: StateKept, downtime: true, because: []string{`upgrade.blue_green["engine"]`},
			summary:  `recreate: upgrade.blue_green["engine"] provider -> operator; the job stops with a savepoint, its deployment is deleted and created again from it`,
			warnings: []string{`upgrade.blue_green["engine"]: The job "orders" will be down`},
		},
		{
			name: "to blue/green before the job ever ran", status: flink.Status{}, reform: &provider,
			action: ActionRecreate, state: StateNone, because: []string{"upgrade.strategy"},
			summary: "recreate: upgrade.strategy in_place -> blue_green; the deployment is deleted and created again; its job has not run yet",
		},
	})
}
