package deployment_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// vvpFixture is a namespace of Ververica Platform with the deployment "orders" in it.
type vvpFixture struct {
	t         *testing.T
	server    *acctest.VVPHandle
	namespace string
}

func newVVPFixture(t *testing.T, version string, options ...acctest.VVPOption) *vvpFixture {
	t.Helper()
	server := acctest.VVP(t, version, options...)
	return &vvpFixture{t, server, server.Namespace(t)}
}

// config is a configuration with one deployment, by the rules of fixture.config.
func (f *vvpFixture) config(changed attributes) string {
	return f.server.ProviderConfig() + f.deployment(changed)
}

func (f *vvpFixture) deployment(changed attributes) string {
	values := attributes{
		"environment":         fmt.Sprintf("{ platform = \"ververica\", name = %q }", f.namespace),
		"name":                `"orders"`,
		"image":               `"registry.example.com/orders:1.4.0"`,
		"flink_version":       `"v1_20"`,
		"flink_configuration": vvpConfiguration(),
		"job":                 `{ jar_uri = "s3://artifacts/orders.jar", parallelism = 2 }`,
		"job_manager":         `{ resource = { cpu = 0.5, memory = "1g" } }`,
		"task_manager":        `{ resource = { cpu = 1, memory = "2g" } }`,
		"upgrade":             `{ prove_for = "1s" }`,
	}
	maps.Copy(values, changed)
	var body strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] != "-" {
			fmt.Fprintf(&body, "  %s = %s\n", name, values[name])
		}
	}
	return "resource \"flink_deployment\" \"test\" {\n" + body.String() + "}\n"
}

// vvpConfiguration is flink_configuration with more lines.
func vvpConfiguration(more ...string) string {
	return "{\n    \"state.checkpoints.dir\" = \"s3://flink/checkpoints\"\n    \"state.savepoints.dir\" = \"s3://flink/savepoints\"\n    " + strings.Join(more, "\n    ") + "\n  }"
}

// id is the attribute id of the deployment.
func (f *vvpFixture) id() string { return "ververica/" + f.namespace + "/orders" }

// run applies the steps with the CLI under test.
func (f *vvpFixture) run(steps ...resource.TestStep) {
	f.t.Helper()
	resource.Test(f.t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

// call asks the server as somebody else does, for something in the namespace.
func (f *vvpFixture) call(method, path, body string) map[string]any {
	f.t.Helper()
	code, text := f.server.Call(f.t, method, "api/v1/namespaces/"+f.namespace+"/"+path, body)
	if code >= http.StatusMultipleChoices {
		f.t.Fatalf("%s %s answers %d: %s", method, path, code, text)
	}
	var answer map[string]any
	if text != "" {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			f.t.Fatal(err)
		}
	}
	return answer
}

// live returns the deployment of a name as the server has it.
func (f *vvpFixture) live(name string) map[string]any {
	return f.call(http.MethodGet, "deployments/"+name, "")
}

// patch changes the deployment as somebody else does.
func (f *vvpFixture) patch(document string) {
	f.call(http.MethodPatch, "deployments/orders", document)
}

// release deletes the custom resource of the deployment of a name, which stays.
func (f *vvpFixture) release(name string) {
	f.t.Helper()
	if code, text := f.server.Call(f.t, http.MethodDelete, "standin/namespaces/"+f.namespace+"/custom-resources/"+name, ""); code >= http.StatusMultipleChoices {
		f.t.Fatalf("the release answers %d: %s", code, text)
	}
}

// await waits until the deployment of a name is in a state.
func (f *vvpFixture) await(name, state string) {
	f.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for in(f.live(name), "status", "state") != state {
		if time.Now().After(deadline) {
			f.t.Fatalf("it is %v, not %s", in(f.live(name), "status"), state)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-f.t.Context().Done():
			f.t.Fatal("interrupted")
		}
	}
}

// restored is where the newest job of the deployment of a name has started from.
func (f *vvpFixture) restored(name string) string {
	f.t.Helper()
	id, _ := in(f.live(name), "metadata", "id").(string)
	items, _ := f.call(http.MethodGet, "jobs?deploymentId="+id, "")["items"].([]any)
	newest, from := "", ""
	for _, item := range items {
		job, _ := item.(map[string]any)
		if created, _ := in(job, "metadata", "createdAt").(string); created >= newest {
			newest = created
			from, _ = in(job, "spec", "savepointLocation").(string)
		}
	}
	return from
}

// jobs is how many jobs the deployment has ever started.
func (f *vvpFixture) jobs(name string) int {
	f.t.Helper()
	id, _ := in(f.live(name), "metadata", "id").(string)
	items, _ := f.call(http.MethodGet, "jobs?deploymentId="+id, "")["items"].([]any)
	return len(items)
}

// in returns what is in a document at a path.
func in(document map[string]any, path ...string) any {
	var value any = document
	for _, step := range path {
		inside, _ := value.(map[string]any)
		value = inside[step]
	}
	return value
}
