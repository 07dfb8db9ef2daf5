package cfk

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// of are the applications of an environment, which enforces something, without a cluster.
func of(enforced flink.Tree) *applications {
	c := New(nil, defaults.Settings{Environment: "prod", CustomResources: &defaults.CustomResources{Namespace: "cfk", Class: "own"}}, Options{})
	return &applications{client: c, environment: "prod", enforced: enforced}
}

// TestToApplication has sizes in the words that the definition takes, and comes back as it was.
func TestToApplication(t *testing.T) {
	t.Parallel()
	a := of(nil)
	deployment := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"image":       "a",
		"jobManager":  map[string]any{"resource": map[string]any{"cpu": 0.5, "memory": "2g"}},
		"taskManager": map[string]any{"resource": map[string]any{"cpu": int64(1), "memory": "1024m"}},
	}}}
	deployment.SetNamespace("prod")
	deployment.SetName("orders")
	got := a.toApplication(deployment)
	want := map[string]any{
		"flinkEnvironment": "prod", "cmfRestClassRef": map[string]any{"name": "own"}, "image": "a",
		"jobManager":  map[string]any{"resource": map[string]any{"cpu": "0.5", "memory": "2048m"}},
		"taskManager": map[string]any{"resource": map[string]any{"cpu": int64(1), "memory": "1024m"}},
	}
	if diff := cmp.Diff(want, got.Object["spec"]); diff != "" {
		t.Errorf("the custom resource (-want +got):\n%s", diff)
	}
	if got.GetNamespace() != "cfk" || got.GetKind() != "FlinkApplication" || got.GetAPIVersion() != "platform.confluent.io/v1beta1" {
		t.Errorf("the custom resource is %s %s in %s", got.GetAPIVersion(), got.GetKind(), got.GetNamespace())
	}
	back := a.toDeployment(got)
	spec, err := fko.SpecOf(back)
	if err != nil {
		t.Fatal(err)
	}
	before, err := fko.SpecOf(deployment)
	if err != nil {
		t.Fatal(err)
	}
	if !flink.Equal(spec, before) || back.GetNamespace() != "prod" {
		t.Errorf("it comes back as %v in %s", spec, back.GetNamespace())
	}
}

// TestWhatAStatusSaysOf has a status tell of a specification only when the controller has handed that on and the operator
// has taken it up.
func TestWhatAStatusSaysOf(t *testing.T) {
	t.Parallel()
	reconciled := func(image string) map[string]any {
		text, err := json.Marshal(map[string]any{"spec": map[string]any{"image": image, "flinkConfiguration": map[string]any{"a": "enforced"}}})
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{"state": "DEPLOYED", "lastReconciledSpec": string(text)}
	}
	created := map[string]any{"status": "Created", "errorMessage": "", "lastSyncTime": "2026-01-02T03:04:05Z"}
	failed := func(message string) map[string]any {
		return map[string]any{"status": "Failed", "errorMessage": message, "lastSyncTime": "2026-01-02T03:04:05Z"}
	}
	for name, test := range map[string]struct {
		status    map[string]any
		old, free bool
		observed  int64
		final     bool
		fails     bool
	}{
		"nothing":                  {status: nil, observed: 0},
		"the controller is behind": {status: map[string]any{"observedGeneration": int64(2), "cmfSync": created, "reconciliationStatus": reconciled("b")}, observed: 2},
		"the operator is behind, and nothing is enforced": {status: map[string]any{"observedGeneration": int64(3), "cmfSync": created, "reconciliationStatus": reconciled("a")}, free: true, observed: 2},
		"the operator is behind":                          {status: map[string]any{"observedGeneration": int64(3), "cmfSync": created, "reconciliationStatus": reconciled("a")}, observed: 2},
		"it runs":                                         {status: map[string]any{"observedGeneration": int64(3), "cmfSync": created, "reconciliationStatus": reconciled("b")}, observed: 3},
		"something else runs, for a while":                {status: map[string]any{"observedGeneration": int64(3), "cmfSync": created, "reconciliationStatus": reconciled("a")}, old: true, observed: 3},
		"the server refuses it":                           {status: map[string]any{"observedGeneration": int64(3), "cmfSync": failed("CMF answers with 422: no")}, observed: 2, fails: true, final: true},
		"the server is away":                              {status: map[string]any{"observedGeneration": int64(3), "cmfSync": failed("connection refused")}, observed: 2, fails: true},
		"an old refusal":                                  {status: map[string]any{"observedGeneration": int64(2), "cmfSync": failed("CMF answers with 422: no")}, observed: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := of(flink.Tree{"flinkConfiguration": map[string]any{"a": "enforced"}})
			if test.free {
				a = of(nil)
			}
			o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"flinkEnvironment": "prod", "image": "b", "flinkConfiguration": map[string]any{"a": "ours"}}}}
			if test.status != nil {
				o.Object["status"] = test.status
			}
			o.SetGeneration(3)
			o.SetUID("uid")
			if test.old {
				a.client.seen = map[handed]time.Time{{types.UID("uid"), 3}: time.Now().Add(-2 * takenUpWithin)}
			}
			got := fko.StatusOf(a.toDeployment(o))
			if got.Observed != test.observed {
				t.Errorf("observed %d, want %d", got.Observed, test.observed)
			}
			if (got.Error != nil) != test.fails || got.Error != nil && got.Error.IsValidation() != test.final {
				t.Errorf("the error is %+v", got.Error)
			}
		})
	}
}
