package strimzi

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// progress is how far the Topic Operator is with a resource.
type progress int

const (
	// unseen is a resource about whose present specification the operator has said nothing.
	unseen progress = iota
	// ready is a topic that is as its resource says.
	ready
	// retrying is trouble that may pass: the operator tries again by itself.
	retrying
	// failed is trouble that stays until somebody changes something.
	failed
	// unmanaged is a resource that the operator leaves alone, with its topic, and paused one
	// that it does not look at for a while. Both are asked for by annotations.
	unmanaged
	paused
)

// verdict is what the status of a resource says.
type verdict struct {
	progress progress
	// reason and message are the operator's own, empty where it has said nothing.
	reason, message string
	// silent tells that the operator has never looked at the resource.
	silent bool
}

// Reasons of the condition Ready=False that no time heals
// (io.strimzi.operator.topic.model, TopicOperatorException.Reason).
const (
	notSupported     = "NotSupported"
	resourceConflict = "ResourceConflict"
	invalidResource  = "InvalidResource"
	kafkaError       = "KafkaError"
)

// passing matches errors of Kafka's client which tell of brokers that do not answer
// (org.apache.kafka.common.errors, the retriable ones).
var passing = regexp.MustCompile(`(?i)timed? ?out|DisconnectException|NotControllerException|CoordinatorNotAvailable|LeaderNotAvailable|node assignment|ThrottlingQuota`)

// isUnmanaged and isPaused tell what the annotations of a resource ask for.
func isUnmanaged(object *unstructured.Unstructured) bool {
	return object.GetAnnotations()[managedAnnotation] == "false"
}

func isPaused(object *unstructured.Unstructured) bool {
	return strings.EqualFold(object.GetAnnotations()[pausedAnnotation], "true")
}

// judge reads the status of a resource. A condition counts for the generation that it was
// written for alone, but for the two that annotations ask for: those change no generation,
// and count as long as the annotation is there.
func judge(object *unstructured.Unstructured) verdict {
	status, _ := object.Object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	observed, _, _ := unstructured.NestedInt64(status, "observedGeneration")
	out := verdict{silent: len(conditions) == 0 && len(object.GetFinalizers()) == 0}
	for _, item := range conditions {
		condition, _ := item.(map[string]any)
		reason, _ := condition["reason"].(string)
		message, _ := condition["message"].(string)
		isTrue := condition["status"] == "True"
		switch kind := condition["type"]; {
		case kind == "Unmanaged" && isTrue && isUnmanaged(object):
			return verdict{progress: unmanaged}
		case kind == "ReconciliationPaused" && isTrue && isPaused(object):
			return verdict{progress: paused}
		case kind != "Ready" || observed != object.GetGeneration():
		case isTrue:
			out.progress = ready
		default:
			out.progress, out.reason, out.message = retrying, reason, message
			switch {
			case reason == notSupported, reason == resourceConflict, reason == invalidResource, reason == kafkaError && !passing.MatchString(message):
				out.progress = failed
			}
		}
	}
	return out
}

// cause is what the operator says, in one line.
func (v verdict) cause() string {
	switch {
	case v.reason == "":
		return v.message
	case v.message == "":
		return v.reason
	}
	return v.reason + ": " + v.message
}

// problem says why a topic is not what its resource says, empty for nothing.
func (v verdict) problem() string {
	switch v.progress {
	case ready:
		return ""
	case unmanaged:
		return fmt.Sprintf("the Topic Operator does not manage the topic, as the annotation %s: \"false\" asks for", managedAnnotation)
	case paused:
		return fmt.Sprintf("the Topic Operator does not look at the resource, as the annotation %s: \"true\" asks for", pausedAnnotation)
	case unseen:
		if v.silent {
			return "no Topic Operator has looked at the resource"
		}
		return "the Topic Operator has not looked at the present specification of the resource"
	default:
		return v.cause()
	}
}
