package strimzi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var options = Options{Namespace: "kafka", Cluster: "prod", Labels: map[string]string{"app": "payments"}}

func TestObject(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		topic platform.Topic
		want  string
	}{
		"everything": {
			platform.Topic{Name: "orders_v1", Object: "orders-v1", Partitions: new(int64(12)), Replicas: new(int64(3)), Config: map[string]string{"retention.ms": "1", "cleanup.policy": "compact,delete"}},
			`{"apiVersion":"kafka.strimzi.io/v1beta2","kind":"KafkaTopic","metadata":{"namespace":"kafka","name":"orders-v1","labels":{"app":"payments","strimzi.io/cluster":"prod"}},
			  "spec":{"topicName":"orders_v1","partitions":12,"replicas":3,"config":{"retention.ms":"1","cleanup.policy":"compact,delete"}}}`,
		},
		"nothing said": {
			platform.Topic{Name: "orders", Object: "orders"},
			`{"apiVersion":"kafka.strimzi.io/v1beta2","kind":"KafkaTopic","metadata":{"namespace":"kafka","name":"orders","labels":{"app":"payments","strimzi.io/cluster":"prod"}},"spec":{"topicName":"orders"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal(New(nil, options).object(olderTopicKind, test.topic).Object)
			if err != nil {
				t.Fatal(err)
			}
			var got, want any
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("wanted (-) and sent (+):\n%s", diff)
			}
		})
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	const labels = `labels: {strimzi.io/cluster: prod}`
	known := platform.Topic{Name: "orders", Object: "orders", ID: "before"}
	for name, test := range map[string]struct {
		object string
		want   platform.ObservedTopic
	}{
		"as Kafka compares values": {
			`{metadata: {name: orders, ` + labels + `}, spec: {partitions: 3, replicas: 1, config: {a: 604800000, b: true, c: [compact, delete], d: 0.5, e: text, f: null, g: 5368709120, h: 0.00001}},
			  status: {observedGeneration: 3, topicId: now, conditions: [{type: Ready, status: "True"}]}}`,
			platform.ObservedTopic{Name: "orders", ID: "now", Partitions: 3, Replicas: 1, Config: map[string]string{
				"a": "604800000", "b": "true", "c": "compact,delete", "d": "0.5", "e": "text", "g": "5368709120", "h": "0.00001",
			}},
		},
		"an empty specification": {
			`{metadata: {name: orders, ` + labels + `}, spec: {}, status: {observedGeneration: 3, topicId: now, conditions: [{type: Ready, status: "True"}]}}`,
			platform.ObservedTopic{Name: "orders", ID: "now", Config: map[string]string{}},
		},
		"no id while it is not managed": {
			`{metadata: {name: orders, ` + labels + `, annotations: {strimzi.io/managed: "false"}}, spec: {}, status: {conditions: [{type: Unmanaged, status: "True"}]}}`,
			platform.ObservedTopic{Name: "orders", ID: "before", Config: map[string]string{}, Problem: "does not manage"},
		},
		"another topic name": {
			`{metadata: {name: orders, ` + labels + `}, spec: {topicName: others}, status: {observedGeneration: 3, topicId: now, conditions: [{type: Ready, status: "True"}]}}`,
			platform.ObservedTopic{Name: "orders", ID: "now", Config: map[string]string{}, Problem: `"others"`},
		},
		"another cluster": {
			`{metadata: {name: orders, labels: {strimzi.io/cluster: test}}, spec: {}, status: {observedGeneration: 3, topicId: now, conditions: [{type: Ready, status: "True"}]}}`,
			platform.ObservedTopic{Name: "orders", ID: "now", Config: map[string]string{}, Problem: `"test"`},
		},
		"on its way out": {
			`{metadata: {name: orders, deletionTimestamp: "2026-01-02T03:04:05Z", ` + labels + `}, spec: {}, status: {observedGeneration: 3, topicId: now, conditions: [{type: Ready, status: "True"}]}}`,
			platform.ObservedTopic{Name: "orders", ID: "now", Config: map[string]string{}, Problem: "being deleted since 2026-01-02T03:04:05Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := New(nil, options).observe(known, parsed(t, test.object))
			if !strings.Contains(got.Problem, test.want.Problem) || test.want.Problem == "" && got.Problem != "" {
				t.Errorf("got the problem %q, want %q", got.Problem, test.want.Problem)
			}
			got.Problem = test.want.Problem
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("wanted (-) and observed (+):\n%s", diff)
			}
		})
	}
}

func TestKeepForm(t *testing.T) {
	t.Parallel()
	live := parsed(t, `spec: {config: {same: 1, list: [a, b], other: 1, gone: 1}}`)
	object := parsed(t, `spec: {config: {same: "1", list: "a,b", other: "2", fresh: "3"}}`)
	keepForm(object, live)
	want := map[string]any{"same": rawConfig(live)["same"], "list": []any{"a", "b"}, "other": "2", "fresh": "3"}
	if diff := cmp.Diff(want, rawConfig(object)); diff != "" {
		t.Errorf("wanted (-) and sent (+):\n%s", diff)
	}
}
