package streamapplication_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const (
	orders = `orders = { producers = ["ingest.valid"], consumers = ["enrich.orders"], topic_name = "orders-v1" }`
	scored = `scored = { producers = ["enrich.out"], consumers = ["score.orders"] }`

	ingestPorts = `outlets = { valid = {} }`
	enrichPorts = "inlets = { orders = {} }\n outlets = { out = {} }"
	scorePorts  = `inlets = { orders = {} }`
)

// TestAccLife creates an application, changes one streamlet in each way, and destroys it.
func TestAccLife(t *testing.T) {
	t.Parallel()
	f := newest(t)
	of := func(enrich ...string) string {
		return f.application(
			streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", append(enrich, enrichPorts)...), streamlet("score", scorePorts)),
			topics(orders, scored))
	}
	generations := map[string]int64{}
	untouched := check(func() error {
		for _, name := range []string{"payments-ingest", "payments-score"} {
			now := f.get(acctest.FlinkDeployments, name).GetGeneration()
			if before, seen := generations[name]; seen && before != now {
				return fmt.Errorf("%s was touched: generation %d after %d", name, now, before)
			}
			generations[name] = now
		}
		return nil
	})
	f.run(
		resource.TestStep{
			Config: of(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "summary", "#1 create"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("id"), knownvalue.StringExact("operator/"+f.namespace+"/payments")),
				statecheck.ExpectKnownValue(payments, at("deployment_ids", "enrich"), knownvalue.StringExact("operator/"+f.namespace+"/payments-enrich")),
				is("status", "ingest", "job_state", "RUNNING"), is("status", "enrich", "job_state", "RUNNING"), is("rollout", "score", "action", "create"),
			},
			Check: resource.ComposeTestCheckFunc(untouched, check(func() error {
				if names := f.secretNames(); len(names) != 3 {
					return fmt.Errorf("documents: %v", names)
				}
				document, err := f.document("payments-enrich")
				for _, part := range []string{`"streamlet":"enrich"`, `"topic":"orders-v1"`, `"topic":"scored"`, `"bootstrap_servers":"kafka:9092"`} {
					if !strings.Contains(document, part) {
						return fmt.Errorf("the document lacks %s: %s, %w", part, document, err)
					}
				}
				return err
			})),
		},
		resource.TestStep{Config: of(), PlanOnly: true},
		resource.TestStep{
			Config: of(`config = { "max-lag" = "5s" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "summary", `#2 savepoint upgrade: config["max-lag"] changed; the job stops with a savepoint and restarts from it`),
				planned("rollout", "ingest", "summary", "#1 create"),
			}},
			Check: resource.ComposeTestCheckFunc(untouched, check(func() error {
				document, err := f.document("payments-enrich")
				if !strings.Contains(document, `"max-lag":"5s"`) {
					return fmt.Errorf("the document is %s, %w", document, err)
				}
				if names := f.secretNames(); len(names) != 3 {
					return fmt.Errorf("documents: %v", names)
				}
				return nil
			})),
		},
		resource.TestStep{
			Config: of(`config = { "max-lag" = "5s" }`, `flink_configuration = { "taskmanager.numberOfTaskSlots" = 2 }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "action", "savepoint_upgrade"),
				planned("rollout", "score", "summary", "#1 create"),
			}},
			Check: untouched,
		},
	)
	if names := f.secretNames(); len(names) != 0 {
		t.Errorf("documents that stay: %v", names)
	}
}

// document is what the pods of a deployment are told.
func (f *fixture) document(deployment string) (string, error) {
	f.Helper()
	live := f.get(acctest.FlinkDeployments, deployment)
	volumes, _, err := unstructured.NestedSlice(live.Object, "spec", "podTemplate", "spec", "volumes")
	if err != nil || len(volumes) == 0 {
		return "", fmt.Errorf("%s has no volume: %w", deployment, err)
	}
	volume, _ := volumes[0].(map[string]any)
	sources, _, _ := unstructured.NestedSlice(volume, "projected", "sources")
	for _, source := range sources {
		name, _, _ := unstructured.NestedString(source.(map[string]any), "secret", "name")
		secret := f.get(secrets, name)
		if secret == nil {
			return "", fmt.Errorf("%s mounts %s, which does not exist", deployment, name)
		}
		data, _, _ := unstructured.NestedStringMap(secret.Object, "data")
		if encoded, has := data["application.json"]; has {
			text, err := base64.StdEncoding.DecodeString(encoded)
			return string(text), err
		}
	}
	return "", fmt.Errorf("%s has no document", deployment)
}
