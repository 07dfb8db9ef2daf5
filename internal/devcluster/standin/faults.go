package standin

import (
	"context"
	"maps"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Annotations that inject faults; doc.go has the table.
const (
	annotationPrefix = "standin.flink/"

	annotationPodError        = annotationPrefix + "pod-error"
	annotationJobFails        = annotationPrefix + "job-fails"
	annotationStuckDeletion   = annotationPrefix + "stuck-deletion"
	annotationSlowStart       = annotationPrefix + "slow-start"
	annotationStatusNever     = annotationPrefix + "status-never"
	annotationSavepointFails  = annotationPrefix + "savepoint-fails"
	annotationSavepointSlow   = annotationPrefix + "savepoint-slow"
	annotationFirstMountError = annotationPrefix + "first-start-mount-error"
	annotationManualRestore   = annotationPrefix + "manual-restore"
	annotationJobRestarts     = annotationPrefix + "job-restarts"
	annotationHeld            = annotationPrefix + "held"

	// What the stand-in records on the apps/v1 Deployment.
	annotationRestoredFrom = annotationPrefix + "restored-from"
	annotationStarts       = annotationPrefix + "starts"
)

// faults are the faults that an object asks for.
type faults struct {
	podError        *podFailure
	jobFails        string // "", "at-start" or "after-running"
	jobFailsMessage string
	crash           *crash
	stuckDeletion   bool
	slowStart       time.Duration
	statusNever     bool
	savepointFails  string // the message; "" works
	savepointSlow   time.Duration
	firstMountError bool
	manualRestore   bool
	held            bool
}

func parseFaults(annotations map[string]string) faults {
	f := faults{
		stuckDeletion:   on(annotations[annotationStuckDeletion]),
		statusNever:     on(annotations[annotationStatusNever]),
		firstMountError: on(annotations[annotationFirstMountError]),
		manualRestore:   on(annotations[annotationManualRestore]),
		held:            on(annotations[annotationHeld]),
		slowStart:       duration(annotations[annotationSlowStart]),
		savepointSlow:   duration(annotations[annotationSavepointSlow]),
	}
	if text := annotations[annotationPodError]; text != "" {
		reason, message, _ := strings.Cut(text, ":")
		f.podError = &podFailure{reason: strings.TrimSpace(reason), message: strings.TrimSpace(message)}
		if f.podError.message == "" {
			f.podError.message = "injected failure " + f.podError.reason
		}
	}
	if text := annotations[annotationJobFails]; text != "" {
		when, message, _ := strings.Cut(text, ":")
		f.jobFails, f.jobFailsMessage = strings.TrimSpace(when), strings.TrimSpace(message)
		if f.jobFailsMessage == "" {
			f.jobFailsMessage = "injected failure"
		}
	}
	if text := annotations[annotationJobRestarts]; text != "" {
		how, message, _ := strings.Cut(text, ":")
		after, once, _ := strings.Cut(how, ",")
		f.crash = &crash{after: duration(after), once: strings.TrimSpace(once) == "once", message: strings.TrimSpace(message)}
		if f.crash.message == "" {
			f.crash.message = "injected failure"
		}
	}
	if text := annotations[annotationSavepointFails]; on(text) {
		f.savepointFails = text
		if text == "true" {
			f.savepointFails = "injected failure"
		}
	}
	return f
}

// faultAnnotations are the annotations of an object. Those of a FlinkBlueGreenDeployment reach its FlinkDeployments by
// their color, since the operator hands on none: standin.flink/green-pod-error is pod-error of green.
func (o *operator) faultAnnotations(ctx context.Context, obj *unstructured.Unstructured) (map[string]string, error) {
	annotations := obj.GetAnnotations()
	key, ok := parentOf(obj)
	if !ok {
		return annotations, nil
	}
	parent, err := o.api.get(ctx, blueGreens, key)
	if apierrors.IsNotFound(err) {
		return annotations, nil
	}
	if err != nil {
		return nil, err
	}
	all := maps.Clone(annotations)
	if all == nil {
		all = map[string]string{}
	}
	prefix := annotationPrefix + strings.ToLower(obj.GetLabels()[labelColor]) + "-"
	for name, value := range parent.GetAnnotations() {
		if fault, ok := strings.CutPrefix(name, prefix); ok {
			all[annotationPrefix+fault] = value
		}
	}
	return all, nil
}

func on(value string) bool { return value != "" && value != "false" }

// duration reads a Go duration; anything else counts as none, because a fault
// with a typing error shows at once in the test that asked for it.
func duration(value string) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0
	}
	return d
}
