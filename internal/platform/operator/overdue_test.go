package operator

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// TestATimeoutTellsWhetherSomethingHasFailed: what only takes long may be waited
// for again, and what has failed is deleted by whoever created it.
func TestATimeoutTellsWhetherSomethingHasFailed(t *testing.T) {
	starting := statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "DEPLOYING")
	pod := &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"namespace": "prod", "name": "orders-5c9f7-x2x1b", "labels": map[string]any{"app": "orders"}},
		"status":   map[string]any{"conditions": []any{map[string]any{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node has room"}}},
	}}
	for _, test := range []struct {
		name    string
		status  map[string]any
		pod     *unstructured.Unstructured
		waiting bool
		says    string
	}{
		{name: "on its way", status: starting, waiting: true, says: "apply again to wait on"},
		{name: "an operator that does not look", says: "The operator has not looked at this specification"},
		{name: "a pod without a node", status: starting, pod: pod, says: "Correct what keeps it from running"},
		{name: "an error of the operator", status: statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "error", timelines.ImageError), says: "Correct what keeps it from running"},
		{name: "a job that restarts", status: statusOf(1, "DEPLOYED", "DEPLOYED", "RESTARTING", "READY"), says: "Correct what keeps it from running"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _, written := begin(t, func(*unstructured.Unstructured) []step {
					if test.status == nil {
						return nil
					}
					return []step{{time.Second, test.status}}
				}, "flink:1")
				if test.pod != nil {
					f.put(podKind, test.pod)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err := written.Await(ctx)
				failed := failure(t, err)
				if failed.Waiting != test.waiting {
					t.Errorf("waiting is %t: %s", failed.Waiting, failed.Error())
				}
				mentions(t, failed.Detail, test.says)
				if !test.waiting && strings.Contains(strings.ToLower(failed.Detail), "to wait on") {
					t.Errorf("advises to wait: %s", failed.Detail)
				}
			})
		})
	}
}
