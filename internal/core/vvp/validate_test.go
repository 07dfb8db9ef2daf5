package vvp

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// good is a specification that the platform takes.
const good = `{"image":"a/b:1","flinkVersion":"v1_20","job":{"jarURI":"a.jar","parallelism":1}`

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ name, spec, path, says string }{
		"a good one":               {"orders", good + `}`, "", ""},
		"a name":                   {"Orders", good + `}`, "name", "hyphens"},
		"a long name":              {strings.Repeat("a", 64), good + `}`, "name", "63"},
		"no version":               {"orders", `{"job":{"jarURI":"a.jar","parallelism":1}}`, "flink_version", "missing"},
		"no JAR file":              {"orders", `{"flinkVersion":"v1_20","job":{"parallelism":1}}`, "job.jar_uri", "SQLSCRIPT"},
		"a digest":                 {"orders", `{"image":"a/b@sha256:00","flinkVersion":"v1_20","job":{"jarURI":"a.jar","parallelism":1}}`, "image", "digest"},
		"no tag":                   {"orders", `{"image":"localhost:5000/b","flinkVersion":"v1_20","job":{"jarURI":"a.jar","parallelism":1}}`, "image", "tag"},
		"a pull policy":            {"orders", good + `,"imagePullPolicy":"Always"}`, "image_pull_policy", "pod_template"},
		"a mode":                   {"orders", good + `,"mode":"native"}`, "mode", "Leave it out"},
		"two JobManagers":          {"orders", good + `,"jobManager":{"replicas":2}}`, "job_manager.replicas", "one JobManager"},
		"one JobManager":           {"orders", good + `,"jobManager":{"replicas":1}}`, "", ""},
		"storage":                  {"orders", good + `,"taskManager":{"resource":{"ephemeralStorage":"1Gi"}}}`, "task_manager.resource.ephemeral_storage", "pod_template"},
		"requests":                 {"orders", good + `,"taskManager":{"resources":{"limits":{"cpu":"1"}}}}`, "task_manager.resources", "resource"},
		"little CPU":               {"orders", good + `,"taskManager":{"resource":{"cpu":0.05}}}`, "task_manager.resource.cpu", "0.1"},
		"log files":                {"orders", good + `,"logConfiguration":{"log4j-console.properties":"a"}}`, "log_configuration", "logging"},
		"an ingress":               {"orders", good + `,"ingress":{"template":"a"}}`, "ingress", "Leave it out"},
		"a schedule":               {"orders", good + `,"savepointSchedule":{"a":"b"}}`, "savepoint_schedule", "flink_savepoint"},
		"an argument":              {"orders", `{"flinkVersion":"v1_20","job":{"jarURI":"a.jar","parallelism":1,"args":["a","it's"]}}`, "job.args", "argument 2"},
		"last state, not retained": {"orders", `{"flinkVersion":"v1_20","job":{"jarURI":"a.jar","parallelism":1,"upgradeMode":"last-state"}}`, "upgrade.mode", "RETAIN_ON_CANCELLATION"},
		"last state, retained":     {"orders", `{"flinkVersion":"v1_20","flinkConfiguration":{"state.checkpoints.dir":"s3://a","execution.checkpointing.externalized-checkpoint-retention":"RETAIN_ON_CANCELLATION"},"job":{"jarURI":"a.jar","parallelism":1,"upgradeMode":"last-state"}}`, "", ""},
		"a template's word":        {"orders", good + `,"ververica":{"deploymentTemplate":{"artifact":{}}}}`, "ververica.deployment_template", "metadata and spec"},
		"configuration":            {"orders", good + `,"ververica":{"deploymentTemplate":{"spec":{"flinkConfiguration":{"a":"b"}}}}}`, "ververica.deployment_template", "flink_configuration"},
		"a kind":                   {"orders", good + `,"ververica":{"deploymentTemplate":{"spec":{"artifact":{"kind":"WASM"}}}}}`, "ververica.deployment_template", "SQLSCRIPT"},
		"a script":                 {"orders", `{"flinkVersion":"v1_20","job":{"parallelism":1},"ververica":{"deploymentTemplate":{"spec":{"artifact":{"kind":"SQLSCRIPT","sqlScript":"SELECT 1"}}}}}`, "", ""},
		"a Python program":         {"orders", `{"flinkVersion":"v1_20","job":{"parallelism":1,"args":["a"]},"ververica":{"deploymentTemplate":{"spec":{"artifact":{"kind":"PYTHON","pythonArtifactUri":"a.py"}}}}}`, "", ""},
		"no parallelism":           {"orders", `{"flinkVersion":"v1_20","job":{"jarURI":"a.jar"},"ververica":{"maxJobCreationAttempts":1}}`, "job.parallelism", "missing"},
		"half an artifact":         {"orders", `{"flinkVersion":"v1_20","job":{"parallelism":1},"ververica":{"deploymentTemplate":{"spec":{"artifact":{"kind":"PYTHON"}}}}}`, "ververica.deployment_template", "pythonArtifactUri"},
		"a session job's target":   {"orders", `{"deploymentName":"shared","job":{"jarURI":"a.jar","parallelism":1},"ververica":{"deploymentTarget":"a"}}`, "ververica.deployment_target", "session cluster"},
		"said twice":               {"orders", good + `,"ververica":{"deploymentTemplate":{"spec":{"parallelism":3}}}}`, "ververica.deployment_template", "Leave it out"},
		"pods twice":               {"orders", good + `,"serviceAccount":"a","ververica":{"deploymentTemplate":{"spec":{"kubernetes":{"pods":{"labels":{"a":"b"}}}}}}}`, "ververica.deployment_template", "exclude"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := Validate(test.name, specification(t, test.spec))
			if test.path == "" {
				if flink.HasErrors(findings) {
					t.Errorf("it is refused: %v", findings)
				}
				return
			}
			for _, f := range findings {
				if strings.HasPrefix(f.Path.Attribute(), test.path) && strings.Contains(f.Summary+" "+f.Detail, test.says) && f.Severity == flink.Error {
					return
				}
			}
			t.Errorf("no finding at %s says %q: %v", test.path, test.says, findings)
		})
	}
}

// TestImage reads images as Docker's references are, and writes them back.
func TestImage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]image{
		"flink:1.20":                         {"docker.io", "library/flink", "1.20"},
		"apache/flink:1.20":                  {"docker.io", "apache/flink", "1.20"},
		"localhost/flink:1":                  {"localhost", "flink", "1"},
		"localhost:5000/shop/flink:1.5.0-rc": {"localhost:5000", "shop/flink", "1.5.0-rc"},
		"registry.example.com/a/b/c:v":       {"registry.example.com", "a/b/c", "v"},
	} {
		got, err := imageOf(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s is %+v, written as %s, %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "flink", "a:5000/b", ":1", "a@sha256:00", "a:"} {
		if got, err := imageOf(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
