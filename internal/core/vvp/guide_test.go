package vvp_test

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
)

// The lines between which the guide has the table of what becomes of each attribute.
const (
	guideBegin = "<!-- The table: VVP_TABLE=write go test -run TestGuide ./internal/core/vvp -->\n"
	guideEnd   = "<!-- The end of the table -->\n"
)

// guideTable is the table of vvp.Mappings.
func guideTable() string {
	var out strings.Builder
	out.WriteString("\n| Attribute | On the platform, below `spec` | |\n|---|---|---|\n")
	for _, mapping := range vvp.Mappings() {
		out.WriteString("| `" + mapping.Path.Attribute() + "` | " + cmp.Or(guideFields(mapping.Field), "**an error at plan**") + " | " + mapping.Why + " |\n")
	}
	out.WriteString("\n")
	return out.String()
}

// guideFields has the fields of a mapping as code. What has blanks is no field but a text.
func guideFields(fields string) string {
	parts := strings.Split(fields, ", ")
	for i, part := range parts {
		if part != "" && !strings.Contains(part, " ") {
			parts[i] = "`" + part + "`"
		}
	}
	return strings.Join(parts, ", ")
}

// TestGuide holds the table of the guide to what becomes of each attribute.
func TestGuide(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "..", "templates", "guides", "ververica.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), guideBegin)
	table, after, ends := strings.Cut(rest, guideEnd)
	if !begins || !ends {
		t.Fatalf("%s has no lines %q and %q", path, guideBegin, guideEnd)
	}
	want := guideTable()
	if os.Getenv("VVP_TABLE") == "write" {
		if err := os.WriteFile(path, []byte(before+guideBegin+want+guideEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s is not that of vvp.Mappings; run: VVP_TABLE=write go test -run TestGuide ./internal/core/vvp; then make docs", path)
	}
}
