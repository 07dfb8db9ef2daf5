package blueprint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// star is an application of n streamlets that all write one topic, and n that all read it. Each
// uses one of a few schemas.
func star(n int) Application {
	a := Application{Name: "star", Streamlets: map[string]Streamlet{}, Topics: map[string]Topic{}}
	var t Topic
	for i := range n {
		writer, reader := fmt.Sprintf("w%05d", i), fmt.Sprintf("r%05d", i)
		a.Streamlets[writer] = Streamlet{Outlets: map[string]Port{"out": {Schema: fmt.Sprintf(`"w%d"`, i%3)}}}
		a.Streamlets[reader] = Streamlet{Inlets: map[string]Port{"in": {Schema: fmt.Sprintf(`"r%d"`, i%2)}}}
		t.Producers, t.Consumers = append(t.Producers, writer+".out"), append(t.Consumers, reader+".in")
	}
	a.Topics["all"] = t
	return a
}

// TestCheckAsksEachQuestionOnce counts what is asked of schemas: the number of different texts and
// pairs, whatever the number of ports.
func TestCheckAsksEachQuestionOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{6, 60, 600} {
		schemas := &fakeSchemas{}
		expect(t, star(n).Check(Limits{Schemas: schemas}), nil)
		if len(schemas.parsed) != 5 || len(schemas.compared) != 6 {
			t.Errorf("%d writers and readers: %d texts parsed, %d pairs compared; 5 and 6 expected", n, len(schemas.parsed), len(schemas.compared))
		}
		for question, times := range schemas.parsed {
			if times != 1 {
				t.Errorf("%d: parsed %s %d times", n, question, times)
			}
		}
		for question, times := range schemas.compared {
			if times != 1 {
				t.Errorf("%d: compared %q %d times", n, question, times)
			}
		}
	}
}

// TestCheckComparesNoEqualSchemas holds that one schema on both sides of all topics is not
// compared at all.
func TestCheckComparesNoEqualSchemas(t *testing.T) {
	t.Parallel()
	schemas := &fakeSchemas{}
	expect(t, chain(500).Check(Limits{Schemas: schemas}), nil)
	if schemas.parsed[orderSchema] != 1 || len(schemas.compared) != 0 {
		t.Errorf("parsed %v, compared %v", schemas.parsed, schemas.compared)
	}
}

// TestCheckFindsAllMistakesOfMany holds that each wrong name is told, and that only the first ones
// are looked for among all others.
func TestCheckFindsAllMistakesOfMany(t *testing.T) {
	t.Parallel()
	a := chain(300)
	for key := range a.Topics {
		a.changeTopic(key, func(t *Topic) { t.Producers = append(t.Producers, "s000001.out") })
	}
	told, near := 0, 0
	for _, f := range a.Check(Limits{}) {
		if f.Severity == flink.Error && f.Summary == `There is no streamlet "s000001"` {
			told++
			if strings.Contains(f.Detail, "Did you mean") {
				near++
			}
		}
	}
	if told != len(a.Topics) || near != mostSuggestions {
		t.Errorf("told of %d mistakes of %d, with %d suggestions; all and %d expected", told, len(a.Topics), near, mostSuggestions)
	}
}

// TestCyclesOfMany has one cycle through all streamlets, and one finding.
func TestCyclesOfMany(t *testing.T) {
	t.Parallel()
	a := chain(2000)
	a.changeTopic("t00000", func(t *Topic) { t.Producers = []string{"s01999.out"} })
	delete(a.Topics, "last")
	found := a.Check(Limits{})
	if len(found) != 1 || found[0].Severity != flink.Warning {
		t.Fatalf("%d findings", len(found))
	}
}

// TestOrderOfManyIsSmall counts what an order asks of schemas when all streamlets of a topic
// change theirs.
func TestOrderOfManyIsSmall(t *testing.T) {
	t.Parallel()
	for _, n := range []int{6, 600} {
		before, after := star(n), star(n)
		var changed []string
		for name, s := range after.Streamlets {
			changed = append(changed, name)
			for port, p := range s.Inlets {
				s.Inlets[port] = Port{Schema: p.Schema + " "}
			}
			for port, p := range s.Outlets {
				s.Outlets[port] = Port{Schema: p.Schema + " "}
			}
		}
		// The old readers do not read what the new writers write.
		schemas := &fakeSchemas{refuse: map[pair][]Mismatch{}}
		for r := range 2 {
			for w := range 3 {
				schemas.refuse[pair{fmt.Sprintf(`"r%d"`, r), fmt.Sprintf(`"w%d" `, w)}] = paidIsMissing
			}
		}
		order := Phases(&before, after, changed, schemas)
		if len(order.Phases) != 2 || len(order.Phases[0]) != n || len(order.Phases[1]) != n || order.Phases[0][0] != "r00000" {
			t.Errorf("%d: %d phases", n, len(order.Phases))
		}
		if len(schemas.compared) != 12 || len(order.Notes) != 6 {
			t.Errorf("%d: %d pairs compared for %d notes; 12 and 6 expected", n, len(schemas.compared), len(order.Notes))
		}
	}
}

var sizes = []int{10, 100, 1000}

func BenchmarkCheck(b *testing.B) {
	for _, n := range sizes {
		a := chain(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if found := a.Check(Limits{Name: 45, Object: 253, Schemas: &fakeSchemas{}}); len(found) > 0 {
					b.Fatal(found)
				}
			}
			perStreamlet(b, n)
		})
	}
}

// BenchmarkCheckOneTopic has all streamlets at one topic.
func BenchmarkCheckOneTopic(b *testing.B) {
	for _, n := range sizes {
		a := star(n / 2)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if found := a.Check(Limits{Schemas: &fakeSchemas{}}); len(found) > 0 {
					b.Fatal(found)
				}
			}
			perStreamlet(b, n)
		})
	}
}

// BenchmarkCheckBroken has a mistake in every topic, and all streamlets in one cycle.
func BenchmarkCheckBroken(b *testing.B) {
	for _, n := range sizes {
		a := chain(n)
		a.changeTopic("t00000", func(t *Topic) { t.Producers = []string{fmt.Sprintf("s%05d.out", n-1)} })
		for key := range a.Topics {
			a.changeTopic(key, func(t *Topic) { t.Consumers = append(t.Consumers, "s000001.in", "s00001.inn") })
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if found := a.Check(Limits{}); len(found) < n {
					b.Fatal(found)
				}
			}
			perStreamlet(b, n)
		})
	}
}

func BenchmarkRender(b *testing.B) {
	for _, n := range sizes {
		a := chain(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				r := a.Render(Connections{})
				for name := range a.Streamlets {
					if _, err := r.PodTemplate(name, a.Deployment(name)); err != nil {
						b.Fatal(err)
					}
				}
			}
			perStreamlet(b, n)
		})
	}
}

func BenchmarkPhases(b *testing.B) {
	for _, n := range sizes {
		before, after := chain(n), chain(n)
		var changed []string
		for name, s := range after.Streamlets {
			changed = append(changed, name)
			s.Inlets["in"], s.Outlets["out"] = Port{Schema: paidSchema}, Port{Schema: paidSchema}
		}
		schemas := &fakeSchemas{refuse: map[pair][]Mismatch{{orderSchema, paidSchema}: paidIsMissing}}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if order := Phases(&before, after, changed, schemas); len(order.Phases) != n {
					b.Fatal(len(order.Phases))
				}
			}
			perStreamlet(b, n)
		})
	}
}

func BenchmarkDiagram(b *testing.B) {
	for _, n := range sizes {
		a := chain(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				a.Diagram(nil, Marks{})
			}
			perStreamlet(b, n)
		})
	}
}

// perStreamlet reports what stays the same when nothing is quadratic.
func perStreamlet(b *testing.B, n int) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/streamlet")
}
