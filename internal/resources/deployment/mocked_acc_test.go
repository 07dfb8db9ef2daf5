package deployment_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccMockedProvider tests a module of users as they do: the values that the
// CLI makes up for an environment pass the deployments to which it is assigned.
func TestAccMockedProvider(t *testing.T) {
	acctest.SkipUnlessAcceptance(t)
	t.Parallel()
	c := newCLI(t)
	c.write(`
resource "flink_environment" "prod" {
  name = "prod"
}

data "flink_environment" "shared" {
  name = "shared"
}

locals {
  job = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2 }
}

resource "flink_deployment" "orders" {
  environment   = flink_environment.prod
  name          = "orders"
  image         = "flink:1.20"
  flink_version = "v1_20"
  job           = local.job
}

resource "flink_session_cluster" "adhoc" {
  environment   = data.flink_environment.shared
  name          = "adhoc"
  image         = "flink:1.20"
  flink_version = "v1_20"
}

resource "flink_session_job" "report" {
  environment     = data.flink_environment.shared
  session_cluster = flink_session_cluster.adhoc.name
  name            = "report"
  job             = local.job
}

resource "flink_savepoint" "before" {
  environment = flink_environment.prod
  name        = "before"
  deployment  = flink_deployment.orders.name
}

data "flink_deployment" "orders" {
  environment = flink_environment.prod
  name        = flink_deployment.orders.name
}
`)
	const test = `
mock_provider "flink" {}

run "planned" {
  command = plan
  assert {
    condition     = flink_deployment.orders.image == "flink:1.20"
    error_message = "The image is another one."
  }
}

run "applied" {
  assert {
    condition     = flink_session_job.report.session_cluster == "adhoc"
    error_message = "The session cluster is another one."
  }
}
`
	if err := os.WriteFile(filepath.Join(c.Dir, "mocks.tftest.hcl"), []byte(test), 0o600); err != nil {
		t.Fatal(err)
	}
	expectText(t, c.run("test"), "2 passed, 0 failed.")
}
