package operator

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var create = planner.Rollout{Revision: 1, Action: planner.ActionCreate}

// creating is the create of a deployment.
func creating(want platform.Deployment) platform.Change {
	return platform.Change{Deployment: want, Rollout: create}
}

// goingOn is the rest of a change that an earlier apply has written.
func goingOn(action planner.Action) platform.Change {
	return platform.Change{Deployment: platform.Deployment{Ref: orders}, Was: &platform.Was{}, Begun: true, Rollout: planner.Rollout{Action: action}}
}

// running creates the deployment of the tests and waits until it runs.
func running(t *testing.T, f *fake, image string) (*Deployments, *platform.Observed) {
	t.Helper()
	if f.operator == nil {
		f.operator = obedient
	}
	d := NewDeployments(f, Options{})
	written, err := d.begin(t.Context(), creating(deployment(image)))
	if err != nil {
		t.Fatal(err)
	}
	observed, err := written.Await(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d, observed
}

func TestCreateSendsWhatIsWantedAndNothingElse(t *testing.T) {
	f := newFake(t)
	written, err := NewDeployments(f, Options{}).begin(t.Context(), creating(deployment("flink:1")))
	if err != nil {
		t.Fatal(err)
	}
	live := f.live(t)
	want := map[string]any{
		"image": "flink:1", "flinkVersion": "v1_20", "serviceAccount": "flink",
		"flinkConfiguration": map[string]any{"taskmanager.numberOfTaskSlots": "2"},
		"job":                map[string]any{"jarURI": "local:///job.jar", "parallelism": int64(2), "state": "running", "upgradeMode": "savepoint"},
		"taskManager":        map[string]any{"resource": map[string]any{"cpu": 0.5, "memory": "2g"}},
	}
	if diff := cmp.Diff(want, live.Object["spec"]); diff != "" {
		t.Errorf("the specification differs (-want +got):\n%s", diff)
	}
	if live.GetAnnotations()[creationAnnotation] == "" {
		t.Error("the object does not tell that its create has not ended")
	}
	if len(written.observed.Annotations) != 0 || written.observed.Labels["team"] != "a" || written.observed.Generation != 1 || written.observed.RolledOut {
		t.Errorf("returned %+v", written)
	}
}

func TestCreateWaitsUntilTheJobRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		began := time.Now()
		_, observed := running(t, f, "flink:1")
		if took := time.Since(began); took != 12*time.Second+quiet {
			t.Errorf("the wait took %s, want 12s and the operator's time to write", took)
		}
		if observed.Status.LifecycleState != "STABLE" || !observed.RolledOut || observed.Status.RestURL != "http://orders-rest.prod:8081" {
			t.Errorf("returned %+v", observed)
		}
		if annotations := f.live(t).GetAnnotations(); len(annotations) != 0 {
			t.Errorf("the create has ended and the object has annotations %v", annotations)
		}
	})
}

func TestCreateRefusesWhatIsThere(t *testing.T) {
	for name, change := range map[string]func(f *fake){
		"of somebody else": func(f *fake) {
			f.live(t).SetManagedFields(nil)
			other := f.live(t)
			other.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: "kubectl"}})
			f.put(deploymentKind, other)
		},
		"whose create has ended": func(f *fake) {
			if _, err := NewDeployments(f, Options{}).unmark(t.Context(), orders, f.live(t).GetUID()); err != nil {
				t.Fatal(err)
			}
		},
		"of another create, whose job has started from another path": func(f *fake) {
			other := f.live(t)
			other.SetAnnotations(map[string]string{creationAnnotation: "0"})
			other.Object["status"] = statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "DEPLOYING")
			_ = unstructured.SetNestedField(other.Object, "file:/savepoints/other", "spec", "job", "initialSavepointPath")
			f.put(deploymentKind, other)
		},
		"on its way out": func(f *fake) {
			other := f.live(t)
			now := metav1.Now()
			other.SetDeletionTimestamp(&now)
			f.put(deploymentKind, other)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			if _, err := NewDeployments(f, Options{}).begin(t.Context(), creating(deployment("flink:1"))); err != nil {
				t.Fatal(err)
			}
			change(f)
			_, err := NewDeployments(f, Options{}).begin(t.Context(), creating(deployment("flink:1")))
			var exists *kube.ExistsError
			if !errors.As(err, &exists) {
				t.Errorf("the create returned %v, want that the object exists", err)
			}
			if n := f.count("apply"); n != 1 {
				t.Errorf("%d writes, want only the first", n)
			}
		})
	}
}

func TestCreateContinuesWhatAnInterruptedOneLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.operator = obedient
		killed, err := NewDeployments(f, Options{}).begin(t.Context(), creating(deployment("flink:1")))
		if err != nil {
			t.Fatal(err)
		}
		f.killed()
		d := NewDeployments(f, Options{})
		written, err := d.begin(t.Context(), creating(deployment("flink:1")))
		if err != nil {
			t.Fatal(err)
		}
		if written.observed.UID != killed.observed.UID || written.observed.Generation != 1 {
			t.Errorf("continued with %s at generation %d, want the same object as before", written.observed.UID, written.observed.Generation)
		}
		if _, err := written.Await(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestCreateContinuesWithAnotherSpecification(t *testing.T) {
	for _, test := range []struct {
		name    string
		status  map[string]any
		mode    string
		refused bool
	}{
		{name: "before the job was deployed", mode: flink.UpgradeStateless},
		{name: "before the job has run", status: statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "stable", ""), mode: flink.UpgradeStateless},
		{name: "with the state of a job that has run", status: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"), mode: flink.UpgradeSavepoint},
		{name: "but not without it", status: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"), mode: flink.UpgradeStateless, refused: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _, killed := begin(t, silent, "flink:1")
				if test.status != nil {
					setStatus(t, f, test.status)
				}
				f.operator = obedient
				f.killed()
				want := deployment("flink:2")
				want.Spec.Job.UpgradeMode = &test.mode
				d := NewDeployments(f, Options{})
				written, err := d.begin(t.Context(), creating(want))
				var exists *kube.ExistsError
				if errors.As(err, &exists) != test.refused || !test.refused && err != nil {
					t.Fatalf("returned %v", err)
				}
				if test.refused {
					return
				}
				observed, err := written.Await(t.Context())
				if err != nil || observed.UID != killed.observed.UID || observed.Spec["image"] != "flink:2" {
					t.Errorf("ended with %+v, %v", observed, err)
				}
				if annotations := f.live(t).GetAnnotations(); len(annotations) != 0 {
					t.Errorf("the object has annotations %v", annotations)
				}
			})
		})
	}
}

func TestSettleEndsACreateWithoutAWait(t *testing.T) {
	f := newFake(t)
	d := NewDeployments(f, Options{})
	written, err := d.begin(t.Context(), creating(deployment("flink:1")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := written.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if annotations := f.live(t).GetAnnotations(); len(annotations) != 0 {
		t.Errorf("the object has annotations %v", annotations)
	}
}

func TestACreateAsSuspendedEndsAtOnce(t *testing.T) {
	f := newFake(t)
	d := NewDeployments(f, Options{})
	want := deployment("flink:1")
	want.Spec.Job.State = new("suspended")
	written, err := d.begin(t.Context(), creating(want))
	if err != nil {
		t.Fatal(err)
	}
	observed, err := written.Await(t.Context())
	if err != nil || !observed.RolledOut {
		t.Errorf("returned %+v, %v", observed, err)
	}
	if annotations := f.live(t).GetAnnotations(); len(annotations) != 0 {
		t.Errorf("the object has annotations %v", annotations)
	}
}

func TestReadTellsAbsentFromUnknown(t *testing.T) {
	f := newFake(t)
	d := NewDeployments(f, Options{})
	var absent *platform.NotFoundError
	if _, err := d.Read(t.Context(), orders); !errors.As(err, &absent) {
		t.Errorf("an absent object is %v", err)
	}
	f.fail = func(string) error { return &kube.NotServedError{Kind: deploymentKind} }
	if _, err := d.Read(t.Context(), orders); errors.As(err, &absent) || err == nil {
		t.Errorf("a kind that is not served is %v", err)
	}
	f.fail = func(string) error { return context.DeadlineExceeded }
	if _, err := d.Read(t.Context(), orders); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a timeout is %v", err)
	}
}
