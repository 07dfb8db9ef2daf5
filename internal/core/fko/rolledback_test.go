package fko

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// What the operator does not know of runs on when it goes back to an earlier version.
func TestAScheduleStaysWhenTheOperatorGoesBack(t *testing.T) {
	object := &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"image": "b", "savepointSchedule": map[string]any{"paused": true}},
		"status": map[string]any{"reconciliationStatus": map[string]any{
			"state": reconcileRolledBack, "lastReconciledSpec": `{"spec":{"image":"b"}}`, "lastStableSpec": `{"spec":{"image":"a"}}`,
		}},
	}}
	got, err := RunningSpec(object, StatusOf(object))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(flink.Tree{"image": "a", "savepointSchedule": map[string]any{"paused": true}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
