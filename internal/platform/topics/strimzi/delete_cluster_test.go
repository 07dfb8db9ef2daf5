package strimzi_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics/strimzi"
)

func TestDeleteRetains(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	known := b.create(want("orders", 1, nil))
	if err := b.topics.Delete(b.context(), known, true); err != nil {
		t.Fatal(err)
	}
	if topic := b.kafka.Topics(t)["orders"]; b.live("orders") != nil || topic.ID != known.ID || topic.Records != 9 {
		t.Errorf("left are %v and %+v", b.live("orders"), topic)
	}
	// A create takes the topic that is there.
	created, err := b.topics.Create(b.context(), known)
	if err != nil || created.ID != known.ID || b.kafka.Topics(t)["orders"].Records != 9 {
		t.Errorf("created %+v: %v", created, err)
	}
}

func TestDeleteRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	b.Run("another application's", func(t *testing.T) {
		t.Parallel()
		known := b.create(want("a", 1, nil))
		b.edit("a", "somebody", map[string]any{"metadata": map[string]any{"labels": map[string]any{"flink.terraform.io/application": "other"}}})
		for _, retain := range []bool{true, false} {
			mentions(t, b.topics.Delete(b.context(), known, retain), "another one now", "Nothing was deleted")
		}
		if b.live("a") == nil {
			t.Error("the resource is gone")
		}
	})
	b.Run("what another resource stands for as well", func(t *testing.T) {
		t.Parallel()
		known := b.create(want("b", 1, nil))
		b.put("b-of-helm", map[string]any{"topicName": "b"})
		mentions(t, b.topics.Delete(b.context(), known, false), "b-of-helm", "Nothing was deleted")
		if b.kafka.Topics(t)["b"].Records != 9 {
			t.Error("the data are gone")
		}
		if err := b.topics.Delete(b.context(), known, true); err != nil || b.kafka.Topics(t)["b"].Records != 9 {
			t.Errorf("a retaining delete returned %v, and left %+v", err, b.kafka.Topics(t)["b"])
		}
	})
}

func TestDeleteAfterAnInterruptedRetain(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	interrupted := strimzi.New(undeleting{connect(t, b.cluster)}, b.options)
	b.Run("a delete with the data", func(t *testing.T) {
		t.Parallel()
		known := b.create(want("a", 1, nil))
		if err := interrupted.Delete(b.context(), known, true); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		if err := b.topics.Delete(b.context(), known, false); err != nil {
			t.Fatal(err)
		}
		if topic, there := b.kafka.Topics(t)["a"]; there || b.live("a") != nil {
			t.Errorf("left are %v and %+v", b.live("a"), topic)
		}
	})
	b.Run("an update", func(t *testing.T) {
		t.Parallel()
		known := b.create(want("b", 1, nil))
		if err := interrupted.Delete(b.context(), known, true); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		updated, err := b.topics.Update(b.context(), known, known)
		if err != nil || updated.ID != known.ID || updated.Problem != "" {
			t.Errorf("updated %+v: %v", updated, err)
		}
	})
}

type undeleting struct{ *kube.Client }

var errKilled = errors.New("killed")

func (undeleting) Delete(context.Context, kube.Kind, kube.Key, types.UID) error { return errKilled }

func TestDeleteWhileKafkaIsDown(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	known := b.create(want("orders", 1, nil))
	b.kafka.Stop(t)
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := b.topics.Delete(short, known, false)
	if rollout, ok := errors.AsType[*platform.RolloutError](err); !ok || !rollout.Waiting {
		t.Fatalf("got %#v", err)
	}
	mentions(t, err, "strimzi.io/topic-operator", "Kafka does not answer", "destroy again")
	b.kafka.Start(t)
	if err := b.topics.Delete(b.context(), known, false); err != nil {
		t.Fatal(err)
	}
	if left := b.kafka.Topics(t); len(left) > 0 || b.live("orders") != nil {
		t.Errorf("left are %v and %v", left, b.live("orders"))
	}
}
