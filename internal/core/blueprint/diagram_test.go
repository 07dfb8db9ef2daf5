package blueprint

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden diagrams anew; .ci/mermaid then reads them")

// drawn is what a diagram has to say, whatever Mermaid's syntax. .ci/mermaid compares
// it with what Mermaid reads.
type drawn struct {
	// Nodes are the lines of the labels, sorted; Edges are the labels from, port, to.
	Nodes []string    `json:"nodes"`
	Edges [][3]string `json:"edges"`
	// Classes are the first lines of the nodes in each.
	Classes map[Mark][]string `json:"classes"`
}

// diagram is a golden text: testdata/diagrams/NAME.mmd, and what it says, NAME.json.
type diagram struct {
	of     Application
	states map[string]string
	marks  Marks
	says   drawn
}

// odd has names that no check lets pass, and that must not break a diagram.
func odd() Application {
	return Application{
		Name: "odd",
		Streamlets: map[string]Streamlet{
			"end":               {Outlets: map[string]Port{"end": {}, `"`: {}}},
			`a"]:::x -->|b| c[`: {Inlets: map[string]Port{"subgraph": {}, "#35;": {}}},
			"größe 大":           {Inlets: map[string]Port{"in": {}}},
			"style":             {},
			"":                  {},
		},
		Topics: map[string]Topic{
			"<b>&amp;</b>": {Producers: []string{"end.end"}, Consumers: []string{`a"]:::x -->|b| c[.subgraph`, "größe 大.in", "gone.in"}},
			"`**x**_y_`":   {Producers: []string{`end."`}, Consumers: []string{`a"]:::x -->|b| c[.#35;`}, Name: "%%{init: {}}%%"},
		},
	}
}

var diagrams = map[string]diagram{
	"plain": {of: payments(), says: drawn{
		Nodes: []string{"enrich", "ingest", "orders|orders-v1|12 partitions", "paid", "rejected|not managed", "report"},
		Edges: [][3]string{{"enrich", "out", "paid"}, {"ingest", "invalid", "rejected"}, {"ingest", "valid", "orders"}, {"orders", "orders", "enrich"}, {"paid", "paid", "report"}},
	}},
	"planned": {
		of:     payments(),
		states: map[string]string{"ingest": "running", "enrich": "stopped", "old": "running"},
		marks: Marks{
			Streamlets: map[string]Mark{"ingest": MarkChange, "report": MarkCreate, "old": MarkRemove},
			Topics:     map[string]Mark{"paid": MarkCreate, "gone": MarkRemove, "elsewhere": MarkChange},
		},
		says: drawn{
			Nodes:   []string{"enrich|stopped", "gone", "ingest|running", "old|running", "orders|orders-v1|12 partitions", "paid", "rejected|not managed", "report"},
			Edges:   [][3]string{{"enrich", "out", "paid"}, {"ingest", "invalid", "rejected"}, {"ingest", "valid", "orders"}, {"orders", "orders", "enrich"}, {"paid", "paid", "report"}},
			Classes: map[Mark][]string{MarkChange: {"ingest"}, MarkCreate: {"paid", "report"}, MarkRemove: {"gone", "old"}},
		},
	},
	"odd": {
		of:     odd(),
		states: map[string]string{"style": `failed:x"#y;` + "\n" + `class s0 z`, "end": "end"},
		says: drawn{
			Nodes: []string{"", "<b>&amp;</b>", "`**x**_y_`|%%{init: {}}%%", `a"]:::x -->|b| c[`, "end|end", "größe 大", `style|failed:x"#y; class s0 z`},
			Edges: [][3]string{
				{"<b>&amp;</b>", "in", "größe 大"},
				{"<b>&amp;</b>", "subgraph", `a"]:::x -->|b| c[`},
				{"`**x**_y_`", "#35;", `a"]:::x -->|b| c[`},
				{"end", `"`, "`**x**_y_`"},
				{"end", "end", "<b>&amp;</b>"},
			},
		},
	},
	"loop": {
		of: Application{
			Name:       "loop",
			Streamlets: map[string]Streamlet{"retry": {Inlets: map[string]Port{"in": {}}, Outlets: map[string]Port{"out": {}}}},
			Topics:     map[string]Topic{"retry": {Producers: []string{"retry.out"}, Consumers: []string{"retry.in"}, Name: "later", NameUnknown: true, Partitions: new(int64(1))}},
		},
		says: drawn{Nodes: []string{"retry", "retry|1 partition"}, Edges: [][3]string{{"retry", "in", "retry"}, {"retry", "out", "retry"}}},
	},
	"nothing": {of: Application{Name: "nothing"}},
}

// TestDiagram holds the golden texts, which .ci/mermaid gives to Mermaid.
func TestDiagram(t *testing.T) {
	t.Parallel()
	for name, d := range diagrams {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			says, err := json.MarshalIndent(d.says, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", string(says)+"\n")
			golden(t, name+".mmd", d.of.Diagram(d.states, d.marks))
		})
	}
	files, err := filepath.Glob("testdata/diagrams/*.mmd")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".mmd"))
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(diagrams)), names); diff != "" && !*update {
		t.Errorf("golden texts (-made +there):\n%s", diff)
	}
}

// golden compares a text with a file of testdata/diagrams.
func golden(t *testing.T, file, text string) {
	t.Helper()
	file = filepath.Join("testdata", "diagrams", file)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
