//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// onCloudflow is a configuration of an application with its environment on Cloudflow.
func onCloudflow(t *testing.T, configuration, operatorNamespace string) string {
	t.Helper()
	const block = `operator = { service_account = "flink" }`
	if strings.Count(configuration, block) != 1 {
		t.Fatalf("the environment has no %s", block)
	}
	return strings.Replace(configuration, block, fmt.Sprintf("platform = \"cloudflow\"\n  cloudflow = { service_account = \"flink\", operator_namespace = %q }", operatorNamespace), 1)
}

// images are those of the entries of the application, by streamlet; nil without an application.
func (a *application) images() (map[string]string, error) {
	client, err := cluster()
	if err != nil {
		return nil, err
	}
	body, err := client.Get().AbsPath("/apis/cloudflow.lightbend.com/v1alpha1/namespaces/" + a.namespace + "/cloudflowapplications/payments").DoRaw(a.Context())
	if err != nil {
		return nil, err
	}
	var live unstructured.Unstructured
	if err := json.Unmarshal(body, &live); err != nil {
		return nil, err
	}
	entries, _, _ := unstructured.NestedSlice(live.Object, "spec", "deployments")
	out := map[string]string{}
	for _, item := range entries {
		entry, _ := item.(map[string]any)
		name, _ := entry["streamlet_name"].(string)
		out[name], _ = entry["image"].(string)
	}
	return out, nil
}

// TestCloudflow takes the three jobs of payments through an upgrade and a crash as streamlets of a CloudflowApplication, beside
// the stand-in of Cloudflow's operator: the jobs are real, each has an entry with what runs, and no payment is missing.
func TestCloudflow(t *testing.T) {
	standin := acctest.PrivateCloudflow(t, &acctest.ClusterHandle{Kubeconfig: os.Getenv("KUBECONFIG")})
	a := &application{T: t, namespace: "e2e-" + strings.ToLower(rand.Text()[:6]), broker: newBroker(t), jobs: map[string]*jobManager{}}
	a.payments = newPayments(t, a.broker)
	for _, streamlet := range []string{"ingest", "enrich", "score"} {
		a.jobs[streamlet] = newJobManager(t, a.namespace, "payments-"+streamlet)
	}
	restored := a.jobs["enrich"].restored(fromSavepoint)
	tag := strings.TrimPrefix(flink.image, "flink:")
	enrich := func(image, config string) string {
		return fmt.Sprintf("image = %q\n config = { %s }\n parallelism = 1", image+":"+tag, config)
	}
	with := func(enrich string) string { return onCloudflow(t, a.with(enrich, ""), standin.OperatorNamespace) }
	entries := func(image string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			images, err := a.images()
			if err == nil && (len(images) != 3 || images["enrich"] != image+":"+tag) {
				err = fmt.Errorf("the entries have the images %v", images)
			}
			return err
		}
	}
	flows := func(*terraform.State) error { return a.flows() }
	upgraded := with(enrich("payments-scoring", `model = "v2"`))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: onCloudflow(t, a.environment(), standin.OperatorNamespace)},
			{
				PreConfig:         a.grant,
				Config:            with(enrich("payments-ingest", `model = "v1"`)),
				ConfigStateChecks: []statecheck.StateCheck{runs("ingest"), runs("enrich"), runs("score")},
				Check: resource.ComposeTestCheckFunc(entries("payments-ingest"), func(*terraform.State) error {
					for _, manager := range a.jobs {
						manager.job()
					}
					a.payments.begin()
					return nil
				}, flows),
			},
			{
				Config:           upgraded,
				ConfigPlanChecks: rolls(`^#2 savepoint upgrade: .*config\["model"\]`, "^#1 create$"),
				Check:            resource.ComposeTestCheckFunc(entries("payments-scoring"), restored, a.runOn("ingest", "score"), flows),
			},
			{
				Config:      with(enrich("payments-ingest", `model = "v3", largest = "1,000"`)),
				ExpectError: regexp.MustCompile(spaced(`payments-enrich`) + `(?s:.*)` + spaced(`NumberFormatException`) + `(?s:.*)` + spaced("Rolled back")),
			},
			{
				// What runs again has its entry back.
				Config:           upgraded,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				Check:            resource.ComposeTestCheckFunc(entries("payments-scoring"), restored, flows),
			},
		},
	})
	if images, err := a.images(); err == nil {
		t.Errorf("the application stays, with the entries of %v", images)
	}
}
