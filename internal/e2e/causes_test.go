//go:build e2e

package e2e

import (
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestRootCauses creates what cannot start, and finds the cause in the first line
// of the error.
func TestRootCauses(t *testing.T) {
	// initially is a pod template whose init container ends badly.
	initially := func(container string) string {
		return `pod_template = yamlencode({ spec = { initContainers = [merge({ name = "open-state" }, ` + container + `)] } })`
	}
	type failing struct {
		name, attribute string
		// version is that of Flink; empty for the usual one.
		version string
		// obstacle is an object that is created in the namespace before.
		path, obstacle string
		cause          string
	}
	tests := []failing{
		{name: "image", attribute: `image = "flink:nope"`, cause: `image "flink:nope" cannot be pulled`},
		{name: "nodes", attribute: `job_manager = { resource = { cpu = 100, memory = "1024m" } }`, cause: `Insufficient cpu`},
		{name: "crash loop", attribute: initially(`{ command = ["false"] }`), cause: `open-state`},
		{
			name: "quota", cause: `exceeded quota: none`,
			path: "/api/v1/namespaces/%/resourcequotas", obstacle: `{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"none"},"spec":{"hard":{"pods":"0"}}}`,
		},
		{
			name: "admission", cause: `violates PodSecurity`,
			path: "/api/v1/namespaces/%", obstacle: `{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}`,
		},
	}
	// Flink 2.3 keeps what a program has thrown with the application, and not with a job.
	for _, version := range flinks {
		tests = append(tests, failing{
			name: "program on " + version, version: version,
			attribute: `job = ` + counter(`args = ["--fail-start"]`), cause: `asked to fail at start`,
		})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, err := cluster()
			if err != nil {
				t.Fatal(err)
			}
			namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
			whole := configuration(namespace, counter())
			environment, _, _ := strings.Cut(whole, `resource "flink_deployment"`)
			if job, ok := strings.CutPrefix(test.attribute, "job = "); ok {
				whole = configuration(namespace, job)
			} else {
				whole = having(whole, test.attribute)
			}
			if test.version != "" {
				whole = on(test.version, whole)
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{
					{Config: environment},
					{
						PreConfig: func() {
							if test.obstacle == "" {
								return
							}
							path := strings.Replace(test.path, "%", namespace, 1)
							request := client.Post().SetHeader("Content-Type", "application/json")
							if strings.HasSuffix(path, namespace) {
								request = client.Patch(types.MergePatchType)
							}
							if err := request.AbsPath(path).Body([]byte(test.obstacle)).Do(t.Context()).Error(); err != nil {
								t.Fatal(err)
							}
						},
						Config:      having(whole, `timeouts = { create = "60s" }`),
						ExpectError: regexp.MustCompile(`Error: The deployment "counter" does not start[^\n]*(\n[^\n]+)*` + spaced(test.cause)),
					},
				},
			})
		})
	}
}

// spaced is a pattern of a text that may be broken into lines anywhere.
func spaced(text string) string {
	return strings.Join(strings.Fields(regexp.QuoteMeta(text)), `\s+`)
}
