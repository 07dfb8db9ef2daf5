package operator

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestSentenceOfAFailure(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"plain text":           {"Job Not Found", "Job Not Found"},
		"job":                  {jobError, "The main method caused an error: asked to fail at start"},
		"job with other cause": {`{"type":"org.apache.flink.util.SerializedThrowable","message":"org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy","throwableList":[{"message":"java.lang.IllegalStateException: no topic"}]}`, "JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy: IllegalStateException: no topic"},
		"savepoint":            {savepointError, "Savepoint Error: CheckpointException: IO-problem detected."},
		"pod":                  {crashError, "CrashLoopBackOff: [flink-main-container] back-off 10s restarting failed container"},
		"no message":           {`{"type":"org.apache.flink.kubernetes.operator.exception.MissingJobManagerException"}`, "MissingJobManagerException"},
		"several lines":        {`{"type":"a.b.C","message":"one\n\ttwo"}`, "one two"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseFailure(test.text).Sentence(); got != test.want {
				t.Errorf("Sentence() = %q, want %q", got, test.want)
			}
		})
	}
	if parseFailure(" ") != nil {
		t.Error("no text is a failure")
	}
}

func TestRootOfAStackTrace(t *testing.T) {
	for trace, want := range map[string]string{
		"": "",
		"java.lang.RuntimeException: boom\n\tat x.Y.z(Y.java:1)":                                                                        "boom",
		"org.apache.flink.runtime.JobException: outer\n\tat a\nCaused by: java.io.IOException: inner\n\tat b\nCaused by: a.b.C: root\n": "a.b.C: root",
		"java.util.concurrent.CompletionException: org.apache.flink.util.FlinkException: lost":                                          "FlinkException: lost",
	} {
		if got := rootOf(trace); got != want {
			t.Errorf("rootOf(%q) = %q, want %q", trace, got, want)
		}
	}
}

func TestOwnNames(t *testing.T) {
	for name, want := range map[string]bool{
		"orders-5c9f7bd8f":         true,
		"orders-5c9f7bd8f-x2x1b":   true,
		"orders-taskmanager-1-1":   true,
		"orders-taskmanager-6d4cf": true,
		"orders-archive-5c9f7-x2x": false,
		"payments-5c9f7bd8f":       false,
		"ordersold-5c9f7bd8f":      false,
	} {
		if got := ownName(name, "orders"); got != want {
			t.Errorf("ownName(%q) = %v, want %v", name, got, want)
		}
	}
}

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
			if got := podTrouble(pod); got != test.want {
				t.Errorf("podTrouble() = %q, want %q", got, test.want)
			}
		})
	}
}

func TestStatusOfThePlatform(t *testing.T) {
	object := wire(t, `{"observedGeneration":1,"lifecycleState":"UPGRADING","clusterInfo":{"flink-version":"1.20.1"},
		"jobStatus":{"state":"RECONCILING","jobId":"abc","upgradeSavepointPath":"KUBERNETES_OPERATOR_LAST_STATE"},
		"reconciliationStatus":{"state":"UPGRADING","lastReconciledSpec":"{\"resource_metadata\":{\"firstDeployment\":true}}"}}`)
	s := StatusOf(object)
	if s.SavepointPath != "" {
		t.Errorf("the operator's placeholder is read as the path %q", s.SavepointPath)
	}
	if s.Deployed {
		t.Error("what has not been deployed yet is read as deployed")
	}
	if got := s.Flink("http://x"); got.RestURL != "" || got.FlinkVersion != "1.20.1" || got.JobID != "abc" {
		t.Errorf("the status is %+v", got)
	}
	object = wire(t, `{"lifecycleState":7,"jobStatus":"?","reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"{"}}`)
	if s := StatusOf(object); s.LifecycleState != "" || !s.Deployed {
		t.Errorf("a status of another shape is read as %+v", s)
	}
}

func TestAJobThatTheOperatorHasNotLookedAtIsNotFinished(t *testing.T) {
	for name, test := range map[string]struct {
		status Status
		want   string
	}{
		"taken up":       {Status{Generation: 8, Observed: 8, LifecycleState: "STABLE", JobState: "FINISHED", JobManager: "READY"}, "FINISHED"},
		"not taken up":   {Status{Generation: 8, Observed: 6, LifecycleState: "STABLE", JobState: "FINISHED", JobManager: "READY"}, "RECONCILING"},
		"runs meanwhile": {Status{Generation: 8, Observed: 6, LifecycleState: "STABLE", JobState: "RUNNING", JobManager: "READY"}, "RUNNING"},
		// Finding 8: a change while the job is suspended is never taken up.
		"suspended": {Status{Generation: 8, Observed: 6, LifecycleState: "SUSPENDED", JobState: "FINISHED", JobManager: "READY"}, "FINISHED"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.status.Flink(""); got.JobState != test.want {
				t.Errorf("the job is %s, want %s", got.JobState, test.want)
			}
		})
	}
}
