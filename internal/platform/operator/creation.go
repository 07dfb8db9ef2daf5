package operator

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// This file tells what a killed create has left from what another create works
// on. Both look alike: an object of ours with the mark of an unfinished create.
// Who creates an object follows it until its job runs, so it can be asked: the
// question is an annotation, and the answer is that somebody takes it off. That
// costs nothing while nobody asks, needs no clock, and leaves nothing behind.

// nameIn is a name that a process creates a deployment of.
type nameIn struct {
	process string
	platform.Ref
}

// names are those of the deployments that this process has created.
var names sync.Map

// answerTime is how long a question waits for its answer. A watch shows it
// within milliseconds; the rest is for one that has just broken.
const answerTime = 10 * time.Second

// creation is the value of creationAnnotation: what is created, and who does it.
type creation struct {
	// specification is the fingerprint of what is to be created.
	specification string
	// process is the identity of the client that creates it, and call tells the
	// creates of a process apart.
	process, call string
}

func newCreation(cluster Store, specification string) creation {
	return creation{specification, cluster.Identity(), rand.Text()}
}

// String is the value of the annotation.
func (c creation) String() string {
	return strings.Join([]string{c.specification, c.process, c.call}, "/")
}

// creationOf reads the mark of an object that this provider has begun to create,
// and that is not on its way out.
func creationOf(object *unstructured.Unstructured) (left creation, begun bool) {
	text := object.GetAnnotations()[creationAnnotation]
	if text == "" || object.GetDeletionTimestamp() != nil || !kube.HasManager(object) {
		return creation{}, false
	}
	specification, who, _ := strings.Cut(text, "/")
	process, call, _ := strings.Cut(who, "/")
	return creation{specification, process, call}, true
}

// begins tells whether another create was one of the same.
func (c creation) begins(left creation, _ *unstructured.Unstructured) bool {
	return left.specification == c.specification
}

// inherit gives a create the object that another one has begun and does not work
// on any more: it returns the object with the create's own mark. Of several
// creates at the same time one gets it. Where fits refuses what is there, where
// the create has come to its end, and where somebody works on it, it returns a
// *kube.ExistsError; when the object is gone meanwhile, a *kube.NotFoundError.
func (c creation) inherit(ctx context.Context, cluster Store, exists *kube.ExistsError, fits func(left creation, object *unstructured.Unstructured) bool) (*unstructured.Unstructured, error) {
	kind, object := exists.Ref.Kind, exists.Object
	silent := ""
	for {
		exists = &kube.ExistsError{Ref: exists.Ref, Managers: kube.Managers(object), Object: object}
		left, begun := creationOf(object)
		switch {
		case !begun:
			return nil, exists
		case left == c:
			// The answer to the create itself was lost.
			return object, nil
		case left.process == c.process:
			return nil, &platform.BegunError{Here: true, Err: exists}
		case !fits(left, object):
			return nil, exists
		case left.String() != silent:
			latest, answered, err := c.ask(ctx, cluster, kind, object)
			if err != nil {
				return nil, err
			}
			if answered {
				return nil, &platform.BegunError{Err: exists}
			}
			object, silent = latest, left.String()
			continue
		}
		patch := patchOf(object.GetUID()).Set(object.GetResourceVersion(), "metadata", "resourceVersion").
			Set(c.String(), "metadata", "annotations", creationAnnotation).RemoveAnnotations(askedAnnotation)
		taken, err := cluster.MergePatch(ctx, kind, exists.Ref.Key, patch)
		var changed *kube.ServerError
		if errors.As(err, &changed) && changed.Code == http.StatusConflict {
			if object, err = cluster.Get(ctx, kind, exists.Ref.Key); err != nil {
				return nil, err
			}
			continue
		}
		if err == nil {
			logctx.From(ctx).InfoContext(ctx, "Continuing a create that was interrupted", "object", exists.Ref.String())
		}
		return taken, err
	}
}

// ask asks whoever has begun to create an object whether it still works on it.
// It returns the object as it is then; nobody has answered when it has another
// mark by then, or none.
func (c creation) ask(ctx context.Context, cluster Store, kind kube.Kind, object *unstructured.Unstructured) (latest *unstructured.Unstructured, answered bool, err error) {
	key := kube.KeyOf(object)
	logctx.From(ctx).InfoContext(ctx, "Asking whether somebody creates the object", "object", kube.Ref{Kind: kind, Key: key}.String())
	asked, err := cluster.MergePatch(ctx, kind, key, patchOf(object.GetUID()).Set(c.call, "metadata", "annotations", askedAnnotation))
	if err != nil {
		return nil, false, err
	}
	mark := object.GetAnnotations()[creationAnnotation]
	over := func(now *unstructured.Unstructured) (over, answered bool) {
		annotations := now.GetAnnotations()
		if now.GetUID() != asked.GetUID() || annotations[creationAnnotation] != mark {
			return true, false
		}
		return annotations[askedAnnotation] == "", annotations[askedAnnotation] == ""
	}
	timer := time.NewTimer(answerTime)
	defer timer.Stop()
	var failed error
	ended := watch.Wait[kube.Change]{
		See: func(change kube.Change) (done bool) {
			if change.Object == nil {
				failed = &kube.NotFoundError{Ref: kube.Ref{Kind: kind, Key: key}}
				return true
			}
			if done, answered = over(change.Object); done {
				latest, failed = change.Object, c.withdraw(ctx, cluster, kind, change.Object)
			}
			return done
		},
		Times: timer.C,
		Look: func(time.Time) bool {
			// The watch may have been broken all the time.
			if latest, failed = cluster.Get(ctx, kind, key); failed != nil {
				return true
			}
			var done bool
			if done, answered = over(latest); done {
				failed = c.withdraw(ctx, cluster, kind, latest)
			}
			return true
		},
	}.Until(ctx, following(cluster, kind, key))
	if ended != nil {
		return nil, false, ended
	}
	return latest, answered, failed
}

// withdraw takes the question off an object whose create has come to its end
// before it was asked.
func (c creation) withdraw(ctx context.Context, cluster Store, kind kube.Kind, object *unstructured.Unstructured) error {
	if object.GetAnnotations()[askedAnnotation] != c.call {
		return nil
	}
	_, err := cluster.MergePatch(ctx, kind, kube.KeyOf(object), patchOf(object.GetUID()).RemoveAnnotations(askedAnnotation))
	if isAbsent(err) {
		return nil
	}
	return err
}

// answer tells another create that somebody works on an object, when it asks.
func answer(ctx context.Context, cluster Store, kind kube.Kind, object *unstructured.Unstructured) {
	if object.GetAnnotations()[askedAnnotation] == "" {
		return
	}
	key := kube.KeyOf(object)
	log := logctx.From(ctx).With("object", kube.Ref{Kind: kind, Key: key}.String())
	log.InfoContext(ctx, "Another create of this name asks whether somebody works on it")
	if _, err := cluster.MergePatch(ctx, kind, key, patchOf(object.GetUID()).RemoveAnnotations(askedAnnotation)); err != nil {
		log.WarnContext(ctx, "The other create gets no answer", "error", err.Error())
	}
}
