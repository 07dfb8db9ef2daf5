package streamapplication

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// TestInStreamlet has a warning about a deployment say what has changed in the words of the blueprint.
func TestInStreamlet(t *testing.T) {
	t.Parallel()
	const carried = `pod_template.metadata.annotations["flink-terraform.io/application-document-sha256"] changes (rendered by the application), ` +
		`pod_template.spec.volumes[1].projected.sources[0].secret.name changes (rendered by the application)`
	told := func(text string) *document { return &document{text: []byte(text)} }
	plain, other := told(`{"config":{"model":"a"}}`), told(`{"config":{"model":"b"},"kafka":{"bootstrap_servers":"k:1"}}`)
	for name, c := range map[string]struct {
		before, after *document
		said, want    string
	}{
		"the document changes":                 {plain, other, carried + ". The job restarts.", `config["model"], kafka (of the environment) changes. The job restarts.`},
		"the job changes too":                  {plain, other, "image changes, " + carried + ". The job restarts.", `image changes, config["model"], kafka (of the environment) changes. The job restarts.`},
		"the job alone changes":                {plain, plain, "job.parallelism changes.", "parallelism changes."},
		"there was no document":                {nil, plain, carried + ".", carried + "."},
		"the document is not why there is one": {plain, other, "The job was RUNNING.", "The job was RUNNING."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("upgrade").AtName("strategy"), "Down for a while", c.said)}
			got := inStreamlet("enrich", given, changesOf(c.before, c.after)...)
			if len(got) != 1 || got[0].Detail() != c.want || got[0].Severity() != diag.SeverityWarning {
				t.Fatalf("it says %v, want %q", got, c.want)
			}
			at, _ := got[0].(diag.DiagnosticWithPath)
			if want := path.Root("streamlets").AtMapKey("enrich").AtName("upgrade").AtName("strategy"); at == nil || !at.Path().Equal(want) {
				t.Fatalf("it is at %v, want %s", at, want)
			}
		})
	}
}

// TestOnceEach has a warning of the environment once, and what concerns each streamlet for each.
func TestOnceEach(t *testing.T) {
	t.Parallel()
	warning := func(streamlet, summary string) diag.Diagnostic {
		return diag.NewAttributeWarningDiagnostic(path.Root("streamlets").AtMapKey(streamlet), summary, "why")
	}
	wrong := diag.NewAttributeErrorDiagnostic(path.Root("streamlets").AtMapKey("c"), "old", "why")
	got := onceEach(diag.Diagnostics{warning("a", "old"), warning("b", "old"), warning("b", "down"), wrong, wrong})
	if len(got) != 4 || !got[0].Equal(warning("a", "old")) || !got[1].Equal(warning("b", "down")) || !got[3].Equal(wrong) {
		t.Errorf("it says %v", got)
	}
}
