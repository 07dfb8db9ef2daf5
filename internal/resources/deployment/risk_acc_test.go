package deployment_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccVersionAtRisk goes to another major of Flink: refused, accepted by its name, with
// the savepoint of before named until the acceptance is removed, and not back.
func TestAccVersionAtRisk(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "1.15")
	const accept = `accept_state_risk = "v1_20->v2_2"`
	to := func(version, upgrade string, parallelism int) string {
		return f.config(attributes{
			"flink_version": fmt.Sprintf("%q", version), "upgrade": "{ " + upgrade + " }",
			"job": fmt.Sprintf(`{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = %d }`, parallelism),
		})
	}
	rolled := func(state string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact(state))
	}
	atKept := tfjsonpath.New("status").AtMapKey("kept_savepoint")
	var generation int64
	var kept string
	same := func() statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, atKept, knownvalue.StringFunc(func(got string) error {
			if got == "" || got != kept {
				return fmt.Errorf("the savepoint of before is %q, and was %q", got, kept)
			}
			return nil
		}))
	}
	f.run(
		resource.TestStep{Config: to("v1_20", "", 2)},
		resource.TestStep{
			PreConfig:   func() { generation = f.live().GetGeneration() },
			Config:      to("v2_2", "", 2),
			ExpectError: words(`The state of job "orders" is at risk: Flink 2.2 does not read all that Flink 1.20 wrote`),
		},
		resource.TestStep{
			Config:      to("v2_2", `accept_state_risk = "v1_20->v2_1"`, 2),
			ExpectError: words(`upgrade.accept_state_risk is "v1_20->v2_1", which is not this change.`),
		},
		resource.TestStep{
			PreConfig: func() {
				if got := f.live().GetGeneration(); got != generation {
					t.Errorf("a refused plan wrote: generation went from %d to %d", generation, got)
				}
			},
			Config: to("v2_2", accept, 2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact("at_risk")),
				plancheck.ExpectUnknownValue(address, atKept),
			}},
			ConfigStateChecks: []statecheck.StateCheck{rolled("at_risk"), statecheck.ExpectKnownValue(address, atKept, knownvalue.StringFunc(func(got string) error {
				if kept = got; got != f.start().restoredFrom {
					return fmt.Errorf("the savepoint of before is %q, and the job started from %q", got, f.start().restoredFrom)
				}
				return f.keptByHand(kept)
			}))},
		},
		resource.TestStep{
			Config: to("v2_2", accept, 3),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact("kept")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{rolled("kept"), same()},
		},
		resource.TestStep{
			Config:      to("v1_20", accept, 3),
			ExpectError: words(`The state of job "orders" cannot be restored: Flink 1.20 does not read state that Flink 2.2 wrote`),
		},
		resource.TestStep{
			Config: to("v2_2", "", 3),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("action"), knownvalue.StringExact("metadata")),
				plancheck.ExpectKnownValue(address, atKept, knownvalue.Null()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, atKept, knownvalue.Null())},
		},
	)
}

// keptByHand checks that the operator leaves a savepoint alone.
func (f *fixture) keptByHand(path string) error {
	list, err := f.cluster.Client.Resource(acctest.FlinkStateSnapshots).Namespace(f.namespace).List(f.t.Context(), metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, snapshot := range list.Items {
		status, _ := snapshot.Object["status"].(map[string]any)
		if status["path"] != path {
			continue
		}
		if by := snapshot.GetLabels()["snapshot.trigger-type"]; by != "MANUAL" {
			return fmt.Errorf("%s was taken for %s", snapshot.GetName(), by)
		}
		return nil
	}
	return errors.New("no snapshot has the path " + path)
}

// TestAccVersionAtRiskByTheWay takes the ways that have no plan beforehand, or another
// operator: a version that is known at apply, a switch between two colors, and an operator
// without snapshots of its own.
func TestAccVersionAtRiskByTheWay(t *testing.T) {
	t.Parallel()
	t.Run("a version that is known at apply", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, "1.15")
		version := attributes{"flink_version": "terraform_data.source.output"}
		var generation int64
		f.run(
			resource.TestStep{Config: f.config(version) + source("v1_20")},
			resource.TestStep{
				PreConfig: func() { generation = f.live().GetGeneration() },
				Config:    f.config(version) + source("v2_2"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("rollout")),
				}},
				ExpectError: words(`The state of job "orders" is at risk`),
			},
			resource.TestStep{
				PreConfig: func() {
					if got := f.live().GetGeneration(); got != generation {
						t.Errorf("the refused apply wrote: generation went from %d to %d", generation, got)
					}
				},
				Config: f.config(version) + source("v1_20"),
			},
		)
	})
	t.Run("between two colors", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, "1.15")
		to := func(version, upgrade string) string {
			return f.config(attributes{"flink_version": fmt.Sprintf("%q", version), "upgrade": `{ strategy = "blue_green", ` + upgrade + " }"})
		}
		f.run(
			resource.TestStep{Config: to("v1_20", "")},
			resource.TestStep{Config: to("v2_2", ""), ExpectError: words(`a proof does not look at the values of the state`)},
			resource.TestStep{
				Config: to("v2_2", `accept_state_risk = "v1_20->v2_2"`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact("at_risk")),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("kept_savepoint"), knownvalue.NotNull()),
				},
			},
		)
	})
	t.Run("without snapshots", func(t *testing.T) {
		t.Parallel()
		f, c := newFixture(t, "1.7"), newCLI(t)
		c.write(f.config(nil))
		c.apply()
		older := attributes{"flink_version": `"v1_17"`, "upgrade": `{ accept_state_risk = "v1_18->v1_17" }`}
		c.write(f.config(older))
		output := c.apply()
		expectText(t, output, `The savepoint of before of "orders" may be deleted`)
		expectText(t, output, `flink_configuration["kubernetes.operator.savepoint.cleanup.enabled"] = "false"`)
		if status, _ := c.state().AttributeValues["status"].(map[string]any); status["kept_savepoint"] == nil {
			t.Errorf("no savepoint is named: %v", status)
		}
		c.expectNothingLeft()
	})
}
