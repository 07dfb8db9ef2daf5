package kube

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// PodTrouble returns the first reason why a pod is not running, such as "ImagePullBackOff: Back-off
// pulling image", or "".
func PodTrouble(pod *unstructured.Unstructured) string {
	for _, list := range []string{"initContainerStatuses", "containerStatuses"} {
		statuses, _, _ := unstructured.NestedSlice(pod.Object, "status", list)
		for _, item := range statuses {
			container, ok := item.(map[string]any)
			if !ok {
				continue
			}
			get := func(path ...string) string {
				value, _, _ := unstructured.NestedString(container, path...)
				return value
			}
			reason, message := get("state", "waiting", "reason"), get("state", "waiting", "message")
			switch reason {
			case "", "ContainerCreating", "PodInitializing":
				if ended := ending(container); ended != "" {
					return ended
				}
				continue
			case "CrashLoopBackOff":
				if last := get("lastState", "terminated", "reason"); last != "" {
					message = fmt.Sprintf("last ended with %s; %s", last, message)
				}
			}
			return strings.TrimSuffix(reason+": "+message, ": ")
		}
	}
	conditions, _, _ := unstructured.NestedSlice(pod.Object, "status", "conditions")
	for _, item := range conditions {
		condition, _ := item.(map[string]any)
		if condition["type"] == "PodScheduled" && condition["status"] == "False" {
			return fmt.Sprintf("%v: %v", condition["reason"], condition["message"])
		}
	}
	return ""
}

// ending says how a container ended that does not stay up, or "": between two
// attempts it does not wait for anything.
func ending(container map[string]any) string {
	if ready, _, _ := unstructured.NestedBool(container, "ready"); ready {
		return ""
	}
	for _, state := range []string{"state", "lastState"} {
		ended, _, _ := unstructured.NestedMap(container, state, "terminated")
		if code := whole(ended["exitCode"]); code != 0 {
			return fmt.Sprintf("container %v ended with %v (exit code %d, %d restarts)", container["name"], ended["reason"], code, whole(container["restartCount"]))
		}
	}
	return ""
}

// whole is a number of an object that was decoded from JSON, 0 for none.
func whole(value any) int64 {
	switch n := value.(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	case json.Number:
		number, _ := n.Int64()
		return number
	}
	return 0
}
