package streamapplication_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const payments = "flink_stream_application.payments"

var secrets = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}

// fixture is a namespace with the application payments.
type fixture struct {
	*testing.T
	cluster   *acctest.ClusterHandle
	namespace string
	// kafka is what the environment says of Kafka, and registry of a schema registry.
	kafka, registry string
	// platform is another one than the operator.
	platform string
}

// on is the platform of the application.
func (f *fixture) on() string {
	if f.platform != "" {
		return f.platform
	}
	return "operator"
}

// newest runs a test with the newest operator.
func newest(t *testing.T) *fixture {
	t.Helper()
	cluster := acctest.Cluster(t, acctest.Newest())
	return &fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t), kafka: `{ provider = "external", bootstrap_servers = "kafka:9092" }`}
}

// environment is the configuration of the environment; more are further attributes.
func (f *fixture) environment(more ...string) string {
	if f.registry != "" {
		more = append(more, "schema_registry = "+f.registry)
	}
	return acctest.ProviderConfig(f.cluster) + fmt.Sprintf(`
resource "flink_environment" "shop" {
  name      = "shop"
  namespace = %q
  operator  = { create_namespace = false }
  kafka     = %s
  deployment_defaults = {
    flink_version       = %q
    service_account     = %q
    flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
    job_manager         = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager        = { resource = { cpu = 1, memory = "2g" } }
    upgrade             = { prove_for = "0s" }
  }
  %s
}
`, f.namespace, f.kafka, f.cluster.FlinkVersion(), acctest.ServiceAccount, strings.Join(more, "\n  "))
}

// application is the configuration of the application, with its attributes.
func (f *fixture) application(attributes ...string) string {
	return f.environment() + f.bare(attributes...)
}

func (f *fixture) bare(attributes ...string) string {
	return fmt.Sprintf(`
resource "flink_stream_application" "payments" {
  environment = flink_environment.shop
  name        = "payments"
  timeouts    = { create = "90s", update = "90s", delete = "90s" }
  %s
}
`, strings.Join(attributes, "\n  "))
}

// streamlet is an entry of streamlets.
func streamlet(name string, attributes ...string) string {
	return fmt.Sprintf("%s = {\n image = \"registry.example.com/%s:1\"\n jar_uri = \"local:///opt/flink/usrlib/%s.jar\"\n parallelism = 1\n %s\n}", name, name, name, strings.Join(attributes, "\n "))
}

func streamlets(all ...string) string { return "streamlets = {\n" + strings.Join(all, "\n") + "\n}" }

func topics(all ...string) string { return "topics = {\n" + strings.Join(all, "\n") + "\n}" }

// run applies the steps with the CLI under test.
func (f *fixture) run(steps ...resource.TestStep) {
	f.Helper()
	resource.Test(f.T, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

// get returns a live object, nil when there is none.
func (f *fixture) get(kind schema.GroupVersionResource, name string) *unstructured.Unstructured {
	f.Helper()
	object, err := f.cluster.Client.Resource(kind).Namespace(f.namespace).Get(f.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		f.Fatal(err)
	}
	return object
}

// secretNames are the Secrets with documents in the namespace.
func (f *fixture) secretNames() []string {
	f.Helper()
	list, err := f.cluster.Client.Resource(secrets).Namespace(f.namespace).List(context.WithoutCancel(f.Context()), metav1.ListOptions{LabelSelector: "flink-terraform.io/secret-configuration"})
	if err != nil {
		f.Fatal(err)
	}
	var out []string
	for _, item := range list.Items {
		out = append(out, item.GetName())
	}
	return out
}

// at is the path of an attribute by streamlet.
func at(attribute, streamlet string, more ...string) tfjsonpath.Path {
	out := tfjsonpath.New(attribute).AtMapKey(streamlet)
	for _, step := range more {
		out = out.AtMapKey(step)
	}
	return out
}

func is(attribute, streamlet, field, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(payments, at(attribute, streamlet, field), knownvalue.StringExact(value))
}

func planned(attribute, streamlet, field, value string) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(payments, at(attribute, streamlet, field), knownvalue.StringExact(value))
}

func check(test func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return test() }
}

// words is a pattern that the CLI may have wrapped.
func words(text string) *regexp.Regexp {
	parts := strings.Fields(text)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(strings.Join(parts, `[\s│]+`))
}

// patch changes a FlinkDeployment behind Terraform's back.
func (f *fixture) patch(name, patch string) {
	f.Helper()
	_, err := f.cluster.Client.Resource(acctest.FlinkDeployments).Namespace(f.namespace).Patch(f.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		f.Fatal(err)
	}
}

// delete deletes a FlinkDeployment behind Terraform's back.
func (f *fixture) delete(name string) {
	f.Helper()
	deployments := f.cluster.Client.Resource(acctest.FlinkDeployments).Namespace(f.namespace)
	watching, err := deployments.Watch(f.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	if err != nil {
		f.Fatal(err)
	}
	defer watching.Stop()
	if err := deployments.Delete(f.Context(), name, metav1.DeleteOptions{}); err != nil {
		f.Fatal(err)
	}
	for event := range watching.ResultChan() {
		if event.Type == watch.Deleted {
			return
		}
	}
}
