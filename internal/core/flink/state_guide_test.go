package flink

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// guideTables are the lines between which the guide has the tables.
const (
	guideBegin = "<!-- The tables: STATE_TABLE=write make state -->\n"
	guideEnd   = "<!-- The end of the tables -->\n"
)

var guidePath = filepath.Join("..", "..", "..", "templates", "guides", "state.md")

// guideKinds are the kinds of values in the order of the guide, as a reader knows them.
var guideKinds = []struct{ kind, name string }{
	{"pojo", "a POJO of simple fields"},
	{"timers", "a POJO of simple fields, with a timer of each key"},
	{"nested", "a POJO with a POJO, an array, an enum and a `BigDecimal`"},
	{"collections", "a POJO with a `List`, a `Map` and a `Set`"},
	{"declared", "a POJO whose code gives the types of its `List` and `Map`"},
	{"collections_beside_avro", "a POJO with a `List`, a `Map` and a `Set`, with flink-avro on the class path"},
	{"force_avro", "a POJO with a `List` and a `Map`, `pipeline.force-avro`"},
	{"avro", "a specific record of Avro"},
	{"avro_generic", "a generic record of Avro"},
	{"kryo_plain", "a generic type (Kryo) of numbers and a text"},
	{"kryo", "a generic type (Kryo) with a moment and collections"},
	{"kryo_beside_avro", "a generic type (Kryo) with a moment and collections, with flink-avro on the class path"},
}

var guideWays = []string{"canonical", "native", "last_state"}

// guideVerdicts are what the plan says, in a word.
var guideVerdicts = map[Verdict]string{VerdictNote: "kept", VerdictWarn: "warning", VerdictAtRisk: "at risk", VerdictRefused: "refused"}

// guideSettings are what a backend has set besides, as the configuration has it.
var guideSettings = map[string]string{
	"incremental": "incremental", "changelog": "changelog", "claim": "`CLAIM`", "max-parallelism=256": "max parallelism 256",
	"parallelism=2": "parallelism 2", "timers-on-heap": "timers on the heap", "async": "asynchronous state",
}

// guideBackend names a backend with its settings.
func guideBackend(t testing.TB, backend string) string {
	t.Helper()
	parts := strings.Split(backend, "+")
	for i, setting := range parts[1:] {
		name, ok := guideSettings[setting]
		if !ok {
			t.Fatalf("the guide has no name for the setting %q", setting)
		}
		parts[i+1] = name
	}
	return strings.Join(parts, " + ")
}

// guideKind names a kind of values.
func guideKind(t testing.TB, kind string) string {
	t.Helper()
	for _, known := range guideKinds {
		if known.kind == kind {
			return known.name
		}
	}
	t.Fatalf("the guide has no name for the kind %q", kind)
	return ""
}

// cellsWith are the cells that a row or a field is about.
func cellsWith(cells []stateCell, is func(stateCell) bool) []stateCell {
	var out []stateCell
	for _, c := range cells {
		if is(c) {
			out = append(out, c)
		}
	}
	return out
}

// guideCell is one field of a table: what Flink did and what the plan says, once where
// all of the cells agree, and otherwise each with the backend that it is about.
func guideCell(t testing.TB, cells []stateCell) string {
	t.Helper()
	if len(cells) == 0 {
		return ""
	}
	backends := map[string][]string{}
	for _, c := range cells {
		words := fmt.Sprintf("%s / %s", c.became, guideVerdicts[c.said(t)])
		if c.became == "other values" {
			words = "**other values** / " + guideVerdicts[c.said(t)]
		}
		backends[words] = append(backends[words], guideBackend(t, c.before))
	}
	if len(backends) == 1 {
		return slices.Collect(maps.Keys(backends))[0]
	}
	var out []string
	for words, of := range backends {
		slices.Sort(of)
		out = append(out, strings.Join(slices.Compact(of), ", ")+": "+words)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// guideRow is one line of a table: the cells of it that take each way.
func guideRow(t testing.TB, head []string, cells []stateCell) string {
	t.Helper()
	fields := slices.Clone(head)
	for _, way := range guideWays {
		fields = append(fields, guideCell(t, cellsWith(cells, func(c stateCell) bool { return c.way == way })))
	}
	return "| " + strings.Join(fields, " | ") + " |\n"
}

func guideHead(fields ...string) string {
	fields = append(fields, "Canonical savepoint", "Native savepoint", "Last checkpoint")
	return "\n| " + strings.Join(fields, " | ") + " |\n|" + strings.Repeat("---|", len(fields)) + "\n"
}

// stateGuide writes the tables of the guide.
func stateGuide(t testing.TB, cells []stateCell) string {
	t.Helper()
	var out strings.Builder
	type pair struct{ from, to string }
	byPair := map[pair][]stateCell{}
	for _, c := range cells {
		guideKind(t, c.kind)
		byPair[pair{c.from, c.to}] = append(byPair[pair{c.from, c.to}], c)
	}
	pairs := slices.SortedFunc(maps.Keys(byPair), func(a, b pair) int {
		return cmp.Or(strings.Compare(a.from, b.from), strings.Compare(a.to, b.to))
	})
	out.WriteString("\n## The same state backend\n")
	for _, p := range pairs {
		fmt.Fprintf(&out, "\n### Flink %s to %s\n", p.from, p.to)
		out.WriteString(guideHead("State of"))
		for _, kind := range guideKinds {
			if same := cellsWith(byPair[p], func(c stateCell) bool { return c.before == c.after && c.kind == kind.kind }); len(same) > 0 {
				out.WriteString(guideRow(t, []string{kind.name}, same))
			}
		}
	}
	out.WriteString("\n## Another state backend, or another setting\n")
	for _, p := range pairs {
		rows := map[[3]string][]stateCell{}
		for _, c := range byPair[p] {
			if c.before != c.after {
				key := [3]string{c.before, c.after, c.kind}
				rows[key] = append(rows[key], c)
			}
		}
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&out, "\n### Flink %s to %s, changed\n", p.from, p.to)
		out.WriteString(guideHead("From", "To", "State of"))
		for _, key := range slices.SortedFunc(maps.Keys(rows), func(a, b [3]string) int { return slices.Compare(a[:], b[:]) }) {
			out.WriteString(guideRow(t, []string{guideBackend(t, key[0]), guideBackend(t, key[1]), guideKind(t, key[2])}, rows[key]))
		}
	}
	out.WriteString("\n")
	return out.String()
}

// TestStateGuide holds the tables of the guide to what Flink did and to what the plan
// says today.
func TestStateGuide(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(guidePath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), guideBegin)
	tables, after, ends := strings.Cut(rest, guideEnd)
	if !begins || !ends {
		t.Fatalf("%s has no lines %q and %q", guidePath, guideBegin, guideEnd)
	}
	want := stateGuide(t, stateTable(t))
	if os.Getenv("STATE_TABLE") == "write" {
		if err := os.WriteFile(guidePath, []byte(before+guideBegin+want+guideEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if tables != want {
		t.Errorf("the tables of %s are not those of testdata/state/table.txt; run: STATE_TABLE=write go test -run TestStateGuide ./internal/core/flink; then make docs", guidePath)
	}
}
