package acctest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccGuideToCloudflow plans the example of the guide where there is no cluster, and applies it beside the stand-in of
// Cloudflow's operator.
func TestAccGuideToCloudflow(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "cloudflow.md"))
	if err != nil {
		t.Fatal(err)
	}
	example, _ := block(t, string(text), "terraform")
	example = "terraform {\n  required_providers { flink = { source = \"flink-terraform/flink\" } }\n}\n" + example
	u, dir := newUser(t), t.TempDir()
	write := func(configuration string) {
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(example)
	u.must(t, dir, "plan", "-no-color", "-input=false")

	cluster := acctest.Cluster(t, acctest.Newest())
	cloudflow := acctest.Cloudflow(t, cluster)
	u.env = append(u.env, "KUBECONFIG="+cluster.Kubeconfig)
	const block, name = "  cloudflow = {\n", "name     = \"shop\""
	if strings.Count(example, block) != 1 || strings.Count(example, name) != 1 {
		t.Fatal("the example has no block cloudflow, or no name")
	}
	example = strings.Replace(example, block, fmt.Sprintf("%s    operator_namespace = %q\n    labels = %s\n", block, cloudflow.OperatorNamespace, cloudflow.Labels()), 1)
	example = strings.Replace(example, name, "name = \""+cloudflow.OperatorNamespace+"-shop\"", 1)
	// The proof of each streamlet takes its time.
	example = strings.Replace(example, "job_manager  = {", "upgrade = { prove_for = \"1s\" }\n    job_manager  = {", 1)
	write(example)
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
	defer u.must(t, dir, "destroy", "-no-color", "-input=false", "-auto-approve")
	if text, code := u.run(t, dir, "plan", "-no-color", "-input=false", "-detailed-exitcode"); code != 0 {
		t.Errorf("the plan after the apply is not empty (exit code %d):\n%s", code, text)
	}
}
