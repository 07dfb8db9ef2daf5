package operator

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// rolledBack has the operator go back from flink:nope to flink:1.
func rolledBack(t *testing.T, f *fake) *Deployments {
	t.Helper()
	d, _ := running(t, f, "flink:1")
	object := f.live(t)
	noted := object.DeepCopy().Object["spec"].(map[string]any)
	// The operator started the job for the first time without state.
	noted["job"].(map[string]any)["upgradeMode"] = "stateless"
	stable, err := json.Marshal(map[string]any{"spec": noted})
	if err != nil {
		t.Fatal(err)
	}
	_ = unstructured.SetNestedField(object.Object, "flink:nope", "spec", "image")
	object.SetGeneration(2)
	object.Object["status"] = statusOf(2, "ROLLED_BACK", "ROLLED_BACK", "RUNNING", "READY", "stable", string(stable))
	f.put(deploymentKind, object)
	return d
}

func TestWhatRunsAfterTheOperatorsRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d := rolledBack(t, f)
		observed, err := d.Read(t.Context(), orders)
		if err != nil {
			t.Fatal(err)
		}
		if job, _ := observed.Spec["job"].(map[string]any); observed.Spec["image"] != "flink:1" || job["upgradeMode"] != "savepoint" {
			t.Errorf("observed %v", observed.Spec)
		}
		// What has been written since is not taken up yet.
		f.edit(func(object *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(object.Object, "flink:2", "spec", "image")
		})
		if observed, err = d.Read(t.Context(), orders); err != nil || observed.Spec["image"] != "flink:2" {
			t.Errorf("observed %v, %v", observed.Spec, err)
		}
	})
}

func TestTheSameIsTriedAgainAfterTheOperatorsRollback(t *testing.T) {
	for image, again := range map[string]bool{"flink:nope": true, "flink:2": false} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d := rolledBack(t, f)
			if _, err := d.begin(t.Context(), changeTo(image)); err != nil {
				t.Fatal(err)
			}
			live := f.live(t)
			if _, has, _ := unstructured.NestedFieldNoCopy(live.Object, "spec", restartNonce); has != again || live.GetGeneration() != 3 {
				t.Errorf("%s: generation %d, a restart nonce: %v", image, live.GetGeneration(), has)
			}
		})
	}
}

func TestLabelsAfterTheOperatorsRollbackRestartNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d := rolledBack(t, f)
		f.edit(func(object *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(object.Object, int64(7), "spec", restartNonce)
			object.Object["status"].(map[string]any)["observedGeneration"] = int64(3)
		})
		change := changeTo("flink:1")
		change.Labels, change.Rollout.Action = map[string]string{"team": "a"}, planner.ActionMetadata
		if _, err := d.begin(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if live := f.live(t); live.GetGeneration() != 3 || live.GetLabels()["team"] != "a" || image(live) != "flink:nope" {
			t.Errorf("generation %d, labels %v, %s", live.GetGeneration(), live.GetLabels(), image(live))
		}
	})
}

// A nonce of the configuration's triggers is what the state has, so another one
// would be drift.
func TestTriggersDecideTheNonceAfterTheOperatorsRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d := rolledBack(t, f)
		f.edit(func(object *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(object.Object, int64(7), "spec", restartNonce)
			object.Object["status"].(map[string]any)["observedGeneration"] = int64(3)
		})
		change := changeTo("flink:nope")
		change.Spec.RestartNonce = new(int64(7))
		if _, err := d.begin(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if nonce, _, _ := unstructured.NestedFieldNoCopy(f.live(t).Object, "spec", restartNonce); nonce != int64(7) {
			t.Errorf("the nonce is %v", nonce)
		}
	})
}

// Operators before 1.8 restart a job when its nonce goes.
func TestANonceStaysWhereNobodyAsksForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.edit(func(object *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(object.Object, int64(7), "spec", restartNonce)
		})
		nonce := func(change func(nonce **int64)) any {
			t.Helper()
			c := changeTo("flink:1")
			c.Rollout.Action = planner.ActionConfigOnly
			change(&c.Spec.RestartNonce)
			if _, err := d.begin(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			value, _, _ := unstructured.NestedFieldNoCopy(f.live(t).Object, "spec", restartNonce)
			return value
		}
		if got := nonce(func(**int64) {}); got != int64(7) {
			t.Errorf("the nonce is %v", got)
		}
		if got := nonce(func(n **int64) { *n = new(int64(8)) }); got != int64(8) {
			t.Errorf("the nonce is %v, another was asked for", got)
		}
	})
}
