package deployment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const podTemplate = `yamlencode({ spec = { priorityClassName = "prod", containers = [{ name = "flink-main-container", env = [{ name = "STAGE", value = "prod" }] }] } })`

// TestAccDriftOfOwnedFields edits what the configuration says, as somebody with
// kubectl does. The plan shows just that, and the apply puts it back.
func TestAccDriftOfOwnedFields(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, operator)
			config := f.config(attributes{"labels": `{ team = "a" }`, "pod_template": podTemplate})
			steps := []resource.TestStep{{Config: config}}
			for _, drift := range []struct {
				patch   string
				changed string
				action  string
				because string
				back    []string
				value   string
			}{
				{
					patch:   `{"spec":{"job":{"parallelism":3}}}`,
					changed: `job.parallelism: 3 -> 2`, action: "savepoint_upgrade", because: "job.parallelism",
					back: []string{"job", "parallelism"}, value: "2",
				},
				{
					patch:   `{"spec":{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"4"}}}`,
					changed: `flinkConfiguration.taskmanager.numberOfTaskSlots: 4 -> 2`, action: "savepoint_upgrade",
					because: `flink_configuration["taskmanager.numberOfTaskSlots"]`,
					back:    []string{"flinkConfiguration", "taskmanager.numberOfTaskSlots"}, value: "2",
				},
				{
					patch:   `{"spec":{"podTemplate":{"spec":{"priorityClassName":"test"}}}}`,
					changed: `podTemplate.spec.priorityClassName: test -> prod`, action: "savepoint_upgrade", because: "pod_template",
					back: []string{"podTemplate", "spec", "priorityClassName"}, value: "prod",
				},
				{
					patch:   `{"spec":{"job":{"upgradeMode":"stateless"}}}`,
					changed: `job.upgradeMode: stateless -> savepoint`, action: "config_only", because: "upgrade.mode (default)",
					back: []string{"job", "upgradeMode"}, value: "savepoint",
				},
				{
					patch:   `{"spec":{"flinkConfiguration":{"high-availability.storageDir":null}}}`,
					changed: `flinkConfiguration.high-availability.storageDir:  -> s3://flink/ha`, action: "savepoint_upgrade",
					because: `flink_configuration["high-availability.storageDir"]`,
					back:    []string{"flinkConfiguration", "high-availability.storageDir"}, value: "s3://flink/ha",
				},
			} {
				steps = append(steps, resource.TestStep{
					PreConfig:        func() { f.patch(drift.patch); f.settled() },
					Config:           config,
					ConfigPlanChecks: expectDrift(drift.changed, drift.action, drift.because),
					Check: check(func() error {
						if got := f.specValue(drift.back...); got != drift.value {
							return fmt.Errorf("%v is %s after the apply, want %s", drift.back, got, drift.value)
						}
						return nil
					}),
				})
			}
			steps = append(steps, resource.TestStep{
				PreConfig:        func() { f.patch(`{"metadata":{"labels":{"team":"b"}}}`) },
				Config:           config,
				ConfigPlanChecks: expectDrift(`metadata.labels.team: b -> a`, "metadata", `labels["team"]`),
				Check: check(func() error {
					if got := f.live().GetLabels()["team"]; got != "a" {
						return fmt.Errorf("the label is %q", got)
					}
					return nil
				}),
			})
			f.run(steps...)
		})
	}
}

func expectDrift(changed, action, because string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
		effectiveChanges(changed),
		expectRollout(address, action, because),
	}}
}

// TestAccFieldsOfOthers edits what the configuration does not say. No plan
// shows it, and no apply touches it.
func TestAccFieldsOfOthers(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, acctest.Newest())
	config := f.config(attributes{"labels": `{ team = "a" }`, "pod_template": podTemplate})
	objects := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace)
	subresource := func(name, document string) {
		if _, err := objects.Patch(t.Context(), "orders", types.MergePatchType, []byte(document), metav1.PatchOptions{FieldManager: name}, name); err != nil {
			t.Fatal(err)
		}
	}
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	var steps []resource.TestStep
	for _, edit := range []func(){
		func() { f.patch(`{"metadata":{"annotations":{"tool.example.com/seen":"yes"}}}`) },
		func() { f.patch(`{"metadata":{"labels":{"owner":"somebody"}}}`) },
		func() { f.patch(`{"spec":{"flinkConfiguration":{"web.cancel.enable":"false"}}}`); f.settled() },
		func() { f.patch(`{"spec":{"podTemplate":{"metadata":{"labels":{"mesh":"on"}}}}}`); f.settled() },
		func() { f.patch(`{"spec":{"restartNonce":17}}`); f.settled() },
		func() { subresource("status", `{"status":{"jobStatus":{"jobName":"renamed"}}}`) },
		func() { subresource("scale", `{"spec":{"replicas":3}}`); f.settled() },
	} {
		steps = append(steps, resource.TestStep{PreConfig: edit, Config: config, ConfigPlanChecks: empty})
	}
	steps = append([]resource.TestStep{{Config: config}}, steps...)
	steps = append(steps, resource.TestStep{
		// An apply of something else leaves all of it.
		Config:           f.config(attributes{"labels": `{ team = "b" }`, "pod_template": podTemplate}),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectRollout(address, "metadata", `labels["team"]`)}},
		Check: check(func() error {
			live := f.live()
			for what, got := range map[string]string{
				"replicas":   f.specValue("taskManager", "replicas"),
				"key":        f.specValue("flinkConfiguration", "web.cancel.enable"),
				"mesh":       f.specValue("podTemplate", "metadata", "labels", "mesh"),
				"nonce":      f.specValue("restartNonce"),
				"annotation": live.GetAnnotations()["tool.example.com/seen"],
				"label":      live.GetLabels()["owner"],
			} {
				want := map[string]string{"replicas": "3", "key": "false", "mesh": "on", "nonce": "17", "annotation": "yes", "label": "somebody"}[what]
				if got != want {
					return fmt.Errorf("%s is %q after the apply, want %q", what, got, want)
				}
			}
			return nil
		}),
	})
	f.run(steps...)
}

// TestAccLeftToOthers has a pipeline set the image, and somebody write sizes in
// other words: with ignore_changes nothing is planned, and a label beside it
// leaves the job alone.
func TestAccLeftToOthers(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, operator)
			config := func(label string) string {
				text := f.config(attributes{
					"labels":       fmt.Sprintf("{ team = %q }", label),
					"pod_template": `"spec: {containers: [{name: flink-main-container, resources: {limits: {cpu: 1000m}}}]}"`,
				})
				return strings.TrimSuffix(text, "}\n") + "  lifecycle {\n    ignore_changes = [image, flink_configuration[\"taskmanager.numberOfTaskSlots\"], job.parallelism]\n  }\n}\n"
			}
			var generation int64
			var before start
			f.run(
				resource.TestStep{Config: config("a")},
				resource.TestStep{
					PreConfig: func() {
						f.patch(`{"spec":{"image":"registry.example.com/orders:ci","flinkConfiguration":{"taskmanager.numberOfTaskSlots":"4"},"job":{"parallelism":3},
							"taskManager":{"resource":{"memory":"2048m"}},"podTemplate":{"spec":{"containers":[{"name":"flink-main-container","resources":{"limits":{"cpu":"1"}}}]}}}}`)
						f.settled()
						generation, before = f.live().GetGeneration(), f.start()
					},
					Config:           config("a"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
				resource.TestStep{
					Config:           config("b"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectRollout(address, "metadata", `labels["team"]`)}},
					Check: check(func() error {
						if got := f.live().GetGeneration(); got != generation {
							return fmt.Errorf("the specification was written: generation went from %d to %d", generation, got)
						}
						if got := f.start(); got != before {
							return fmt.Errorf("the job started again: %+v, before %+v", got, before)
						}
						return nil
					}),
				},
			)
		})
	}
}
