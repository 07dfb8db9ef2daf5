package streamapplication

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// TestInStreamlet has a warning about a deployment say what has changed in the words of the blueprint.
func TestInStreamlet(t *testing.T) {
	t.Parallel()
	const carried = `application_document changes`
	told := func(text string) *document { return &document{text: []byte(text)} }
	plain, other := told(`{"config":{"model":"a"}}`), told(`{"config":{"model":"b"},"kafka":{"bootstrap_servers":"k:1"}}`)
	for name, c := range map[string]struct {
		before, after *document
		said, want    string
	}{
		"the document changes":                 {plain, other, carried + ". The job restarts.", `streamlets["enrich"].upgrade.strategy: config["model"], kafka (of the environment) changes. The job restarts.`},
		"the job changes too":                  {plain, other, "image changes, " + carried + ". The job restarts.", `streamlets["enrich"].upgrade.strategy: image changes, config["model"], kafka (of the environment) changes. The job restarts.`},
		"the job alone changes":                {plain, plain, "job.parallelism changes.", "streamlets[\"enrich\"].upgrade.strategy: parallelism changes."},
		"there was no document":                {nil, plain, carried + ".", `streamlets["enrich"].upgrade.strategy: ` + carried + "."},
		"the document is not why there is one": {plain, other, "The job was RUNNING.", "streamlets[\"enrich\"].upgrade.strategy: The job was RUNNING."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("upgrade").AtName("strategy"), "Down for a while", c.said)}
			got := inStreamlet("enrich", given, changesOf(c.before, c.after)...)
			if len(got) != 1 || got[0].Detail() != c.want || got[0].Severity() != diag.SeverityWarning {
				t.Fatalf("it says %v, want %q", got, c.want)
			}
			at, _ := got[0].(diag.DiagnosticWithPath)
			if want := path.Root("streamlets").AtMapKey("enrich"); at == nil || !at.Path().Equal(want) {
				t.Fatalf("it is at %v, want %s", at, want)
			}
		})
	}
}

// TestInStreamletAtItsDocument has a warning about what carries a document stand at the streamlet: no configuration says it.
func TestInStreamletAtItsDocument(t *testing.T) {
	t.Parallel()
	given := diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("pod_template"), "Down for a while", "application_document changes.")}
	if got := inStreamlet("enrich", given, `config["model"]`)[0].Detail(); got != `config["model"] changes.` {
		t.Errorf("it says %q", got)
	}
	if got := inStreamlet("enrich", given)[0].Detail(); got != `streamlets["enrich"].pod_template: application_document changes.` {
		t.Errorf("of a pod template of the user's own it says %q", got)
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
