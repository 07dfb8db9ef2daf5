package streamapplication_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccClowderCut ends a change of an application on Clowder at each of its writing requests, and applies once more.
func TestAccClowderCut(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	without := func(streamlets, topics, _ told) {
		delete(streamlets, "enrich")
		delete(topics, "back")
		topics["orders"] = told{"producers": []string{"ingest.valid"}, "partitions": 1}
		ingest, _ := streamlets["ingest"].(told)
		delete(ingest, "inlets")
	}
	for name, of := range map[string]cutCase{
		"create": {to: said(nil), deployments: []string{"enrich", "ingest"}, topics: []string{"back", "orders"}},
		"change": {from: said(nil), to: said(func(streamlets, topics, _ told) {
			config(streamlets, "enrich", "5s")
			orders, _ := topics["orders"].(told)
			orders["partitions"] = 2
		}), deployments: []string{"enrich", "ingest"}, topics: []string{"back", "orders"}},
		"remove":  {from: said(nil), to: said(without), deployments: []string{"ingest"}, topics: []string{"orders"}},
		"destroy": {from: said(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := cutClowder(t, of, 0, cut{})
			t.Logf("%d writing requests: %s", len(requests), strings.Join(requests, ", "))
			others := slices.DeleteFunc(slices.Sorted(maps.Keys(cuts)), func(way string) bool { return strings.HasPrefix(way, "killed") })
			for at := 1; at <= len(requests); at++ {
				ways := []string{"killed before"}
				switch {
				case at == len(requests):
					ways = append(ways, "killed after")
				case at%2 == 1:
					ways = append(ways, others[at/2%len(others)])
				}
				for _, way := range ways {
					t.Run(fmt.Sprintf("%s %d", way, at), func(t *testing.T) {
						t.Parallel()
						cutClowder(t, of, at, cuts[way])
					})
				}
			}
		})
	}
}

// onClowd is the place of a fixture in an environment of Clowder.
func (f *fixture) onClowd(environment string) place {
	f.Helper()
	at := f.onOperator()
	at.where = told{"platform": "clowder", "name": environment, "namespace": f.namespace, "settings": settings(f.T, told{
		"kafka": told{"provider": "environment", "bootstrapServers": "", "cluster": environment},
		"deployment_defaults": told{
			"flinkVersion": "v1_20", "upgrade": told{"proveFor": "0s"},
			"flinkConfiguration": told{"high-availability.type": "kubernetes", "high-availability.storageDir": "s3://flink/ha", "state.checkpoints.dir": "s3://flink/checkpoints"},
		},
	})}
	return at
}

func cutClowder(t *testing.T, of cutCase, at int, how cut) (writes []string) {
	t.Helper()
	slots <- struct{}{}
	defer func() { <-slots }()
	cluster := acctest.Cluster(t, acctest.Newest())
	acctest.WithClowder(t, cluster)
	name := cluster.ClowdEnvironment(t)
	f := &fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t)}
	c := newCore(f, f.onClowd(name))
	environment := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cloud.redhat.com/v1alpha1", "kind": "ClowdEnvironment", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"targetNamespace": f.namespace, "resourceDefaults": map[string]any{}, "providers": map[string]any{
			// Without those that may be left out, Clowder writes back modes that its own definition refuses.
			"db": map[string]any{"mode": "none"}, "web": map[string]any{"mode": "none", "port": int64(8000)}, "metrics": map[string]any{"mode": "none", "port": int64(9000)},
			"kafka": map[string]any{"mode": "local"}, "inMemoryDb": map[string]any{"mode": "none"}, "objectStore": map[string]any{"mode": "none"}, "logging": map[string]any{"mode": "none"},
		}},
	}}
	if _, err := cluster.Client.Resource(acctest.ClowdEnvironments).Create(t.Context(), environment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if of.from != nil {
		if said, _ := c.run(c.within(of.from), 0, cut{}); said != "" {
			t.Fatalf("the first apply: %s", said)
		}
	}
	said, writes := c.run(c.within(of.to), at, how)
	after := "nothing was cut"
	if at > 0 && len(writes) >= at {
		after = fmt.Sprintf("cut at %s, with %q, tainted %t", writes[at-1], said, c.tainted)
	} else if said != "" && !how.forgets {
		// Whoever writes at the same time decides how many requests there are.
		t.Fatalf("not cut: %s", said)
	}
	if at > 0 {
		said, more := c.run(c.within(of.to), 0, cut{})
		if how.forgets && strings.Contains(said, "already") {
			// The apply was at its end, and the state alone was missing.
			c.importAll()
			said, more = c.run(c.within(of.to), 0, cut{})
		}
		if said != "" {
			t.Errorf("%s: the next apply, with %v: %s", after, more, said)
			return writes
		}
	}
	for _, wrong := range c.wrongOnClowd(of) {
		t.Errorf("%s: %s", after, wrong)
	}
	return writes
}

// wrongOnClowd is what is not as it shall be in the end.
func (c *core) wrongOnClowd(of cutCase) []string {
	c.Helper()
	var out, deployments, topics []string
	app := c.get(acctest.ClowdApps, "payments")
	if of.to == nil {
		if app != nil && app.GetDeletionTimestamp() == nil {
			out = append(out, "the ClowdApp is still there")
		}
		if !c.state.IsNull() {
			out = append(out, "the application is still in the state")
		}
		return out
	}
	if app == nil {
		return []string{"there is no ClowdApp"}
	}
	entries, _, _ := unstructured.NestedSlice(app.Object, "spec", "deployments")
	for _, item := range entries {
		entry, _ := item.(map[string]any)
		mark, _, _ := unstructured.NestedString(entry, "metadata", "annotations", "flink-terraform.io/streamlet")
		entryName, _ := entry["name"].(string)
		deployments = append(deployments, entryName)
		if strings.Contains(mark, `"action"`) || strings.Contains(mark, `"creating"`) {
			out = append(out, fmt.Sprintf("%s has the mark of something unfinished: %s", entryName, mark))
		}
	}
	asked, _, _ := unstructured.NestedSlice(app.Object, "spec", "kafkaTopics")
	for _, item := range asked {
		topic, _ := item.(map[string]any)
		text, _ := topic["topicName"].(string)
		topics = append(topics, text)
	}
	slices.Sort(deployments)
	slices.Sort(topics)
	if !slices.Equal(deployments, of.deployments) {
		out = append(out, fmt.Sprintf("the deployments are %v, want %v", deployments, of.deployments))
	}
	if !slices.Equal(topics, of.topics) {
		out = append(out, fmt.Sprintf("the topics are %v, want %v", topics, of.topics))
	}
	return append(out, c.left(of)...)
}
