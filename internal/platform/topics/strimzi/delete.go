package strimzi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// finalizer is what the operator has on a resource whose topic it follows.
const finalizer = "strimzi.io/topic-operator"

// Delete implements platform.Topics. With retain the operator is told first to leave the topic
// alone, and nothing is deleted until it says that it does. Without, a topic is not deleted for
// which another resource stands as well.
func (t *Topics) Delete(ctx context.Context, known platform.Topic, retain bool) error {
	return explain(t.delete(ctx, known, retain))
}

func (t *Topics) delete(ctx context.Context, known platform.Topic, retain bool) error {
	kind, err := t.served(ctx)
	if err != nil {
		return err
	}
	live, err := t.cluster.Get(ctx, kind, t.key(known))
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return nil
	}
	if err != nil {
		return err
	}
	if err := t.mayDelete(ctx, kind, known, live, retain); err != nil {
		return err
	}
	w := t.waitFor(kind, known, live)
	switch {
	case !retain && isUnmanaged(live):
		// A retaining delete was interrupted. The operator has to take the topic up again
		// before it deletes it.
		if live, err = t.resume(ctx, kind, known, live); err != nil {
			return err
		}
		if _, err := t.untilReady(ctx, kind, known, live); err != nil {
			return err
		}
	case retain:
		gone, err := w.release(ctx)
		if err != nil || gone {
			return err
		}
	}
	if err := t.cluster.Delete(ctx, kind, w.ref.Key, w.uid); err != nil {
		return err
	}
	return w.untilGone(ctx, retain)
}

// mayDelete refuses what is not this application's resource of the topic, and to delete a
// topic by a resource that would not do it, or would take it from another one.
func (t *Topics) mayDelete(ctx context.Context, kind kube.Kind, known platform.Topic, live *unstructured.Unstructured, retain bool) error {
	ref := kube.Ref{Kind: kind, Key: t.key(known)}
	switch {
	case !t.belongs(live) || topicNameOf(live) != known.Name:
		return &platform.ExplainedError{
			Cause:  "its resource is another one now",
			Err:    fmt.Errorf("%s is for the topic %q, with the labels %v; it is not the one that was made for the topic %q", ref, topicNameOf(live), live.GetLabels(), known.Name),
			Remedy: "Nothing was deleted. Somebody has put another resource in its place, or has changed its labels. Put them back, or remove the topic from the state.",
		}
	case retain:
		return nil
	case isUnmanaged(live) && !releasedByUs(live):
		return &platform.ExplainedError{
			Cause:  "the operator does not manage it",
			Err:    fmt.Errorf("%s has the annotation %s: \"false\", with which its deletion leaves the topic", ref, managedAnnotation),
			Remedy: "Nothing was deleted. Remove the annotation, or keep the topic: delete_topics_on_destroy = false.",
		}
	}
	others, err := t.others(ctx, kind, known, 0)
	if err != nil || len(others) == 0 {
		return err
	}
	return &platform.ExplainedError{
		Cause:  "another resource stands for it too",
		Err:    fmt.Errorf("the KafkaTopics %s and %s are both for the topic %q; deleting this one would delete the data of the other", known.Object, strings.Join(others, ", "), known.Name),
		Remedy: "Nothing was deleted. Delete the other resource first, or keep the topic: delete_topics_on_destroy = false.",
	}
}

// releasing is a patch that has the operator leave the topic of a resource alone.
func releasing(uid types.UID) kube.Patch {
	return kube.Patch{}.Set(string(uid), "metadata", "uid").Set("false", "metadata", "annotations", managedAnnotation)
}

// releasedByUs tells whether the operator was told by this provider to leave a topic alone, for
// what was interrupted then.
func releasedByUs(object *unstructured.Unstructured) bool {
	return isUnmanaged(object) && kube.Owns(kube.OwnedFields(object, kube.FieldManager), "metadata", "annotations", managedAnnotation)
}

// resume has the operator follow a topic again.
func (t *Topics) resume(ctx context.Context, kind kube.Kind, topic platform.Topic, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	patch := kube.Patch{}.Set(string(object.GetUID()), "metadata", "uid").RemoveAnnotations(managedAnnotation)
	return t.cluster.MergePatch(ctx, kind, t.key(topic), patch)
}

// release has the operator leave the topic alone, and waits until it says so. A resource that
// no operator follows needs nobody's word. It tells whether the resource has gone meanwhile.
func (w *wait) release(ctx context.Context) (gone bool, err error) {
	patched, err := w.topics.cluster.MergePatch(ctx, w.ref.Kind, w.ref.Key, releasing(w.uid))
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	w.last = patched
	if judge(patched).silent || patched.GetDeletionTimestamp() != nil {
		return false, nil
	}
	bounded, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	err = w.until(bounded, func(v verdict) bool { return v.progress == unmanaged })
	switch {
	case err == nil:
		return w.gone, nil
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded), bounded.Err() == nil:
		return false, err
	}
	return false, &platform.RolloutError{
		Summary: fmt.Sprintf("The resource of the topic %q is not deleted: no Topic Operator says that it leaves the topic alone", w.topic.Name),
		Detail: lines(
			fmt.Sprintf("Waited %s for the condition Unmanaged of %s, which the annotation %s: \"false\" asks for. Last seen: %s.", w.elapsed(), w.ref, managedAnnotation, orNothing(judge(w.last).problem())),
			w.warnings(ctx),
			"Nothing was deleted, so that the topic keeps its data. Check that the Topic Operator runs, and apply again. Where there is none any more, take the finalizer off the resource and delete it with kubectl: that leaves the topic."),
		Waiting: true,
	}
}

// untilGone waits until the resource is gone, or another one has its name.
func (w *wait) untilGone(ctx context.Context, retain bool) error {
	err := w.until(ctx, func(verdict) bool { return false })
	if err == nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	what := "the topic is deleted in Kafka"
	if retain {
		what = "it has left the topic alone"
	}
	why := fmt.Sprintf("The Topic Operator takes its finalizer off when %s. It waits while Kafka does not answer, and nobody does it while the operator does not run.", what)
	if others := slices.DeleteFunc(slices.Clone(w.last.GetFinalizers()), func(f string) bool { return f == finalizer }); len(others) > 0 {
		why = "These are not of Strimzi, and somebody else has to take them off: " + strings.Join(others, ", ") + "."
	}
	if isPaused(w.last) {
		why += fmt.Sprintf(" The annotation %s: \"true\" has it not look at the resource.", pausedAnnotation)
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The resource of the topic %q is not gone after %s", w.topic.Name, w.elapsed()),
		Detail: lines(
			fmt.Sprintf("%s was deleted and still exists. Finalizers left: %s. Last seen: %s.", w.ref, orNothing(strings.Join(w.last.GetFinalizers(), ", ")), orNothing(judge(w.last).problem())),
			w.warnings(ctx), why, "The resource is marked for deletion; destroy again to wait on."),
		Waiting: true,
	}
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
