package fko

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

func TestSentenceOfAFailure(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"plain text":           {"Job Not Found", "Job Not Found"},
		"job":                  {timelines.JobError, "The main method caused an error: asked to fail at start"},
		"job with other cause": {`{"type":"org.apache.flink.util.SerializedThrowable","message":"org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy","throwableList":[{"message":"java.lang.IllegalStateException: no topic"}]}`, "JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy: IllegalStateException: no topic"},
		"savepoint":            {timelines.SavepointError, "Savepoint Error: CheckpointException: IO-problem detected."},
		"pod":                  {timelines.CrashError, "CrashLoopBackOff: [flink-main-container] back-off 10s restarting failed container"},
		"no message":           {`{"type":"org.apache.flink.kubernetes.operator.exception.MissingJobManagerException"}`, "MissingJobManagerException"},
		"several lines":        {`{"type":"a.b.C","message":"one\n\ttwo"}`, "one two"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ParseFailure(test.text).Sentence(); got != test.want {
				t.Errorf("Sentence() = %q, want %q", got, test.want)
			}
		})
	}
	if ParseFailure(" ") != nil {
		t.Error("no text is a failure")
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
