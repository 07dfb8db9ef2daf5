package strimzi_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics/strimzi"
)

func TestMove(t *testing.T) {
	t.Parallel()
	for name, interrupt := range map[string]func(b *bench, known, next platform.Topic){
		"at once": func(*bench, platform.Topic, platform.Topic) {},
		"again, after the old one was released": func(b *bench, known, next platform.Topic) {
			if _, err := strimzi.New(undeleting{connect(b.T, b.cluster)}, b.options).Move(b.context(), known, next); !errors.Is(err, errKilled) {
				b.Fatal(err)
			}
		},
		"again, after the old one was deleted": func(b *bench, known, next platform.Topic) {
			if _, err := strimzi.New(uncreating{connect(b.T, b.cluster)}, b.options).Move(b.context(), known, next); !errors.Is(err, errKilled) {
				b.Fatal(err)
			}
		},
		"again, after the new one was created": func(b *bench, known, next platform.Topic) {
			if _, err := b.topics.Move(b.context(), known, next); err != nil {
				b.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, acctest.Newest())
			known := b.create(want("orders", 2, map[string]string{"retention.ms": "1"}))
			next := want("orders", 3, map[string]string{"retention.ms": "1"})
			next.Object = "payments-orders"
			interrupt(b, known, next)
			// An update is a move too, when the resource is another one.
			moved, err := b.topics.Update(b.context(), next, known)
			if err != nil {
				t.Fatal(err)
			}
			expected := platform.ObservedTopic{Name: "orders", ID: known.ID, Partitions: 3, Config: next.Config}
			if diff := cmp.Diff(expected, moved); diff != "" {
				t.Errorf("wanted (-) and moved (+):\n%s", diff)
			}
			if topic := b.kafka.Topics(t)["orders"]; b.live("orders") != nil || topic.ID != known.ID || topic.Records != 9 || topic.Partitions != 3 {
				t.Errorf("left are %v and %+v", b.live("orders"), topic)
			}
		})
	}
}

type uncreating struct{ *kube.Client }

func (uncreating) Create(context.Context, kube.Kind, *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return nil, errKilled
}

func TestMoveRefusesBeforeItWrites(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	known := b.create(want("orders", 3, nil))
	b.put("taken", map[string]any{"topicName": "others"})
	for name, test := range map[string]struct {
		next platform.Topic
		text string
	}{
		"fewer partitions": {platform.Topic{Name: "orders", Object: "next", Partitions: new(int64(2))}, "lose partitions"},
		"a name in use":    {platform.Topic{Name: "orders", Object: "taken"}, "exists already"},
		"another topic":    {platform.Topic{Name: "others", Object: "next"}, "cannot be moved"},
	} {
		t.Run(name, func(t *testing.T) {
			before := b.live("orders").GetResourceVersion()
			_, err := b.topics.Move(b.context(), known, test.next)
			mentions(t, err, test.text)
			if after := b.live("orders"); after == nil || after.GetResourceVersion() != before || b.live("next") != nil {
				t.Error("something was written")
			}
		})
	}
}
