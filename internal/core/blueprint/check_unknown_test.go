package blueprint

import (
	"strings"
	"testing"
)

// TestCheckOfUnknowns has what cannot be judged yet, or where nobody can.
func TestCheckOfUnknowns(t *testing.T) {
	t.Parallel()
	refuse := map[pair][]Mismatch{{paidSchema, orderSchema}: paidIsMissing}
	tests := map[string]struct {
		change func(*Application)
		of     Limits
	}{
		"a schema that is not known": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.Inlets["orders"] = Port{Schema: paidSchema, Version: "?", Unknown: true} })
		}, Limits{Schemas: &fakeSchemas{refuse: refuse}}},
		"a writer's schema that is not known": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.Inlets["orders"] = Port{Schema: paidSchema} })
			a.change("ingest", func(s *Streamlet) { s.Outlets["valid"] = Port{Schema: orderSchema, Unknown: true} })
		}, Limits{Schemas: &fakeSchemas{refuse: refuse}}},
		"a reader without a schema": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.Inlets["orders"] = Port{} })
		}, Limits{Schemas: &fakeSchemas{refuse: refuse}}},
		"nobody reads schemas": {func(a *Application) {
			a.change("ingest", func(s *Streamlet) { s.Outlets["valid"] = Port{Schema: brokenSchema} })
		}, Limits{}},
		"a name that is not known": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Name, t.NameUnknown = "paid", true })
			a.changeTopic("orders", func(t *Topic) { t.Name, t.NameUnknown = "no name", true })
		}, Limits{}},
		"the application's name": {func(a *Application) { a.Name, a.NameUnknown = "", true }, Limits{}},
		"which topics there are": {func(a *Application) { a.Topics, a.TopicsUnknown = nil, true }, Limits{}},
		"what a topic joins": {func(a *Application) {
			a.TopicsUnknown = true
			a.changeTopic("orders", func(t *Topic) { t.Producers, t.Consumers = nil, nil })
		}, Limits{}},
		"which ports there are": {func(a *Application) {
			a.change("ingest", func(s *Streamlet) { s.Inlets, s.Outlets, s.PortsUnknown = nil, nil, true })
		}, Limits{}},
		"a resource's name where there are no resources": {func(a *Application) {
			a.Topics[strings.Repeat("r", 245)] = Topic{Producers: []string{"ingest.invalid"}}
			delete(a.Topics, "rejected")
		}, Limits{}},
		"the name of the resource of a topic that is not managed": {func(a *Application) {
			a.Topics[strings.Repeat("r", 245)] = Topic{Producers: []string{"ingest.invalid"}, Managed: new(false)}
			delete(a.Topics, "rejected")
		}, Limits{Object: 253}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := payments()
			test.change(&a)
			expect(t, a.Check(test.of), nil)
		})
	}
}

// TestCheckNamesEachMismatch holds that a message has the first mismatches and the number of
// the others.
func TestCheckNamesEachMismatch(t *testing.T) {
	t.Parallel()
	a := payments()
	a.change("enrich", func(s *Streamlet) { s.Inlets["orders"] = Port{Schema: paidSchema} })
	var mismatches []Mismatch
	for _, path := range []string{"a", "b", "c", "d", "e"} {
		mismatches = append(mismatches, Mismatch{Path: path, Reader: "int", Writer: "string", Reason: "no number."})
	}
	expect(t, a.Check(Limits{Schemas: &fakeSchemas{refuse: map[pair][]Mismatch{{paidSchema, orderSchema}: mismatches}}}), []told{
		fault("streamlets/enrich/inlets/orders/schema", `"enrich.orders" cannot read what "ingest.valid" writes`,
			`a: no number (reader: int, writer: string); b: no number (reader: int, writer: string); c: no number (reader: int, writer: string) (and 2 more). Writers`),
	})
}
