package kube

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestTroubleOfAPod(t *testing.T) {
	status := func(list string, state map[string]any) map[string]any {
		return map[string]any{list: []any{state}}
	}
	waiting := func(reason, message string) map[string]any {
		return map[string]any{"state": map[string]any{"waiting": map[string]any{"reason": reason, "message": message}}}
	}
	crashed := waiting("CrashLoopBackOff", "back-off 10s")
	crashed["lastState"] = map[string]any{"terminated": map[string]any{"reason": "OOMKilled"}}
	ended := func(state string, ready bool) map[string]any {
		return map[string]any{"name": "open-state", "ready": ready, "restartCount": int64(3), state: map[string]any{"terminated": map[string]any{"reason": "Error", "exitCode": int64(1)}}}
	}
	completed := map[string]any{"name": "open-state", "ready": true, "state": map[string]any{"terminated": map[string]any{"reason": "Completed", "exitCode": int64(0)}}}
	for name, test := range map[string]struct {
		status map[string]any
		want   string
	}{
		"between two attempts": {status("initContainerStatuses", ended("state", false)), "container open-state ended with Error (exit code 1, 3 restarts)"},
		"in another attempt":   {status("containerStatuses", ended("lastState", false)), "container open-state ended with Error (exit code 1, 3 restarts)"},
		"up again":             {status("containerStatuses", ended("lastState", true)), ""},
		"init is done":         {status("initContainerStatuses", completed), ""},

		"running":   {status("containerStatuses", map[string]any{"state": map[string]any{"running": map[string]any{}}}), ""},
		"starting":  {status("containerStatuses", waiting("ContainerCreating", "")), ""},
		"image":     {status("containerStatuses", waiting("ImagePullBackOff", "Back-off")), "ImagePullBackOff: Back-off"},
		"no text":   {status("containerStatuses", waiting("ErrImagePull", "")), "ErrImagePull"},
		"init":      {status("initContainerStatuses", waiting("CreateContainerConfigError", "no secret")), "CreateContainerConfigError: no secret"},
		"crashing":  {status("containerStatuses", crashed), "CrashLoopBackOff: last ended with OOMKilled; back-off 10s"},
		"no room":   {status("conditions", map[string]any{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}), "Unschedulable: 0/1 nodes"},
		"no status": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			pod := &unstructured.Unstructured{Object: map[string]any{}}
			if test.status != nil {
				pod.Object["status"] = test.status
			}
			if got := PodTrouble(pod); got != test.want {
				t.Errorf("PodTrouble() = %q, want %q", got, test.want)
			}
		})
	}
}
