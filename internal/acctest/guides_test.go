package acctest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// block returns the first block of a language in a text, and what comes after it.
func block(t *testing.T, text, language string) (content, rest string) {
	t.Helper()
	found := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)```\n").FindStringSubmatchIndex(text)
	if found == nil {
		t.Fatalf("the guide has no block of %s", language)
	}
	return text[found[2]:found[3]], text[found[1]:]
}

// TestAccGuideToStreamApplications applies the first example of the guide, and compares what the guide shows of it with
// what there is: the diagram, the plan of a change, and what a job is told.
func TestAccGuideToStreamApplications(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	// The CLIs put the lines of a changed text in other orders.
	acctest.FirstCLIOnly(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "stream-applications.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	example, rest := block(t, string(text), "terraform")
	diagram, rest := block(t, rest, "mermaid")
	_, rest, _ = strings.Cut(rest, "\n## What a plan says\n")
	plan, rest := block(t, rest, "text")
	document, _ := block(t, rest, "json")

	cluster := acctest.Cluster(t, acctest.Newest())
	u := newUser(t)
	u.env = append(u.env, "KUBECONFIG="+cluster.Kubeconfig)
	dir := t.TempDir()
	const addressInGuide = `"localhost:9092"`
	if strings.Count(example, addressInGuide) != 1 {
		t.Fatalf("the example does not have the brokers %s once", addressInGuide)
	}
	example = strings.Replace(example, addressInGuide, `"`+broker(t)+`"`, 1)
	write := func(configuration string) {
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(example)
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
	defer u.must(t, dir, "destroy", "-no-color", "-input=false", "-auto-approve")

	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Values struct {
						Diagram string `json:"diagram"`
					} `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal([]byte(u.must(t, dir, "show", "-json")), &state); err != nil {
		t.Fatal(err)
	}
	drawn := ""
	for _, found := range state.Values.RootModule.Resources {
		drawn += found.Values.Diagram
	}
	if diff := cmp.Diff(diagram, drawn); diff != "" {
		t.Errorf("the guide's diagram differs (-guide +state):\n%s", diff)
	}
	var shown bytes.Buffer
	if err := json.Compact(&shown, []byte(document)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shown.String(), toldTo(t, cluster, "flink-stream", "orders-enrich")); diff != "" {
		t.Errorf("the guide's application document differs (-guide +cluster):\n%s", diff)
	}

	write(strings.Replace(example, "parallelism    = 2", "parallelism    = 4", 1))
	_, got, found := strings.Cut(u.must(t, dir, "plan", "-no-color", "-input=false"), "perform the following actions:\n\n")
	if !found {
		t.Fatal("the plan has no actions")
	}
	// The ids of the job and of its object are others each time.
	id := regexp.MustCompile("[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
	if diff := cmp.Diff(id.ReplaceAllString(plan, "ID"), id.ReplaceAllString(got, "ID")); diff != "" {
		t.Errorf("the guide's plan differs (-guide +plan):\n%s", diff)
	}
}

// TestAccGuideToVerverica plans all examples of the guide as one configuration where there is no server, and applies it to
// the stand-in of one.
func TestAccGuideToVerverica(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "ververica.md"))
	if err != nil {
		t.Fatal(err)
	}
	configuration := "terraform {\n  required_providers { flink = { source = \"flink-terraform/flink\" } }\n}\n"
	for _, found := range regexp.MustCompile("(?s)\n```terraform\n(.*?)```\n").FindAllStringSubmatch(string(text), -1) {
		configuration += found[1]
	}
	variables := map[string]bool{}
	for _, found := range regexp.MustCompile(`\bvar\.(\w+)`).FindAllStringSubmatch(configuration, -1) {
		variables[found[1]] = true
	}
	for variable := range variables {
		configuration += "variable \"" + variable + "\" { default = \"of the guide\" }\n"
	}
	u, dir := newUser(t), t.TempDir()
	write := func(configuration string) {
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const endpointInGuide = `"https://vvp.example.com"`
	if strings.Count(configuration, endpointInGuide) != 1 {
		t.Fatalf("the guide does not have the server %s once", endpointInGuide)
	}
	write(configuration)
	u.must(t, dir, "plan", "-no-color", "-input=false")

	write(strings.Replace(configuration, endpointInGuide, `"`+acctest.VVP(t, "2.14.0").Endpoint+`"`, 1))
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
	defer u.must(t, dir, "destroy", "-no-color", "-input=false", "-auto-approve")
	if text, code := u.run(t, dir, "plan", "-no-color", "-input=false", "-detailed-exitcode"); code != 0 {
		t.Errorf("the plan after the apply is not empty (exit code %d):\n%s", code, text)
	}
}

// toldTo is the application document of a deployment.
func toldTo(t *testing.T, cluster *acctest.ClusterHandle, namespace, deployment string) string {
	t.Helper()
	secrets := schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	list, err := cluster.Client.Resource(secrets).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range list.Items {
		encoded, has, _ := unstructured.NestedString(secret.Object, "data", "application.json")
		if !has || !strings.HasPrefix(secret.GetName(), deployment+"-") {
			continue
		}
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	t.Fatalf("no Secret has the application document of %s", deployment)
	return ""
}
