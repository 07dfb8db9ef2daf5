package clowd_test

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
)

// The lines between which the guide has the table of what becomes of each attribute.
const (
	guideBegin = "<!-- The table: CLOWDER_TABLE=write go test -run TestGuide ./internal/core/clowd -->\n"
	guideEnd   = "<!-- The end of the table -->\n"
)

// guideTable is the table of clowd.Mappings.
func guideTable() string {
	var out strings.Builder
	out.WriteString("\n| Attribute | In the entry | |\n|---|---|---|\n")
	for _, mapping := range clowd.Mappings() {
		field := ""
		if mapping.Field != "" {
			field = "`" + strings.ReplaceAll(mapping.Field, ", ", "`, `") + "`"
		}
		if mapping.Refused {
			field = "**an error at plan**"
		}
		out.WriteString("| `" + mapping.Path.Attribute() + "` | " + cmp.Or(field, "nothing") + " | " + mapping.Why + " |\n")
	}
	out.WriteString("\n")
	return out.String()
}

// TestGuide holds the table of the guide to what becomes of each attribute.
func TestGuide(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "..", "templates", "guides", "clowder.md")
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
	if os.Getenv("CLOWDER_TABLE") == "write" {
		if err := os.WriteFile(path, []byte(before+guideBegin+want+guideEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s is not that of clowd.Mappings; run: CLOWDER_TABLE=write go test -run TestGuide ./internal/core/clowd; then make docs", path)
	}
}
