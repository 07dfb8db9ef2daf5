package blueprint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// evolution is a change of schemas on a line of streamlets a, b, c, each of which reads what the one
// before writes: which version reads which is in the rows of TestPhases.
func evolution(change func(*Application)) Application {
	a := Application{
		Name: "line",
		Streamlets: map[string]Streamlet{
			"a": {Outlets: map[string]Port{"out": {Schema: "x1"}}},
			"b": {Inlets: map[string]Port{"in": {Schema: "x1"}}, Outlets: map[string]Port{"out": {Schema: "y1"}}},
			"c": {Inlets: map[string]Port{"in": {Schema: "y1"}}},
		},
		Topics: map[string]Topic{
			"x": {Producers: []string{"a.out"}, Consumers: []string{"b.in"}},
			"y": {Producers: []string{"b.out"}, Consumers: []string{"c.in"}},
		},
	}
	change(&a)
	return a
}

// evolve changes topic x to x2, and y to y2.
func evolve(x, y bool) func(*Application) {
	return func(a *Application) {
		if x {
			a.Streamlets["a"].Outlets["out"], a.Streamlets["b"].Inlets["in"] = Port{Schema: "x2"}, Port{Schema: "x2"}
		}
		if y {
			a.Streamlets["b"].Outlets["out"], a.Streamlets["c"].Inlets["in"] = Port{Schema: "y2"}, Port{Schema: "y2"}
		}
	}
}

// feedback has c write to a topic back what b reads, with the schemas of topic x: where only new
// readers read both, b begins before c for it, and c before b for y.
func feedback(a *Application, schema string) {
	a.change("c", func(s *Streamlet) { s.Outlets = map[string]Port{"back": {Schema: schema}} })
	a.change("b", func(s *Streamlet) { s.Inlets["back"] = Port{Schema: schema} })
	a.Topics["back"] = Topic{Producers: []string{"c.back"}, Consumers: []string{"b.back"}}
}

// beside has a further streamlet read what a writes, by a topic z.
func beside(a *Application, schema string) {
	a.change("a", func(s *Streamlet) { s.Outlets["more"] = Port{Schema: schema} })
	a.Streamlets["aa"] = Streamlet{Inlets: map[string]Port{"in": {Schema: schema}}}
	a.Topics["z"] = Topic{Producers: []string{"a.more"}, Consumers: []string{"aa.in"}}
}

func TestPhases(t *testing.T) {
	t.Parallel()
	all := []string{"c", "b", "a"}
	const (
		newOnlyX = `Topic "x": first b, then a, because only the new schema of b reads the old and the new records.`
		newOnlyY = `Topic "y": first c, then b, because only the new schema of c reads the old and the new records.`
		oldOnlyX = `Topic "x": first a, then b, because the old schema of b reads the new records, and the new one does not read the old ones. All of those have to be read before it changes.`
	)
	tests := map[string]struct {
		before func(*Application)
		after  func(*Application)
		// refuse are pairs "reader writer".
		refuse  []string
		changed []string
		want    [][]string
		// notes begin with an exclamation mark where they are unsafe.
		notes []string
	}{
		"no schema changes": {nil, func(*Application) {}, []string{"x1 y1"}, all, [][]string{{"a", "b", "c"}}, nil},
		"nothing changes":   {nil, func(*Application) {}, nil, nil, nil, nil},
		"both ways": {
			nil, evolve(true, false), nil, all,
			[][]string{{"a", "b", "c"}},
			[]string{`Topic "x": b and a in any order, because their old and new schemas read each other's records.`},
		},
		"backward":          {nil, evolve(true, false), []string{"x1 x2"}, all, [][]string{{"b", "c"}, {"a"}}, []string{newOnlyX}},
		"forward":           {nil, evolve(true, false), []string{"x2 x1"}, all, [][]string{{"a", "c"}, {"b"}}, []string{oldOnlyX}},
		"backward twice":    {nil, evolve(true, true), []string{"x1 x2", "y1 y2"}, all, [][]string{{"c"}, {"b"}, {"a"}}, []string{newOnlyX, newOnlyY}},
		"forward, backward": {nil, evolve(true, true), []string{"x2 x1", "y1 y2"}, all, [][]string{{"a", "c"}, {"b"}}, []string{oldOnlyX, newOnlyY}},
		"neither": {
			nil, evolve(true, false),
			[]string{"x2 x1", "x1 x2"},
			all,
			[][]string{{"a", "b", "c"}},
			[]string{`!Topic "x": b and a in any order, because none is right: the old schema of b does not read the new records, and the new one does not read the old ones. Change the schemas in two steps, or take another topic.`},
		},
		"one side does not change": {nil, evolve(true, false), []string{"x1 x2"}, []string{"a", "c"}, [][]string{{"a", "c"}}, nil},
		"a streamlet that is gone": {nil, evolve(true, false), []string{"x1 x2"}, []string{"a", "b", "gone"}, [][]string{{"b"}, {"a"}}, []string{newOnlyX}},
		"named twice":              {nil, evolve(true, false), []string{"x1 x2"}, []string{"a", "b", "a"}, [][]string{{"b"}, {"a"}}, []string{newOnlyX}},
		"a moved streamlet": {nil, func(a *Application) {
			evolve(true, false)(a)
			s := a.Streamlets["b"]
			s.MovedFrom = "b"
			delete(a.Streamlets, "b")
			a.Streamlets["z"] = s
			a.Topics["x"] = Topic{Producers: []string{"a.out"}, Consumers: []string{"z.in"}}
			a.Topics["y"] = Topic{Producers: []string{"z.out"}, Consumers: []string{"c.in"}}
		}, []string{"x1 x2"}, []string{"a", "z"}, [][]string{{"z"}, {"a"}}, []string{`Topic "x": first z, then a, because only the new schema of z reads the old and the new records.`}},
		"another topic": {nil, func(a *Application) {
			evolve(true, false)(a)
			a.changeTopic("x", func(t *Topic) { t.Name = "x-2" })
		}, []string{"x1 x2"}, all, [][]string{{"a", "b", "c"}}, nil},
		"the same topic by another key": {nil, func(a *Application) {
			evolve(true, false)(a)
			a.Topics["q"] = Topic{Producers: []string{"a.out"}, Consumers: []string{"b.in"}, Name: "x"}
			delete(a.Topics, "x")
		}, []string{"x1 x2"}, all, [][]string{{"b", "c"}, {"a"}}, []string{strings.ReplaceAll(newOnlyX, `"x"`, `"q"`)}},
		"the same topic by its key": {func(a *Application) {
			a.changeTopic("x", func(t *Topic) { t.Name = "somewhere" })
		}, func(a *Application) {
			evolve(true, false)(a)
			a.changeTopic("x", func(t *Topic) { t.NameUnknown = true })
		}, []string{"x1 x2"}, all, [][]string{{"b", "c"}, {"a"}}, []string{newOnlyX}},
		"a new writer": {func(a *Application) {
			a.Topics["x"] = Topic{Consumers: []string{"b.in"}}
			delete(a.Streamlets, "a")
		}, evolve(true, false), []string{"x1 x2"}, []string{"a", "b"}, [][]string{{"b"}, {"a"}}, []string{newOnlyX}},
		"a schema that is not known": {nil, func(a *Application) {
			evolve(true, false)(a)
			a.Streamlets["a"].Outlets["out"] = Port{Schema: "x2", Unknown: true}
		}, []string{"x1 x2"}, all, [][]string{{"a", "b", "c"}}, nil},
		"a contradiction": {
			func(a *Application) { feedback(a, "x1") },
			func(a *Application) {
				evolve(true, true)(a)
				feedback(a, "x2")
			},
			[]string{"x1 x2", "y1 y2"},
			all,
			[][]string{{"b", "c"}, {"a"}},
			[]string{
				`!Topics back, y: b, c in any order, because each would have to begin before another one. Some records cannot be read until all of them run. Change the schemas in two steps to avoid it.`,
				newOnlyX,
			},
		},
		"ways of two lengths": {
			func(a *Application) { beside(a, "x1") },
			func(a *Application) {
				evolve(true, true)(a)
				beside(a, "x2")
			},
			[]string{"x1 x2", "y1 y2"},
			append([]string{"aa"}, all...),
			[][]string{{"aa", "c"}, {"b"}, {"a"}},
			[]string{newOnlyX, newOnlyY, `Topic "z": first aa, then a, because only the new schema of aa reads the old and the new records.`},
		},
		"one reads and writes, another one only reads": {
			func(a *Application) {
				s := a.Streamlets["a"]
				s.Inlets = map[string]Port{"again": {Schema: "x1"}}
				a.Streamlets["a"] = s
				a.changeTopic("x", func(t *Topic) { t.Consumers = append(t.Consumers, "a.again") })
			},
			func(a *Application) {
				evolve(true, false)(a)
				s := a.Streamlets["a"]
				s.Inlets = map[string]Port{"again": {Schema: "x2"}}
				a.Streamlets["a"] = s
				a.changeTopic("x", func(t *Topic) { t.Consumers = append(t.Consumers, "a.again") })
			},
			[]string{"x1 x2"},
			all,
			[][]string{{"b", "c"}, {"a"}},
			[]string{newOnlyX},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schemas := &fakeSchemas{refuse: map[pair][]Mismatch{}}
			for _, text := range test.refuse {
				reader, writer, _ := strings.Cut(text, " ")
				schemas.refuse[pair{reader, writer}] = paidIsMissing
			}
			if test.before == nil {
				test.before = func(*Application) {}
			}
			before := evolution(test.before)
			order := Phases(&before, evolution(test.after), test.changed, schemas)
			if diff := cmp.Diff(test.want, order.Phases); diff != "" {
				t.Errorf("phases (-want +got):\n%s", diff)
			}
			var notes []string
			for _, note := range order.Notes {
				mark := ""
				if note.Unsafe {
					mark = "!"
				}
				notes = append(notes, mark+note.Text)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPhasesWithoutComparison has the ways in which there is nothing to compare.
func TestPhasesWithoutComparison(t *testing.T) {
	t.Parallel()
	before, after := evolution(func(*Application) {}), evolution(evolve(true, true))
	want := Order{Phases: [][]string{{"a", "b", "c"}}}
	schemas := &fakeSchemas{refuse: map[pair][]Mismatch{{"x1", "x2"}: paidIsMissing}}
	if diff := cmp.Diff(want, Phases(nil, after, []string{"a", "b", "c"}, schemas)); diff != "" {
		t.Errorf("a new application (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, Phases(&before, after, []string{"a", "b", "c"}, nil)); diff != "" {
		t.Errorf("nobody reads schemas (-want +got):\n%s", diff)
	}
}
