package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// manifestFor is the manifest for the operator of the fixture.
func (f *fixture) manifestFor() string {
	if f.cluster.Operator == "1.7" {
		return fmt.Sprintf(manifest, "v1_18")
	}
	return fmt.Sprintf(manifest, "v1_20")
}

// create creates the object of a manifest as kubectl apply or create does.
func (f *fixture) create(manager, document string) {
	f.t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
		f.t.Fatal(err)
	}
	if manager == "kubectl-client-side-apply" {
		object.SetAnnotations(map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"})
	}
	if _, err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Create(f.t.Context(), object, metav1.CreateOptions{FieldManager: manager}); err != nil {
		f.t.Fatal(err)
	}
}

// importStep imports what is there with a configuration, and keeps the state
// for the steps that follow.
func (f *fixture) importStep(config string) resource.TestStep {
	return resource.TestStep{
		Config:             config,
		ResourceName:       address,
		ImportState:        true,
		ImportStateId:      f.id(),
		ImportStatePersist: true,
	}
}

// TestAccImportWhatTerraformMade compares an import with the state it replaces.
func TestAccImportWhatTerraformMade(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	config := f.config(attributes{
		"labels": `{ team = "a" }`, "annotations": `{ note = "b" }`, "mode": `"standalone"`, "image_pull_policy": `"Always"`,
		"job":          job(`args = ["--topic", "orders"]`, `entry_class = "com.example.Orders"`, "allow_non_restored_state = true"),
		"job_manager":  `{ replicas = 1, resource = { cpu = 0.5, memory = "1g" } }`,
		"task_manager": `{ replicas = 2, resource = { cpu = 1, memory = "2g", ephemeral_storage = "5Gi" } }`,
		"upgrade":      `{ mode = "last_state" }`,
		"ingress":      `{ template = "{{name}}.example.com", class_name = "nginx", annotations = { a = "b" } }`,
	})
	f.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: f.id(), ImportStateVerify: true,
			// The history of rollouts and their proofs are Terraform's own, and a settings text is
			// not on the cluster.
			ImportStateVerifyIgnore: []string{"rollout", "status.proof"},
		},
	)
}

func TestAccImportWithBadID(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	config := f.config(nil)
	var steps []resource.TestStep
	for _, row := range []struct{ id, message string }{
		{"orders", `does not have the form operator/<namespace>/<name>`},
		{"operator/" + f.namespace, `does not have the form operator/<namespace>/<name>`},
		{"elsewhere/prod/orders", `does not have the form operator/<namespace>/<name> or confluent/<environment>/<name>`},
		{"operator/" + f.namespace + "/absent", `Cannot import non-existent remote object`},
	} {
		steps = append(steps, resource.TestStep{
			Config: config, ResourceName: address, ImportState: true, ImportStateId: row.id, ExpectError: words(row.message),
		})
	}
	f.run(steps...)
}

// TestAccImportFromOthers imports what another tool made. With the matching
// configuration nothing is left to do, an environment whose defaults say the
// same restarts nothing, and what the configuration then leaves out goes.
func TestAccImportFromOthers(t *testing.T) {
	t.Parallel()
	for i, row := range []struct {
		name, operator string
		make           func(f *fixture, document string)
	}{
		{"client-side apply", acctest.Newest(), func(f *fixture, document string) { f.create("kubectl-client-side-apply", document) }},
		{"client-side apply", "1.7", func(f *fixture, document string) { f.create("kubectl-client-side-apply", document) }},
		{"server-side apply", acctest.Newest(), func(f *fixture, document string) { f.serverSideApply("kubectl", document) }},
		{"server-side apply", "1.7", func(f *fixture, document string) { f.serverSideApply("kubectl", document) }},
		{"helm", acctest.Newest(), func(f *fixture, document string) { f.create("helm", document) }},
	} {
		t.Run(row.name+"/"+row.operator, func(t *testing.T) {
			t.Parallel()
			if i > 0 {
				acctest.FirstCLIOnly(t)
			}
			f := newFixture(t, row.operator)
			row.make(f, f.manifestFor())
			f.settled()
			f.run(importSteps(f)...)
		})
	}
}

// TestAccImportOfEmptyValues imports what a tool made that writes each field it
// knows, most of them empty. Nobody configures these.
func TestAccImportOfEmptyValues(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, acctest.Newest())
	document := strings.Replace(f.manifestFor(), "upgradeMode: savepoint", "upgradeMode: savepoint, args: []", 1) +
		"  ingress: {template: '{{name}}.example.com', annotations: {}, labels: {}, tls: []}\n  logConfiguration: {}\n"
	f.create("helm", document)
	f.settled()
	config := f.config(attributes{
		"labels": `{ team = "a" }`, "upgrade": `{ mode = "savepoint" }`, "ingress": `{ template = "{{name}}.example.com" }`,
	})
	f.run(
		f.importStep(config),
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
	)
}

func importSteps(f *fixture) []resource.TestStep {
	matching := f.config(attributes{"labels": `{ team = "a" }`, "upgrade": `{ mode = "savepoint" }`})
	defaults := f.config(attributes{
		"labels":  `{ team = "a" }`,
		"upgrade": `{ mode = "savepoint" }`,
		"environment": fmt.Sprintf(`{ namespace = %q, name = "prod", settings = jsonencode({ environment = "prod", deployment_defaults = {
    serviceAccount = "flink", flinkConfiguration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" },
    jobManager = { resource = { cpu = 0.5, memory = "1024m" } } } }) }`, f.namespace),
		"service_account": "-", "job_manager": "-",
		"flink_configuration": `{
    "high-availability.type"        = "kubernetes"
    "high-availability.storageDir"  = "s3://flink/ha"
    "taskmanager.numberOfTaskSlots" = 2
  }`,
	})
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	generation := f.live().GetGeneration()
	sameGeneration := check(func() error {
		if got := f.live().GetGeneration(); got != generation {
			return fmt.Errorf("generation went from %d to %d", generation, got)
		}
		return nil
	})
	return []resource.TestStep{
		f.importStep(matching),
		{Config: matching, ConfigPlanChecks: empty, Check: sameGeneration},
		{
			Config: defaults,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), effectiveChanges(),
			}},
			Check: sameGeneration,
		},
		{
			// What is left out goes, although another tool had set it.
			Config: f.config(attributes{"flink_configuration": `{
    "state.checkpoints.dir"         = "s3://flink/checkpoints"
    "state.savepoints.dir"          = "s3://flink/savepoints"
    "taskmanager.numberOfTaskSlots" = 2
  }`}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				expectRollout(address, "savepoint_upgrade", `flink_configuration["high-availability.storageDir"]`, `flink_configuration["high-availability.type"]`),
				effectiveChanges(
					"flinkConfiguration.high-availability.storageDir: s3://flink/ha -> ", "flinkConfiguration.high-availability.type: kubernetes -> ",
					"metadata.labels.team: a -> "),
			}},
			Check: check(func() error {
				live := f.live()
				configuration, _, err := unstructured.NestedStringMap(live.Object, "spec", "flinkConfiguration")
				if err != nil {
					return err
				}
				if len(configuration) != 3 {
					return fmt.Errorf("the configuration is %v", configuration)
				}
				if team, ok := live.GetLabels()["team"]; ok {
					return fmt.Errorf("the label team is still %q", team)
				}
				return nil
			}),
		},
	}
}

// TestAccImportBlock imports as a configuration with an import block does.
func TestAccImportBlock(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	config := f.config(nil)
	f.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: f.id(), ImportStateKind: resource.ImportBlockWithID,
			ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
			}},
		},
	)
}

// TestAccImportSessionCluster has no job to manage.
func TestAccImportSessionCluster(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, acctest.Newest())
	f.create("kubectl-create", regexp.MustCompile(`(?m)^  job: .*\n`).ReplaceAllString(f.manifestFor(), ""))
	f.run(resource.TestStep{
		Config: f.config(nil), ResourceName: address, ImportState: true, ImportStateId: f.id(),
		ExpectError: words("The object is a session cluster"),
	})
}
