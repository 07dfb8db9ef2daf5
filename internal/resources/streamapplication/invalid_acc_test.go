package streamapplication_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccInvalid has what is wrong inside of streamlets and topics told at its attribute, before anything is contacted.
func TestAccInvalid(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	ingest := func(attributes ...string) string {
		return f.application(streamlets(streamlet("ingest", append(attributes, ingestPorts)...)), topics(`orders = { producers = ["ingest.valid"] }`))
	}
	var steps []resource.TestStep
	for _, row := range []struct{ config, want string }{
		{ingest(`job_manager = { resource = { memory = "much" } }`), `streamlets["ingest"].job_manager.resource.memory`},
		{ingest(`upgrade = { mode = "hope" }`), `streamlets["ingest"].upgrade.mode`},
		{ingest(`flink_configuration = { "taskmanager.numberOfTaskSlots" = "many" }`), `taskmanager.numberOfTaskSlots`},
		{ingest(`inlets = { again = { subject = "orders-value", version = "first" } }`), `must be a number or latest`},
		{ingest(`config_secrets = { key = { secret = "No Name", key = "a" } }`), `config_secrets["key"].secret`},
		{f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"], partitions = 0 }`)), `topics["orders"].partitions`},
		{f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingst.valid"] }`)), `Did you mean "ingest"?`},
		{f.application(`streamlets = {}`), `at least 1`},
		{f.environment(`schema_registry = { url = "http://registry", ca = {} }`), `Incorrect attribute value type`},
	} {
		steps = append(steps, resource.TestStep{Config: row.config, PlanOnly: true, ExpectError: words(row.want)})
	}
	f.run(steps...)
}
