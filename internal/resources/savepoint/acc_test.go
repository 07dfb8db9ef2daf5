package savepoint_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// address is the savepoint of every configuration in these tests.
const address = "flink_savepoint.move"

var (
	deploymentKind = acctest.FlinkDeployments
	appsKind       = acctest.Deployments
	snapshotKind   = acctest.FlinkStateSnapshots
)

// job is a deployment of a configuration.
func job(cluster *acctest.ClusterHandle, label, namespace, more string) string {
	return fmt.Sprintf(`
resource "flink_deployment" %q {
  environment     = { namespace = %q }
  name            = "orders"
  image           = "registry.example.com/orders:1.4.0"
  flink_version   = %q
  service_account = %q
  flink_configuration = {
    "state.checkpoints.dir"         = "s3://flink/checkpoints"
    "state.savepoints.dir"          = "s3://flink/savepoints"
    "high-availability.type"        = "kubernetes"
    "high-availability.storageDir"  = "s3://flink/ha"
  }
  job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager = { resource = { cpu = 1, memory = "2g" } }
  %s
}
`, label, namespace, cluster.FlinkVersion(), acctest.ServiceAccount, more)
}

// savepointOf is the savepoint of a configuration.
func savepointOf(namespace, more string) string {
	return fmt.Sprintf(`
resource "flink_savepoint" "move" {
  environment = { namespace = %q }
  name        = "move"
  %s
}
`, namespace, more)
}

const (
	running = `job = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2 }`
	ofJob   = `deployment = flink_deployment.orders.name
  `
)

// run applies the steps with the CLI under test.
func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

// TestAccMove takes a savepoint, starts the job from it in another namespace,
// and takes another one.
func TestAccMove(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, version := range acctest.Operators() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := acctest.Cluster(t, version)
			from, to := cluster.Namespace(t), cluster.Namespace(t)
			config := acctest.ProviderConfig(cluster) + job(cluster, "orders", from, running)
			moved := job(cluster, "moved", to, `job = {
    jar_uri                = "local:///opt/flink/usrlib/orders.jar"
    parallelism            = 2
    initial_savepoint_path = flink_savepoint.move.location
  }`)
			live := fmt.Sprintf(`
data "flink_deployment" "orders" {
  environment = { namespace = %q }
  name        = flink_deployment.orders.name
}
`, from)
			another := statecheck.CompareValue(compare.ValuesDiffer())
			location := regexp.MustCompile(`^s3://flink/savepoints/savepoint-`)
			run(t,
				resource.TestStep{
					Config: config + savepointOf(from, ofJob+`triggers = { release = "1" }`) + moved + live,
					ConfigStateChecks: []statecheck.StateCheck{
						another.AddStateValue(address, tfjsonpath.New("location")),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.StringRegexp(location)),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/"+from+"/move")),
						statecheck.ExpectKnownValue("data.flink_deployment.orders", tfjsonpath.New("status").AtMapKey("job_state"), knownvalue.StringExact("RUNNING")),
						statecheck.ExpectKnownValue("data.flink_deployment.orders", tfjsonpath.New("status").AtMapKey("rest_url"), knownvalue.StringExact("http://orders-rest."+from+":8081")),
						// The job takes no checkpoints, and nothing has thrown.
						statecheck.ExpectKnownValue("data.flink_deployment.orders", tfjsonpath.New("checkpoints").AtMapKey("latest_path"), knownvalue.Null()),
						statecheck.ExpectKnownValue("data.flink_deployment.orders", tfjsonpath.New("exception"), knownvalue.Null()),
					},
					Check: func(state *terraform.State) error {
						want := state.RootModule().Resources[address].Primary.Attributes["location"]
						object, err := cluster.Client.Resource(appsKind).Namespace(to).Get(t.Context(), "orders", metav1.GetOptions{})
						if err != nil {
							return err
						}
						if got := object.GetAnnotations()["standin.flink/restored-from"]; got != want {
							return fmt.Errorf("the moved job was restored from %q, want %q", got, want)
						}
						return nil
					},
				},
				resource.TestStep{
					Config:           config + savepointOf(from, ofJob+`triggers = { release = "2" }`),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)}},
					ConfigStateChecks: []statecheck.StateCheck{
						another.AddStateValue(address, tfjsonpath.New("location")),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.StringRegexp(location)),
					},
				},
				resource.TestStep{
					// What asked for the savepoint does not get into the way of the
					// deployment, nor the other way round.
					Config: acctest.ProviderConfig(cluster) +
						job(cluster, "orders", from, `job = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 3 }`) +
						savepointOf(from, ofJob+`triggers = { release = "2" }`),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction("flink_deployment.orders", plancheck.ResourceActionUpdate),
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
					}},
					Check: func(*terraform.State) error {
						object, err := cluster.Client.Resource(deploymentKind).Namespace(from).Get(t.Context(), "orders", metav1.GetOptions{})
						if err != nil {
							return err
						}
						if _, found, _ := unstructured.NestedInt64(object.Object, "spec", "job", "savepointTriggerNonce"); found != (version == "1.7") {
							return fmt.Errorf("the specification has a trigger nonce: %t", found)
						}
						return nil
					},
				},
			)
		})
	}
}

func TestAccSnapshotObject(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	namespace := cluster.Namespace(t)
	config := acctest.ProviderConfig(cluster) + job(cluster, "orders", namespace, running)
	dispose := func(want bool) resource.TestCheckFunc {
		return func(*terraform.State) error {
			object, err := cluster.Client.Resource(snapshotKind).Namespace(namespace).Get(t.Context(), "move", metav1.GetOptions{})
			if err != nil {
				return err
			}
			if got, _, _ := unstructured.NestedBool(object.Object, "spec", "savepoint", "disposeOnDelete"); got != want {
				return fmt.Errorf("disposeOnDelete is %t, want %t", got, want)
			}
			return nil
		}
	}
	run(t,
		resource.TestStep{
			Config: config + savepointOf(namespace, ofJob+`path = "s3://moves"
  format = "native"`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.StringRegexp(regexp.MustCompile(`^s3://moves/savepoint-`))),
			},
			Check: dispose(false),
		},
		resource.TestStep{
			Config: config + savepointOf(namespace, ofJob+`path = "s3://moves"
  format = "native"
  dispose_on_destroy = true`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
			Check:            dispose(true),
		},
		resource.TestStep{
			ResourceName:      address,
			ImportState:       true,
			ImportStateId:     "operator/" + namespace + "/move",
			ImportStateVerify: true,
		},
		resource.TestStep{
			// Somebody deletes it: the next apply takes another one.
			PreConfig: func() {
				if err := cluster.Client.Resource(snapshotKind).Namespace(namespace).Delete(t.Context(), "move", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
				awaitGone(t, cluster, namespace)
			},
			Config:           config + savepointOf(namespace, ofJob),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}},
		},
		resource.TestStep{
			// The files of this one stay when somebody deletes the object.
			PreConfig: func() {
				if err := cluster.Client.Resource(snapshotKind).Namespace(namespace).Delete(t.Context(), "move", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
				awaitGone(t, cluster, namespace)
			},
			Config:            config + savepointOf(namespace, ofJob),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.NotNull())},
		},
	)
}

// awaitGone follows the snapshot until there is none.
func awaitGone(t *testing.T, cluster *acctest.ClusterHandle, namespace string) {
	t.Helper()
	snapshots := cluster.Client.Resource(snapshotKind).Namespace(namespace)
	for {
		object, err := snapshots.Get(t.Context(), "move", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		watch, err := snapshots.Watch(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=move", ResourceVersion: object.GetResourceVersion()})
		if err != nil {
			t.Fatal(err)
		}
		<-watch.ResultChan()
		watch.Stop()
	}
}

// TestAccFailure repairs what made a savepoint fail.
func TestAccFailure(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	// Operator 1.7 says only that it failed, and there is no Flink to ask.
	for version, cause := range map[string]string{acctest.Newest(): `the\s+disk\s+is\s+full`, "1.7": `Savepoint\s+Error`} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := acctest.Cluster(t, version)
			namespace := cluster.Namespace(t)
			provider := acctest.ProviderConfig(cluster)
			broken := running + "\n  annotations = { \"standin.flink/savepoint-fails\" = \"the disk is full\" }"
			run(t,
				resource.TestStep{Config: provider + job(cluster, "orders", namespace, broken)},
				resource.TestStep{
					Config:      provider + job(cluster, "orders", namespace, broken) + savepointOf(namespace, ofJob),
					ExpectError: regexp.MustCompile(`(?s)The\s+savepoint\s+"move"\s+of\s+"orders"\s+is\s+not\s+taken:.*` + cause + `.*tainted`),
				},
				resource.TestStep{
					Config: provider + job(cluster, "orders", namespace, running) + savepointOf(namespace, ofJob),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.NotNull()),
					},
				},
			)
		})
	}
}

func TestAccNoJob(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	namespace := cluster.Namespace(t)
	run(t,
		resource.TestStep{
			Config:      acctest.ProviderConfig(cluster) + savepointOf(namespace, `deployment = "missing"`),
			ExpectError: regexp.MustCompile(`FlinkDeployment\s+` + namespace + `/missing\s+does\s+not\s+exist`),
		},
		resource.TestStep{
			Config: acctest.ProviderConfig(cluster) + fmt.Sprintf(`
data "flink_deployment" "missing" {
  environment = { namespace = %q }
  name        = "missing"
}
`, namespace),
			ExpectError: regexp.MustCompile(`There\s+is\s+no\s+deployment\s+"missing"`),
		},
	)
}
