package acctest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccGuideToClowder plans the example of the guide where there is no cluster, and applies it where Clowder is.
func TestAccGuideToClowder(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "clowder.md"))
	if err != nil {
		t.Fatal(err)
	}
	configuration := "terraform {\n  required_providers { flink = { source = \"flink-terraform/flink\" } }\n}\n"
	for _, found := range regexp.MustCompile("(?s)\n```terraform\n(.*?)```\n").FindAllStringSubmatch(string(text), -1) {
		configuration += found[1]
	}
	u, dir := newUser(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	u.must(t, dir, "plan", "-no-color", "-input=false")

	cluster := acctest.Cluster(t, acctest.Newest())
	acctest.WithClowder(t, cluster)
	u.env = append(u.env, "KUBECONFIG="+cluster.Kubeconfig)
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
	defer u.must(t, dir, "destroy", "-no-color", "-input=false", "-auto-approve")
	if text, code := u.run(t, dir, "plan", "-no-color", "-input=false", "-detailed-exitcode"); code != 0 {
		t.Errorf("the plan after the apply is not empty (exit code %d):\n%s", code, text)
	}
}
