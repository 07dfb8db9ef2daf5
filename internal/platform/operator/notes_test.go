package operator

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// A re-creation that nobody waits for ends all the same: its note when the object
// is there, its marks with the next change after the job has started. Neither
// comes back with a destroy, weeks later.
func TestARecreationThatNobodyWaitsForEnds(t *testing.T) {
	const configured = "file:/first"
	for name, later := range map[string]func(t *testing.T, f *fake, d *Deployments, uid string){
		"with a destroy": func(t *testing.T, f *fake, d *Deployments, uid string) {
			deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: uid, Savepoint: true})
			if err != nil || deleted.SavepointPath == "" || deleted.Note != "" {
				t.Errorf("the destroy returned %+v, %v", deleted, err)
			}
			f.killed()
			written, err := d.begin(t.Context(), creating(deployment("flink:1")))
			if err != nil || written.observed.Resumed != nil || initialPath(f.live(t)) != "" {
				t.Errorf("the next create starts from %q, %v", initialPath(f.live(t)), err)
			}
		},
		"with a change": func(t *testing.T, f *fake, d *Deployments, uid string) {
			change := toStandalone("flink:2")
			change.Rollout.Action = "savepoint_upgrade"
			change.Spec.Job.InitialSavepointPath = new(configured)
			change.Was.Spec = toStandalone("flink:1").Spec
			change.Was.Spec.Job.InitialSavepointPath = new(configured)
			written, err := d.begin(t.Context(), change)
			if err != nil || written.observed.UID != uid {
				t.Fatal(err)
			}
			nothingLeft(t, f, configured)
			if _, ok := f.live(t).GetAnnotations()[replacesAnnotation]; ok {
				t.Error("the object still replaces another")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &starts{plays: obedient}
				f := newFake(t)
				f.operator = s.operator
				d, first := NewDeployments(f, Options{}), deployment("flink:1")
				first.Spec.Job.InitialSavepointPath = new(configured)
				created, err := d.begin(t.Context(), creating(first))
				if err != nil {
					t.Fatal(err)
				}
				if _, err = created.Await(t.Context()); err != nil {
					t.Fatal(err)
				}
				finalized(t, f)
				change := toStandalone("flink:1")
				change.Spec.Job.InitialSavepointPath, change.Was.Spec = new(configured), first.Spec
				written, err := d.begin(t.Context(), change)
				if err != nil {
					t.Fatal(err)
				}
				settled, err := written.Settle(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if remembered(f) != nil {
					t.Error("the note is still there")
				}
				time.Sleep(time.Minute)
				finalized(t, f)
				live, err := d.Read(t.Context(), orders)
				if err != nil {
					t.Fatal(err)
				}
				if from := fko.InitialPath(live.Spec); from != configured {
					t.Errorf("the job seems to have the initial path %q", from)
				}
				if !slices.Equal(s.from, []string{configured, savepoint1}) {
					t.Errorf("the jobs were started from %q", s.from)
				}
				later(t, f, d, settled.UID)
				if remembered(f) != nil {
					t.Error("the note has come back")
				}
			})
		})
	}
}

// Who creates a deployment from a note is told so.
func TestACreateFromANoteSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d := NewDeployments(f, Options{})
		if err := d.record(t.Context(), noted{whole: orders}, recreation{uid: "gone", path: savepoint1}); err != nil {
			t.Fatal(err)
		}
		written, err := d.begin(t.Context(), creating(deployment("flink:1")))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&platform.Resumed{Path: savepoint1, Place: "the config map prod/orders-recreate"}, written.observed.Resumed); diff != "" {
			t.Error(diff)
		}
		if path := initialPath(f.live(t)); path != savepoint1 {
			t.Errorf("the job starts from %q", path)
		}
	})
}

// A note is only its own deployment's, whatever other names lead to it.
func TestNotesOfNamesakesAreNotRead(t *testing.T) {
	named := func(want platform.Deployment, name string) platform.Deployment {
		want.Name = name
		return want
	}
	for name, test := range map[string]struct {
		of    noted
		sets  func(c Store) platform.Deployments
		other platform.Deployment
	}{
		"of two colors, by a deployment with the name of one": {
			noted{whole: orders, colored: true}, func(c Store) platform.Deployments { return NewApplications(c, Options{}) }, named(deployment("flink:1"), "orders-blue"),
		},
		"of a session job, by a deployment": {
			noted{whole: orders, sessionJob: true}, func(c Store) platform.Deployments { return NewApplications(c, Options{}) }, named(deployment("flink:1"), "orders-session-job"),
		},
		"of a deployment, by a session job": {
			noted{whole: platform.Ref{Namespace: "prod", Name: "orders-session-job"}}, func(c Store) platform.Deployments { return NewSessionJobs(c, Options{}) }, sessionJob("orders"),
		},
		"of a deployment, by two colors": {
			noted{whole: bluegreen.ColorRef(orders, flink.Blue)}, func(c Store) platform.Deployments { return NewApplications(c, Options{}) }, want("flink:1"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				f.place(t, deploymentKind, sessionCluster("flink:1"), statusOf(1, "STABLE", "DEPLOYED", "", "READY"))
				if err := NewDeployments(f, Options{}).record(t.Context(), test.of, recreation{uid: "gone", path: savepoint1}); err != nil {
					t.Fatal(err)
				}
				written, err := test.sets(f).Begin(t.Context(), creating(test.other))
				if err != nil || written.Observed().Resumed != nil {
					t.Fatalf("created from %+v, %v", written, err)
				}
				for ref, object := range f.objects {
					if ref.Kind != configMapKind && strings.HasPrefix(ref.Key.Name, "orders") && initialPath(object) != "" {
						t.Errorf("%s starts from %q", ref, initialPath(object))
					}
				}
				if f.objects[kube.Ref{Kind: configMapKind, Key: test.of.key()}] == nil {
					t.Error("the note is gone")
				}
			})
		})
	}
}

// What a state has and is still marked is to be seen to its end, whatever marks it.
func TestMarksSayWhatIsUnfinished(t *testing.T) {
	for want, annotations := range map[planner.Action]map[string]string{
		"":                      {recreationAnnotation: "", replacesAnnotation: "uid-1"},
		planner.ActionResume:    {updateAnnotation: "resume", creationAnnotation: "a/b/c"},
		planner.ActionRecreate:  {creationAnnotation: "a/b/c", recreationAnnotation: ""},
		planner.ActionCreate:    {creationAnnotation: "a/b/c"},
		planner.ActionBlueGreen: {updateAnnotation: "blue_green", recreationAnnotation: ""},
	} {
		if got := unfinishedOn(annotations); got != want {
			t.Errorf("%v: %q, want %q", annotations, got, want)
		}
	}
}

// The objects of savepoints from which switches started go with the form.
func TestAnotherFormLeavesNoSavepointOfASwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		if _, err := e.apply(t.Context(), to("flink:2")); err != nil {
			t.Fatal(err)
		}
		snapshots := func() int {
			list, err := e.List(t.Context(), snapshotKind, orders.Namespace, "")
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if snapshots() != 1 {
			t.Fatalf("there are %d savepoints of switches", snapshots())
		}
		change := to("flink:2")
		change.Form, change.Was.Spec, change.Rollout.Action = flink.Form{}, want("flink:2").Spec, planner.ActionRecreate
		if _, err := e.apply(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if snapshots() != 0 {
			t.Errorf("%d savepoints of switches are left", snapshots())
		}
	})
}
