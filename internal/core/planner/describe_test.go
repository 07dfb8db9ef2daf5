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
		{"pod template", flink.Path{"podTemplate", "spec", "nodeName"}, "a", "b", "pod_template changed"},
		{"inner pod template", flink.Path{"taskManager", "podTemplate", "spec", "nodeName"}, "a", nil, "task_manager.pod_template changed"},
		{"log configuration", flink.Path{"logConfiguration", "logback-console.xml"}, nil, "<a/>", `log_configuration["logback-console.xml"] changed`},
		{"restart triggers", flink.Path{"restartNonce"}, nil, json.Number("7"), "restart_triggers changed"},
		{"confidential key", flink.Path{"flinkConfiguration", "s3.secret-key"}, "a", "b", `flink_configuration["s3.secret-key"] changed`},
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

func TestSummaryNamesThreeChanges(t *testing.T) {
	old := orders()
	next := spec(image("b:1"), parallelism(4), version("v2_0"), config("a.b", "1"), config("a.c", "1"), func(s *flink.DeploymentSpec) {
		s.PodTemplate = flink.Document{"spec": map[string]any{"nodeName": "confidential", "hostname": "confidential"}}
	})
	got := Plan(Input{Name: "orders", Revision: 1, Old: &old, New: next, Status: running})
	if want := " and 3 more; the job stops"; !strings.Contains(got.Rollout.Summary, want) {
		t.Errorf("summary %q lacks %q", got.Rollout.Summary, want)
	}
	if strings.Count(got.Rollout.Summary, ", ") != namedChanges-1 {
		t.Errorf("summary %q names not %d changes", got.Rollout.Summary, namedChanges)
	}
	if len(got.Rollout.Because) != 6 {
		t.Errorf("because %q", got.Rollout.Because)
	}
	if len(got.Warnings) != 1 || strings.Contains(got.Warnings[0].Detail, "confidential") {
		t.Errorf("warnings %+v", got.Warnings)
	}
}

func TestBlueGreenIsRecommendedWhereItIsOffered(t *testing.T) {
	old := orders()
	in := Input{Name: "orders", Old: &old, New: spec(parallelism(4)), Status: running}
	const recommendation = `To avoid the gap, set upgrade.strategy = "blue_green".`
	for _, offered := range []bool{false, true} {
		in.OffersBlueGreen = offered
		got := Plan(in)
		if len(got.Warnings) != 1 || strings.Contains(got.Warnings[0].Detail, recommendation) != offered {
			t.Errorf("offered %t: warnings %+v", offered, got.Warnings)
		}
	}
}
