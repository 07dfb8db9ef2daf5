package streamapplication_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// webhook runs an admission webhook of ClowdApps by the name of Clowder's own, which refuses an image, and installs it in a
// cluster.
func webhook(t *testing.T, cluster *acctest.ClusterHandle, image, message string) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review struct {
			Request struct {
				UID    string          `json:"uid"`
				Object json.RawMessage `json:"object"`
			} `json:"request"`
		}
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer := map[string]any{"uid": review.Request.UID, "allowed": !strings.Contains(string(review.Request.Object), image), "status": map[string]any{"message": message}}
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer})
	}))
	t.Cleanup(server.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	hook := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": map[string]any{"name": "clowder-validating-webhook-configuration"},
		"webhooks": []any{map[string]any{
			"name": "vclowdmutate.kb.io", "admissionReviewVersions": []any{"v1"}, "sideEffects": "None", "failurePolicy": "Fail",
			"clientConfig": map[string]any{"url": server.URL + "/validate", "caBundle": base64.StdEncoding.EncodeToString(authority)},
			"rules": []any{map[string]any{
				"apiGroups": []any{"cloud.redhat.com"}, "apiVersions": []any{"v1alpha1"}, "operations": []any{"CREATE", "UPDATE"}, "resources": []any{"clowdapps"},
			}},
		}},
	}}
	hooks := schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingwebhookconfigurations"}
	if _, err := cluster.Client.Resource(hooks).Create(t.Context(), hook, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestAccClowderWebhook has the plan ask Clowder's webhook: what that refuses is an error before anything is written, and
// nothing else is.
func TestAccClowderWebhook(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	c := clowderOn(t, acctest.PrivateCluster(t, acctest.Newest()))
	webhook(t, c.cluster, "enrich:none", "the image enrich:none is not of the registry")
	of := func(image string) string {
		return c.application(streamlets(streamlet("ingest", ingestPorts), strings.Replace(streamlet("enrich", `inlets = { orders = {} }`), "enrich:1", image, 1)), topics(orders))
	}
	c.run(
		resource.TestStep{Config: of("enrich:1")},
		resource.TestStep{Config: of("enrich:none"), PlanOnly: true, ExpectError: words("image enrich:none is not of the registry")},
		resource.TestStep{Config: of("enrich:1"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{Config: of("enrich:2"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned("rollout", "enrich", "action", "last_state_upgrade")}}},
	)
}
