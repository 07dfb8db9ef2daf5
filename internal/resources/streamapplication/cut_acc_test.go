package streamapplication_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// cuts are the ways in which a command ends at a request.
var cuts = map[string]cut{
	"killed before":                {before: true, dies: true, stops: true, forgets: true},
	"killed after":                 {after: true, dies: true, stops: true, forgets: true},
	"interrupted":                  {after: true, stops: true},
	"it is forbidden":              {code: http.StatusForbidden},
	"all is forbidden from now on": {code: http.StatusForbidden, always: true},
	"the answer is lost":           {loses: true},
}

// told is a blueprint as JSON.
type told map[string]any

// said is the blueprint of two streamlets that send each other records; change changes it.
func said(change func(streamlets, topics told, whole told)) told {
	of := func(name string) told {
		return told{"image": "registry.example.com/" + name + ":1", "jar_uri": "local:///opt/flink/usrlib/" + name + ".jar", "parallelism": 1}
	}
	ingest, enrich := of("ingest"), of("enrich")
	ingest["outlets"], ingest["inlets"] = told{"valid": told{}}, told{"back": told{}}
	enrich["outlets"], enrich["inlets"] = told{"back": told{}}, told{"orders": told{}}
	streamlets := told{"ingest": ingest, "enrich": enrich}
	topics := told{
		"orders": told{"producers": []string{"ingest.valid"}, "consumers": []string{"enrich.orders"}, "partitions": 1},
		"back":   told{"producers": []string{"enrich.back"}, "consumers": []string{"ingest.back"}, "partitions": 1},
	}
	whole := told{"name": "payments", "streamlets": streamlets, "topics": topics, "timeouts": told{"create": "60s", "update": "60s", "delete": "60s"}}
	if change != nil {
		change(streamlets, topics, whole)
	}
	return whole
}

// within is a blueprint in the environment of a fixture; null for none.
func (c *core) within(blueprint told) tftypes.Value {
	c.Helper()
	if blueprint == nil {
		return tftypes.NewValue(c.of, nil)
	}
	settings, err := json.Marshal(told{
		"environment": "shop", "kafka": told{"provider": "strimzi", "cluster": "main"},
		"deployment_defaults": told{
			"flinkVersion": c.cluster.FlinkVersion(), "serviceAccount": acctest.ServiceAccount, "upgrade": told{"proveFor": "0s"},
			"flinkConfiguration": told{"state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints"},
			"jobManager":         told{"resource": told{"cpu": 0.5, "memory": "1g"}}, "taskManager": told{"resource": told{"cpu": 1, "memory": "2g"}},
		},
	})
	if err != nil {
		c.Fatal(err)
	}
	whole := maps.Clone(blueprint)
	whole["environment"] = told{"platform": c.on(), "name": "shop", "namespace": c.namespace, "settings": string(settings)}
	text, err := json.Marshal(whole)
	if err != nil {
		c.Fatal(err)
	}
	return c.read(c.of, string(text))
}

// cutCase is a change that is cut.
type cutCase struct {
	from, to told
	// deployments and resources are what there is in the end, and topics are those of Kafka.
	deployments, resources, topics []string
}

func config(streamlets told, name, value string) {
	of, _ := streamlets[name].(told)
	of["config"] = told{"max-lag": value}
}

func cutCases() map[string]cutCase {
	deletes := func(_, _, whole told) { whole["delete_topics_on_destroy"] = true }
	without := func(streamlets, topics, whole told) {
		delete(streamlets, "enrich")
		delete(topics, "back")
		topics["orders"] = told{"producers": []string{"ingest.valid"}, "partitions": 1}
		ingest, _ := streamlets["ingest"].(told)
		delete(ingest, "inlets")
		whole["delete_topics_on_destroy"] = false
	}
	both, two := []string{"payments-enrich", "payments-ingest"}, []string{"back", "orders"}
	one, orders := []string{"payments-ingest"}, []string{"orders"}
	return map[string]cutCase{
		"create": {to: said(nil), deployments: both, resources: two, topics: two},
		"change": {
			from: said(nil), deployments: both, resources: two, topics: two,
			to: said(func(streamlets, topics, _ told) {
				config(streamlets, "enrich", "5s")
				config(streamlets, "ingest", "5s")
				orders, _ := topics["orders"].(told)
				orders["partitions"] = 2
			}),
		},
		"add": {
			from: said(without), to: said(nil), deployments: both, resources: two, topics: two,
		},
		"remove": {from: said(nil), to: said(without), deployments: one, resources: orders, topics: two},
		"remove with the topic": {
			from: said(deletes), deployments: one, resources: orders, topics: orders,
			to: said(func(streamlets, topics, whole told) {
				without(streamlets, topics, whole)
				whole["delete_topics_on_destroy"] = true
			}),
		},
		"rename": {
			from: said(nil), deployments: both, resources: two, topics: two,
			to: said(func(streamlets, topics, _ told) {
				config(streamlets, "enrich", "5s")
				enrich, _ := streamlets["enrich"].(told)
				enrich["moved_from"] = "enrich"
				delete(streamlets, "enrich")
				streamlets["enricher"] = enrich
				topics["orders"] = told{"producers": []string{"ingest.valid"}, "consumers": []string{"enricher.orders"}, "partitions": 1}
				topics["back"] = told{"producers": []string{"enricher.back"}, "consumers": []string{"ingest.back"}, "partitions": 1}
			}),
		},
		"destroy":                 {from: said(nil), topics: two},
		"destroy with the topics": {from: said(deletes)},
	}
}

// everyCut is the variable that has each request be cut in each way, which takes minutes. Without it, each is cut by
// a kill, and every third in one other way: killed after a request is killed before the next one.
const everyCut = "FLINK_TEST_EVERY_CUT"

// TestAccCutAnywhere ends a change at each of its writing requests, and applies once more.
func TestAccCutAnywhere(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	for name, of := range cutCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, requests := cutAt(t, of, 0, cut{})
			t.Logf("%d writing requests: %s", len(requests), strings.Join(requests, ", "))
			others := slices.DeleteFunc(slices.Sorted(maps.Keys(cuts)), func(way string) bool { return strings.HasPrefix(way, "killed") })
			for at := 1; at <= len(requests); at++ {
				ways := []string{"killed before"}
				if at%3 == 1 {
					ways = append(ways, others[at/3%len(others)])
				}
				switch {
				case os.Getenv(everyCut) != "":
					ways = slices.Sorted(maps.Keys(cuts))
				case at == len(requests):
					ways = append(ways, "killed after")
				}
				for _, way := range ways {
					t.Run(fmt.Sprintf("%s %d", way, at), func(t *testing.T) {
						t.Parallel()
						cutAt(t, of, at, cuts[way])
					})
				}
			}
		})
	}
}

// slots bound how many cuts there are at a time.
var slots = make(chan struct{}, 24)

func cutAt(t *testing.T, of cutCase, at int, how cut) (said string, writes []string) {
	t.Helper()
	slots <- struct{}{}
	defer func() { <-slots }()
	cluster := acctest.Cluster(t, acctest.Newest())
	f := &fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t)}
	kafka := cluster.Kafka(t, f.namespace, "main")
	c := newCore(f)
	if of.from != nil {
		if said, _ := c.run(c.within(of.from), 0, cut{}); said != "" {
			t.Fatalf("the first apply: %s", said)
		}
	}
	before := kafka.Topics(t)
	said, writes = c.run(c.within(of.to), at, how)
	after := "nothing was cut"
	if at > 0 && len(writes) >= at {
		after = fmt.Sprintf("cut at %s, with %q, tainted %t", writes[at-1], said, c.tainted)
	} else if said != "" {
		t.Fatalf("not cut: %s", said)
	}
	ran := c.running()
	if at > 0 {
		said, more := c.run(c.within(of.to), 0, cut{})
		if how.forgets && released(writes) && strings.Contains(said, "it exists already") {
			// The apply was at its end, and the state alone was missing.
			c.importAll()
			said, more = c.run(c.within(of.to), 0, cut{})
		}
		if said != "" {
			t.Errorf("%s: the next apply, with %v: %s", after, more, said)
			return said, writes
		}
	}
	if how.code != 0 && of.to != nil && len(c.secretNames()) > len(of.deployments) {
		// That a Secret stays was a warning: the next change deletes it.
		of.to = maps.Clone(of.to)
		of.to["rollout_parallelism"] = 3
		if said, _ := c.run(c.within(of.to), 0, cut{}); said != "" {
			t.Errorf("%s: the change after it: %s", after, said)
		}
	}
	for _, wrong := range c.wrong(of, kafka, before, ran) {
		t.Errorf("%s: %s", after, wrong)
	}
	return said, writes
}

// released tells whether the last of some requests has ended the create of a deployment, as the one before it may have.
func released(writes []string) bool {
	last := writes[len(writes)-1]
	return strings.HasPrefix(last, "PATCH flinkdeployments/") && slices.Contains(writes[:len(writes)-1], last)
}

// ran is a job that ran before the next apply.
type ran struct{ uid string }

// running are the jobs that run, by deployment.
func (c *core) running() map[string]ran {
	out := map[string]ran{}
	for _, item := range c.list(acctest.FlinkDeployments, "") {
		if state, _, _ := unstructured.NestedString(item.Object, "status", "jobStatus", "state"); state == "RUNNING" {
			out[item.GetName()] = ran{string(item.GetUID())}
		}
	}
	return out
}

func (c *core) list(kind schema.GroupVersionResource, selector string) []unstructured.Unstructured {
	c.Helper()
	list, err := c.cluster.Client.Resource(kind).Namespace(c.namespace).List(c.Context(), metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		c.Fatal(err)
	}
	return list.Items
}

var apps = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// wrong is what is not as it shall be in the end.
func (c *core) wrong(of cutCase, kafka *acctest.Kafka, before map[string]acctest.KafkaTopic, running map[string]ran) []string {
	c.Helper()
	var out []string
	differs := func(what string, got, want []string) {
		slices.Sort(got)
		if !slices.Equal(got, want) {
			out = append(out, fmt.Sprintf("%s are %v, want %v", what, got, want))
		}
	}
	var deployments, resources []string
	for _, item := range c.list(acctest.FlinkDeployments, "") {
		deployments = append(deployments, item.GetName())
		if state, _, _ := unstructured.NestedString(item.Object, "status", "jobStatus", "state"); state != "RUNNING" {
			out = append(out, fmt.Sprintf("%s is %s", item.GetName(), state))
		}
		for name := range item.GetAnnotations() {
			if strings.HasPrefix(name, "flink-terraform.io/creation") || name == "flink-terraform.io/update" {
				out = append(out, fmt.Sprintf("%s has the mark %s", item.GetName(), name))
			}
		}
		if _, err := c.document(item.GetName()); err != nil {
			out = append(out, err.Error())
		}
		live := c.get(apps, item.GetName()).GetAnnotations()
		was, ranBefore := running[item.GetName()]
		if ranBefore && (was.uid != string(item.GetUID()) || live["standin.flink/starts"] != "1") && live["standin.flink/restored-from"] == "" {
			out = append(out, fmt.Sprintf("%s has lost its state: %v", item.GetName(), live))
		}
	}
	differs("the deployments", deployments, of.deployments)
	if names := c.secretNames(); len(names) != len(of.deployments) {
		out = append(out, fmt.Sprintf("the documents are in %v", names))
	}
	for _, item := range c.list(kafkaTopics, "") {
		resources = append(resources, item.GetName())
	}
	var want []string
	for _, name := range of.resources {
		want = append(want, "payments-"+name)
	}
	differs("the resources of topics", resources, want)
	there := kafka.Topics(c)
	differs("the topics", slices.Collect(maps.Keys(there)), of.topics)
	for name, is := range there {
		if was, had := before[name]; had && was.ID != is.ID {
			out = append(out, fmt.Sprintf("the topic %s is another one", name))
		}
	}
	return append(out, c.left(of)...)
}

// left is what a plan has still to do.
func (c *core) left(of cutCase) []string {
	c.Helper()
	if of.to == nil {
		if !c.state.IsNull() {
			return []string{"the application is still in the state"}
		}
		return nil
	}
	was := c.state
	server := c.process(newWire(c.T, c.cluster, 0, cut{}, func() {}))
	if said := c.refresh(server); said != "" {
		return []string{said}
	}
	var out []string
	plan, said := c.plan(server, c.within(of.to), c.state, c.private)
	if said != "" {
		return []string{said}
	}
	if planned := c.value(plan.PlannedState); !planned.Equal(c.state) || c.tainted {
		out = append(out, fmt.Sprintf("the next plan is not empty: tainted %t, %v, after %v", c.tainted, incompatible(planned, c.state, ""), incompatible(was, c.state, "")))
	}
	return out
}
