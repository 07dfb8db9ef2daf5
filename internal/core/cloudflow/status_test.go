package cloudflow_test

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	const running = `{ streamlet_name: ingest, expected_pod_count: 1, pod_statuses: [{ name: p, ready: "True", status: Running, restarts: 0 }] }`
	for name, test := range map[string]struct {
		status         string
		job, lifecycle string
		problem        string
	}{
		"nothing yet":     {`{}`, flink.StateInitializing, flink.LifecycleDeployed, ""},
		"runs":            {`{ app_status: Running, streamlet_statuses: [` + running + `] }`, flink.StateRunning, flink.LifecycleStable, ""},
		"another crashes": {`{ app_status: CrashLoopBackOff, streamlet_statuses: [` + running + `] }`, flink.StateRunning, flink.LifecycleStable, ""},
		"too few":         {`{ streamlet_statuses: [{ streamlet_name: ingest, expected_pod_count: 2, pod_statuses: [{ name: p, ready: "True", status: Running }] }] }`, flink.StateInitializing, flink.LifecycleDeployed, ""},
		"crashes":         {`{ streamlet_statuses: [{ streamlet_name: ingest, expected_pod_count: 1, pod_statuses: [{ name: p, ready: "False", status: CrashLoopBackOff, restarts: 2 }] }] }`, flink.StateRestarting, flink.LifecycleDeployed, "The pod p is CrashLoopBackOff"},
		"given up":        {`{ app_status: Error, app_message: "no Secret", streamlet_statuses: [` + running + `] }`, flink.StateFailed, flink.LifecycleFailed, "No Secret"},
		"scaled to none":  {`{ streamlet_statuses: [{ streamlet_name: ingest, expected_pod_count: 0, pod_statuses: [] }] }`, flink.StateRunning, flink.LifecycleStable, ""},
	} {
		got := cloudflow.StatusOf(map[string]any{"metadata": map[string]any{"uid": "u"}, "status": map[string]any(template(t, test.status))}, "ingest")
		if got.JobState != test.job || got.LifecycleState != test.lifecycle || !strings.Contains(got.Error, test.problem) || got.UID != "u" || got.StateLocation != flink.LocationNone {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRolled(t *testing.T) {
	t.Parallel()
	entry := cloudflow.Entry{Image: "i:2", Secret: "s-2", Replicas: new(int64(2))}
	const whole = `
metadata: { generation: 3 }
spec: { replicas: 2, template: { spec: { containers: [{ image: "i:2" }], volumes: [{ name: a, secret: { secretName: s-2 } }] } } }
status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, readyReplicas: 2 }`
	if !cloudflow.Rolled(template(t, whole), entry) {
		t.Error("what is rolled out is not")
	}
	for was, now := range map[string]string{
		`"i:2"`: `"i:1"`, "secretName: s-2": "secretName: s-1", "spec: { replicas: 2,": "spec: { replicas: 1,", "observedGeneration: 3": "observedGeneration: 2",
		"updatedReplicas: 2": "updatedReplicas: 1", "readyReplicas: 2": "readyReplicas: 1", "3, replicas: 2": "3, replicas: 3",
	} {
		if cloudflow.Rolled(template(t, strings.Replace(whole, was, now, 1)), entry) {
			t.Errorf("with %s it is rolled out", now)
		}
	}
	if cloudflow.Rolled(nil, entry) {
		t.Error("without a Deployment it is rolled out")
	}
}

func TestHopeless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{ restartCount: 1, state: { waiting: { reason: CrashLoopBackOff } } }`:                                                            "",
		`{ restartCount: 3, state: { waiting: { reason: CrashLoopBackOff } }, lastState: { terminated: { exitCode: 1, message: boom } } }`: "CrashLoopBackOff; it ended with the code 1: boom",
		`{ state: { waiting: { reason: ErrImagePull } } }`:                                                                                 "",
		`{ state: { waiting: { reason: ImagePullBackOff, message: not found } } }`:                                                         "ImagePullBackOff: not found",
		`{ state: { running: {} } }`: "",
	} {
		pod := template(t, "status: { containerStatuses: ["+text+"] }")
		if got := cloudflow.Hopeless(pod); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
