package provider_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// environment is something to reach the cluster for.
func environment() string {
	return fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = %q\n}\n", "env-"+strings.ToLower(rand.Text()[:8]))
}

func TestAccWaysToTheCluster(t *testing.T) {
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	credential, err := json.Marshal(map[string]any{
		"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": map[string]any{"token": cluster.Token},
	})
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "credential.json")
	if err := os.WriteFile(program, credential, 0o600); err != nil {
		t.Fatal(err)
	}
	server := fmt.Sprintf("host = %q\n cluster_ca_certificate = file(%q)\n", cluster.Endpoint, cluster.CertificateAuthority)
	for name, test := range map[string]struct {
		block     string
		wantError string
	}{
		"a kubeconfig":       {fmt.Sprintf("config_path = %q", cluster.Kubeconfig), ""},
		"several":            {fmt.Sprintf("config_paths = [%q]", cluster.Kubeconfig), ""},
		"a token":            {server + fmt.Sprintf("token = %q", cluster.Token), ""},
		"a certificate":      {server + fmt.Sprintf("client_certificate = file(%q)\n client_key = file(%q)", cluster.ClientCertificate, cluster.ClientKey), ""},
		"no verification":    {fmt.Sprintf("host = %q\n insecure = true\n token = %q", cluster.Endpoint, cluster.Token), ""},
		"a program":          {server + fmt.Sprintf("exec = {\n api_version = \"client.authentication.k8s.io/v1\"\n command = \"cat\"\n args = [%q]\n}", program), ""},
		"another user":       {fmt.Sprintf("config_path = %q\n impersonate = {\n user = \"nobody\"\n groups = [\"readers\"]\n}", cluster.Kubeconfig), `(?s)it\s+is\s+not\s+allowed.*Grant\s+nobody\s+the\s+verb`},
		"another master":     {fmt.Sprintf("config_path = %q\n impersonate = {\n user = \"nobody\"\n groups = [\"system:masters\"]\n}", cluster.Kubeconfig), ""},
		"no credentials":     {server, `(?s)Cannot\s+create\s+the\s+environment.*(anonymous|credentials)`},
		"a wrong token":      {server + `token = "wrong"`, `does\s+not\s+accept\s+the\s+credentials`},
		"a wrong context":    {fmt.Sprintf("config_path = %q\n context = \"other\"", cluster.Kubeconfig), `(?s)no\s+context\s+"other".*Correct\s+kubernetes.context`},
		"nothing at all":     {"", `(?s)There\s+is\s+no\s+configuration\s+of\s+a\s+Kubernetes\s+cluster.*KUBECONFIG`},
		"an unknown program": {server + "exec = {\n api_version = \"client.authentication.k8s.io/v1\"\n command = \"no-such-program\"\n}", `no-such-program`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != "a kubeconfig" {
				acctest.FirstCLIOnly(t)
			}
			step := resource.TestStep{Config: "provider \"flink\" {\n kubernetes = {\n" + test.block + "\n}\n}\n" + environment()}
			if test.wantError != "" {
				step.ExpectError = regexp.MustCompile(test.wantError)
			}
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{step}})
		})
	}
}

func TestAccClusterThatComesInTheSameRun(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: fmt.Sprintf(`
				resource "terraform_data" "cluster" { input = %q }
				provider "flink" {
					kubernetes = { config_path = terraform_data.cluster.output }
				}
			`, cluster.Kubeconfig) + environment(),
		}},
	})
}
