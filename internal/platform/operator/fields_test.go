package operator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestSpecPath(t *testing.T) {
	for field, want := range map[string]flink.Path{
		"spec.job.parallelism":                        {"job", "parallelism"},
		".spec.job.upgradeMode":                       {"job", "upgradeMode"},
		".spec.flinkConfiguration.state.backend.type": {"flinkConfiguration", "state.backend.type"},
		"spec.flinkConfiguration[state.backend.type]": {"flinkConfiguration", "state.backend.type"},
		`spec.flinkConfiguration["a.b"]`:              {"flinkConfiguration", "a.b"},
		"spec.ingress.tls[0].hosts":                   {"ingress", "tls", "0", "hosts"},
		"spec.taskManager.resources.requests.memory":  {"taskManager", "resources", "requests", "memory"},
		"spec.template.spec.job.parallelism":          {"job", "parallelism"},
		"metadata.labels":                             nil,
		"spec.":                                       nil,
		"":                                            nil,
	} {
		t.Run(field, func(t *testing.T) {
			got, ok := specPath(field)
			if ok != (want != nil) {
				t.Errorf("ok = %t", ok)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTemplatePath(t *testing.T) {
	for field, want := range map[string]string{
		"spec.podTemplate.spec.containers[0].volumeMount":           "spec.containers[0].volumeMount",
		".spec.jobManager.podTemplate.metadata.annotations.a.b/c":   "metadata.annotations.a.b/c",
		"spec.template.spec.taskManager.podTemplate.spec.hostUsers": "spec.hostUsers",
		"spec.podTemplate": "",
		"spec.job.args":    "",
	} {
		if got := templatePath(field); got != want {
			t.Errorf("%s: the inner path is %q, want %q", field, got, want)
		}
	}
}
