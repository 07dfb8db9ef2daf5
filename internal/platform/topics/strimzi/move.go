package strimzi

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Move gives a topic another resource, and leaves the topic with its data: the operator is told
// to leave it alone, the resource known.Object is deleted, and want.Object created, which takes
// the topic that is there. Both are of one topic name. It may be called again after any of its
// steps. The topic is what was last seen, also beside an error; its id is another one when the
// data were lost after all.
func (t *Topics) Move(ctx context.Context, known, want platform.Topic) (platform.ObservedTopic, error) {
	moved, err := t.move(ctx, known, want)
	return moved, explain(err)
}

func (t *Topics) move(ctx context.Context, known, want platform.Topic) (platform.ObservedTopic, error) {
	if known.Name != want.Name {
		return platform.ObservedTopic{}, fmt.Errorf("the topic %q cannot be moved to a resource of the topic %q", known.Name, want.Name)
	}
	if want.ID == "" {
		want.ID = known.ID
	}
	if known.Object == want.Object {
		return t.update(ctx, want, known)
	}
	there := known
	there.Object = want.Object
	kind, err := t.served(ctx)
	if err != nil {
		return platform.ObservedTopic{}, err
	}
	if err := t.mayMove(ctx, kind, known, want); err != nil {
		return platform.ObservedTopic{}, err
	}
	if err := t.delete(ctx, known, true); err != nil {
		return platform.ObservedTopic{}, err
	}
	moved, err := t.create(ctx, want)
	if exists, ok := errors.AsType[*platform.ExistsError](err); ok && exists.Ours {
		// A move that was interrupted has created it.
		return t.update(ctx, want, there)
	}
	if _, written := errors.AsType[*platform.RolloutError](err); err != nil && !written {
		err = fmt.Errorf("the topic %q has kept its data and has no resource now, as KafkaTopic %s was deleted: %w", want.Name, t.key(known), err)
	}
	return moved, err
}

// mayMove refuses before anything is written what would fail half way.
func (t *Topics) mayMove(ctx context.Context, kind kube.Kind, known, want platform.Topic) error {
	old, err := t.cluster.Get(ctx, kind, t.key(known))
	if err == nil {
		seen := t.observe(known, old)
		err = refuse(want, seen.Partitions, seen.Replicas)
	}
	if _, absent := errors.AsType[*kube.NotFoundError](err); !absent && err != nil {
		return err
	}
	taken, err := t.cluster.Get(ctx, kind, t.key(want))
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return nil
	}
	if err != nil || t.belongs(taken) && topicNameOf(taken) == want.Name {
		return err
	}
	ref := kube.Ref{Kind: kind, Key: t.key(want)}
	return &platform.ExistsError{Err: &kube.ExistsError{Ref: ref, Managers: kube.Managers(taken), Object: taken}}
}
