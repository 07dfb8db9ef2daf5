package strimzi

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Update implements platform.Topics. Another resource than before is a Move. The topic is what
// was last seen, also beside an error.
func (t *Topics) Update(ctx context.Context, want, before platform.Topic) (platform.ObservedTopic, error) {
	updated, err := t.update(ctx, want, before)
	return updated, explain(err)
}

func (t *Topics) update(ctx context.Context, want, before platform.Topic) (platform.ObservedTopic, error) {
	if before.Object != "" && before.Object != want.Object {
		return t.move(ctx, before, want)
	}
	kind, err := t.served(ctx)
	if err != nil {
		return platform.ObservedTopic{}, err
	}
	live, err := t.cluster.Get(ctx, kind, t.key(want))
	if err != nil {
		return platform.ObservedTopic{}, err
	}
	if want.ID == "" {
		want.ID = before.ID
	}
	seen := t.observe(want, live)
	if err := t.mayChange(kind, want, live); err != nil {
		return seen, err
	}
	if err := refuse(want, seen.Partitions, seen.Replicas); err != nil {
		return seen, err
	}
	object := t.object(kind, want)
	keepForm(object, live)
	object.SetUID(live.GetUID())
	updated, err := t.apply(ctx, kind, object, live)
	if err != nil {
		return seen, err
	}
	if releasedByUs(live) {
		if updated, err = t.resume(ctx, kind, want, updated); err != nil {
			return seen, err
		}
	}
	if updated, err = t.drop(ctx, kind, want, before, updated); err != nil {
		return seen, err
	}
	return t.untilReady(ctx, kind, want, updated)
}

// mayChange refuses what is not the resource of the topic, and one that takes no changes.
func (t *Topics) mayChange(kind kube.Kind, want platform.Topic, live *unstructured.Unstructured) error {
	ref := kube.Ref{Kind: kind, Key: t.key(want)}
	if name := topicNameOf(live); name != want.Name {
		return &platform.ExplainedError{
			Cause:  fmt.Sprintf("its resource is one of the topic %q", name),
			Err:    fmt.Errorf("%s has spec.topicName %q, and the topic is %q", ref, name, want.Name),
			Remedy: "The operator cannot rename a topic. Put spec.topicName back by hand, or have the topic created again under another resource name.",
		}
	}
	if at := live.GetDeletionTimestamp(); at != nil {
		return &platform.ExplainedError{
			Cause:  "its resource is being deleted",
			Err:    fmt.Errorf("%s is being deleted since %s and takes no changes", ref, at.UTC().Format("2006-01-02T15:04:05Z")),
			Remedy: "Apply again when it is gone: Terraform then creates it anew.",
		}
	}
	return nil
}

// hands are the field managers of kubectl's commands that change single fields by hand. Such
// a change is drift, which an apply puts back.
var hands = regexp.MustCompile(`^kubectl-(annotate|edit|label|patch|replace|set)$`)

// apply writes a resource over a live one, over fields that nobody else means to manage too.
func (t *Topics) apply(ctx context.Context, kind kube.Kind, object, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	options := kube.ApplyOptions{Force: t.options.ForceConflicts}
	updated, err := t.cluster.Apply(ctx, kind, object, options)
	conflict, ok := errors.AsType[*kube.ConflictError](err)
	if !ok || !mayForce(conflict, live) {
		return updated, err
	}
	logctx.From(ctx).InfoContext(ctx, "Taking fields that nobody else means to manage", "error", conflict.Error())
	options.Force = true
	return t.cluster.Apply(ctx, kind, object, options)
}

// mayForce tells whether the fields in a conflict were changed by hand alone, or under this
// provider's own name.
func mayForce(conflict *kube.ConflictError, live *unstructured.Unstructured) bool {
	harmless := map[string]bool{kube.FieldManager: true}
	for _, entry := range live.GetManagedFields() {
		if entry.Operation == metav1.ManagedFieldsOperationUpdate && hands.MatchString(entry.Manager) {
			harmless[entry.Manager] = true
		}
	}
	return !slices.ContainsFunc(conflict.Fields, func(f kube.FieldConflict) bool { return !harmless[f.Manager] })
}

// drop removes configuration that was this application's and is wanted no more, where an apply
// has left it: somebody has changed the value by hand, and owns it since.
func (t *Topics) drop(ctx context.Context, kind kube.Kind, want, before platform.Topic, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	there, patch := rawConfig(object), kube.Patch{}
	for key := range before.Config {
		if _, wanted := want.Config[key]; wanted {
			continue
		}
		if _, left := there[key]; left {
			patch.Set(nil, "spec", "config", key)
		}
	}
	if len(patch) == 0 {
		return object, nil
	}
	return t.cluster.MergePatch(ctx, kind, t.key(want), patch.Set(string(object.GetUID()), "metadata", "uid"))
}
