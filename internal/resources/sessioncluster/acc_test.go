package sessioncluster_test

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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const address = "flink_session_cluster.shared"

var (
	deploymentKind = acctest.FlinkDeployments
	sessionJobKind = acctest.FlinkSessionJobs
)

// fixture is a namespace with a session cluster "shared".
type fixture struct {
	t         *testing.T
	cluster   *acctest.ClusterHandle
	namespace string
}

// each runs a test with both operators.
func each(t *testing.T, test func(f *fixture)) {
	t.Helper()
	acctest.OnEachOperator(t, func(t *testing.T, cluster *acctest.ClusterHandle, namespace string) {
		test(&fixture{t: t, cluster: cluster, namespace: namespace})
	})
}

const (
	available = `"high-availability.type" = "kubernetes", "high-availability.storageDir" = "s3://flink/ha", `
	slots     = `"taskmanager.numberOfTaskSlots" = `
)

// config is a configuration of the cluster with this Flink configuration.
func (f *fixture) config(configuration string, more ...string) string {
	return acctest.ProviderConfig(f.cluster) + fmt.Sprintf(`
resource "flink_session_cluster" "shared" {
  environment         = { namespace = %q }
  name                = "shared"
  image               = "registry.example.com/flink:1"
  flink_version       = %q
  service_account     = %q
  flink_configuration = { %s }
  job_manager         = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager        = { resource = { cpu = 1, memory = "2g" } }
  timeouts            = { create = "90s", update = "90s", delete = "90s" }
  %s
}
`, f.namespace, f.cluster.FlinkVersion(), acctest.ServiceAccount, configuration, strings.Join(more, "\n  "))
}

// run applies the steps with the CLI under test.
func (f *fixture) run(steps ...resource.TestStep) {
	f.t.Helper()
	resource.Test(f.t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

// createJob creates a job on the cluster without Terraform, and waits until it
// runs.
func (f *fixture) createJob() {
	f.t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkSessionJob", "metadata": map[string]any{"name": "guest"},
		"spec": map[string]any{
			"deploymentName":     "shared",
			"flinkConfiguration": map[string]any{"state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints"},
			"job":                map[string]any{"jarURI": "https://repo.example.com/guest.jar", "parallelism": int64(1), "upgradeMode": "savepoint"},
		},
	}}
	jobs := f.cluster.Client.Resource(sessionJobKind).Namespace(f.namespace)
	if _, err := jobs.Create(f.t.Context(), object, metav1.CreateOptions{FieldManager: "kubectl"}); err != nil {
		f.t.Fatal(err)
	}
	watch, err := jobs.Watch(f.t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=guest"})
	if err != nil {
		f.t.Fatal(err)
	}
	defer watch.Stop()
	for event := range watch.ResultChan() {
		if object, ok := event.Object.(*unstructured.Unstructured); ok && jobState(object) == "RUNNING" {
			return
		}
	}
	f.t.Fatal("the watch ended before the job ran")
}

func jobState(object *unstructured.Unstructured) string {
	state, _, _ := unstructured.NestedString(object.Object, "status", "jobStatus", "state")
	return state
}

// deleteJob deletes the job of createJob. The operator lets the cluster go only
// afterwards, which is for the provider to wait for.
func (f *fixture) deleteJob() {
	f.t.Helper()
	if err := f.cluster.Client.Resource(sessionJobKind).Namespace(f.namespace).Delete(f.t.Context(), "guest", metav1.DeleteOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

// words is a pattern that the CLI may have wrapped.
func words(text string) *regexp.Regexp {
	parts := strings.Fields(text)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(strings.Join(parts, `[\s│]+`))
}

func rollout(key, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey(key), knownvalue.StringExact(value))
}

// TestAccGuest has a job on the cluster that Terraform does not know: upgrades
// see to it, and nothing deletes the cluster under it.
func TestAccGuest(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.run(
			resource.TestStep{Config: f.config(available + slots + "2")},
			resource.TestStep{
				PreConfig:         f.createJob,
				Config:            f.config(available + slots + "3"),
				ConfigStateChecks: []statecheck.StateCheck{rollout("action", "last_state_upgrade"), rollout("state", "kept")},
			},
			resource.TestStep{
				Config: f.config(available + slots + "3"), Destroy: true,
				ExpectError: words(`The session cluster "shared" is not deleted: session jobs use it FlinkSessionJobs in namespace ` + f.namespace + `: guest.`),
			},
			resource.TestStep{
				PreConfig: func() {
					object, err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Get(t.Context(), "shared", metav1.GetOptions{})
					if err != nil || object.GetDeletionTimestamp() != nil {
						t.Fatalf("the cluster was touched: %v", err)
					}
					f.deleteJob()
				},
				Config: f.config(available + slots + "3"), PlanOnly: true,
			},
		)
	})
}

// TestAccWithoutHighAvailability needs leave to restart the cluster, because
// jobs on it would be lost.
func TestAccWithoutHighAvailability(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.run(
			resource.TestStep{Config: f.config(slots + "2")},
			resource.TestStep{Config: f.config(slots + "3"), ExpectError: words(`This change drops the state of the jobs on session cluster "shared"`)},
			resource.TestStep{
				Config:            f.config(slots+"3", "upgrade = { allow_state_loss = true }"),
				ConfigStateChecks: []statecheck.StateCheck{rollout("action", "stateless_restart"), rollout("state", "lost")},
			},
			resource.TestStep{
				Config:            f.config(slots+`3, "kubernetes.operator.reconcile.interval" = "30 s"`, "labels = { team = \"a\" }", "upgrade = { allow_state_loss = true }"),
				ConfigStateChecks: []statecheck.StateCheck{rollout("action", "config_only")},
			},
			resource.TestStep{
				Config:            f.config(slots+`3, "kubernetes.operator.reconcile.interval" = "30 s"`, "labels = { team = \"b\" }"),
				ConfigStateChecks: []statecheck.StateCheck{rollout("action", "metadata")},
			},
		)
	})
}

// TestAccRollback gives the cluster an image that does not exist: the previous
// one runs again, and the change stays in the plan.
func TestAccRollback(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		good, bad := f.config(available+slots+"2"), strings.Replace(f.config(available+slots+"2"), "flink:1\"", "flink:nope\"", 1)
		bad = strings.Replace(bad, `update = "90s"`, `update = "60s"`, 1)
		f.run(
			resource.TestStep{Config: good},
			resource.TestStep{PreConfig: f.createJob, Config: bad, ExpectError: words("Rolled back: the previous version (image registry.example.com/flink:1)")},
			resource.TestStep{Config: bad, PlanOnly: true, ExpectNonEmptyPlan: true},
			resource.TestStep{PreConfig: f.deleteJob, Config: good, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		)
	})
}

// TestAccImportOfADeployment refuses a FlinkDeployment with a job of its own.
func TestAccImportOfADeployment(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		config := strings.Replace(f.config(available+slots+"2"), `"flink_session_cluster" "shared"`, `"flink_deployment" "shared"`, 1)
		config = strings.Replace(config, "  job_manager ", "  job = { jar_uri = \"local:///a.jar\", parallelism = 1 }\n  job_manager ", 1)
		id := "operator/" + f.namespace + "/shared"
		f.run(
			resource.TestStep{Config: config},
			resource.TestStep{
				Config:       config + strings.Replace(strings.Replace(f.config(slots+"2"), acctest.ProviderConfig(f.cluster), "", 1), `"shared" {`, `"other" {`, 1),
				ResourceName: "flink_session_cluster.other", ImportState: true, ImportStateId: id,
				ExpectError: words("The object is no session cluster"),
			},
		)
	})
}

// TestAccVersionAtRisk says of another version of Flink that the state of the jobs on the
// cluster is at risk.
func TestAccVersionAtRisk(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, "1.15")
	f := &fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}
	major := func(upgrade string) string {
		return strings.Replace(f.config(available+slots+"2", upgrade), `"v1_20"`, `"v2_2"`, 1)
	}
	f.run(
		resource.TestStep{Config: f.config(available + slots + "2")},
		resource.TestStep{Config: major(""), ExpectError: regexp.MustCompile(`The\s+state\s+of\s+the\s+jobs\s+on\s+session\s+cluster\s+"shared"\s+is\s+at\s+risk`)},
		resource.TestStep{
			Config: major(`upgrade = { accept_state_risk = "v1_20->v2_2" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact("at_risk")),
			},
		},
	)
}
