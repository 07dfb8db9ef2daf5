package deployment_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// reader is a resource that depends on where the JobManager answers.
const reader = "resource \"terraform_data\" \"reader\" {\n  triggers_replace = flink_deployment.test.status.rest_url\n}\n"

// TestAccAddressStaysKnown restarts a deployment: what depends on its address is only planned to
// change where that does.
func TestAccAddressStaysKnown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	restURL := tfjsonpath.New("status").AtMapKey("rest_url")
	planned := func(action plancheck.ResourceActionType, checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: append(checks, plancheck.ExpectResourceAction("terraform_data.reader", action))}
	}
	answersAt := func(port string) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, restURL, knownvalue.StringExact("http://orders-rest."+f.namespace+":"+port))}
	}
	f.run(
		resource.TestStep{Config: f.config(nil) + reader, ConfigStateChecks: answersAt("8081")},
		resource.TestStep{
			Config: f.config(attributes{"image": newer}) + reader, ConfigStateChecks: answersAt("8081"),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop,
				plancheck.ExpectKnownValue(address, restURL, knownvalue.StringExact("http://orders-rest."+f.namespace+":8081")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("active_color"), knownvalue.Null()),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("status").AtMapKey("job_id"))),
		},
		resource.TestStep{
			Config: f.config(attributes{"image": newer, "flink_configuration": configuration(`"rest.port" = 8082`)}) + reader, ConfigStateChecks: answersAt("8082"),
			ConfigPlanChecks: planned(plancheck.ResourceActionReplace, plancheck.ExpectUnknownValue(address, tfjsonpath.New("status"))),
		},
	)
}

// TestAddressComesOutAsPlanned ends a wait at a moment in which nothing of the deployment is there.
func TestAddressComesOutAsPlanned(t *testing.T) {
	t.Parallel()
	m := &memory{t: t}
	c := newCore(t, m)
	c.apply(c.config(orders))
	m.live.Status.RestURL = "http://orders-rest.flink-prod:8081"
	c.refresh()
	c.apply(c.config(strings.Replace(orders, "orders:1", "orders:2", 1)))
	if m.live.Status.RestURL != "" || !strings.Contains(c.text("status"), `"rest_url":"http://orders-rest.flink-prod:8081"`) {
		t.Errorf("the platform has %q, the state %s", m.live.Status.RestURL, c.text("status"))
	}
}
