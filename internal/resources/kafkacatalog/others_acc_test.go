package kafkacatalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccBesideOthers leaves the labels and annotations alone that another client has
// given a catalog: they are in no plan, and stay when ours change. An import takes all.
func TestAccBesideOthers(t *testing.T) {
	t.Parallel()
	cmf, name := acctest.CMF(t, "2.3.1"), unique()
	at := "catalogs/kafka/" + name
	config := func(url, labels string) string { return cmf.ProviderConfig() + catalog(name, url, labels) }
	// put gives the catalog these labels, and an annotation, of another client.
	put := func(labels string) func() {
		return func() {
			text := strings.Replace(body(name, registry), fmt.Sprintf(`{"name":%q}`, name), fmt.Sprintf(`{"name":%q,"labels":%s,"annotations":{"by":"hand"}}`, name, labels), 1)
			if code, answer := cmf.Call(t, http.MethodPut, at, text); code != http.StatusOK || !strings.Contains(text, "labels") {
				t.Errorf("the server answers %d to %s: %s", code, text, answer)
			}
		}
	}
	has := func(labels map[string]string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			var found struct {
				Metadata struct {
					Labels      map[string]string `json:"labels"`
					Annotations map[string]string `json:"annotations"`
				} `json:"metadata"`
			}
			_, answer := cmf.Call(t, http.MethodGet, at, "")
			if err := json.Unmarshal([]byte(answer), &found); err != nil || !maps.Equal(found.Metadata.Labels, labels) || found.Metadata.Annotations["by"] != "hand" {
				return fmt.Errorf("the server has %s: %w", answer, err)
			}
			return nil
		}
	}
	state := func(labels knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("labels"), labels),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("annotations"), knownvalue.Null()),
		}
	}
	ours := func(value string) knownvalue.Check {
		return knownvalue.MapExact(map[string]knownvalue.Check{"ours": knownvalue.StringExact(value)})
	}
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	update := action(plancheck.ResourceActionUpdate)
	run(t,
		resource.TestStep{Config: config(registry, ""), ConfigStateChecks: state(knownvalue.Null())},
		resource.TestStep{PreConfig: put(`{"team":"x"}`), Config: config(registry, ""), ConfigPlanChecks: empty, ConfigStateChecks: state(knownvalue.Null())},
		resource.TestStep{Config: config(another, ""), ConfigPlanChecks: update, Check: has(map[string]string{"team": "x"})},
		resource.TestStep{
			Config: config(registry, `labels = { ours = "a" }`), ConfigPlanChecks: update,
			Check: has(map[string]string{"team": "x", "ours": "a"}), ConfigStateChecks: state(ours("a")),
		},
		// What is ours is put back.
		resource.TestStep{
			PreConfig: put(`{"team":"y","ours":"b"}`), Config: config(registry, `labels = { ours = "a" }`), ConfigPlanChecks: update,
			Check: has(map[string]string{"team": "y", "ours": "a"}),
		},
		resource.TestStep{
			PreConfig: put(`{"team":"y"}`), Config: config(registry, `labels = { ours = "a" }`), ConfigPlanChecks: update,
			Check: has(map[string]string{"team": "y", "ours": "a"}),
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "confluent/" + name,
			ImportStateCheck: func(states []*terraform.InstanceState) error {
				is := states[0].Attributes
				if is["labels.%"] != "2" || is["labels.team"] != "y" || is["annotations.by"] != "hand" {
					return fmt.Errorf("the import has %v", is)
				}
				return nil
			},
		},
		resource.TestStep{Config: config(registry, ""), ConfigPlanChecks: update, Check: has(map[string]string{"team": "y"}), ConfigStateChecks: state(knownvalue.Null())},
	)
}
