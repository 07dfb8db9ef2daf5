package blueprint

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Schemas of the tests. Only fakeSchemas knows what they mean.
const (
	orderSchema  = `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}`
	paidSchema   = `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"paid","type":"boolean"}]}`
	brokenSchema = `{"type":"thing"}`
)

// fakeSchemas reads every schema with every other one, but for the pairs in refuse. It
// counts what it is asked.
type fakeSchemas struct {
	refuse           map[pair][]Mismatch
	parsed, compared map[string]int
}

func (f *fakeSchemas) Parse(text string) error {
	if f.parsed == nil {
		f.parsed = map[string]int{}
	}
	f.parsed[text]++
	if strings.Contains(text, "thing") {
		return errors.New(`there is no type "thing"`)
	}
	return nil
}

func (f *fakeSchemas) Mismatches(reader, writer string) ([]Mismatch, error) {
	if f.compared == nil {
		f.compared = map[string]int{}
	}
	f.compared[reader+"\x00"+writer]++
	if strings.Contains(writer, "unreadable") {
		return nil, errors.New("the schema is too deep")
	}
	return f.refuse[pair{reader, writer}], nil
}

// paidIsMissing is what a reader with the field says of a writer without.
var paidIsMissing = []Mismatch{{Path: "paid", Reader: "boolean", Reason: "the writer has no such field and the reader no default"}}

// payments is an application that no check has anything to say about.
func payments() Application {
	return Application{
		Name: "payments",
		Streamlets: map[string]Streamlet{
			"ingest": {
				Outlets:       map[string]Port{"valid": {Schema: orderSchema}, "invalid": {}},
				Config:        map[string]string{"max-lag": "5s"},
				ConfigSecrets: map[string]flink.SecretRef{"api-key": {Secret: "partner", Key: "token"}},
			},
			"enrich": {
				Inlets:  map[string]Port{"orders": {Schema: orderSchema}},
				Outlets: map[string]Port{"out": {Schema: paidSchema, Subject: "paid-value", Version: "3"}},
			},
			"report": {Inlets: map[string]Port{"paid": {Schema: paidSchema, Subject: "paid-value", Version: "latest"}}},
		},
		Topics: map[string]Topic{
			"orders":   {Producers: []string{"ingest.valid"}, Consumers: []string{"enrich.orders"}, Name: "orders-v1", Partitions: new(int64(12)), Replicas: new(int64(3)), Config: map[string]string{"retention.ms": "3600000", "min.insync.replicas": "2"}},
			"rejected": {Producers: []string{"ingest.invalid"}, Managed: new(false)},
			"paid":     {Producers: []string{"enrich.out"}, Consumers: []string{"report.paid"}},
		},
	}
}

// change edits a streamlet of an application.
func (a Application) change(name string, edit func(*Streamlet)) {
	s := a.Streamlets[name]
	edit(&s)
	a.Streamlets[name] = s
}

// changeTopic edits a topic of an application.
func (a Application) changeTopic(key string, edit func(*Topic)) {
	t := a.Topics[key]
	edit(&t)
	a.Topics[key] = t
}

// chain is an application of n streamlets, each of which reads what the one before writes,
// with one topic between each two.
func chain(n int) Application {
	a := Application{Name: "chain", Streamlets: make(map[string]Streamlet, n), Topics: make(map[string]Topic, n)}
	for i := range n {
		s := Streamlet{
			Inlets: map[string]Port{"in": {Schema: orderSchema}}, Outlets: map[string]Port{"out": {Schema: orderSchema}},
			Config: map[string]string{"number": fmt.Sprint(i)},
		}
		a.Streamlets[fmt.Sprintf("s%05d", i)] = s
		t := Topic{Consumers: []string{fmt.Sprintf("s%05d.in", i)}}
		if i > 0 {
			t.Producers = []string{fmt.Sprintf("s%05d.out", i-1)}
		}
		a.Topics[fmt.Sprintf("t%05d", i)] = t
	}
	a.Topics["last"] = Topic{Producers: []string{fmt.Sprintf("s%05d.out", n-1)}}
	return a
}
