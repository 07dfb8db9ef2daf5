package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// consequence is a row of the consequence table: what a change plans, and what
// then happens on the cluster.
type consequence struct {
	name string
	// before are the configurations that are applied first; nil for the one
	// of the fixture.
	before []attributes
	after  attributes
	// await is a state of the job that begins before the change is planned.
	await string

	action   string
	because  []string
	state    string
	downtime bool
	// restarts tells that the job starts once more, restored from what begins
	// with restored; an empty one is a fresh start.
	restarts bool
	restored string
	// sameGeneration tells that the specification is not written.
	sameGeneration bool
	// operators are the operator versions to run on; nil for both.
	operators []string
}

// job is the attribute job of the fixture with more fields.
func job(more ...string) string {
	return `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2, ` + strings.Join(more, ", ") + ` }`
}

const savepoints = "s3://flink/savepoints/savepoint-"

var consequences = []consequence{
	{
		name: "metadata", after: attributes{"labels": `{ team = "a" }`},
		action: "metadata", because: []string{`labels["team"]`}, state: "none", sameGeneration: true,
	},
	{
		name: "a setting of the provider", after: attributes{"deletion_protection": "false", "wait_for": `"submitted"`},
		action: "metadata", because: []string{"wait_for"}, state: "none", sameGeneration: true,
	},
	{
		name: "config_only by a key of the operator", after: attributes{"flink_configuration": configuration(`"kubernetes.operator.savepoint.history.max.count" = 5`)},
		action: "config_only", because: []string{`flink_configuration["kubernetes.operator.savepoint.history.max.count"]`}, state: "kept",
	},
	{
		name: "config_only by the upgrade mode", after: attributes{"upgrade": `{ mode = "last_state" }`},
		action: "config_only", because: []string{"upgrade.mode"}, state: "kept",
	},
	{
		name:   "savepoint_upgrade",
		after:  attributes{"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 4 }`},
		action: "savepoint_upgrade", because: []string{"job.parallelism"}, state: "kept", downtime: true, restarts: true, restored: savepoints,
	},
	{
		name:   "savepoint_upgrade by a restart trigger",
		after:  attributes{"restart_triggers": `{ config = "1" }`},
		action: "savepoint_upgrade", because: []string{"restart_triggers"}, state: "kept", downtime: true, restarts: true, restored: savepoints,
	},
	{
		name:   "metadata by restart triggers that go",
		before: []attributes{{"restart_triggers": `{ config = "1" }`}}, after: attributes{},
		action: "metadata", because: []string{"restart_triggers"}, state: "none", sameGeneration: true,
	},
	{
		name:   "config_only beside restart triggers that go",
		before: []attributes{{"restart_triggers": `{ config = "1" }`}}, after: attributes{"upgrade": `{ mode = "last_state" }`},
		action: "config_only", because: []string{"upgrade.mode"}, state: "kept",
	},
	{
		name:   "last_state_upgrade",
		before: []attributes{{"upgrade": `{ mode = "last_state" }`}},
		after:  attributes{"upgrade": `{ mode = "last_state" }`, "image": `"registry.example.com/orders:1.4.1"`},
		action: "last_state_upgrade", because: []string{"image"}, state: "kept", downtime: true, restarts: true, restored: "KUBERNETES_OPERATOR_LAST_STATE",
	},
	{
		name:   "stateless_restart",
		before: []attributes{{"upgrade": `{ mode = "stateless", allow_state_loss = true }`}},
		after:  attributes{"upgrade": `{ mode = "stateless", allow_state_loss = true }`, "image": `"registry.example.com/orders:1.4.1"`},
		action: "stateless_restart", because: []string{"image"}, state: "lost", downtime: true, restarts: true,
	},
	{
		name:   "rerun",
		before: []attributes{{"job": job(`args = ["--count", "100"]`)}},
		await:  "FINISHED",
		after:  attributes{"job": job(`args = ["--count", "200"]`)},
		action: "rerun", because: []string{"job.args"}, state: "fresh", restarts: true,
	},
	{
		name:   "redeploy_from_savepoint",
		after:  attributes{"job": job(`initial_savepoint_path = "s3://flink/savepoints/other"`), "upgrade": `{ allow_state_loss = true }`},
		action: "redeploy_from_savepoint", because: []string{"job.initial_savepoint_path"}, state: "lost", downtime: true,
		restarts: true, restored: "s3://flink/savepoints/other", operators: []string{acctest.Newest()},
	},
	{
		name:   "resume",
		before: []attributes{{}, {"job": job(`state = "suspended"`)}},
		after:  attributes{"job": job()},
		action: "resume", because: []string{"job.state (default)"}, state: "kept", restarts: true, restored: savepoints,
	},
	{
		name:   "resume with a change",
		before: []attributes{{}, {"job": job(`state = "suspended"`)}},
		after:  attributes{"image": `"registry.example.com/orders:1.4.1"`},
		action: "resume", because: []string{"job.state (default)", "image"}, state: "kept", restarts: true, restored: savepoints,
	},
	{
		name:   "deferred",
		before: []attributes{{}, {"job": job(`state = "suspended"`)}},
		after:  attributes{"job": job(`state = "suspended"`), "image": `"registry.example.com/orders:1.4.1"`},
		action: "deferred", because: []string{"image"}, state: "kept",
	},
	{
		name:   "scale_in_place",
		before: []attributes{{"mode": `"standalone"`, "flink_configuration": configuration(`"scheduler-mode" = "reactive"`, `"execution.checkpointing.interval" = "10 s"`)}},
		after: attributes{
			"mode": `"standalone"`, "flink_configuration": configuration(`"scheduler-mode" = "reactive"`, `"execution.checkpointing.interval" = "10 s"`),
			"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 4 }`,
		},
		action: "scale_in_place", because: []string{"job.parallelism"}, state: "kept", downtime: true,
	},
	{
		name:   "suspend",
		after:  attributes{"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2, state = "suspended" }`},
		action: "suspend", because: []string{"job.state"}, state: "kept", downtime: true,
	},
}

func TestAccConsequences(t *testing.T) {
	t.Parallel()
	for _, row := range consequences {
		operators := row.operators
		if operators == nil {
			operators = platforms()
		}
		for _, operator := range operators {
			t.Run(row.name+"/"+operator, func(t *testing.T) {
				t.Parallel()
				if row.name != "savepoint_upgrade" {
					acctest.FirstCLIOnly(t)
				}
				row.run(newFixture(t, operator))
			})
		}
	}
}

func (row consequence) run(f *fixture) {
	var generation int64
	var first start
	rollout := func(field string) tfjsonpath.Path { return tfjsonpath.New("rollout").AtMapKey(field) }
	var because []knownvalue.Check
	for _, cause := range row.because {
		because = append(because, knownvalue.StringExact(cause))
	}
	before := row.before
	if before == nil {
		before = []attributes{{}}
	}
	var steps []resource.TestStep
	for _, values := range before {
		steps = append(steps, resource.TestStep{Config: f.config(values)})
	}
	steps = append(steps, resource.TestStep{
		PreConfig: func() {
			if row.await != "" {
				f.await("status.jobStatus.state", row.await)
			}
			generation, first = f.live().GetGeneration(), f.start()
		},
		Config: f.config(row.after),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			plancheck.ExpectKnownValue(address, rollout("action"), knownvalue.StringExact(row.action)),
			plancheck.ExpectKnownValue(address, rollout("because"), knownvalue.ListExact(because)),
			plancheck.ExpectKnownValue(address, rollout("state"), knownvalue.StringExact(row.state)),
			plancheck.ExpectKnownValue(address, rollout("downtime"), knownvalue.Bool(row.downtime)),
			plancheck.ExpectKnownValue(address, rollout("revision"), knownvalue.Int64Exact(int64(len(steps)+1))),
			plancheck.ExpectKnownValue(address, rollout("summary"), knownvalue.StringRegexp(
				regexp.MustCompile(fmt.Sprintf("^#%d %s", len(steps)+1, strings.ReplaceAll(row.action, "_", " "))))),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, rollout("action"), knownvalue.StringExact(row.action)),
		},
		Check: check(func() error { return row.happened(f, generation, first) }),
	})
	f.run(steps...)
}

// happened compares the cluster after the change with the row.
func (row consequence) happened(f *fixture, generation int64, before start) error {
	after := f.start()
	switch {
	case row.sameGeneration && f.live().GetGeneration() != generation:
		return fmt.Errorf("generation went from %d to %d", generation, f.live().GetGeneration())
	case !row.sameGeneration && f.live().GetGeneration() == generation:
		return fmt.Errorf("generation stayed %d", generation)
	case row.restarts != (before.count != after.count):
		return fmt.Errorf("starts went from %s to %s", before.count, after.count)
	case row.restarts && (row.restored == "") != (after.restoredFrom == ""), !strings.HasPrefix(after.restoredFrom, row.restored) && row.restarts:
		return fmt.Errorf("restored from %q, want %q…", after.restoredFrom, row.restored)
	}
	return nil
}
