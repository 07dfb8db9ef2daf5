package operator

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// TestAReplacedJobGoesOnFromItsState has Terraform replace what it holds for
// tainted and has come to run since.
func TestAReplacedJobGoesOnFromItsState(t *testing.T) {
	t.Run("in place", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d, observed := running(t, f, "flink:1")
			deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true, Replaced: true})
			if err != nil || deleted.SavepointPath == "" {
				t.Fatalf("returned %+v, %v", deleted, err)
			}
			mentions(t, deleted.Note, "starts from that state")
			resumes(t, d, deployment("flink:2"), deleted.SavepointPath)
			if got := initialPath(f.live(t)); got != deleted.SavepointPath {
				t.Errorf("the job starts from %q", got)
			}
		})
	})
	t.Run("to another path", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d, observed := running(t, f, "flink:1")
			if _, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true, Replaced: true}); err != nil {
				t.Fatal(err)
			}
			next := deployment("flink:2")
			next.Spec.Job.InitialSavepointPath = new("s3://other")
			if _, err := d.begin(t.Context(), creating(next)); err != nil {
				t.Fatal(err)
			}
			if got := initialPath(f.live(t)); got != "s3://other" {
				t.Errorf("the job starts from %q", got)
			}
		})
	})
	t.Run("blue/green", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			e := newExchange(t)
			e.start(t, "flink:1")
			observed, err := e.apply(t.Context(), to("flink:2"))
			if err != nil {
				t.Fatal(err)
			}
			// Green is active, and blue is the first color of the one to come.
			a := NewApplications(e, Options{})
			deleted, err := a.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true, Replaced: true})
			if err != nil || deleted.SavepointPath == "" {
				t.Fatalf("returned %+v, %v", deleted, err)
			}
			resumes(t, a, want("flink:3"), deleted.SavepointPath)
			if got := initialPath(e.color(t, "blue")); got != deleted.SavepointPath {
				t.Errorf("blue starts from %q", got)
			}
		})
	})
	t.Run("blue/green of the operator", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newNativeStage(t)
			// The children follow their parent some time later.
			time.AfterFunc(time.Minute, func() {
				_ = s.Delete(context.Background(), deploymentKind, keyOf(bluegreen.ColorRef(orders, "blue")), "")
			})
			a := NewApplications(s, Options{})
			deleted, err := a.Delete(t.Context(), orders, platform.DeleteOptions{UID: "parent", Savepoint: true, Replaced: true})
			if err != nil || deleted.SavepointPath == "" {
				t.Fatalf("returned %+v, %v", deleted, err)
			}
			resumes(t, a, byOperatorWant("flink:2"), deleted.SavepointPath)
			parent, err := s.Get(t.Context(), blueGreenKind, keyOf(orders))
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := unstructured.NestedString(parent.Object, "spec", "template", "spec", "job", "initialSavepointPath"); got != deleted.SavepointPath {
				t.Errorf("the template starts from %q", got)
			}
		})
	})
}

// resumes creates a deployment, which has to say what it starts from.
func resumes(t *testing.T, d platform.Deployments, want platform.Deployment, path string) {
	t.Helper()
	created, err := d.Begin(t.Context(), creating(want))
	if err != nil {
		t.Fatal(err)
	}
	if created.Observed().Resumed == nil || created.Observed().Resumed.Path != path {
		t.Errorf("resumed %+v, want %s", created.Observed().Resumed, path)
	}
}

// TestAReplacedJobIsNotStartedEmpty has nobody take a savepoint of it.
func TestAReplacedJobIsNotStartedEmpty(t *testing.T) {
	for name, test := range map[string]struct {
		options platform.DeleteOptions
		refused bool
	}{
		"tainted":                       {platform.DeleteOptions{Replaced: true}, true},
		"tainted, the loss is allowed":  {platform.DeleteOptions{Replaced: true, AllowStateLoss: true}, false},
		"destroyed without a savepoint": {platform.DeleteOptions{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, observed := running(t, f, "flink:1")
				test.options.UID = observed.UID
				_, err := d.Delete(t.Context(), orders, test.options)
				if !test.refused {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				mentions(t, failure(t, err).Detail, "terraform untaint", "Nothing was deleted")
				f.live(t)
			})
		})
	}
}
