package streamapplication_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccVersionAtRisk has each streamlet accept for itself what another version of Flink
// may do to its state.
func TestAccVersionAtRisk(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	f := newest(t)
	app := func(enrich ...string) string {
		return f.application(streamlets(streamlet("ingest"), streamlet("enrich", enrich...)))
	}
	const major = `flink_version = "v2_2"`
	of := func(streamlet, attribute, name string) tfjsonpath.Path {
		return tfjsonpath.New(attribute).AtMapKey(streamlet).AtMapKey(name)
	}
	f.run(
		resource.TestStep{Config: app()},
		resource.TestStep{Config: app(major), ExpectError: regexp.MustCompile(`(?s)streamlets\["enrich"\].*upgrade\.accept_state_risk\s+=\s+"v1_20->v2_2"`)},
		resource.TestStep{
			Config: app(major, `upgrade = { accept_state_risk = "v1_20->v2_2" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, of("enrich", "rollout", "state"), knownvalue.StringExact("at_risk")),
				statecheck.ExpectKnownValue(payments, of("enrich", "status", "kept_savepoint"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(payments, of("ingest", "status", "kept_savepoint"), knownvalue.Null()),
			},
		},
	)
}
