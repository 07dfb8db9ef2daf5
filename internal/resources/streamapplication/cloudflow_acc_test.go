package streamapplication_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

var workloads = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// flows is a namespace with the application payments on Cloudflow.
type flows struct {
	*fixture
	cloudflow *acctest.CloudflowHandle
}

// onCloudflow runs a test on Cloudflow with the newest operator of Flink.
func onCloudflow(t *testing.T) *flows {
	t.Helper()
	acctest.SkipUnlessAcceptance(t)
	cloudflow := acctest.Cloudflow(t, acctest.Cluster(t, acctest.Newest()))
	return flowsOn(t, cloudflow)
}

func flowsOn(t *testing.T, cloudflow *acctest.CloudflowHandle) *flows {
	t.Helper()
	return &flows{&fixture{T: t, cluster: cloudflow.ClusterHandle, namespace: cloudflow.Namespace(t), kafka: `{ provider = "external", bootstrap_servers = "kafka:9092" }`}, cloudflow}
}

// environment is the configuration of the environment.
func (f *flows) environment() string {
	return strings.Replace(f.fixture.environment(), "operator  = { create_namespace = false }",
		fmt.Sprintf("platform = \"cloudflow\"\n  cloudflow  = { create_namespace = false, operator_namespace = %q }", f.cloudflow.OperatorNamespace), 1)
}

func (f *flows) application(attributes ...string) string {
	return f.environment() + f.bare(attributes...)
}

// akka is an entry of streamlets of the runtime akka.
func akka(name string, attributes ...string) string {
	return fmt.Sprintf("%s = {\n runtime = \"akka\"\n image = \"registry.example.com/%s:1\"\n entry_class = \"com.example.%s\"\n %s\n}", name, name, name, strings.Join(attributes, "\n "))
}

// entry is the entry of a streamlet, nil for none.
func (f *flows) entry(streamlet string) map[string]any {
	f.Helper()
	cr := f.get(acctest.CloudflowApplications, "payments")
	if cr == nil {
		return nil
	}
	all, _, _ := unstructured.NestedSlice(cr.Object, "spec", "deployments")
	for _, item := range all {
		if entry, _ := item.(map[string]any); entry["streamlet_name"] == streamlet {
			return entry
		}
	}
	return nil
}

// generation is that of an object.
func (f *flows) generation(kind schema.GroupVersionResource, name string) int64 {
	f.Helper()
	object := f.get(kind, name)
	if object == nil {
		return 0
	}
	return object.GetGeneration()
}

// TestAccCloudflow creates an application with streamlets of both runtimes, changes one of each, and destroys it.
func TestAccCloudflow(t *testing.T) {
	t.Parallel()
	f := onCloudflow(t)
	of := func(ingest, enrich []string) string {
		return f.application(
			streamlets(akka("ingest", append(ingest, ingestPorts)...), streamlet("enrich", append(enrich, `inlets = { orders = {} }`)...), akka("report")),
			topics(orders))
	}
	generations := map[string]int64{}
	untouched := func(all map[string]schema.GroupVersionResource) resource.TestCheckFunc {
		return check(func() error {
			for name, kind := range all {
				if now := f.generation(kind, name); generations[name] != now {
					return fmt.Errorf("%s was touched: generation %d after %d", name, now, generations[name])
				}
			}
			return nil
		})
	}
	note := check(func() error {
		for name, kind := range map[string]schema.GroupVersionResource{"payments-ingest": workloads, "payments-report": workloads, "payments-enrich": acctest.FlinkDeployments} {
			generations[name] = f.generation(kind, name)
		}
		return nil
	})
	f.run(
		resource.TestStep{
			Config: of(nil, nil),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", "#1 create"), planned("rollout", "enrich", "summary", "#1 create"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("id"), knownvalue.StringExact("cloudflow/"+f.namespace+"/payments")),
				is("status", "ingest", "job_state", "RUNNING"), is("status", "enrich", "job_state", "RUNNING"), is("status", "report", "lifecycle_state", "STABLE"),
			},
			Check: resource.ComposeTestCheckFunc(note, check(func() error {
				if entry := f.entry("enrich"); entry["runtime"] != "flink" || entry["image"] != "registry.example.com/enrich:1" {
					return fmt.Errorf("the entry of enrich is %v", entry)
				}
				if entry := f.entry("ingest"); entry["class_name"] != "com.example.ingest" {
					return fmt.Errorf("the entry of ingest is %v", entry)
				}
				if f.get(workloads, "payments-ingest") == nil || f.get(acctest.FlinkDeployments, "payments-ingest") != nil {
					return fmt.Errorf("ingest runs otherwise than by Cloudflow's operator")
				}
				return nil
			})),
		},
		resource.TestStep{Config: of(nil, nil), PlanOnly: true},
		resource.TestStep{
			Config: of([]string{`config = { "max-lag" = "5s" }`}, nil),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", `#2 stateless restart: config["max-lag"] changed; its pods stop, and others start in their place`),
				planned("rollout", "enrich", "summary", "#1 create"), planned("rollout", "report", "summary", "#1 create"),
			}},
			Check: untouched(map[string]schema.GroupVersionResource{"payments-enrich": acctest.FlinkDeployments, "payments-report": workloads}),
		},
		resource.TestStep{Config: of([]string{`config = { "max-lag" = "5s" }`}, nil), PlanOnly: true},
	)
	if cr := f.get(acctest.CloudflowApplications, "payments"); cr != nil {
		t.Errorf("the CloudflowApplication stays: %v", cr.Object["spec"])
	}
}
