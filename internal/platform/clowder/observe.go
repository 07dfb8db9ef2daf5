package clowder

import (
	"context"
	"errors"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func keyIn(namespace, name string) kube.Key { return kube.Key{Namespace: namespace, Name: name} }

// see looks at the Deployment that Clowder has made of an entry.
func (p *Platform) see(ctx context.Context, look looker, found located) (clowd.Seen, error) {
	object, err := look(ctx, deploymentKind, keyIn(found.key.Namespace, found.Deployment()))
	if denied := (*kube.DeniedError)(nil); err != nil && !isAbsent(err) && !errors.As(err, &denied) {
		return clowd.Seen{}, err
	}
	if err != nil {
		object = nil
	}
	return seenOf(found, object)
}

// seenOf is what is seen of an entry beside its Deployment, nil for none.
func seenOf(found located, deployment *unstructured.Unstructured) (clowd.Seen, error) {
	tree, err := treeOf(deployment)
	return clowd.Seen{
		Entry: found.entry, Mark: found.mark, App: clowd.ReconciliationOf(found.app), Workload: clowd.WorkloadOf(tree),
	}, err
}

// observe returns an entry as the platform has it.
func observe(ref platform.Ref, place clowd.Place, seen clowd.Seen) *platform.Observed {
	mark := seen.Mark
	out := &platform.Observed{
		Ref: ref, UID: mark.UID, Generation: mark.Revision, Labels: mark.Labels, Annotations: annotationsOf(seen.Entry),
		Spec: clowd.Live(place, seen.Entry, mark), Status: seen.Status(place), RolledOut: seen.Arrived() && !mark.Unfinished(),
	}
	switch {
	case mark.Unfinished():
		out.Unfinished = planner.Action(mark.Action)
	case mark.Creating:
		out.Unfinished = planner.ActionCreate
	}
	if out.Unfinished != "" {
		out.Written = maps.Clone(out.Spec)
		metadata := flink.Tree{}
		for name, values := range map[string]map[string]string{"labels": mark.Labels, "annotations": mark.Annotations} {
			if len(values) > 0 {
				part := flink.Tree{}
				for key, value := range values {
					part[key] = value
				}
				metadata[name] = part
			}
		}
		if len(metadata) > 0 {
			out.Written["metadata"] = metadata
		}
	}
	return out
}

// annotationsOf are the annotations of an entry that are not the provider's own.
func annotationsOf(entry flink.Tree) map[string]string {
	out := map[string]string{}
	for name, value := range treeAt(entry, "metadata", "annotations") {
		if text, ok := value.(string); ok && name != clowd.AnnotationMark {
			out[name] = text
		}
	}
	return out
}
