package planner

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestPhrase(t *testing.T) {
	for _, test := range []struct {
		name     string
		path     flink.Path
		old, new any
		want     string
	}{
		{"number", flink.Path{"job", "parallelism"}, json.Number("2"), json.Number("4"), "job.parallelism 2 -> 4"},
		{"boolean", flink.Path{"job", "allowNonRestoredState"}, nil, true, "job.allow_non_restored_state set to true"},
		{"removed", flink.Path{"image"}, "a:1", nil, "image removed"},
		{"empty text", flink.Path{"image"}, "a:1", "", `image a:1 -> ""`},
		{"upgrade mode", flink.Path{"job", "upgradeMode"}, "savepoint", "last-state", "upgrade.mode savepoint -> last_state"},
		{"many lines", flink.Path{"serviceAccount"}, nil, "a\n  b", "service_account set to a b"},
		{"arguments", flink.Path{"job", "args"}, []any{"--password", "a"}, []any{"--password", "b"}, "job.args changed"},
		{"one argument", flink.Path{"job", "args", "1"}, "a", "b", "job.args[1] changed"},
		{"pod template", flink.Path{"podTemplate", "spec", "nodeName"}, "a", "b", "pod_template.spec.nodeName changed"},
		{"value in a pod template", flink.Path{"podTemplate", "spec", "containers", "0", "env", "1", "value"}, "a", "b", "pod_template.spec.containers[0].env[1].value changed"},
		{"annotation in a pod template", flink.Path{"podTemplate", "metadata", "annotations", "team/a.b"}, "a", "b", `pod_template.metadata.annotations["team/a.b"] changed`},
		{"inner pod template", flink.Path{"taskManager", "podTemplate", "spec", "nodeName"}, "a", nil, "task_manager.pod_template.spec.nodeName changed"},
		{"log configuration", flink.Path{"logConfiguration", "logback-console.xml"}, nil, "<a/>", `log_configuration["logback-console.xml"] changed`},
		{"restart triggers", flink.Path{"restartNonce"}, nil, json.Number("7"), "restart_triggers changed"},
		{"confidential key", flink.Path{"flinkConfiguration", "s3.secret-key"}, "a", "b", `flink_configuration["s3.secret-key"] changed`},
		{"variable in the platform's words", flink.Path{"ververica", "deploymentTemplate", "spec", "kubernetes", "pods", "envVars", "0", "value"}, "a", "b", "ververica.deployment_template.spec.kubernetes.pods.envVars[0].value changed"},
		{"arguments in the platform's words", flink.Path{"ververica", "deploymentTemplate", "spec", "artifact", "mainArgs"}, "--password a", "--password b", "ververica.deployment_template.spec.artifact.mainArgs changed"},
		{"the middle of a long text", flink.Path{"image"}, strings.Repeat("a", 60) + "SUM" + strings.Repeat("b", 60), strings.Repeat("a", 60) + "MAX" + strings.Repeat("b", 60), "image …aaaaaaaaaaaaaaaaaaaaSUMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb… -> …aaaaaaaaaaaaaaaaaaaaMAXbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…"},
		{"object", flink.Path{"taskManager"}, nil, map[string]any{}, "task_manager changed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := change{Change: flink.Change{Path: test.path, Old: test.old, New: test.new}, attribute: test.path.Attribute()}
			got := c.phrase()
			if got != test.want {
				t.Errorf("phrase %q, want %q", got, test.want)
			}
			if strings.Contains(c.sentence(), "password") {
				t.Errorf("sentence %q shows arguments", c.sentence())
			}
		})
	}
}

func TestPhraseShortensTheMiddle(t *testing.T) {
	path := flink.Path{"image"}
	c := change{Change: flink.Change{Path: path, New: "registry.internal.example.com/team/department/application/orders:1.4.1-20260101-abcdef"}, attribute: path.Attribute()}
	got := strings.TrimPrefix(c.phrase(), "image set to ")
	if len([]rune(got)) != longestValue || !strings.HasPrefix(got, "registry.internal") || !strings.HasSuffix(got, "/orders:1.4.1-20260101-abcdef") {
		t.Errorf("phrase %q", got)
	}
}
