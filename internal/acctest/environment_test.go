package acctest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// folder writes a configuration of one file.
func folder(t *testing.T) (dir string, write func(configuration string)) {
	t.Helper()
	dir = t.TempDir()
	return dir, func(configuration string) {
		t.Helper()
		header := "terraform {\n  required_providers { flink = { source = \"flink-terraform/flink\" } }\n}\n\n"
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(header+configuration), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// words is a pattern of a sentence that the CLI has broken into lines.
func words(sentence string) *regexp.Regexp {
	fields := strings.Fields(sentence)
	for i, field := range fields {
		fields[i] = regexp.QuoteMeta(field)
	}
	return regexp.MustCompile(strings.Join(fields, `[\s│]+`))
}

// TestAccEnvironmentOfAnotherConfiguration has two configurations with states of
// their own: one creates an environment, the other finds it by the data source.
func TestAccEnvironmentOfAnotherConfiguration(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	u := newUser(t)
	u.env = append(u.env, "KUBECONFIG="+cluster.Kubeconfig)
	namespace := cluster.Namespace(t)
	name := "Shop " + namespace

	team, writeTeam := folder(t)
	environment := func(memory string) string {
		return fmt.Sprintf(`resource "flink_environment" "shop" {
  name      = %q
  namespace = %q
  operator  = { create_namespace = false }
  deployment_defaults = {
    flink_version       = "v1_20"
    service_account     = "flink"
    flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
    job_manager         = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager        = { resource = { cpu = 1, memory = %q } }
    pod_template        = yamlencode({ spec = { priorityClassName = "low" } })
  }
  deployment_overrides = { flink_configuration = { "web.cancel.enable" = "false", "web.submit.enable" = null } }
}
`, name, namespace, memory)
	}
	jobs, writeJobs := folder(t)
	orders := func(name, rest string) string {
		return fmt.Sprintf(`data "flink_environment" "shop" {
  name = %s
}

resource "flink_deployment" "orders" {
  environment = data.flink_environment.shop
  name        = "orders"
  image       = "registry.example.com/orders:1.4.0"
  job         = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2 }
}

output "environment" { value = data.flink_environment.shop }
%s`, name, rest)
	}
	apply := []string{"apply", "-no-color", "-input=false", "-auto-approve"}
	plan := []string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}
	quoted := fmt.Sprintf("%q", name)

	writeJobs(orders(quoted, ""))
	if text, code := u.run(t, jobs, plan...); code != 1 || !words("There is no environment").MatchString(text) || !words("Check name and namespace").MatchString(text) {
		t.Fatalf("the plan before there is an environment ended with %d:\n%s", code, text)
	}
	// The CLI reads the environment when it knows the name.
	later := "resource \"terraform_data\" \"name\" {\n  input = " + quoted + "\n}\n"
	writeJobs(orders("terraform_data.name.output", later))
	if text := u.must(t, jobs, "plan", "-no-color", "-input=false"); !strings.Contains(text, "(config refers to values not yet known)") {
		t.Errorf("a name that is not known is not waited for:\n%s", text)
	}

	writeTeam(environment("2g"))
	u.must(t, team, apply...)
	defer u.must(t, team, "destroy", "-no-color", "-input=false", "-auto-approve")
	u.must(t, jobs, apply...)
	defer u.must(t, jobs, "destroy", "-no-color", "-input=false", "-auto-approve")
	for _, dir := range []string{team, jobs} {
		if text, code := u.run(t, dir, plan...); code != 0 {
			t.Errorf("the plan after the apply is not empty (exit code %d):\n%s", code, text)
		}
	}
	if text := u.must(t, jobs, "show", "-no-color"); !strings.Contains(text, `"2g"`) || !strings.Contains(text, `"operator/`+namespace+`"`) {
		t.Errorf("the environment's defaults are not in the deployment:\n%s", text)
	}

	writeTeam(environment("3g"))
	u.must(t, team, apply...)
	text, code := u.run(t, jobs, plan...)
	cause := words(`task_manager.resource.memory 2g -> 3g (default of environment ` + name + `)`)
	if code != 2 || !cause.MatchString(text) {
		t.Errorf("the plan after a change of the defaults ended with %d and does not say %s:\n%s", code, cause, text)
	}
	u.must(t, jobs, apply...)
	if text, code := u.run(t, jobs, plan...); code != 0 {
		t.Errorf("the plan after the apply of the change is not empty (exit code %d):\n%s", code, text)
	}

	// A third configuration takes the environment over, and takes nothing away.
	moved, writeMoved := folder(t)
	writeMoved(fmt.Sprintf("import {\n  to = flink_environment.shop\n  id = \"operator/%s\"\n}\n", namespace))
	u.must(t, moved, "plan", "-no-color", "-input=false", "-generate-config-out=generated.tf")
	if text := u.must(t, moved, apply...); !strings.Contains(text, "1 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the import changes something:\n%s", text)
	}
	for _, dir := range []string{moved, jobs} {
		if text, code := u.run(t, dir, plan...); code != 0 {
			t.Errorf("the plan after the import is not empty (exit code %d):\n%s", code, text)
		}
	}
}
