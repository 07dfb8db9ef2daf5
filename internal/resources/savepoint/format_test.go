package savepoint_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestPlanOfAFormatThatTheJobCannotWrite plans a savepoint beside its job, on a machine
// that knows no cluster.
func TestPlanOfAFormatThatTheJobCannotWrite(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("HOME", t.TempDir())
	const orders = `
resource "flink_deployment" "orders" {
  environment     = { namespace = "prod" }
  name            = "orders"
  image           = "flink:2.3"
  flink_version   = "v2_3"
  service_account = "flink"
  flink_configuration = {
    "state.backend.type"    = "forst"
    "state.checkpoints.dir" = "s3://flink/checkpoints"
    "state.savepoints.dir"  = "s3://flink/savepoints"
    "kubernetes.operator.savepoint.format.type" = "NATIVE"
  }
  job_manager  = { resource = { cpu = 1, memory = "2g" } }
  task_manager = { resource = { cpu = 1, memory = "2g" } }
  job          = { jar_uri = "local:///a.jar", parallelism = 2 }
}
`
	step := func(format string) resource.TestStep {
		return resource.TestStep{Config: orders + savepointOf("prod", ofJob+format), PlanOnly: true, ExpectNonEmptyPlan: true}
	}
	canonical := step(`format = "canonical"`)
	canonical.ExpectError = regexp.MustCompile(`No\s+savepoint\s+in\s+canonical\s+format\s+can\s+be\s+taken\s+of\s+"orders"`)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{canonical, step(`format = "native"`), step("")}})
}
