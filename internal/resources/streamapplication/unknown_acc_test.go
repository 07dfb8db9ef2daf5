package streamapplication_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// seeded is a configuration with a value that is known only after apply when it has changed.
func seeded(config, seed string) string {
	return config + fmt.Sprintf("\nresource \"terraform_data\" \"seed\" { input = %s }\n", seed)
}

// TestAccUnknownTopic has each attribute of a topic known only after apply: the plan does not guess, and the apply does
// what it then is.
func TestAccUnknownTopic(t *testing.T) {
	t.Parallel()
	for attribute, values := range map[string][]string{"partitions": {"30", "40"}, "managed": {"false", "true", "1 == 2"}, "config": {`{ "retention.ms" = "60000" }`, `{ "retention.ms" = "70000" }`}} {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()
			f := newest(t)
			f.withBroker()
			of := func(said, seed string) string {
				return seeded(f.application(streamlets(streamlet("ingest", ingestPorts)),
					topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], topic_name = "unknown-%s", %s }`, f.namespace, said))), seed)
			}
			steps := []resource.TestStep{{Config: of("", "1")}}
			for _, value := range values {
				steps = append(steps, resource.TestStep{Config: of(attribute+" = terraform_data.seed.output", value)})
			}
			f.run(steps...)
		})
	}
}

// TestAccUnknownJoints has what topics join, and the application's name, known only after apply: no check guesses.
func TestAccUnknownJoints(t *testing.T) {
	t.Parallel()
	f := newest(t)
	config := f.application(streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)),
		topics(`orders = { producers = ["ingest.valid"], consumers = terraform_data.seed.output == "" ? [] : ["enrich.orders"] }`))
	config = strings.Replace(config, `= "payments"`, `= terraform_data.seed.output`, 1)
	f.run(resource.TestStep{
		Config: seeded(config, `"payments"`),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue(payments, tfjsonpath.New("diagram")),
		}},
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(payments, tfjsonpath.New("name"), knownvalue.StringExact("payments"))},
	})
}

// TestAccUnknownFormerName has the former name of a streamlet known only after apply: the plan would be a guess.
func TestAccUnknownFormerName(t *testing.T) {
	t.Parallel()
	f := newest(t)
	f.run(
		resource.TestStep{Config: f.application(streamlets(streamlet("enrich")))},
		resource.TestStep{
			Config:      seeded(f.application(streamlets(strings.Replace(streamlet("enrich", `moved_from = terraform_data.seed.output`), "enrich =", "enricher =", 1))), `"enrich"`),
			ExpectError: words(`It is not known what the streamlet "enricher" was called`),
		},
	)
}

// TestAccNulls has a null in the place of a streamlet, a topic and a port, which a condition easily leaves.
func TestAccNulls(t *testing.T) {
	t.Parallel()
	f := newest(t)
	known := func(config string) resource.TestStep {
		return resource.TestStep{Config: config, PlanOnly: true, ExpectError: words("Null Map Value")}
	}
	f.run(
		known(f.application(streamlets(streamlet("ingest"), "other = null"))),
		known(f.application(streamlets(streamlet("ingest")), topics("orders = null"))),
		known(f.application(streamlets(streamlet("ingest", "outlets = { valid = null }")))),
		known(f.application(streamlets(streamlet("ingest", "config_secrets = { key = null }")))),
		resource.TestStep{
			// It was not known when the configuration was looked at.
			Config: seeded(f.application(streamlets(streamlet("ingest"),
				`other = terraform_data.seed.output == "" ? null : { image = "other:1", jar_uri = "local:///other.jar", parallelism = 1 }`)), `""`),
			ExpectError: words("Null Map Value"),
		},
	)
}
