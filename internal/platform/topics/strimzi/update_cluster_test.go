package strimzi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics/strimzi"
)

func TestUpdateRefusesBeforeItWrites(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	two, three := int64(2), int64(3)
	known := b.create(platform.Topic{Name: "orders", Object: "orders", Partitions: &three, Replicas: &two})
	for name, test := range map[string]struct {
		next platform.Topic
		text []string
	}{
		"fewer partitions": {platform.Topic{Name: "orders", Object: "orders", Partitions: &two, Replicas: &two}, []string{"lose partitions", "is 3, and 2"}},
		"more replicas":    {platform.Topic{Name: "orders", Object: "orders", Partitions: &three, Replicas: &three}, []string{"is 2, and 3", "Cruise Control"}},
		"another name":     {platform.Topic{Name: "invoices", Object: "orders", Partitions: &three, Replicas: &two}, []string{`one of the topic "orders"`}},
	} {
		t.Run(name, func(t *testing.T) {
			before := b.live("orders").GetResourceVersion()
			_, err := b.topics.Update(b.context(), test.next, known)
			mentions(t, err, test.text...)
			if after := b.live("orders").GetResourceVersion(); after != before {
				t.Error("the resource was written")
			}
		})
	}
	if _, err := b.topics.Update(b.context(), want("absent", 1, nil), want("absent", 1, nil)); err == nil {
		t.Error("what is not there was updated")
	}
}

func TestUpdateAmongOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	b.Run("what others say stays", func(t *testing.T) {
		t.Parallel()
		known := b.create(want("a", 1, map[string]string{"retention.ms": "1"}))
		b.edit("a", "somebody", map[string]any{"metadata": map[string]any{"labels": map[string]any{"team": "a"}}, "spec": map[string]any{"config": map[string]any{"segment.ms": 5}}})
		updated, err := b.topics.Update(b.context(), want("a", 2, nil), known)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"segment.ms": "5"}, updated.Config); diff != "" || b.live("a").GetLabels()["team"] != "a" {
			t.Errorf("the labels are %v, the configuration (-, +):\n%s", b.live("a").GetLabels(), diff)
		}
	})
	b.Run("what was changed by hand is put back", func(t *testing.T) {
		t.Parallel()
		config := map[string]string{"retention.ms": "1", "segment.ms": "5"}
		known := b.create(want("b", 1, config))
		b.edit("b", "kubectl-edit", map[string]any{"spec": map[string]any{"config": map[string]any{"retention.ms": "7", "segment.ms": "8"}}})
		if observed, _ := b.read(known); observed.Config["retention.ms"] != "7" {
			t.Errorf("read %+v", observed)
		}
		updated, err := b.topics.Update(b.context(), want("b", 1, map[string]string{"retention.ms": "1"}), known)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"retention.ms": "1"}, updated.Config); diff != "" {
			t.Errorf("the configuration (-, +):\n%s", diff)
		}
	})
	b.Run("what somebody else manages is a conflict", func(t *testing.T) {
		t.Parallel()
		known := b.create(want("c", 1, map[string]string{"retention.ms": "1"}))
		b.edit("c", "platform-team", map[string]any{"spec": map[string]any{"config": map[string]any{"retention.ms": "7"}}})
		_, err := b.topics.Update(b.context(), want("c", 1, map[string]string{"retention.ms": "2"}), known)
		mentions(t, err, `config["retention.ms"] is managed by "platform-team"`, "force_conflicts")
		b.options.ForceConflicts = true
		if _, err := strimzi.New(connect(t, b.cluster), b.options).Update(b.context(), want("c", 1, map[string]string{"retention.ms": "2"}), known); err != nil {
			t.Error(err)
		}
	})
	b.Run("a number that says the same is no conflict", func(t *testing.T) {
		t.Parallel()
		known := b.create(want("d", 1, map[string]string{"retention.ms": "1"}))
		b.edit("d", "platform-team", map[string]any{"spec": map[string]any{"config": map[string]any{"retention.ms": 5}}})
		if _, err := b.topics.Update(b.context(), want("d", 2, map[string]string{"retention.ms": "5"}), known); err != nil {
			t.Error(err)
		}
	})
}

func TestUnmanagedAndPaused(t *testing.T) {
	t.Parallel()
	b := newBench(t, acctest.Newest())
	for annotation, value := range map[string]string{"strimzi.io/managed": "false", "strimzi.io/pause-reconciliation": "true"} {
		t.Run(annotation, func(t *testing.T) {
			t.Parallel()
			name := strings.TrimPrefix(annotation, "strimzi.io/")
			known := b.create(want(name, 1, nil))
			b.edit(name, "ops", map[string]any{"metadata": map[string]any{"annotations": map[string]any{annotation: value}}})
			b.eventually(func() bool { observed, _ := b.read(known); return observed.Problem != "" })
			if observed, _ := b.read(known); observed.ID != known.ID || !strings.Contains(observed.Problem, annotation) {
				t.Errorf("read %+v", observed)
			}
			_, err := b.topics.Update(b.context(), want(name, 2, nil), known)
			rollout, ok := errors.AsType[*platform.RolloutError](err)
			if !ok || !rollout.Waiting {
				t.Fatalf("got %#v", err)
			}
			mentions(t, err, annotation, "kubectl annotate")
			if annotation == "strimzi.io/managed" {
				mentions(t, b.topics.Delete(b.context(), known, false), "does not manage it", "Nothing was deleted")
				if b.live(name) == nil {
					t.Error("the resource is gone")
				}
			}
		})
	}
}
