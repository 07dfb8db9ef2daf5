package strimzi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// silence is how long a wait bears that no operator says a word of a resource. The Topic
// Operator looks at all of its resources every two minutes by default
// (STRIMZI_FULL_RECONCILIATION_INTERVAL_MS), and writes 40 s later that Kafka does not answer.
const silence = 3 * time.Minute

// lastWordsTimeout bounds what is asked after the end of a wait.
const lastWordsTimeout = 5 * time.Second

// wait is one wait for the Topic Operator.
type wait struct {
	topics *Topics
	ref    kube.Ref
	uid    types.UID
	topic  platform.Topic
	began  time.Time
	// last is the newest version seen, and gone tells that it is there no more.
	last *unstructured.Unstructured
	gone bool
	// trouble is the last word about the connection, nil while it works.
	trouble error
	told    string
}

func (t *Topics) waitFor(kind kube.Kind, topic platform.Topic, object *unstructured.Unstructured) *wait {
	return &wait{
		topics: t, ref: kube.Ref{Kind: kind, Key: t.key(topic)}, uid: object.GetUID(), topic: topic,
		began: time.Now(), last: object,
	}
}

// until waits until over says so of a version of the resource, or it is gone. It returns
// the context's error at once when that ends, and errSilent when the operator has
// never said anything.
func (w *wait) until(ctx context.Context, over func(v verdict) bool) error {
	hush := time.NewTimer(silence)
	defer hush.Stop()
	silent := false
	err := watch.Wait[kube.Change]{
		See: func(change kube.Change) bool {
			w.trouble = nil
			if change.Object == nil || change.Object.GetUID() != w.uid {
				w.gone = true
				return true
			}
			w.last = change.Object
			v := judge(w.last)
			w.tell(ctx, v)
			return over(v)
		},
		Trouble: func(err error) error {
			w.trouble = err
			if _, denied := errors.AsType[*kube.DeniedError](err); denied {
				return err
			}
			return nil
		},
		Times: hush.C,
		Look: func(time.Time) bool {
			silent = w.trouble == nil && judge(w.last).silent
			return silent
		},
	}.Until(ctx, func(ctx context.Context) <-chan kube.Change {
		return w.topics.cluster.Follow(ctx, w.ref.Kind, w.ref.Key)
	})
	if err == nil && silent {
		return errSilent
	}
	return err
}

// errSilent ends a wait for an operator that does not look at the resource.
var errSilent = errors.New("no Topic Operator has looked at the resource")

// tell logs every change of the status in one line.
func (w *wait) tell(ctx context.Context, v verdict) {
	line := v.problem()
	if line == "" {
		line = "ready"
	}
	if line != w.told {
		w.told = line
		logctx.From(ctx).InfoContext(ctx, fmt.Sprintf("%s: %s", w.ref, line))
	}
}

// untilReady waits until the topic is as the resource says. The topic is what was last
// seen, also beside an error.
func (t *Topics) untilReady(ctx context.Context, kind kube.Kind, want platform.Topic, object *unstructured.Unstructured) (platform.ObservedTopic, error) {
	w := t.waitFor(kind, want, object)
	err := w.until(ctx, func(v verdict) bool { return v.progress != unseen && v.progress != retrying })
	observed := t.observe(want, w.last)
	v := judge(w.last)
	switch {
	case err != nil:
		return observed, w.ended(ctx, err)
	case w.gone:
		return observed, w.failure(ctx, "the resource was deleted", "Somebody else did this during the wait. Apply again: Terraform then creates it anew.", false)
	case v.progress == ready:
		return observed, nil
	case v.progress == failed:
		return observed, &refusedError{reason: v.reason, RolloutError: w.failure(ctx, v.cause(), remedyFor(v), false)}
	}
	// It is unmanaged or paused: the change is written, and waits for somebody.
	return observed, w.failure(ctx, v.problem(), "Remove the annotation (kubectl annotate "+resource+" -n "+w.ref.Key.Namespace+" "+w.ref.Key.Name+" "+annotationOf(v)+"-): the operator then does what is written.", true)
}

// refusedError is what the operator does not do, with its reason.
type refusedError struct {
	*platform.RolloutError

	reason string
}

func (e *refusedError) Unwrap() error { return e.RolloutError }

func annotationOf(v verdict) string {
	if v.progress == paused {
		return pausedAnnotation
	}
	return managedAnnotation
}

// remedyFor says what to do about a refusal of the operator.
func remedyFor(v verdict) string {
	switch v.reason {
	case resourceConflict:
		return "Two KafkaTopics stand for one topic, and deleting the one that the operator follows deletes the topic with its data. Give the topic another name, or have the other one deleted with the annotation " + managedAnnotation + ": \"false\" on it."
	case notSupported:
		return "Put back what was changed, or make the change in Kafka itself first, and apply again."
	}
	return "Correct the topic's partitions, replicas or config, and apply again."
}

// ended says why a wait has come to no end of its own.
func (w *wait) ended(ctx context.Context, err error) error {
	v := judge(w.last)
	switch {
	case errors.Is(err, errSilent), errors.Is(ctx.Err(), context.DeadlineExceeded) && v.silent && w.trouble == nil:
		return w.failure(ctx, "no Topic Operator looks at its resource", fmt.Sprintf(
			"The Topic Operator of a Kafka looks at the KafkaTopics in its namespace whose label %s names it: here %q in the namespace %q. Check that this Kafka is there and has spec.entityOperator.topicOperator, that its operator runs and watches this namespace, and what its log says.",
			clusterLabel, w.topics.options.Cluster, w.ref.Key.Namespace), true)
	case !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return err
	case w.trouble != nil:
		return w.failure(ctx, "the watch is broken: "+strings.TrimSuffix(w.trouble.Error(), "."), "The change is written. Apply again to wait on.", true)
	}
	return w.failure(ctx, v.problem(), "The operator goes on by itself. Check that Kafka answers it, and apply again to wait on, or raise the timeout in timeouts.", true)
}

// failure is the error of a wait.
func (w *wait) failure(ctx context.Context, cause, remedy string, waiting bool) *platform.RolloutError {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The topic %q is not as its resource says: %s", w.topic.Name, cause),
		Detail:  lines(fmt.Sprintf("Waited %s for generation %d of %s.", w.elapsed(), w.last.GetGeneration(), w.ref), w.warnings(ctx), remedy),
		Waiting: waiting,
	}
}

func (w *wait) elapsed() time.Duration { return time.Since(w.began).Round(time.Second) }

// warnings are the newest events of the resource, best effort.
func (w *wait) warnings(ctx context.Context) string {
	const most = 3
	if errors.Is(ctx.Err(), context.Canceled) {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWordsTimeout)
	defer cancel()
	events, err := w.topics.cluster.Events(ctx, w.ref.Key.Namespace, kube.Involved{Kind: w.ref.Kind.Kind, Name: w.ref.Key.Name, UID: w.uid})
	if err != nil {
		logctx.From(ctx).InfoContext(ctx, "The events of the resource are not known", "error", err.Error())
		return ""
	}
	var out []string
	for _, event := range events[:min(len(events), most)] {
		out = append(out, fmt.Sprintf("  event %s: %s", event.Reason, strings.Join(strings.Fields(event.Message), " ")))
	}
	return strings.Join(out, "\n")
}

// lines joins the parts that there are, one a line.
func lines(parts ...string) string {
	var out []string
	for _, part := range parts {
		if part != "" {
			out = append(out, part)
		}
	}
	return strings.Join(out, "\n")
}
