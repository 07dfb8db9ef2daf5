package cloudflow

import (
	"context"
	"errors"
	"slices"
	"strings"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// This file deletes what Cloudflow leaves behind when an application goes: the ConfigMaps of topics have no owner,
// nor has a Secret that was written while there was no application yet.

// dropLeftovers deletes what an application that is gone has left.
func (a applications) dropLeftovers(ctx context.Context, namespace, app string) error {
	maps, err := a.cluster.List(ctx, configMapKind, namespace, core.Selector(app))
	if err != nil {
		return err
	}
	var failed []error
	for _, topic := range maps {
		if strings.HasPrefix(topic.GetName(), core.TopicMapPrefix) {
			failed = append(failed, a.cluster.Delete(ctx, configMapKind, kube.KeyOf(&topic), topic.GetUID()))
		}
	}
	key := kube.Key{Namespace: namespace, Name: core.InputSecret(app)}
	live, err := a.cluster.Get(ctx, secretKind, key)
	switch {
	case isAbsent(err):
	case err != nil:
		failed = append(failed, err)
	case kube.HasManager(live):
		failed = append(failed, a.cluster.Delete(ctx, secretKind, key, live.GetUID()))
	}
	return errors.Join(failed...)
}

// dropTopics deletes the ConfigMaps of topics that are not joined any more.
func (a applications) dropTopics(ctx context.Context, namespace, app string, topics, joined []string) error {
	var failed []error
	for _, topic := range topics {
		if slices.Contains(joined, topic) {
			continue
		}
		key := kube.Key{Namespace: namespace, Name: core.TopicMap(topic)}
		live, err := a.cluster.Get(ctx, configMapKind, key)
		switch {
		case isAbsent(err):
		case err != nil:
			failed = append(failed, err)
		case core.IsOf(live.GetLabels(), app):
			failed = append(failed, a.cluster.Delete(ctx, configMapKind, key, live.GetUID()))
		}
	}
	return errors.Join(failed...)
}
