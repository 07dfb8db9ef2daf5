package strimzi_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics/strimzi"
)

// patience bounds what takes a second or two on an idle machine.

const patience = 2 * time.Minute

// bench is a Kafka on the embedded control plane with the stand-in of the Topic Operator.

type bench struct {
	*testing.T
	cluster *acctest.ClusterHandle
	kafka   *acctest.Kafka
	options strimzi.Options
	topics  *strimzi.Topics
}

func connect(t *testing.T, cluster *acctest.ClusterHandle) *kube.Client {
	t.Helper()
	client, err := kube.Connect(kube.Config{ConfigPath: cluster.Kubeconfig})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newBench(t *testing.T, operator string) *bench {
	t.Helper()
	cluster := acctest.Cluster(t, operator)
	b := &bench{T: t, cluster: cluster, options: strimzi.Options{
		Namespace: cluster.Namespace(t), Cluster: "prod", Labels: map[string]string{"flink.terraform.io/application": "payments"},
	}}
	b.kafka = cluster.Kafka(t, b.options.Namespace, "prod")
	b.topics = strimzi.New(connect(t, cluster), b.options)
	return b
}

func (b *bench) context() context.Context {
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	b.Cleanup(cancel)
	return ctx
}

// want is a topic with the object of its name.

func want(name string, partitions int64, config map[string]string) platform.Topic {
	return platform.Topic{Name: name, Object: strings.ReplaceAll(name, "_", "-"), Partitions: &partitions, Config: config}
}

// create creates a topic with some records in it, and returns it as it is known afterwards.

func (b *bench) create(topic platform.Topic) platform.Topic {
	b.Helper()
	created, err := b.topics.Create(b.context(), topic)
	if err != nil {
		b.Fatal(err)
	}
	there := b.kafka.Topics(b)[topic.Name]
	if created.ID == "" || created.ID != there.ID {
		b.Fatalf("created %+v, and Kafka has %+v", created, there)
	}
	there.Records = 9
	b.kafka.SetTopic(b, topic.Name, there)
	topic.ID = created.ID
	return topic
}

// read reads a topic as a new process would.

func (b *bench) read(topic platform.Topic) (platform.ObservedTopic, bool) {
	b.Helper()
	all, err := strimzi.New(connect(b.T, b.cluster), b.options).Read(b.context(), []platform.Topic{topic})
	if err != nil {
		b.Fatal(err)
	}
	observed, there := all[topic.Name]
	return observed, there
}

// live is the resource of a name, nil when there is none.

func (b *bench) live(object string) *unstructured.Unstructured {
	b.Helper()
	found, err := connect(b.T, b.cluster).Get(b.context(), kube.Kind{GroupVersionResource: b.cluster.KafkaTopics(), Kind: "KafkaTopic"}, kube.Key{Namespace: b.options.Namespace, Name: object})
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return nil
	}
	if err != nil {
		b.Fatal(err)
	}
	return found
}

// edit patches a resource as somebody else.

func (b *bench) edit(object, manager string, patch map[string]any) {
	b.Helper()
	body, err := json.Marshal(patch)
	if err != nil {
		b.Fatal(err)
	}
	client := b.cluster.Client.Resource(b.cluster.KafkaTopics()).Namespace(b.options.Namespace)
	if _, err := client.Patch(b.Context(), object, types.MergePatchType, body, metav1.PatchOptions{FieldManager: manager}); err != nil {
		b.Fatal(err)
	}
}

// put creates a resource as somebody else.

func (b *bench) put(object string, spec map[string]any) {
	b.Helper()
	kind := b.cluster.KafkaTopics()
	_, err := b.cluster.Client.Resource(kind).Namespace(b.options.Namespace).Create(b.Context(), &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": kind.GroupVersion().String(), "kind": "KafkaTopic",
		"metadata": map[string]any{"name": object, "labels": map[string]any{"strimzi.io/cluster": "prod"}}, "spec": spec,
	}}, metav1.CreateOptions{FieldManager: "helm"})
	if err != nil {
		b.Fatal(err)
	}
}

// mentions checks that an error has each of the parts, in what is shown of it.

func mentions(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("there is no error, want one with %q", parts)
	}
	text := err.Error()
	if explained, ok := errors.AsType[*platform.ExplainedError](err); ok {
		text += "\n" + explained.Cause + "\n" + explained.Remedy
	}
	if fields, ok := errors.AsType[*platform.FieldsError](err); ok {
		for _, f := range fields.Fields {
			text += "\n" + f.Summary + "\n" + f.Message + "\n" + f.Detail
		}
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

// TestLife is the life of a topic with each version of the resource.

func TestLife(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, operator)
			if err := b.topics.Ready(b.context()); err != nil {
				t.Fatal(err)
			}
			topic := want("orders_v1", 3, map[string]string{"retention.ms": "1000", "cleanup.policy": "compact,delete"})
			if _, there := b.read(topic); there {
				t.Fatal("the topic is there before it was created")
			}
			topic = b.create(topic)
			if label := b.live("orders-v1").GetLabels()["flink.terraform.io/application"]; label != "payments" {
				t.Errorf("the resource says that it is of %q", label)
			}
			next := want("orders_v1", 5, map[string]string{"retention.ms": "2000", "segment.ms": "60000"})
			updated, err := b.topics.Update(b.context(), next, topic)
			if err != nil {
				t.Fatal(err)
			}
			expected := platform.ObservedTopic{Name: "orders_v1", ID: topic.ID, Partitions: 5, Config: next.Config}
			if diff := cmp.Diff(expected, updated); diff != "" {
				t.Errorf("wanted (-) and updated (+):\n%s", diff)
			}
			if observed, _ := b.read(topic); !cmp.Equal(expected, observed) {
				t.Errorf("wanted (-) and read (+):\n%s", cmp.Diff(expected, observed))
			}
			inKafka := acctest.KafkaTopic{ID: topic.ID, Partitions: 5, Replicas: 1, Records: 9, Config: next.Config}
			if diff := cmp.Diff(inKafka, b.kafka.Topics(t)["orders_v1"]); diff != "" {
				t.Errorf("wanted (-) and in Kafka (+):\n%s", diff)
			}
			if err := b.topics.Delete(b.context(), topic, false); err != nil {
				t.Fatal(err)
			}
			if left := b.kafka.Topics(t); len(left) > 0 || b.live("orders-v1") != nil {
				t.Errorf("left are %v and %v", left, b.live("orders-v1"))
			}
			if err := b.topics.Delete(b.context(), topic, false); err != nil {
				t.Errorf("what is gone cannot be deleted: %v", err)
			}
		})
	}
}

// TestWithoutStrimzi asks a cluster that has no definition of topics.

func TestWithoutStrimzi(t *testing.T) {
	t.Parallel()
	cluster := acctest.PrivateCluster(t, acctest.Newest(), acctest.WithoutStrimzi)
	client := connect(t, cluster)
	topics := strimzi.New(client, strimzi.Options{Namespace: "default", Cluster: "prod"})
	topic := want("orders", 1, nil)
	_, readErr := topics.Read(t.Context(), []platform.Topic{topic})
	_, createErr := topics.Create(t.Context(), topic)
	_, updateErr := topics.Update(t.Context(), topic, topic)
	for name, err := range map[string]error{
		"ready": topics.Ready(t.Context()), "read": readErr, "create": createErr, "update": updateErr, "delete": topics.Delete(t.Context(), topic, true),
	} {
		if _, ok := errors.AsType[*strimzi.NotInstalledError](err); !ok {
			t.Errorf("%s returned %v", name, err)
		}
		mentions(t, err, "kafkatopics.kafka.strimzi.io", "the cluster does not know KafkaTopic", "Install Strimzi")
	}
	for request := range client.Requests() {
		if !strings.HasPrefix(request, "get /apis/kafka.strimzi.io/") {
			t.Errorf("it asked %q", request)
		}
	}
}

func TestReadyTellsOfNoNamespace(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	b.options.Namespace = "nowhere"
	mentions(t, strimzi.New(connect(t, b.cluster), b.options).Ready(b.context()), "nowhere", "does not exist")
}

// TestReadCostsOneList reads two applications of one namespace.

func TestReadCostsOneList(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, operator)
			var all []platform.Topic
			for _, name := range []string{"a", "b", "c"} {
				all = append(all, b.create(want(name, 1, nil)))
			}
			all = append(all, want("absent", 1, nil))
			client := connect(t, b.cluster)
			for range 3 {
				found, err := strimzi.New(client, b.options).Read(b.context(), all)
				if err != nil {
					t.Fatal(err)
				}
				if _, there := found["absent"]; len(found) != 3 || there {
					t.Fatalf("found %v", found)
				}
			}
			expected := map[string]int{"list kafkatopics": 1, "get /apis/kafka.strimzi.io/v1": 1}
			if operator == "1.7" {
				expected["get /apis/kafka.strimzi.io/v1beta2"] = 1
			}
			if diff := cmp.Diff(expected, client.Requests()); diff != "" {
				t.Errorf("wanted (-) and sent (+) requests:\n%s", diff)
			}
		})
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	known := b.create(want("orders", 1, nil))
	b.put("of-helm", map[string]any{"topicName": "invoices"})
	other := b.options
	other.Labels = map[string]string{"flink.terraform.io/application": "other"}
	for name, test := range map[string]struct {
		topics *strimzi.Topics
		topic  platform.Topic
		ours   bool
		text   string
	}{
		"its own":                       {b.topics, known, true, "exists already"},
		"one of another application":    {strimzi.New(connect(t, b.cluster), other), known, false, "exists already"},
		"one of somebody else":          {b.topics, platform.Topic{Name: "others", Object: "of-helm"}, false, "managed by helm"},
		"a second one of a topic":       {b.topics, platform.Topic{Name: "orders", Object: "orders-2"}, false, "stands for the topic"},
		"a second one of somebody else": {strimzi.New(connect(t, b.cluster), b.options), platform.Topic{Name: "invoices", Object: "invoices"}, false, "/of-helm stands for"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.topics.Create(b.context(), test.topic)
			exists, ok := errors.AsType[*platform.ExistsError](err)
			if !ok || exists.Ours != test.ours {
				t.Fatalf("got %#v", err)
			}
			mentions(t, err, test.text)
		})
	}
	if b.live("orders-2") != nil || b.live("invoices") != nil {
		t.Error("something was created")
	}
}

// TestSecondResourceIsTakenBack has somebody create a resource of the same topic at the same time.

func TestSecondResourceIsTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	b.topics = strimzi.New(blind{connect(t, b.cluster)}, b.options)
	b.put("of-helm", map[string]any{"topicName": "orders"})
	b.eventually(func() bool { return b.kafka.Topics(t)["orders"].ID != "" })
	_, err := b.topics.Create(b.context(), want("orders", 1, nil))
	mentions(t, err, "ResourceConflict: Managed by", "of-helm", "was deleted again")
	b.eventually(func() bool { return b.live("orders") == nil })
	if b.kafka.Topics(t)["orders"].ID == "" {
		t.Error("the topic is gone")
	}
}

// blind does not see what there is in a list.

type blind struct{ *kube.Client }

func (blind) List(context.Context, kube.Kind, string, string) ([]unstructured.Unstructured, error) {
	return nil, nil
}

func (b *bench) eventually(ok func() bool) {
	b.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatal("it has not come about")
		}
	}
}

// TestTheOperatorRefuses creates and updates topics that cannot be.

func TestTheOperatorRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	replicas := int64(4)
	for name, test := range map[string]struct {
		topic platform.Topic
		text  []string
	}{
		"an unknown key":    {want("a", 1, map[string]string{"nonsense": "1"}), []string{"KafkaError", "Unknown topic config name: nonsense", "Correct"}},
		"a bad value":       {want("b", 1, map[string]string{"retention.ms": "long"}), []string{"Not a number of type LONG"}},
		"too many replicas": {platform.Topic{Name: "c", Object: "c", Replicas: &replicas}, []string{"only 3 broker(s)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed, err := b.topics.Create(b.context(), test.topic)
			rollout, ok := errors.AsType[*platform.RolloutError](err)
			if !ok || rollout.Waiting {
				t.Fatalf("got %#v", err)
			}
			mentions(t, err, append(test.text, test.topic.Object, "Waited")...)
			if observed.Name != test.topic.Name || !strings.Contains(observed.Problem, "KafkaError") {
				t.Errorf("observed %+v", observed)
			}
		})
	}
	t.Run("the API server", func(t *testing.T) {
		t.Parallel()
		_, err := b.topics.Create(b.context(), want("d", 0, nil))
		mentions(t, err, "the cluster rejects partitions", "greater than or equal to 1")
	})
}

// TestUpdateAmongOthers has others write to the resource.

// TestUnmanagedAndPaused has annotations keep the operator from a topic.

// TestDataLost has a topic come back empty.

func TestDataLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	known := b.create(want("orders", 1, nil))
	b.kafka.DeleteTopic(t, "orders")
	b.eventually(func() bool { observed, _ := b.read(known); return observed.ID != known.ID && observed.ID != "" })
	if observed, _ := b.read(known); observed.Problem != "" {
		t.Errorf("read %+v", observed)
	}
}

// TestDeleteAfterAnInterruptedRetain deletes with the data what a retaining delete has released.

// undeleting is a client that is killed when it deletes something.

// TestDeleteWhileKafkaIsDown waits for Kafka, says so when the time is over, and goes on later.

// TestKafkaComesBack creates a topic while Kafka is down.

func TestKafkaComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	b.kafka.Stop(t)
	topic := want("orders", 1, nil)
	created := make(chan error, 1)
	go func() {
		_, err := b.topics.Create(b.context(), topic)
		created <- err
	}()
	b.eventually(func() bool {
		observed, _ := b.read(topic)
		return strings.Contains(observed.Problem, "node assignment")
	})
	b.kafka.Start(t)
	if err := <-created; err != nil {
		t.Error(err)
	}
}

// uncreating is a client that is killed when it creates something.
