package blueprint

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// told is what a test expects of a finding.
type told struct {
	severity flink.Severity
	path     string
	summary  string
	// detail is a part of it.
	detail string
}

func fault(path, summary, detail string) told { return told{flink.Error, path, summary, detail} }

func warning(path, summary, detail string) told { return told{flink.Warning, path, summary, detail} }

// expect compares findings with those that are expected, in order.
func expect(t *testing.T, found []flink.Finding, want []told) {
	t.Helper()
	for i, f := range found {
		if f.Detail == "" || !strings.HasSuffix(f.Detail, ".") || strings.HasSuffix(f.Summary, ".") || strings.Contains(f.Detail, "..") {
			t.Errorf("unfinished finding %+v", f)
		}
		got := told{f.Severity, strings.Join(f.Path, "/"), f.Summary, f.Detail}
		if i >= len(want) {
			t.Errorf("unexpected finding %+v", got)
			continue
		}
		if strings.Contains(f.Detail, want[i].detail) {
			got.detail = want[i].detail
		}
		if diff := cmp.Diff(want[i], got, cmp.AllowUnexported(told{})); diff != "" {
			t.Errorf("finding %d (-want +got):\n%s", i, diff)
		}
	}
	for _, missing := range want[min(len(found), len(want)):] {
		t.Errorf("missing finding %+v", missing)
	}
}

func TestCheckFindsNothing(t *testing.T) {
	t.Parallel()
	expect(t, payments().Check(Limits{Name: 45, Object: 253, Schemas: &fakeSchemas{}}), nil)
	expect(t, chain(40).Check(Limits{Schemas: &fakeSchemas{}}), nil)
}

// TestCheck has one broken blueprint a row: what is changed in the valid one, and all that is
// said about it.
func TestCheck(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 250)
	tests := map[string]struct {
		change func(*Application)
		want   []told
	}{
		"no streamlets": {func(a *Application) { a.Streamlets, a.Topics = nil, nil }, []told{
			fault("streamlets", "The application has no streamlets", "Add a streamlet"),
		}},
		"no name": {func(a *Application) { a.Name = "" }, []told{
			fault("name", `The name "" is not valid for an application`, "a letter first"),
		}},
		"a capital in the name": {func(a *Application) { a.Name = "Payments" }, []told{
			fault("name", `The name "Payments" is not valid for an application`, "lower case"),
		}},
		"a digit before the name": {func(a *Application) { a.Name = "1payments" }, []told{
			fault("name", `The name "1payments" is not valid for an application`, "a letter first"),
		}},
		"an underscore in a streamlet": {func(a *Application) { a.Streamlets["cold_store"] = Streamlet{Config: map[string]string{"a": "b"}} }, []told{
			fault("streamlets/cold_store", `The name "cold_store" is not valid for a streamlet`, `"payments-cold_store"`),
			warning("streamlets/cold_store", `The streamlet "cold_store" has neither inlets nor outlets`, "Add inlets or outlets"),
		}},
		"a hyphen at the end of a streamlet": {func(a *Application) { a.change("report", func(s *Streamlet) { s.MovedFrom = "report-" }) }, []told{
			fault("streamlets/report/moved_from", `"report-" is not the name of a streamlet`, "the name that the streamlet had before"),
		}},
		"a deployment's name is too long": {func(a *Application) { a.Name = strings.Repeat("p", 39) }, []told{
			fault("streamlets/enrich", fmt.Sprintf("The name of the deployment %q is too long", strings.Repeat("p", 39)+"-enrich"), "It has 46 characters, and 45 are possible"),
			fault("streamlets/ingest", fmt.Sprintf("The name of the deployment %q is too long", strings.Repeat("p", 39)+"-ingest"), "Shorten the name"),
			fault("streamlets/report", fmt.Sprintf("The name of the deployment %q is too long", strings.Repeat("p", 39)+"-report"), "Shorten the name"),
		}},
		"a streamlet with the name of a color": {func(a *Application) {
			a.Streamlets["report-green"] = Streamlet{Inlets: map[string]Port{"paid": {}}}
			a.changeTopic("paid", func(t *Topic) { t.Consumers = append(t.Consumers, "report-green.paid") })
		}, []told{
			warning("streamlets/report-green", `The streamlets "report" and "report-green" get in each other's way`, `"payments-report-green"`),
		}},
		"a streamlet without ports": {func(a *Application) { a.Streamlets["idle"] = Streamlet{} }, []told{
			warning("streamlets/idle", `The streamlet "idle" has neither inlets nor outlets`, "it is told of no brokers"),
		}},
		"a blank in a port": {func(a *Application) {
			a.change("report", func(s *Streamlet) { s.Inlets["late ones"] = Port{} })
			a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{"report.late ones"} })
		}, []told{
			fault("streamlets/report/inlets/late ones", `The name "late ones" is not valid for an inlet`, `Topics name it as "report.late ones"`),
		}},
		"a dot in a port": {func(a *Application) {
			a.change("report", func(s *Streamlet) { s.Outlets = map[string]Port{"a.b": {}} })
		}, []told{
			fault("streamlets/report/outlets/a.b", `The name "a.b" is not valid for an outlet`, "letters, digits, hyphens and underscores"),
			warning("streamlets/report/outlets/a.b", `The outlet "report.a.b" is in no topic`, "records go nowhere"),
		}},
		"an inlet and an outlet of one name": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.Outlets["orders"] = Port{} })
			a.changeTopic("rejected", func(t *Topic) { t.Producers = append(t.Producers, "enrich.orders") })
		}, []told{
			fault("streamlets/enrich/outlets/orders", `The streamlet "enrich" has an inlet and an outlet "orders"`, "Rename one of them"),
		}},
		"a version without a subject": {func(a *Application) {
			a.change("report", func(s *Streamlet) { s.Inlets["paid"] = Port{Version: "3"} })
		}, []told{
			fault("streamlets/report/inlets/paid/subject", `The schema of "report.paid" has a version and no subject`, "Set subject"),
		}},
		"a version that is none": {func(a *Application) {
			a.change("report", func(s *Streamlet) { s.Inlets["paid"] = Port{Subject: "paid-value", Version: "v3"} })
		}, []told{
			fault("streamlets/report/inlets/paid/version", `"v3" is not a version of a schema`, `of subject "paid-value"`),
		}},
		"version zero": {func(a *Application) {
			a.change("report", func(s *Streamlet) { s.Inlets["paid"] = Port{Subject: "paid-value", Version: "0"} })
		}, []told{
			fault("streamlets/report/inlets/paid/version", `"0" is not a version of a schema`, "from 1 on"),
		}},
		"an empty configuration key": {func(a *Application) { a.change("enrich", func(s *Streamlet) { s.Config = map[string]string{"": "x"} }) }, []told{
			fault("streamlets/enrich/config/", `"" is not a key of a streamlet's configuration`, "1 to 253 characters"),
		}},
		"a secret in the configuration": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) {
				s.Config = map[string]string{"db.password": "x", "db.user": "x", "old.password": ""}
			})
		}, []told{
			warning("streamlets/enrich/config/db.password", `The value of "db.password" may be a secret`, "config_secrets"),
		}},
		"a blank in a configuration key": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.Config = map[string]string{"max lag": "x"} })
		}, []told{
			fault("streamlets/enrich/config/max lag", `"max lag" is not a key of a streamlet's configuration`, "neither blanks"),
		}},
		"a line end in a secret's configuration key": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.ConfigSecrets = map[string]flink.SecretRef{"a\nb": {Secret: "s", Key: "k"}} })
		}, []told{
			fault("streamlets/enrich/config_secrets/a\nb", `"a\nb" is not a key of a streamlet's configuration`, "control characters"),
		}},
		"a key in config and in config_secrets": {func(a *Application) { a.change("ingest", func(s *Streamlet) { s.Config["api-key"] = "x" }) }, []told{
			fault("streamlets/ingest/config_secrets/api-key", `The streamlet "ingest" has "api-key" in config and in config_secrets`, "Remove the key from one of them"),
		}},
		"a Secret that cannot be": {func(a *Application) {
			a.change("ingest", func(s *Streamlet) { s.ConfigSecrets["api-key"] = flink.SecretRef{Secret: "../x", Key: "token"} })
		}, []told{
			fault("streamlets/ingest/config_secrets/api-key/secret", `"../x" is not the name of a Secret`, "Change secret"),
		}},
		"a Secret's key that cannot be": {func(a *Application) {
			a.change("ingest", func(s *Streamlet) { s.ConfigSecrets["api-key"] = flink.SecretRef{Secret: "partner", Key: "a/b"} })
		}, []told{
			fault("streamlets/ingest/config_secrets/api-key/key", `"a/b" is not a key of a Secret`, "Change key"),
		}},
		"moved from itself": {func(a *Application) { a.change("enrich", func(s *Streamlet) { s.MovedFrom = "enrich" }) }, []told{
			fault("streamlets/enrich/moved_from", `The streamlet "enrich" is moved from itself`, "Remove it"),
		}},
		"moved from one that is there": {func(a *Application) { a.change("enrich", func(s *Streamlet) { s.MovedFrom = "ingest" }) }, []told{
			fault("streamlets/enrich/moved_from", `The streamlet "enrich" is moved from one that is still there`, `has "ingest" and "enrich"`),
		}},
		"two moved from one": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.MovedFrom = "join" })
			a.change("report", func(s *Streamlet) { s.MovedFrom = "join" })
		}, []told{
			fault("streamlets/report/moved_from", `The streamlets "enrich" and "report" are moved from the same one`, `as "join"`),
		}},
		"no dot in a producer": {func(a *Application) { a.changeTopic("rejected", func(t *Topic) { t.Producers = []string{"ingest"} }) }, []told{
			fault("topics/rejected/producers/0", `"ingest" is not a port`, "the streamlet, a dot and its outlet"),
			warning("streamlets/ingest/outlets/invalid", `The outlet "ingest.invalid" is in no topic`, "Name it in producers of a topic"),
		}},
		"two dots in a consumer": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{"report.in.x"} })
		}, []told{
			fault("topics/rejected/consumers/0", `"report.in.x" is not a port`, "the streamlet, a dot and its inlet"),
		}},
		"no streamlet before the dot": {func(a *Application) { a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{".in"} }) }, []told{
			fault("topics/rejected/consumers/0", `".in" is not a port`, "A consumer of topic \"rejected\""),
		}},
		"no port after the dot": {func(a *Application) { a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{"report."} }) }, []told{
			fault("topics/rejected/consumers/0", `"report." is not a port`, `for example "ingest.valid"`),
		}},
		"an empty consumer": {func(a *Application) { a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{""} }) }, []told{
			fault("topics/rejected/consumers/0", `"" is not a port`, "A consumer"),
		}},
		"a misspelled streamlet": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Producers = append(t.Producers, "ingset.invalid") })
		}, []told{
			fault("topics/rejected/producers/1", `There is no streamlet "ingset"`, `Did you mean "ingest"? The streamlets are enrich, ingest, report.`),
		}},
		"a streamlet like no other": {func(a *Application) {
			a.changeTopic("paid", func(t *Topic) { t.Consumers = append(t.Consumers, "billing.in") })
		}, []told{
			fault("topics/paid/consumers/1", `There is no streamlet "billing"`, `as a consumer. The streamlets are enrich, ingest, report.`),
		}},
		"a misspelled port": {func(a *Application) {
			a.changeTopic("orders", func(t *Topic) { t.Producers = []string{"ingest.vaild"} })
		}, []told{
			fault("topics/orders/producers/0", `The streamlet "ingest" has no outlet "vaild"`, `Did you mean "valid"? The outlets of "ingest" are invalid, valid.`),
			warning("streamlets/ingest/outlets/valid", `The outlet "ingest.valid" is in no topic`, "records go nowhere"),
		}},
		"a port of a streamlet that has none": {func(a *Application) {
			a.changeTopic("paid", func(t *Topic) { t.Consumers = append(t.Consumers, "ingest.in") })
		}, []told{
			fault("topics/paid/consumers/1", `The streamlet "ingest" has no inlet "in"`, `There are no inlets of "ingest".`),
		}},
		"an outlet as a consumer": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{"enrich.out"} })
		}, []told{
			fault("topics/rejected/consumers/0", `"enrich.out" is an outlet and cannot be a consumer`, "Move it to producers"),
		}},
		"an inlet as a producer": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Producers = append(t.Producers, "report.paid") })
		}, []told{
			fault("topics/rejected/producers/1", `"report.paid" is an inlet and cannot be a producer`, `name an outlet of "report"`),
		}},
		"a producer twice": {func(a *Application) {
			a.changeTopic("orders", func(t *Topic) { t.Producers = append(t.Producers, "ingest.valid") })
		}, []told{
			fault("topics/orders/producers/1", `Topic "orders" names the producer "ingest.valid" twice`, "Remove one of them"),
		}},
		"an unknown consumer twice": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{"x.y", "x.y"} })
		}, []told{
			fault("topics/rejected/consumers/0", `There is no streamlet "x"`, "The streamlets are"),
			fault("topics/rejected/consumers/1", `Topic "rejected" names the consumer "x.y" twice`, "Remove one of them"),
		}},
		"an inlet in no topic": {func(a *Application) { a.changeTopic("paid", func(t *Topic) { t.Consumers = nil }) }, []told{
			fault("streamlets/report/inlets/paid", `The inlet "report.paid" is in no topic`, "Name it in consumers of a topic"),
		}},
		"an inlet in two topics": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{"report.paid"} })
		}, []told{
			fault("streamlets/report/inlets/paid", `The inlet "report.paid" is in 2 topics`, "a consumer of the topics paid, rejected"),
		}},
		"an outlet in two topics": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) { t.Producers = append(t.Producers, "ingest.valid") })
		}, []told{
			fault("streamlets/ingest/outlets/valid", `The outlet "ingest.valid" is in 2 topics`, "a producer of the topics orders, rejected"),
		}},
		"an outlet in no topic": {func(a *Application) { delete(a.Topics, "rejected") }, []told{
			warning("streamlets/ingest/outlets/invalid", `The outlet "ingest.invalid" is in no topic`, "Its records go nowhere"),
		}},
		"a topic that joins nothing": {func(a *Application) { a.Topics["spare"] = Topic{} }, []told{
			warning("topics/spare", `The topic "spare" joins nothing`, "neither producers nor consumers"),
		}},
		"a slash in a topic": {func(a *Application) {
			a.Topics["a/b"] = Topic{Producers: []string{"ingest.invalid"}}
			delete(a.Topics, "rejected")
		}, []told{
			fault("topics/a/b", `The name "a/b" is not valid for a topic`, "letters, digits, dots, underscores and hyphens"),
		}},
		"a topic without a name": {func(a *Application) {
			a.Topics[""] = Topic{Producers: []string{"ingest.invalid"}}
			delete(a.Topics, "rejected")
		}, []told{
			fault("topics/", `The name "" is not valid for a topic`, "The name is empty"),
		}},
		"a blank in a topic's name": {func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.Name = "orders v1" }) }, []told{
			fault("topics/orders/topic_name", `"orders v1" is not the name of a topic in Kafka`, "Change topic_name"),
		}},
		"a topic's name is a folder": {func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.Name = ".." }) }, []told{
			fault("topics/orders/topic_name", `".." is not the name of a topic in Kafka`, "folders"),
		}},
		"a topic's name is too long": {func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.Name = long }) }, []told{
			fault("topics/orders/topic_name", fmt.Sprintf("%q is not the name of a topic in Kafka", long), "at most 249 characters"),
		}},
		"two topics of one name": {func(a *Application) { a.changeTopic("rejected", func(t *Topic) { t.Name = "orders-v1" }) }, []told{
			fault("topics/rejected/topic_name", `The topics "orders" and "rejected" are one in Kafka`, `Both are called "orders-v1"`),
		}},
		"a topic of the name of another one": {func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.Name = "paid" }) }, []told{
			fault("topics/paid", `The topics "orders" and "paid" are one in Kafka`, `Both are called "paid"`),
		}},
		"topics that collide": {func(a *Application) {
			a.changeTopic("orders", func(t *Topic) { t.Name = "orders.1" })
			a.changeTopic("rejected", func(t *Topic) { t.Name = "orders_1" })
		}, []told{
			fault("topics/rejected/topic_name", `The topics "orders" and "rejected" cannot be beside each other`, `Kafka takes "orders.1" and "orders_1" for the same name`),
		}},
		"the name of a topic's resource is too long": {func(a *Application) {
			a.Topics[strings.Repeat("r", 245)] = Topic{Producers: []string{"ingest.invalid"}}
			delete(a.Topics, "rejected")
		}, []told{
			fault("topics/"+strings.Repeat("r", 245), fmt.Sprintf("The name of the resource of topic %q is too long", strings.Repeat("r", 245)), "has 254 characters, and 253 are possible"),
		}},
		"no partitions": {func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.Partitions = new(int64(0)) }) }, []told{
			fault("topics/orders/partitions", `Topic "orders" cannot have 0 partitions`, "1 to 2147483647 partitions"),
		}},
		"partitions below none": {func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.Partitions = new(int64(-3)) }) }, []told{
			fault("topics/orders/partitions", `Topic "orders" cannot have -3 partitions`, "Change the number"),
		}},
		"no replicas": {func(a *Application) {
			a.changeTopic("orders", func(t *Topic) { t.Replicas, t.Config = new(int64(0)), nil })
		}, []told{
			fault("topics/orders/replicas", `Topic "orders" cannot have 0 replicas`, "1 to 32767 replicas"),
		}},
		"more replicas than Kafka can count": {func(a *Application) {
			a.changeTopic("orders", func(t *Topic) { t.Replicas = new(int64(math.MaxInt16 + 1)) })
		}, []told{
			fault("topics/orders/replicas", `Topic "orders" cannot have 32768 replicas`, "the brokers' default"),
		}},
		"a blank in a topic's configuration": {func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.Config["retention ms"] = "1" }) }, []told{
			fault("topics/orders/config/retention ms", `"retention ms" is not a configuration key of a topic`, "retention.ms"),
		}},
		"more replicas in sync than there are": {func(a *Application) {
			a.changeTopic("orders", func(t *Topic) { t.Config["min.insync.replicas"] = "4" })
		}, []told{
			warning("topics/orders/config/min.insync.replicas", `Topic "orders" asks for more replicas in sync than it has`, "acks=all"),
		}},
		"the shape of a topic that is not managed": {func(a *Application) {
			a.changeTopic("rejected", func(t *Topic) {
				t.Partitions, t.Replicas, t.Config = new(int64(1)), new(int64(1)), map[string]string{"retention.ms": "1"}
			})
		}, []told{
			warning("topics/rejected/partitions", `The partitions of topic "rejected" have no effect`, "Remove partitions, or managed = false"),
			warning("topics/rejected/replicas", `The replicas of topic "rejected" have no effect`, "somebody else makes it"),
			warning("topics/rejected/config", `The config of topic "rejected" has no effect`, "not managed"),
		}},
		"a schema that is none": {func(a *Application) {
			a.change("ingest", func(s *Streamlet) { s.Outlets["valid"] = Port{Schema: brokenSchema} })
		}, []told{
			fault("streamlets/ingest/outlets/valid/schema", `The schema of "ingest.valid" is not an Avro schema`, `There is no type "thing". Correct the schema.`),
		}},
		"a registered schema that is none": {func(a *Application) {
			a.change("report", func(s *Streamlet) {
				s.Inlets["paid"] = Port{Schema: brokenSchema, Subject: "paid-value", Version: "7"}
			})
		}, []told{
			fault("streamlets/report/inlets/paid/schema", `The schema of "report.paid" is not an Avro schema`, `Correct the schema (subject "paid-value", version 7).`),
		}},
		"a reader that does not read the writer": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.Inlets["orders"] = Port{Schema: paidSchema} })
		}, []told{
			fault("streamlets/enrich/inlets/orders/schema", `"enrich.orders" cannot read what "ingest.valid" writes`,
				`Both are joined by topic "orders". paid: the writer has no such field and the reader no default (reader: boolean). Writers: ingest.valid. Change the schema`),
		}},
		"a registered reader that does not read one of two writers": {func(a *Application) {
			a.change("ingest", func(s *Streamlet) { s.Outlets["invalid"] = Port{Schema: orderSchema} })
			a.changeTopic("rejected", func(t *Topic) { t.Producers, t.Consumers = nil, nil })
			a.changeTopic("paid", func(t *Topic) { t.Producers = append(t.Producers, "ingest.invalid") })
		}, []told{
			warning("topics/rejected", `The topic "rejected" joins nothing`, "remove it"),
			fault("streamlets/report/inlets/paid/schema", `"report.paid" cannot read what "ingest.invalid" writes`, `Change the schema (subject "paid-value", version latest)`),
		}},
		"schemas that cannot be compared": {func(a *Application) {
			a.change("ingest", func(s *Streamlet) { s.Outlets["valid"] = Port{Schema: `"unreadable"`} })
		}, []told{
			fault("streamlets/enrich/inlets/orders/schema", `"enrich.orders" cannot read what "ingest.valid" writes`, "the schema is too deep"),
		}},
		"a streamlet that reads what it writes": {func(a *Application) {
			a.change("enrich", func(s *Streamlet) { s.Inlets["again"] = Port{} })
			a.Topics["retry"] = Topic{Producers: []string{"enrich.retry"}, Consumers: []string{"enrich.again"}}
			a.change("enrich", func(s *Streamlet) { s.Outlets["retry"] = Port{} })
		}, []told{
			warning("topics/retry", `The streamlet "enrich" reads what it writes`, "enrich.retry -> retry -> enrich.again."),
		}},
		"a cycle of two streamlets": {func(a *Application) {
			a.change("report", func(s *Streamlet) { s.Outlets = map[string]Port{"late": {}} })
			a.changeTopic("orders", func(t *Topic) { t.Producers = append(t.Producers, "report.late") })
		}, []told{
			warning("topics/paid", `Records can go around through the streamlet "enrich"`, "enrich.out -> paid -> report.paid, report.late -> orders -> enrich.orders."),
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := payments()
			test.change(&a)
			schemas := &fakeSchemas{refuse: map[pair][]Mismatch{{paidSchema, orderSchema}: paidIsMissing}}
			expect(t, a.Check(Limits{Name: 45, Object: 253, Schemas: schemas}), test.want)
		})
	}
}
