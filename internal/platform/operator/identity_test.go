package operator

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// written are the calls that change something in the cluster.
func (f *fake) written() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, call := range f.calls {
		switch verb, _, _ := strings.Cut(call, " "); verb {
		case "get", "find", "list":
		default:
			out = append(out, call)
		}
	}
	return out
}

// swap puts another object of the same content in the place of one.
func (f *fake) swap(kind kube.Kind, ref platform.Ref, replaces string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := kube.Ref{Kind: kind, Key: keyOf(ref)}
	next := f.objects[at].DeepCopy()
	next.SetUID("another")
	annotations := next.GetAnnotations()
	delete(annotations, replacesAnnotation)
	next.SetAnnotations(annotations)
	if replaces != "" {
		annotate(next, replacesAnnotation, replaces)
	}
	f.objects[at] = next
	f.tell(at, kube.Change{Object: next.DeepCopy()})
}

// everyAction are the actions that write.
var everyAction = []planner.Action{
	planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionScaleInPlace, planner.ActionSavepoint, planner.ActionLastState, planner.ActionStateless,
	planner.ActionRedeploy, planner.ActionBlueGreen, planner.ActionSuspend, planner.ActionResume, planner.ActionRerun, planner.ActionDeferred, planner.ActionRecreate,
	planner.ActionCreate,
}

// Whatever a change is, and whatever it changes: an object that was created in
// the place of the one of the plan stays as it is.
func TestNoChangeIsWrittenOverAnotherObject(t *testing.T) {
	inPlace := want("flink:2")
	inPlace.Form = flink.Form{}
	for _, test := range []struct {
		name string
		kind kube.Kind
		// stage returns the cluster with the deployment, and the change.
		stage func(t *testing.T) (*fake, platform.Change, platform.Deployments)
		ref   platform.Ref
	}{
		{"in place", deploymentKind, func(t *testing.T) (*fake, platform.Change, platform.Deployments) {
			e := newExchange(t)
			from := want("flink:1")
			from.Form = flink.Form{}
			e.create(t, from)
			return e.fake, platform.Change{Deployment: inPlace, Was: &platform.Was{}}, NewApplications(e, Options{})
		}, orders},
		{"the provider's engine", deploymentKind, func(t *testing.T) (*fake, platform.Change, platform.Deployments) {
			e := newExchange(t)
			e.start(t, "flink:1")
			return e.fake, to("flink:2"), NewApplications(e, Options{})
		}, bluegreen.ColorRef(orders, flink.Blue)},
		{"the operator's engine", blueGreenKind, func(t *testing.T) (*fake, platform.Change, platform.Deployments) {
			s := newNativeStage(t)
			return s.fake, byOperatorTo("flink:2"), NewApplications(s.exchange, Options{})
		}, orders},
		{"from in place to blue/green", deploymentKind, func(t *testing.T) (*fake, platform.Change, platform.Deployments) {
			e := newExchange(t)
			from := want("flink:1")
			from.Form = flink.Form{}
			e.create(t, from)
			return e.fake, to("flink:2"), NewApplications(e, Options{})
		}, orders},
		{"from the operator's engine to in place", blueGreenKind, func(t *testing.T) (*fake, platform.Change, platform.Deployments) {
			s := newNativeStage(t)
			return s.fake, platform.Change{Deployment: inPlace, Was: &platform.Was{}}, NewApplications(s.exchange, Options{})
		}, orders},
		{"a session job", sessionJobKind, func(t *testing.T) (*fake, platform.Change, platform.Deployments) {
			f := newFake(t)
			f.place(t, sessionJobKind, sessionJob("guest"), steadyJob("RUNNING"))
			change := platform.Change{Deployment: sessionJob("guest"), Was: &platform.Was{}}
			change.Spec.Job.Parallelism = new(int64(7))
			return f, change, NewSessionJobs(f, Options{})
		}, platform.Ref{Namespace: shared.Namespace, Name: "guest"}},
		{"a session cluster", deploymentKind, func(t *testing.T) (*fake, platform.Change, platform.Deployments) {
			f := newFake(t)
			f.place(t, deploymentKind, sessionCluster("flink:1"), statusOf(1, "STABLE", "DEPLOYED", "", "READY"))
			return f, platform.Change{Deployment: sessionCluster("flink:2"), Was: &platform.Was{}}, NewSessionClusters(f, Options{})
		}, shared},
	} {
		for _, action := range everyAction {
			t.Run(test.name+" "+string(action), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f, change, d := test.stage(t)
					object, err := f.Get(t.Context(), test.kind, keyOf(test.ref))
					if err != nil {
						t.Fatal(err)
					}
					change.Was.UID, change.Rollout.Action, change.AllowStateLoss = string(object.GetUID()), action, true
					f.swap(test.kind, test.ref, "")
					before := len(f.written())
					_, err = d.Begin(t.Context(), change)
					var other *platform.OtherObjectError
					if !errors.As(err, &other) || other.UID != "another" || other.Planned != change.Was.UID || other.Ref != change.Ref {
						t.Fatalf("returned %v", err)
					}
					if calls := f.written()[before:]; len(calls) > 0 {
						t.Errorf("wrote %q", calls)
					}
				})
			})
		}
	}
}

// An object that the provider itself created in the place of the one of the
// plan, in an apply that was killed, is the deployment's.
func TestWhatReplacesTheObjectIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, observed := running(t, f, "flink:1")
		f.swap(deploymentKind, orders, "uid-0 "+observed.UID)
		change := changeTo("flink:2")
		change.Was.UID = observed.UID
		if _, err := d.begin(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if image(f.live(t)) != "flink:2" {
			t.Error("nothing was written")
		}
	})
}

// A switch that is on its way writes over no color that somebody else put there.
func TestASwitchEndsWhenAnotherObjectComes(t *testing.T) {
	for _, test := range []struct {
		name, at string
		stage    func(t *testing.T) *exchange
		kind     kube.Kind
		ref      platform.Ref
		change   platform.Change
	}{
		{"before it begins", "", func(t *testing.T) *exchange { e := newExchange(t); e.start(t, "flink:1"); return e }, deploymentKind, bluegreen.ColorRef(orders, flink.Blue), to("flink:2")},
		{"when a savepoint is taken", "apply FlinkStateSnapshot", func(t *testing.T) *exchange { e := newExchange(t); e.start(t, "flink:1"); return e }, deploymentKind, bluegreen.ColorRef(orders, flink.Blue), to("flink:2")},
		{"before the operator's begins", "", func(t *testing.T) *exchange { return newNativeStage(t).exchange }, blueGreenKind, orders, byOperatorTo("flink:2")},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := test.stage(t)
				a := NewApplications(e, Options{})
				object, err := e.Get(t.Context(), test.kind, keyOf(test.ref))
				if err != nil {
					t.Fatal(err)
				}
				test.change.Was.UID = string(object.GetUID())
				written, err := a.Begin(t.Context(), test.change)
				if err != nil {
					t.Fatal(err)
				}
				before := len(e.written())
				if test.at == "" {
					e.swap(test.kind, test.ref, "")
				} else {
					e.fail = func(call string) error {
						if strings.HasPrefix(call, test.at) {
							ref := kube.Ref{Kind: test.kind, Key: keyOf(test.ref)}
							next := e.objects[ref].DeepCopy()
							next.SetUID("another")
							e.objects[ref] = next
						}
						return nil
					}
				}
				_, err = written.Await(t.Context())
				var other *platform.OtherObjectError
				if !errors.As(err, &other) || other.UID != "another" {
					t.Fatalf("returned %v", err)
				}
				for _, call := range e.written()[before:] {
					if strings.HasSuffix(call, " "+test.kind.Kind+" "+test.ref.String()) {
						t.Errorf("wrote %q", call)
					}
				}
			})
		})
	}
}

// What is written after a wait (a mark that goes, a rollback, the upgrade mode of
// a finished job) is meant for the object of the wait.
func TestNothingIsWrittenAfterAWaitOverAnotherObject(t *testing.T) {
	f, d, written := begin(t, silent, "flink:1")
	f.swap(deploymentKind, orders, "")
	for name, write := range map[string]func(ctx context.Context) error{
		"unmark": func(ctx context.Context) error {
			_, err := d.unmark(ctx, orders, types.UID(written.observed.UID))
			return err
		},
		"writeAfter": func(ctx context.Context) error {
			_, err := d.writeAfter(ctx, written.observed, write{after: f.live(t)})
			return err
		},
		"rollback": func(ctx context.Context) error {
			change := changeTo("flink:2")
			return d.applyPrevious(ctx, write{uid: written.observed.UID, change: &change}, deployment("flink:1"), "").err
		},
		"conclude": func(ctx context.Context) error { _, err := d.conclude(ctx, written.observed, ""); return err },
		"suspend": func(ctx context.Context) error {
			old := f.live(t)
			old.SetUID(types.UID(written.observed.UID))
			return d.suspend(ctx, old, "").err
		},
	} {
		object := f.live(t)
		if err := write(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := f.live(t); got.GetUID() != "another" || !reflect.DeepEqual(got, object) {
			t.Errorf("%s wrote over another object", name)
		}
	}
}
