package secret_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// kept is what the server has of a secret.
type kept struct {
	Metadata struct {
		UID         string            `json:"uid"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Status struct {
		Version string `json:"version"`
	} `json:"status"`
}

// look returns what the server has.
func look(t *testing.T, cmf *acctest.CMFHandle, name string) kept {
	t.Helper()
	var found kept
	if code, body := cmf.Call(t, http.MethodGet, "secrets/"+name, ""); code != http.StatusOK || json.Unmarshal([]byte(body), &found) != nil {
		t.Errorf("the server answers %d: %s", code, body)
	}
	return found
}

// put writes the secret of somebody else, which has the keys of ours.
func put(t *testing.T, cmf *acctest.CMFHandle, name string) {
	t.Helper()
	if code, body := cmf.Call(t, http.MethodPost, "secrets", `{"apiVersion":"cmf.confluent.io/v1","kind":"Secret","metadata":{"name":"`+name+`"},"spec":{"data":{"sasl.jaas.config":"theirs"}}}`); code != http.StatusOK {
		t.Errorf("the server answers %d: %s", code, body)
	}
}

// TestAccTrouble creates and changes a secret on a server in trouble. It is written
// once each time, and what tells it from others is in no plan.
func TestAccTrouble(t *testing.T) {
	t.Parallel()
	acctest.InTrouble(t, map[string]acctest.Trouble{
		"the answer to a create is lost": {Method: http.MethodPost, Path: "secrets", Times: 1, Loses: true},
		"a create never arrives":         {Method: http.MethodPost, Path: "secrets", Times: 1, Drops: true},
		"a create fails twice":           {Method: http.MethodPost, Path: "secrets", Times: 2, Code: http.StatusInternalServerError},
		"the answer to a delete is lost": {Method: http.MethodDelete, Path: "secrets", Times: 1, Loses: true},
	}, func(t *testing.T, cmf *acctest.CMFHandle) {
		name, provider := unique(), cmf.ProviderConfig()
		annotated := strings.Replace(secret(name, "b", "2"), "data_wo ", "annotations = { team = \"streams\" }\n  data_wo ", 1)
		none := statecheck.ExpectKnownValue(address, tfjsonpath.New("annotations"), knownvalue.Null())
		empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
		run(t,
			resource.TestStep{Config: provider + secret(name, "a", "1"), ConfigStateChecks: append(version("1"), none)},
			resource.TestStep{Config: provider + secret(name, "a", "1"), ConfigPlanChecks: empty},
			resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "confluent/" + name, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"data_wo_version"}},
			resource.TestStep{Config: provider + annotated, ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate), ConfigStateChecks: append(version("2"),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("annotations"), knownvalue.MapExact(map[string]knownvalue.Check{"team": knownvalue.StringExact("streams")})))},
			resource.TestStep{Config: provider + annotated, ConfigPlanChecks: empty},
		)
	})
}

// TestAccAnnotated creates a secret with annotations when the answer is lost: the plan
// after that has only those.
func TestAccAnnotated(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf, name := acctest.CMF(t, "2.3.1"), unique()
	cmf.Make(acctest.Trouble{Method: http.MethodPost, Path: "secrets", Times: 1, Loses: true})
	config := cmf.ProviderConfig() + strings.Replace(secret(name, planted, "1"), "data_wo ", "annotations = { team = \"streams\" }\n  data_wo ", 1)
	run(t,
		resource.TestStep{Config: config, ConfigStateChecks: version("1")},
		resource.TestStep{
			PreConfig: func() {
				found := look(t, cmf, name)
				mark := found.Metadata.Annotations["flink-terraform.io/creation"]
				if len(found.Metadata.Annotations) != 2 || mark == "" || strings.Contains(fmt.Sprint(found), planted) {
					t.Errorf("the server has %+v", found)
				}
			},
			Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

// TestAccTheirs has somebody else create a secret of the same name, with the same keys,
// while ours is created: it is refused, not in the state, and not written.
func TestAccTheirs(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for label, test := range map[string]struct {
		trouble func(t *testing.T, cmf *acctest.CMFHandle, name string) acctest.Trouble
		says    string
	}{
		"it replaces ours, whose answer is lost": {func(t *testing.T, cmf *acctest.CMFHandle, name string) acctest.Trouble {
			return acctest.Trouble{Method: http.MethodPost, Path: "secrets", Times: 1, Loses: true, Then: func() {
				cmf.Call(t, http.MethodDelete, "secrets/"+name, "")
				put(t, cmf, name)
			}}
		}, `No\s+answer\s+came\s+to\s+the\s+create.*somebody\s+else`},
		"it is there before ours": {func(t *testing.T, cmf *acctest.CMFHandle, name string) acctest.Trouble {
			// Ours has just been looked for.
			return acctest.Trouble{Method: http.MethodGet, Path: "secrets/" + name, Times: 1, Then: func() { put(t, cmf, name) }}
		}, `exists\s+already`},
	} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			cmf, name := acctest.CMF(t, "2.3.1"), unique()
			cmf.Make(test.trouble(t, cmf, name))
			config := cmf.ProviderConfig() + secret(name, "ours", "1")
			var theirs kept
			run(t,
				resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)it\s+exists\s+already.*` + test.says + `.*terraform\s+import\s+flink_secret.<name>\s+confluent/` + name)},
				// The next apply refuses it as well, as any secret that was there before.
				resource.TestStep{PreConfig: func() { theirs = look(t, cmf, name) }, Config: config, ExpectError: regexp.MustCompile(`exists\s+already`)},
				// Nothing is left to be destroyed.
				resource.TestStep{Config: cmf.ProviderConfig()},
			)
			if now := look(t, cmf, name); now.Metadata.UID != theirs.Metadata.UID || now.Status.Version != "1" || len(now.Metadata.Annotations) != 0 {
				t.Errorf("their secret was %+v and is %+v", theirs, now)
			}
			cmf.Call(t, http.MethodDelete, "secrets/"+name, "")
		})
	}
}
