package cloudflow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
)

// The lines between which the guide has the table of what becomes of each attribute.
const (
	guideBegin = "<!-- The table: CLOUDFLOW_TABLE=write go test -run TestGuide ./internal/core/cloudflow -->\n"
	guideEnd   = "<!-- The end of the table -->\n"
)

// guideTable is the table of cloudflow.Mappings.
func guideTable() string {
	var out strings.Builder
	out.WriteString("\n| Attribute | In the entry | With the runtime `akka` |\n|---|---|---|\n")
	for _, mapping := range cloudflow.Mappings() {
		field, akka := "", mapping.Akka
		if mapping.Entry != "" {
			field = "`" + mapping.Entry + "`"
		}
		if mapping.Refused {
			akka = "**An error at plan.** " + akka
		}
		out.WriteString("| `" + mapping.Path.Attribute() + "` | " + field + " | " + akka + " |\n")
	}
	out.WriteString("\n")
	return out.String()
}

// TestGuide holds the table of the guide to what becomes of each attribute.
func TestGuide(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "..", "templates", "guides", "cloudflow.md")
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
	if os.Getenv("CLOUDFLOW_TABLE") == "write" {
		if err := os.WriteFile(path, []byte(before+guideBegin+want+guideEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s is not that of cloudflow.Mappings; run: CLOUDFLOW_TABLE=write go test -run TestGuide ./internal/core/cloudflow; then make docs", path)
	}
}
