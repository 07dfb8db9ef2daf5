package streamapplication_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccOneFails changes two streamlets of which one does not start: the other one is changed, the
// error names the one, and the next apply goes on with it alone.
func TestAccOneFails(t *testing.T) {
	t.Parallel()
	f := newest(t)
	of := func(ingest, enrich string, more ...string) string {
		return f.application(
			streamlets(
				strings.Replace(streamlet("ingest", ingestPorts), "ingest:1", ingest, 1),
				strings.Replace(streamlet("enrich", append(more, `inlets = { orders = {} }`)...), "enrich:1", enrich, 1),
			),
			topics(orders))
	}
	f.run(
		resource.TestStep{Config: of("ingest:1", "enrich:1")},
		resource.TestStep{
			Config:      of("ingest:2", "enrich:2", `args = ["--fail-start"]`),
			ExpectError: words(`The new version of "payments-enrich"`),
		},
		resource.TestStep{
			// The change of the one that failed stays, and the other one is done.
			Config: of("ingest:2", "enrich:3"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", "#2 savepoint upgrade: image registry.example.com/ingest:1 -> registry.example.com/ingest:2; the job stops with a savepoint and restarts from it"),
				planned("rollout", "enrich", "action", "savepoint_upgrade"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "enrich", "job_state", "RUNNING"), is("status", "ingest", "job_state", "RUNNING")},
		},
	)
}

// TestAccMoved renames a streamlet: nothing restarts.
func TestAccMoved(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	before := f.application(streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)), topics(orders))
	after := f.application(
		streamlets(streamlet("ingest", ingestPorts), strings.Replace(streamlet("enrich", `inlets = { orders = {} }`, `moved_from = "enrich"`), "enrich = {", "enricher = {", 1)),
		topics(strings.ReplaceAll(orders, "enrich.orders", "enricher.orders")))
	var generation int64
	f.run(
		resource.TestStep{Config: before, Check: check(func() error {
			generation = f.get(acctest.FlinkDeployments, "payments-enrich").GetGeneration()
			return nil
		})},
		resource.TestStep{
			Config: after,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionUpdate),
				planned("rollout", "enricher", "summary", "#1 create"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, at("deployment_ids", "enricher"), knownvalue.StringExact("operator/"+f.namespace+"/payments-enrich")),
			},
			Check: check(func() error {
				if f.get(acctest.FlinkDeployments, "payments-enricher") != nil {
					return fmt.Errorf("there is a second deployment")
				}
				if now := f.get(acctest.FlinkDeployments, "payments-enrich").GetGeneration(); now != generation {
					return fmt.Errorf("the deployment was touched: %d after %d", now, generation)
				}
				return nil
			}),
		},
		resource.TestStep{Config: after, PlanOnly: true},
		// The old name is the deployment's still, beside the new one and in its place.
		resource.TestStep{
			Config:   strings.Replace(after, "streamlets = {", "streamlets = {\n"+streamlet("enrich")+"\n", 1),
			PlanOnly: true, ExpectError: words(`The streamlet "enricher" is moved from one that is still there`),
		},
		resource.TestStep{
			Config:   strings.Replace(strings.Replace(after, `moved_from = "enrich"`, "", 1), "streamlets = {", "streamlets = {\n"+streamlet("enrich")+"\n", 1),
			PlanOnly: true, ExpectError: words(`The deployment "payments-enrich" is that of another streamlet`),
		},
		resource.TestStep{Config: before, PlanOnly: true, ExpectError: words(`The deployment "payments-enrich" is that of another streamlet`)},
	)
}

// TestAccRemoved takes a streamlet out of the blueprint: its deployment goes, with a savepoint, after the
// others have changed.
func TestAccRemoved(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	f.run(
		resource.TestStep{Config: f.application(streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)), topics(orders))},
		resource.TestStep{
			Config: f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"], topic_name = "orders-v1" }`)),
			Check: check(func() error {
				if f.get(acctest.FlinkDeployments, "payments-enrich") != nil {
					return fmt.Errorf("the streamlet is still there")
				}
				if names := f.secretNames(); len(names) != 1 {
					return fmt.Errorf("documents: %v", names)
				}
				return nil
			}),
		},
		resource.TestStep{
			Config: f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"], topic_name = "orders-v1" }`), `deletion_protection = true`),
		},
		resource.TestStep{
			Config: f.environment(), ExpectError: words(`The stream application "payments" is protected`),
		},
		resource.TestStep{
			Config: f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"], topic_name = "orders-v1" }`)),
		},
	)
}

// TestAccUnknown plans an application of which things are known only after apply.
func TestAccUnknown(t *testing.T) {
	t.Parallel()
	f := newest(t)
	of := func(seed string) string {
		return f.application(
			streamlets(streamlet("ingest", ingestPorts, `config = { seed = terraform_data.seed.output }`), streamlet("enrich", `inlets = { orders = {} }`)),
			topics(`orders = { producers = ["ingest.valid"], consumers = ["enrich.orders"], topic_name = "orders-${terraform_data.seed.output}" }`),
		) + fmt.Sprintf("\nresource \"terraform_data\" \"seed\" { input = %q }\n", seed)
	}
	f.run(
		resource.TestStep{Config: of("one"), ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING")}},
		resource.TestStep{
			Config: of("two"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(payments, at("rollout", "ingest")),
			}},
			Check: check(func() error {
				document, err := f.document("payments-enrich")
				if !strings.Contains(document, "orders-two") {
					return fmt.Errorf("the document is %s, %w", document, err)
				}
				return nil
			}),
		},
	)
}

// TestAccDrift changes a streamlet behind Terraform's back: the plan shows it where it is said.
func TestAccDrift(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	config := strings.Replace(f.application(streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)), topics(orders)),
		"provider \"flink\" {", "provider \"flink\" {\n  force_conflicts = true", 1)
	f.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { f.patch("payments-enrich", `{"spec":{"image":"registry.example.com/other:9"}}`) },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionUpdate),
				planned("rollout", "enrich", "action", "savepoint_upgrade"),
				planned("rollout", "ingest", "summary", "#1 create"),
			}},
		},
		resource.TestStep{
			PreConfig: func() { f.delete("payments-enrich") },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "summary", "#1 create"), planned("rollout", "ingest", "summary", "#1 create"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "enrich", "job_state", "RUNNING")},
		},
	)
}

// TestAccTainted replaces an application of which one streamlet did not come up: each job goes on from its state, and
// no topic loses its records.
func TestAccTainted(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	admin := f.withBroker()
	name := "kept-" + f.namespace
	of := func(enrich ...string) string {
		return f.application(`delete_topics_on_destroy = true`,
			streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", append(enrich, `inlets = { orders = {} }`)...)),
			topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], consumers = ["enrich.orders"], topic_name = %q }`, name)))
	}
	var id kadm.TopicID
	f.run(
		resource.TestStep{Config: of(`args = ["--fail-start"]`), ExpectError: words("run `terraform untaint` on the stream application")},
		resource.TestStep{
			PreConfig: func() {
				is, has, err := topic(t.Context(), admin, name)
				if !has || err != nil {
					t.Fatalf("the topic is there: %t, %v", has, err)
				}
				id = is.ID
			},
			Config: of(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionDestroyBeforeCreate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING"), is("status", "enrich", "job_state", "RUNNING")},
			Check: check(func() error {
				if is, has, err := topic(t.Context(), admin, name); !has || is.ID != id {
					return fmt.Errorf("the topic is there: %t, as %s and not %s: %w", has, is.ID, id, err)
				}
				return nil
			}),
		},
	)
}

// TestAccNameTaken gives a new streamlet the name under which a renamed one still runs.
func TestAccNameTaken(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	renamed := strings.Replace(streamlet("enrich", `inlets = { orders = {} }`, `moved_from = "enrich"`), "enrich = {", "enricher = {", 1)
	joined := topics(strings.ReplaceAll(orders, "enrich.orders", "enricher.orders"))
	f.run(
		resource.TestStep{Config: f.application(streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)), topics(orders))},
		resource.TestStep{Config: f.application(streamlets(streamlet("ingest", ingestPorts), renamed), joined)},
		resource.TestStep{
			Config:      f.application(streamlets(streamlet("ingest", ingestPorts), strings.Replace(renamed, `moved_from = "enrich"`, "", 1), streamlet("enrich")), joined),
			ExpectError: words(`The deployment "payments-enrich" is that of another streamlet`),
		},
	)
}
