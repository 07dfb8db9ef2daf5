package cloudflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file has the streamlets that Cloudflow's operator runs. What they are is the entry in their application; what
// was said of them is in their Secret, as the entry has no place for it.

// observe returns such a streamlet as it is: what was said of it, and where entry and Secret say otherwise, that.
func (a applications) observe(ctx context.Context, ref platform.Ref, found *located) (*platform.Observed, error) {
	secret, values, err := a.secretOf(ctx, ref.Namespace, found.entry.Secret)
	if err != nil {
		return nil, err
	}
	var applied core.Applied
	if text := values[core.KeySpecification]; text != "" {
		tree, err := flink.ParseTree([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("read what was applied of %s: %w", ref, err)
		}
		applied.Spec, _ = tree["spec"].(map[string]any)
		applied.Labels, applied.Annotations = texts(tree["labels"]), texts(tree["annotations"])
	}
	if applied.Spec == nil {
		applied.Spec = flink.Tree{}
	}
	written := maps.Clone(applied.Spec)
	spec := liveSpec(applied.Spec, found.entry, secret == nil || !core.Unchanged(found.entry.Secret, values))
	status := core.StatusOf(found.app.Object, found.entry.Streamlet)
	out := &platform.Observed{
		Ref: ref, UID: string(found.app.GetUID()), Generation: found.app.GetGeneration(),
		Labels: orEmpty(applied.Labels), Annotations: orEmpty(applied.Annotations), Spec: spec, Status: status,
		RolledOut: status.LifecycleState == flink.LifecycleStable,
	}
	if secret != nil {
		out.Unfinished = unfinishedOn(secret.GetAnnotations())
	}
	if out.Unfinished != "" {
		metadata := flink.Tree{}
		for name, from := range map[string]map[string]string{"labels": applied.Labels, "annotations": applied.Annotations} {
			if len(from) > 0 {
				metadata[name] = treeOf(from)
			}
		}
		if len(metadata) > 0 {
			written["metadata"] = metadata
		}
		out.Written = written
	}
	return out, nil
}

// liveSpec is a specification with what the entry has. changed tells that its Secret is not what was written: the
// document then counts as another one.
func liveSpec(applied flink.Tree, entry core.Entry, changed bool) flink.Tree {
	spec := maps.Clone(applied)
	spec["image"] = entry.Image
	job := map[string]any{}
	if was, ok := applied["job"].(map[string]any); ok {
		job = maps.Clone(was)
	}
	job["entryClass"] = entry.Class
	if _, said := job["parallelism"]; said && entry.Replicas != nil {
		job["parallelism"] = json.Number(fmt.Sprint(*entry.Replicas))
	}
	spec["job"] = job
	if !changed {
		return spec
	}
	template, _ := spec["podTemplate"].(map[string]any)
	template = maps.Clone(template)
	metadata, _ := template["metadata"].(map[string]any)
	metadata = maps.Clone(metadata)
	annotations, _ := metadata["annotations"].(map[string]any)
	annotations = maps.Clone(annotations)
	if annotations == nil {
		return spec
	}
	annotations[blueprint.DocumentHashAnnotation] = "the Secret " + entry.Secret + " is gone or has other values"
	metadata["annotations"], template["metadata"] = annotations, metadata
	spec["podTemplate"] = template
	return spec
}

func texts(of any) map[string]string {
	tree, _ := of.(map[string]any)
	out := map[string]string{}
	for key, value := range tree {
		if text, ok := value.(string); ok {
			out[key] = text
		}
	}
	return out
}

func treeOf(from map[string]string) flink.Tree {
	out := flink.Tree{}
	for key, value := range from {
		out[key] = value
	}
	return out
}

func orEmpty(from map[string]string) map[string]string {
	if from == nil {
		return map[string]string{}
	}
	return from
}

func unfinishedOn(annotations map[string]string) planner.Action {
	if annotations[creationAnnotation] != "" {
		return planner.ActionCreate
	}
	return planner.Action(annotations[updateAnnotation])
}

// isSame tells whether a streamlet is of the application with the uid; an empty uid is any.
func isSame(found *located, uid string) bool { return uid == "" || string(found.app.GetUID()) == uid }

// checkSame refuses a streamlet of another application than that with the uid.
func checkSame(ref platform.Ref, found *located, uid string) error {
	if isSame(found, uid) {
		return nil
	}
	return &platform.OtherObjectError{
		Kind: core.Kind, Ref: ref, UID: string(found.app.GetUID()), Planned: uid, Created: found.app.GetCreationTimestamp().UTC().Format(time.RFC3339),
	}
}

// begin writes a create or an update of a streamlet.
func (a applications) begin(ctx context.Context, change platform.Change, s streamlet) (*akkaRollout, error) {
	defer a.lock(s.ref.Namespace, s.entry.App)()
	found, err := a.find(ctx, s.ref)
	if err != nil {
		return nil, err
	}
	annotations := map[string]string{}
	switch {
	case change.Was == nil:
		if err := a.vacant(ctx, s, found); err != nil {
			return nil, err
		}
		annotations[creationAnnotation] = a.cluster.Identity()
	case found == nil:
		return nil, &platform.NotFoundError{Kind: core.Kind, Ref: change.Ref}
	default:
		if err := checkSame(change.Ref, found, change.Was.UID); err != nil {
			return nil, err
		}
		if change.Awaited {
			annotations[updateAnnotation] = string(change.Rollout.Action)
		}
	}
	done, err := a.write(ctx, s, annotations)
	if err != nil {
		return nil, a.undone(ctx, change, s, done, err)
	}
	now := &located{done.app, s.entry}
	if entry, has := core.Entries(specOf(done.app))[s.ref.Name]; has {
		now.entry = entry
	}
	observed, err := a.observe(ctx, s.ref, now)
	if err != nil {
		return nil, err
	}
	return &akkaRollout{apps: a, change: change, streamlet: s, done: done, entry: now.entry, observed: observed, marked: len(annotations) > 0}, nil
}

// vacant refuses to create a streamlet that is there, unless a create that was killed has left it.
func (a applications) vacant(ctx context.Context, s streamlet, found *located) error {
	if err := a.free(ctx, found); err != nil || found == nil {
		return err
	}
	secret, _, err := a.secretOf(ctx, s.ref.Namespace, found.entry.Secret)
	if err != nil {
		return err
	}
	exists := fmt.Errorf("the CloudflowApplication %s/%s has the streamlet %q already", found.app.GetNamespace(), found.app.GetName(), found.entry.Streamlet)
	switch by := secret.GetAnnotations()[creationAnnotation]; by {
	case "":
		return &platform.ExistsError{Err: exists, Ours: true}
	case a.cluster.Identity():
		return &platform.BegunError{Here: true, Err: exists}
	}
	return nil
}

// goOn goes on with what an earlier apply has written.
func (a applications) goOn(ctx context.Context, change platform.Change, found *located) (*akkaRollout, error) {
	observed, err := a.observe(ctx, change.Ref, found)
	if err != nil {
		return nil, err
	}
	s := streamlet{ref: change.Ref, entry: found.entry}
	return &akkaRollout{apps: a, change: change, streamlet: s, entry: found.entry, observed: observed, done: written{app: found.app}, marked: true}, nil
}

// unmark records that a create, or an update, has come to its end.
func (a applications) unmark(ctx context.Context, namespace, secret string) error {
	_, err := a.cluster.MergePatch(ctx, secretKind, kube.Key{Namespace: namespace, Name: secret}, kube.Patch{}.RemoveAnnotations(creationAnnotation, updateAnnotation))
	if isAbsent(err) {
		return nil
	}
	return err
}

// delete takes a streamlet out of its application, and waits until its Deployment is gone. Its Secrets go after that: the
// operator takes changes up one after the other, and ends when one that it comes to names a Secret that is not there any more.
func (a applications) delete(ctx context.Context, ref platform.Ref, found *located, options platform.DeleteOptions) error {
	if !isSame(found, options.UID) {
		return nil
	}
	if err := a.leave(ctx, ref, found); err != nil {
		return err
	}
	if err := a.awaitStopped(ctx, ref); err != nil {
		return err
	}
	return a.dropSecrets(ctx, ref)
}

// awaitStopped waits until Cloudflow's operator has deleted the Deployment of a streamlet that has no entry any more.
func (a applications) awaitStopped(ctx context.Context, ref platform.Ref) error {
	live, err := a.workloadOf(ctx, ref)
	if err != nil || live == nil || live.GetLabels()[core.ManagedByLabel] != core.ManagedBy {
		return err
	}
	err = a.awaitGone(ctx, workloadKind, kube.Key{Namespace: ref.Namespace, Name: ref.Name}, live.GetUID())
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The pods of %q are not gone in time", ref.Name),
			Detail:  fmt.Sprintf("The streamlet has left its application, and the Deployment %s is still there, which Cloudflow's operator deletes. Check that the operator runs, and destroy again to wait on.", ref),
		}
	}
	return err
}

// workloadOf is the Deployment of a streamlet, nil where there is none.
func (a applications) workloadOf(ctx context.Context, ref platform.Ref) (*unstructured.Unstructured, error) {
	live, err := a.cluster.Get(ctx, workloadKind, kube.Key{Namespace: ref.Namespace, Name: ref.Name})
	if isAbsent(err) {
		return nil, nil
	}
	return live, err
}

// closing bounds what has to be written after the end of a wait.
const closing = 10 * time.Second

// afterwards is a context for what has to be done also when the one of the apply has ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), closing)
}
