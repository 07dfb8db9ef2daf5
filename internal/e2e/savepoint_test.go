//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestSavepoint takes savepoints of a job that runs on, and starts another
// deployment from one of them.
func TestSavepoint(t *testing.T) {
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	manager := newJobManager(t, namespace, "counter")
	taken := func(release string) string {
		return configuration(namespace, counter()) + fmt.Sprintf(`
resource "flink_savepoint" "given" {
  environment = flink_environment.test
  name        = "given"
  deployment  = flink_deployment.counter.name
  triggers    = { release = %q }
}
`, release)
	}
	const moved = `
resource "flink_deployment" "moved" {
  environment = flink_environment.test
  name        = "moved"
  job = {
    jar_uri                = "local:///opt/flink/usrlib/counter.jar"
    entry_class            = "CounterJob"
    parallelism            = 1
    initial_savepoint_path = flink_savepoint.given.location
  }
}
`
	location := func(state *terraform.State) string {
		return state.RootModule().Resources["flink_savepoint.given"].Primary.Attributes["location"]
	}
	// another is a check that the savepoint is none of those before, of a job that
	// was not stopped for it.
	var before string
	another := resource.ComposeTestCheckFunc(manager.untouched(), func(state *terraform.State) error {
		now := location(state)
		if !strings.HasPrefix(now, fromSavepoint) || now == before {
			return fmt.Errorf("the savepoint is in %q, the one before was in %q", now, before)
		}
		before = now
		return nil
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: configuration(namespace, counter()), Check: func(*terraform.State) error { manager.job(); return nil }},
			{Config: taken("1"), Check: another},
			{Config: taken("2"), Check: another},
			{
				Config: taken("2") + moved,
				Check: resource.ComposeTestCheckFunc(manager.untouched(), func(state *terraform.State) error {
					now := newJobManager(t, namespace, "moved").job()
					if now.State != "RUNNING" || now.RestoredFrom != location(state) {
						return fmt.Errorf("the JobManager of the other deployment has %+v, want a job restored from %s", now, location(state))
					}
					return nil
				}),
			},
		},
	})
}
