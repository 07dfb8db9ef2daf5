package streamapplication_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/registry/registrytest"
)

const (
	orderV1 = `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}`
	orderV2 = `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"note","type":"string","default":""}]}`
	orderV3 = `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}`
)

// withRegistry has the environment have a registry.
func (f *fixture) withRegistry(product registrytest.Product) *registrytest.Server {
	f.Helper()
	server := registrytest.New(product)
	f.registry = fmt.Sprintf("{ url = %q }", server.Start(f.T))
	return server
}

func schemaPort(side, port, schema string) string {
	return fmt.Sprintf("%s = { %s = { schema = %q } }", side, port, schema)
}

// TestAccSchemas registers schemas before the streamlets, each registry in its own words, and refuses
// those that it does not take.
func TestAccSchemas(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	for _, product := range []registrytest.Product{registrytest.Confluent, registrytest.Karapace, registrytest.Apicurio} {
		t.Run(product.String(), func(t *testing.T) {
			t.Parallel()
			f := newest(t)
			server := f.withRegistry(product)
			server.SetLevel("", "BACKWARD")
			of := func(schema string) string {
				return f.application(`register_schemas = true`,
					streamlets(streamlet("ingest", schemaPort("outlets", "valid", schema)), streamlet("enrich", schemaPort("inlets", "orders", schema))), topics(orders))
			}
			registered := func(want int) resource.TestCheckFunc {
				return check(func() error {
					if is := server.Versions("orders-v1-value"); len(is) != want {
						return fmt.Errorf("versions: %q", is)
					}
					return nil
				})
			}
			f.run(
				resource.TestStep{Config: of(orderV1), Check: registered(1)},
				resource.TestStep{Config: of(orderV2), Check: registered(2)},
				resource.TestStep{Config: of(orderV3), ExpectError: words(`The registry does not take the schema of "ingest.valid"`)},
				resource.TestStep{Config: of(orderV2), PlanOnly: true},
			)
		})
	}
}

// TestAccSchemaOfRegistry takes the schema of a port from the registry.
func TestAccSchemaOfRegistry(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	server := f.withRegistry(registrytest.Confluent)
	server.Have(t, "orders-v1-value", orderV1)
	of := func(version string) string {
		return f.application(
			streamlets(streamlet("ingest", schemaPort("outlets", "valid", orderV1)), streamlet("enrich", fmt.Sprintf(`inlets = { orders = { subject = "orders-v1-value" %s } }`, version))), topics(orders))
	}
	f.run(
		resource.TestStep{
			Config: of(`, version = "1"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(payments, tfjsonpath.New("schemas").AtMapKey("enrich.orders"), knownvalue.StringRegexp(regexp.MustCompile(`"name":"id"`))),
			}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(payments, tfjsonpath.New("schemas"), knownvalue.MapSizeExact(1))},
		},
		resource.TestStep{
			// Nothing of a numbered version is asked for again.
			PreConfig: func() { server.Have(t, "orders-v1-value", orderV2) },
			Config:    of(`, version = "1"`), PlanOnly: true,
		},
		resource.TestStep{
			Config: of(``),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "summary", `#2 savepoint upgrade: inlets["orders"] changed; the job stops with a savepoint and restarts from it`),
				planned("rollout", "ingest", "summary", "#1 create"),
			}},
		},
		resource.TestStep{Config: of(`, version = "9"`), ExpectError: words(`The schema of "enrich.orders" is not in the registry`)},
	)
}

// TestAccRegistryAway plans without a registry that nobody reaches, and applies with the cause.
func TestAccRegistryAway(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	f.registry = `{ url = "http://127.0.0.1:1" }`
	config := f.application(`register_schemas = true`,
		streamlets(streamlet("ingest", schemaPort("outlets", "valid", orderV1)), streamlet("enrich", `inlets = { orders = { subject = "orders-v1-value" } }`)), topics(orders))
	f.run(
		resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: config, ExpectError: words(`The schema registry does not answer`)},
	)
	if f.get(acctest.FlinkDeployments, "payments-ingest") != nil {
		t.Error("a streamlet was created without its schemas")
	}
}

// TestAccOrder says in the plan in which order streamlets change whose schemas do.
func TestAccOrder(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	of := func(written, read string) string {
		return f.application(streamlets(streamlet("ingest", schemaPort("outlets", "valid", written)), streamlet("enrich", schemaPort("inlets", "orders", read))), topics(orders))
	}
	var seen []string
	restarted := func(name string) int64 { return f.get(acctest.FlinkDeployments, name).GetGeneration() }
	f.run(
		resource.TestStep{Config: of(orderV1, orderV1)},
		resource.TestStep{
			Config: of(orderV2, orderV2),
			Check: check(func() error {
				for _, name := range []string{"payments-ingest", "payments-enrich"} {
					if restarted(name) > 1 {
						seen = append(seen, name)
					}
				}
				if !slices.Contains(seen, "payments-enrich") || !slices.Contains(seen, "payments-ingest") {
					return fmt.Errorf("only these were changed: %q", seen)
				}
				return nil
			}),
		},
		resource.TestStep{Config: of(orderV2, orderV3), ExpectError: words(`cannot read`)},
	)
}
