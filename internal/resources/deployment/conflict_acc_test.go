package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// manifest is the fixture's deployment as somebody writes it for kubectl.
const manifest = `
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: orders
  labels: {team: a}
spec:
  image: registry.example.com/orders:1.4.0
  flinkVersion: %s
  serviceAccount: flink
  flinkConfiguration:
    state.checkpoints.dir: s3://flink/checkpoints
    state.savepoints.dir: s3://flink/savepoints
    high-availability.type: kubernetes
    high-availability.storageDir: s3://flink/ha
    taskmanager.numberOfTaskSlots: "2"
  job: {jarURI: local:///opt/flink/usrlib/orders.jar, parallelism: 2, upgradeMode: savepoint}
  jobManager: {resource: {cpu: 0.5, memory: 1g}}
  taskManager: {resource: {cpu: 1, memory: 2g}}
`

// words makes a pattern of a text that Terraform may break anywhere.
func words(text string) *regexp.Regexp {
	parts := strings.Fields(text)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(strings.Join(parts, `\s+`))
}

// serverSideApply applies a manifest as a tool with a name of its own does.
func (f *fixture) serverSideApply(manager, document string) {
	f.t.Helper()
	body, err := yaml.YAMLToJSON([]byte(document))
	if err != nil {
		f.t.Fatal(err)
	}
	force := true
	if _, err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Patch(f.t.Context(), "orders",
		types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: manager, Force: &force}); err != nil {
		f.t.Fatal(err)
	}
}

func TestAccRefusesToAdopt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	f.serverSideApply("kubectl", fmt.Sprintf(manifest, "v1_20"))
	uid := f.live().GetUID()
	f.run(
		resource.TestStep{
			Config:      f.config(nil),
			ExpectError: words("it exists already"),
		},
		resource.TestStep{
			Config:      f.config(nil),
			ExpectError: regexp.MustCompile(`terraform import flink_deployment\.\S+ operator/` + f.namespace + `/orders`),
		},
	)
	if f.live().GetUID() != uid {
		t.Error("the object was replaced")
	}
}

// TestAccFieldConflict has another tool claim a field that the configuration
// sets as well.
func TestAccFieldConflict(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	claim := `{apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment, metadata: {name: orders}, spec: {job: {parallelism: 7}}}`
	forced := strings.Replace(f.config(nil), "provider \"flink\" {", "provider \"flink\" {\n  force_conflicts = true", 1)
	if forced == f.config(nil) {
		t.Fatal("the provider block has another form")
	}
	parallelism := func(want string) resource.TestCheckFunc {
		return check(func() error {
			if got := f.specValue("job", "parallelism"); got != want {
				return fmt.Errorf("parallelism is %s, want %s", got, want)
			}
			return nil
		})
	}
	f.run(
		resource.TestStep{Config: f.config(nil)},
		resource.TestStep{
			PreConfig:   func() { f.serverSideApply("capacity-planner", claim); f.settled() },
			Config:      f.config(nil),
			ExpectError: words(`"capacity-planner" owns job.parallelism`),
		},
		resource.TestStep{
			Config:      f.config(nil),
			ExpectError: words(`set force_conflicts = true in the provider block: Terraform takes such fields over`),
		},
		resource.TestStep{
			// The first way out: what is left out is not managed.
			Config: f.config(attributes{"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar" }`, "task_manager": `{ resource = { cpu = 1, memory = "2g" }, replicas = 1 }`}),
			Check:  parallelism("7"),
		},
		resource.TestStep{Config: forced, Check: parallelism("2")},
	)
}
