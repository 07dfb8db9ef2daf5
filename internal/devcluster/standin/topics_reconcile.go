package standin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// What the Topic Operator looks at and writes.
const (
	clusterLabel      = "strimzi.io/cluster"
	managedAnnotation = "strimzi.io/managed"
	pausedAnnotation  = "strimzi.io/pause-reconciliation"
	topicFinalizer    = "strimzi.io/topic-operator"
)

// topicSpec is what a resource says. Numbers are 0 for the brokers' default.
type topicSpec struct {
	topic                kafkaKey
	partitions, replicas int64
	config               map[string]string
}

func topicSpecOf(obj *unstructured.Unstructured) topicSpec {
	out := topicSpec{topic: kafkaKey{
		kafka: types.NamespacedName{Namespace: obj.GetNamespace(), Name: kafkaName(obj.GetLabels()[clusterLabel])}, topic: obj.GetName(),
	}}
	if name, _, _ := unstructured.NestedString(obj.Object, "spec", "topicName"); name != "" {
		out.topic.topic = name
	}
	out.partitions, _, _ = unstructured.NestedInt64(obj.Object, "spec", "partitions")
	out.replicas, _, _ = unstructured.NestedInt64(obj.Object, "spec", "replicas")
	config, _, _ := unstructured.NestedMap(obj.Object, "spec", "config")
	for key, value := range config {
		if value == nil {
			continue
		}
		if out.config == nil {
			out.config = map[string]string{}
		}
		out.config[key] = kafkaText(value)
	}
	return out
}

// kafkaText is a value of the configuration as Kafka gets it.
func kafkaText(value any) string {
	switch v := value.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = kafkaText(item)
		}
		return strings.Join(parts, ",")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// reconcile brings the topic of a resource to what the resource says.
func (o *topicOperator) reconcile(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	obj, err := o.api.get(ctx, o.kind, key)
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if obj.GetLabels()[clusterLabel] == "" {
		// It is no resource of any Topic Operator.
		return 0, nil
	}
	want := topicSpecOf(obj)
	defer o.lock(want.topic.kafka)()
	k, err := o.kafkaOf(ctx, want.topic.kafka)
	if err != nil {
		return 0, err
	}
	if k == nil {
		if obj.GetDeletionTimestamp() != nil {
			// A Kafka that is gone has no topics, and a namespace that goes takes its Kafka first.
			_, err = o.finalize(ctx, obj, false)
		}
		return 0, err
	}
	annotations := obj.GetAnnotations()
	managed := annotations[managedAnnotation] != "false"
	switch {
	case obj.GetDeletionTimestamp() != nil:
		return o.remove(ctx, obj, k, managed)
	case strings.EqualFold(annotations[pausedAnnotation], "true"):
		return 0, o.conditions(ctx, obj, topicState{kind: "ReconciliationPaused", keep: true})
	case !managed:
		o.forget(obj.GetUID())
		if obj, err = o.finalize(ctx, obj, false); err != nil {
			return 0, err
		}
		return 0, o.conditions(ctx, obj, topicState{kind: "Unmanaged"})
	}
	if before, ok := o.topicOf(obj.GetUID()); ok && before != want.topic {
		return 0, o.failed(ctx, obj, topicUnsupported("Changing spec.topicName is not supported"), before.topic)
	}
	if name, _, _ := unstructured.NestedString(obj.Object, "status", "topicName"); name != "" && name != want.topic.topic {
		return 0, o.failed(ctx, obj, topicUnsupported("Changing spec.topicName is not supported"), name)
	}
	if first := o.firstOf(want.topic, obj); first != nil {
		return 0, o.failed(ctx, obj, &topicError{"ResourceConflict", fmt.Sprintf("Managed by Ref{namespace='%s', name='%s'}", first.GetNamespace(), first.GetName())}, "")
	}
	o.follow(obj.GetUID(), want.topic)
	if k.down {
		return o.unanswered(ctx, obj, want.topic.topic)
	}
	o.answered(obj.GetUID())
	if obj, err = o.finalize(ctx, obj, true); err != nil {
		return 0, err
	}
	id, err := o.make(ctx, k, want)
	if err != nil {
		return 0, o.failed(ctx, obj, err, want.topic.topic)
	}
	return 0, o.conditions(ctx, obj, topicState{kind: "Ready", topicName: want.topic.topic, topicID: id})
}

// make creates or changes a topic in Kafka.
func (o *topicOperator) make(ctx context.Context, k *kafka, want topicSpec) (id string, err error) {
	name := want.topic.topic
	there, exists := k.topics[name]
	if !exists {
		topic, err := k.create(want)
		if err != nil {
			return "", err
		}
		return topic.ID, o.write(ctx, k, name, topic)
	}
	next, changed, refused := there.alter(want)
	if changed {
		if err := o.write(ctx, k, name, &next); err != nil {
			return "", err
		}
	}
	return next.ID, refused
}

// unanswered waits for a Kafka that does not answer, and says so after a while.
func (o *topicOperator) unanswered(ctx context.Context, obj *unstructured.Unstructured, topic string) (time.Duration, error) {
	if left := time.Until(o.since(obj.GetUID()).Add(o.steps(deadBroker))); left > 0 {
		return left, nil
	}
	return 0, o.failed(ctx, obj, kafkaFailure("TimeoutException", "Timed out waiting for a node assignment. Call: describeTopics"), topic)
}

// remove lets a deleted resource go, with its topic when it is the one that the topic is of.
func (o *topicOperator) remove(ctx context.Context, obj *unstructured.Unstructured, k *kafka, managed bool) (time.Duration, error) {
	if !slices.Contains(obj.GetFinalizers(), topicFinalizer) {
		return 0, nil
	}
	want := topicSpecOf(obj)
	if managed && o.firstOf(want.topic, obj) == nil {
		if k.down {
			o.since(obj.GetUID())
			return 0, nil
		}
		if err := o.write(ctx, k, want.topic.topic, nil); err != nil {
			return 0, err
		}
	}
	o.forget(obj.GetUID())
	_, err := o.finalize(ctx, obj, false)
	return 0, err
}

// firstOf is the other resource that a topic is of already: the one that was seen first, and the oldest after a restart.
func (o *topicOperator) firstOf(topic kafkaKey, obj *unstructured.Unstructured) *unstructured.Unstructured {
	if own, ok := o.topicOf(obj.GetUID()); ok && own == topic {
		return nil
	}
	var first *unstructured.Unstructured
	for _, other := range o.all() {
		if other.GetUID() == obj.GetUID() || topicSpecOf(other).topic != topic {
			continue
		}
		own, follows := o.topicOf(other.GetUID())
		created, than := other.GetCreationTimestamp(), obj.GetCreationTimestamp()
		older := created.Before(&than) && other.GetAnnotations()[managedAnnotation] != "false"
		if follows && own == topic || older && !o.anyFollows(topic) {
			first = other
		}
	}
	return first
}

// anyFollows tells whether a topic is of a resource.
func (o *topicOperator) anyFollows(topic kafkaKey) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, other := range o.followed {
		if other == topic {
			return true
		}
	}
	return false
}

// finalize puts the finalizer on a resource or takes it off.
func (o *topicOperator) finalize(ctx context.Context, obj *unstructured.Unstructured, wanted bool) (*unstructured.Unstructured, error) {
	rest := slices.DeleteFunc(slices.Clone(obj.GetFinalizers()), func(f string) bool { return f == topicFinalizer })
	if wanted {
		rest = append(rest, topicFinalizer)
	}
	if slices.Equal(rest, obj.GetFinalizers()) {
		return obj, nil
	}
	patch := map[string]any{"metadata": map[string]any{"finalizers": rest, "resourceVersion": obj.GetResourceVersion()}}
	return o.api.patch(ctx, o.kind, keyOf(obj), patch)
}

// topicState is what a status says.
type topicState struct {
	// kind is the type of the condition that is True, or Ready with an error.
	kind, reason, message string
	topicName, topicID    string
	// keep leaves the topic's name and id as they are.
	keep bool
}

// failed writes an error of the operator into the status. Other errors are its caller's.
func (o *topicOperator) failed(ctx context.Context, obj *unstructured.Unstructured, err error, topic string) error {
	var told *topicError
	if !errors.As(err, &told) {
		return err
	}
	state := topicState{kind: "Ready", reason: told.reason, message: told.message, topicName: topic}
	if topic == topicSpecOf(obj).topic.topic {
		state.topicID, _, _ = unstructured.NestedString(obj.Object, "status", "topicId")
	}
	return o.conditions(ctx, obj, state)
}

// conditions writes a status when it says something new.
func (o *topicOperator) conditions(ctx context.Context, obj *unstructured.Unstructured, state topicState) error {
	condition := map[string]any{"type": state.kind, "status": "True"}
	if state.reason != "" {
		condition["status"], condition["reason"], condition["message"] = "False", state.reason, state.message
	}
	before, _ := obj.Object["status"].(map[string]any)
	status := map[string]any{"observedGeneration": obj.GetGeneration()}
	if state.keep {
		state.topicName, _ = before["topicName"].(string)
		state.topicID, _ = before["topicId"].(string)
	}
	if state.topicName != "" {
		status["topicName"] = state.topicName
	}
	if state.topicID != "" {
		status["topicId"] = state.topicID
	}
	condition["lastTransitionTime"] = time.Now().UTC().Format(time.RFC3339)
	if conditions, _ := before["conditions"].([]any); len(conditions) == 1 {
		if was, _ := conditions[0].(map[string]any); was["type"] == condition["type"] && was["status"] == condition["status"] {
			condition["lastTransitionTime"] = was["lastTransitionTime"]
		}
	}
	status["conditions"] = []any{condition}
	if reflect.DeepEqual(before, status) {
		return nil
	}
	_, err := o.api.writeStatus(ctx, o.kind, obj, status)
	return err
}
