package cloudflow

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Words of status.app_status (CloudflowStatus.Status). The one of an application that has failed for good is in no
// documentation: after it, the operator writes no status any more.
const (
	AppRunning   = "Running"
	AppPending   = "Pending"
	AppCrashLoop = "CrashLoopBackOff"
	AppError     = "Error"
)

// Pods is what the status of an application says of the pods of a streamlet.
type Pods struct {
	// Expected and Ready are numbers of pods; Known tells that the status says anything of them.
	Known           bool
	Expected, Ready int64
	// Restarts of all containers.
	Restarts int64
	// Trouble are the words for pods that are not ready.
	Trouble []string
}

// PodsIn reads the status of an application. It speaks for whichever version the pods are of: it has no generation.
func PodsIn(app map[string]any, streamlet string) Pods {
	var out Pods
	status := part(app, "status")
	for _, item := range list(status, "streamlet_statuses") {
		of, _ := item.(tree)
		if of["streamlet_name"] != streamlet {
			continue
		}
		out.Known = true
		out.Expected = number(of, "expected_pod_count")
		for _, item := range list(of, "pod_statuses") {
			pod, _ := item.(tree)
			out.Restarts += number(pod, "restarts")
			if pod["status"] == AppRunning && pod["ready"] == "True" {
				out.Ready++
			} else {
				out.Trouble = append(out.Trouble, fmt.Sprintf("%s is %s", text(pod, "name"), text(pod, "status")))
			}
		}
	}
	return out
}

// AppFailure is why the operator has given an application up, empty where it has not.
func AppFailure(app map[string]any) string {
	status := part(app, "status")
	if status["app_status"] != AppError {
		return ""
	}
	return text(status, "app_message")
}

// StatusOf is what an application says of a streamlet that Cloudflow's operator runs.
func StatusOf(app map[string]any, streamlet string) flink.Status {
	pods := PodsIn(app, streamlet)
	out := flink.Status{
		UID: text(part(app, "metadata"), "uid"), LifecycleState: flink.LifecycleDeployed, JobState: flink.StateInitializing,
		StateLocation: flink.LocationNone, Deployed: true,
	}
	switch failure := AppFailure(app); {
	case failure != "":
		out.LifecycleState, out.JobState, out.Error = flink.LifecycleFailed, flink.StateFailed, flink.Sentence(failure)
	case !pods.Known:
	case len(pods.Trouble) == 0 && pods.Ready == pods.Expected:
		out.LifecycleState, out.JobState = flink.LifecycleStable, flink.StateRunning
	case len(pods.Trouble) > 0:
		out.Error = flink.Sentence("the pod " + strings.Join(pods.Trouble, ", the pod "))
		if pods.Restarts > 0 {
			out.JobState = flink.StateRestarting
		}
	}
	return out
}

func number(of tree, field string) int64 {
	switch n := of[field].(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}

// Rolled tells whether a Deployment runs an entry, with as many pods as it wants, all of them ready.
func Rolled(deployment map[string]any, entry Entry) bool {
	if deployment == nil || !Runs(part(part(deployment, "spec"), "template"), entry) {
		return false
	}
	spec, status := part(deployment, "spec"), part(deployment, "status")
	want := int64(1)
	if entry.Replicas != nil {
		want = *entry.Replicas
	}
	return number(spec, "replicas") == want && number(status, "observedGeneration") >= number(part(deployment, "metadata"), "generation") &&
		number(status, "updatedReplicas") == want && number(status, "replicas") == want && number(status, "readyReplicas") == want
}

// Runs tells whether a pod, or the template of one, is of an entry: by its image, and the Secret that it mounts.
func Runs(pod map[string]any, entry Entry) bool {
	spec := part(pod, "spec")
	containers := list(spec, "containers")
	if len(containers) == 0 {
		return false
	}
	if container, _ := containers[0].(tree); container["image"] != entry.Image {
		return false
	}
	for _, item := range list(spec, "volumes") {
		volume, _ := item.(tree)
		if part(volume, "secret")["secretName"] == entry.Secret {
			return true
		}
	}
	return false
}

// crashes is how often a container has to be restarted before its crash loop is believed.
const crashes = 3

// Hopeless is why a pod will not come up, in the words of the kubelet; empty for one that may. What may pass by itself
// is waited for.
func Hopeless(pod map[string]any) string {
	for _, item := range list(part(pod, "status"), "containerStatuses") {
		container, _ := item.(tree)
		waiting := part(part(container, "state"), "waiting")
		reason, message := text(waiting, "reason"), text(waiting, "message")
		switch reason {
		case "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull":
			return told(reason, message)
		case "CrashLoopBackOff":
			if number(container, "restartCount") >= crashes {
				last := part(part(container, "lastState"), "terminated")
				return told(reason, message) + ended(last)
			}
		}
	}
	return ""
}

// Waiting is why a pod is not ready, empty for one that is, or of which nobody says.
func Waiting(pod map[string]any) string {
	for _, item := range list(part(pod, "status"), "containerStatuses") {
		container, _ := item.(tree)
		if waiting := part(part(container, "state"), "waiting"); text(waiting, "reason") != "" {
			return told(text(waiting, "reason"), text(waiting, "message")) + ended(part(part(container, "lastState"), "terminated"))
		}
	}
	for _, item := range list(part(pod, "status"), "conditions") {
		condition, _ := item.(tree)
		if condition["type"] == "PodScheduled" && condition["status"] == "False" {
			return told(text(condition, "reason"), text(condition, "message"))
		}
	}
	return ""
}

func told(reason, message string) string {
	if message == "" {
		return reason
	}
	return reason + ": " + message
}

func ended(last tree) string {
	if len(last) == 0 {
		return ""
	}
	out := fmt.Sprintf("; it ended with the code %d", number(last, "exitCode"))
	if message := text(last, "message"); message != "" {
		out += ": " + message
	}
	return out
}

// Restarts are those of the containers of a pod.
func Restarts(pod map[string]any) int64 {
	var out int64
	for _, item := range list(part(pod, "status"), "containerStatuses") {
		container, _ := item.(tree)
		out += number(container, "restartCount")
	}
	return out
}
