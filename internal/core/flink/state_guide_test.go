package flink

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const stateGuide = "../../../templates/guides/state.md"

// TestStateGuide holds the tables of the guide to what Flink did and to what the plan
// says. With STATE_TABLE=write it writes them anew; `make docs` takes them to docs/.
func TestStateGuide(t *testing.T) {
	text, err := os.ReadFile(stateGuide)
	if err != nil {
		t.Fatal(err)
	}
	guide, cells := string(text), stateTable(t)
	written := guide
	for name, table := range map[string]string{"versions": versionsTable(t, cells), "backends": backendsTable(t, cells)} {
		begin, end := "<!-- table "+name+" -->\n\n", "\n<!-- end -->"
		before, rest, ok := strings.Cut(written, begin)
		old, after, ended := strings.Cut(rest, end)
		if !ok || !ended {
			t.Fatalf("the guide has no table %q", name)
		}
		if old != table && os.Getenv("STATE_TABLE") != "write" {
			t.Errorf("the guide's table %q is\n%s\nand it should be\n%s", name, old, table)
		}
		written = before + begin + table + end + after
	}
	if written != guide && os.Getenv("STATE_TABLE") == "write" {
		if err := os.WriteFile(stateGuide, []byte(written), 0o644); err != nil { //nolint:gosec // a page of the documentation
			t.Fatal(err)
		}
	}
}

// guideKinds are the kinds of values in the guide's words.
var guideKinds = []struct{ kind, words string }{
	{"pojo", "POJO of numbers, texts and times"},
	{"timers", "… with timers"},
	{"nested", "POJO with a POJO, an array, an enum, a BigDecimal"},
	{"declared", "POJO with a List and a Map, their types declared by `@TypeInfo`"},
	{"avro", "Avro, specific record"},
	{"avro_generic", "Avro, generic record"},
	{"force_avro", "POJO with a List and a Map, by `pipeline.force-avro`"},
	{"collections", "POJO with a List, a Map and a Set"},
	{"collections_beside_avro", "… where flink-avro is on the class path"},
	{"kryo", "generic type (Kryo), with collections and a time"},
	{"kryo_plain", "generic type (Kryo), of numbers and a text"},
	{"kryo_beside_avro", "generic type (Kryo) where flink-avro is on the class path"},
}

// versionsTable is what becomes of each kind from one version to another, with the
// backend as it was: a column for each step.
func versionsTable(t *testing.T, cells []stateCell) string {
	t.Helper()
	steps := []struct{ words, from, to string }{
		{"1.18 to 1.20", "1.18", "1.20"},
		{"1.20 to 1.18", "1.20", "1.18"},
		{"1.18 or 1.20 to 2.3", "1.18 1.20", "2.3"},
		{"2.3 to 1.18 or 1.20", "2.3", "1.18 1.20"},
	}
	var out strings.Builder
	out.WriteString("| State |")
	for _, step := range steps {
		fmt.Fprintf(&out, " %s |", step.words)
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(steps)) + "\n")
	for _, row := range guideKinds {
		fmt.Fprintf(&out, "| %s |", row.words)
		for _, step := range steps {
			in := slices.DeleteFunc(slices.Clone(cells), func(c stateCell) bool {
				return c.kind != row.kind || c.before != c.after || strings.Contains(c.before, "+") || !strings.Contains(step.from, c.from) || !strings.Contains(step.to, c.to)
			})
			fmt.Fprintf(&out, " %s |", told(t, in))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// backendsTable is what becomes of the simplest values within one version, when the
// backend or what is set beside it changes: a column for each way.
func backendsTable(t *testing.T, cells []stateCell) string {
	t.Helper()
	ways := []string{"canonical", "native", "last_state"}
	type change struct{ before, after string }
	var changes []change
	for _, c := range cells {
		if c.kind == "pojo" && c.from == c.to && !slices.Contains(changes, change{c.before, c.after}) {
			changes = append(changes, change{c.before, c.after})
		}
	}
	var out strings.Builder
	out.WriteString("| Before | After | Canonical savepoint | Native savepoint | Last state |\n|---|---|---|---|---|\n")
	for _, row := range changes {
		fmt.Fprintf(&out, "| %s | %s |", setting(row.before), setting(row.after))
		for _, way := range ways {
			in := slices.DeleteFunc(slices.Clone(cells), func(c stateCell) bool {
				return c.kind != "pojo" || c.from != c.to || c.before != row.before || c.after != row.after || c.way != way
			})
			fmt.Fprintf(&out, " %s |", told(t, in))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// setting is a backend in the guide's words.
func setting(backend string) string { return strings.ReplaceAll(backend, "+", ", ") }

// told is what Flink did in some cells and what the plan says of them, each once; and
// where that is not the same in all of them, in which.
func told(t *testing.T, cells []stateCell) string {
	t.Helper()
	if len(cells) == 0 {
		return "–"
	}
	groups := map[string][]stateCell{}
	for _, c := range cells {
		became := map[string]string{"same": "same values", "other values": "**other values**", "lost": "**lost**", "refused": "refused", "failed": "fails later", "not written": "job fails"}[c.became]
		says := map[Verdict]string{VerdictNote: "kept", VerdictWarn: "warning", VerdictAtRisk: "at risk", VerdictRefused: "error"}[c.said(t)]
		if became == "" {
			t.Fatalf("%s: what is %q?", c, c.became)
		}
		groups[became+" ("+says+")"] = append(groups[became+" ("+says+")"], c)
	}
	var out []string
	for words, in := range groups {
		if len(groups) > 1 {
			words = where(cells, in) + ": " + words
		}
		out = append(out, words)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// where names what the cells of a group share that the others do not: the versions, the
// backends or the ways.
func where(all, group []stateCell) string {
	fields := []func(stateCell) string{
		func(c stateCell) string { return c.before },
		func(c stateCell) string { return strings.ReplaceAll(c.way, "_", " ") },
		func(c stateCell) string {
			if c.from == c.to {
				return c.from
			}
			return c.from + " to " + c.to
		},
	}
	for _, field := range fields {
		var names []string
		for _, c := range group {
			if name := field(c); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if !slices.ContainsFunc(all, func(c stateCell) bool { return slices.Contains(names, field(c)) && !slices.Contains(group, c) }) {
			return strings.Join(names, ", ")
		}
	}
	return fmt.Sprintf("in %d of %d", len(group), len(all))
}
