package operator

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// statusOf is a status in its wire form. A specification that is not stable
// has another before it that was; "stable" replaces that one.
func statusOf(observed int64, lifecycle, reconciliation, job, manager string, more ...string) map[string]any {
	status := map[string]any{
		"observedGeneration":         observed,
		"lifecycleState":             lifecycle,
		"jobManagerDeploymentStatus": manager,
		"reconciliationStatus":       map[string]any{"state": reconciliation, "lastReconciledSpec": "{}"},
		"jobStatus":                  map[string]any{"state": job, "jobId": "0123"},
	}
	reconciled := status["reconciliationStatus"].(map[string]any)
	reconciled["lastStableSpec"] = `{"before":true}`
	if lifecycle == flink.LifecycleStable || lifecycle == flink.LifecycleSuspended {
		reconciled["lastStableSpec"] = "{}"
	}
	for i := 0; i+1 < len(more); i += 2 {
		switch more[i] {
		case "savepoint":
			status["jobStatus"].(map[string]any)["upgradeSavepointPath"] = more[i+1]
		case "stable":
			reconciled["lastStableSpec"] = more[i+1]
		default:
			status[more[i]] = more[i+1]
		}
	}
	return status
}

// obedient is an operator that runs what is written, except for images with
// "nope" and a job that is told to fail.
func obedient(object *unstructured.Unstructured) []step {
	generation := object.GetGeneration()
	image, _, _ := unstructured.NestedString(object.Object, "spec", "image")
	state, _, _ := unstructured.NestedString(object.Object, "spec", "job", "state")
	const savepoint = "file:/savepoints/savepoint-1"
	switch {
	case object.GetDeletionTimestamp() != nil:
		return []step{{time.Second, nil}}
	case state == flink.JobSuspended:
		return []step{{time.Second, statusOf(generation, "SUSPENDED", "DEPLOYED", "FINISHED", "READY", "savepoint", savepoint)}}
	case strings.Contains(image, "nope"):
		return []step{
			{time.Second, statusOf(generation, "UPGRADING", "UPGRADING", "FINISHED", "MISSING", "savepoint", savepoint)},
			{time.Second, statusOf(generation, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "savepoint", savepoint, "error", timelines.ImageError)},
		}
	}
	return []step{
		{time.Second, statusOf(generation, "UPGRADING", "UPGRADING", "FINISHED", "MISSING", "savepoint", savepoint)},
		{time.Second, statusOf(generation, "DEPLOYED", "DEPLOYED", "RECONCILING", "DEPLOYING", "savepoint", savepoint)},
		{10 * time.Second, statusOf(generation, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint)},
	}
}
