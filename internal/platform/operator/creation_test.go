package operator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// neighbor is another process that uses a cluster.
type neighbor struct{ Store }

func (n neighbor) Identity() string { return n.Store.Identity() + " and its neighbor" }

// creatable is a resource of a name that two can want. A create returns the wait
// that follows it.
type creatable struct {
	name   string
	kind   kube.Kind
	ref    platform.Ref
	create func(ctx context.Context, c Store, image string) (wait func(context.Context) error, err error)
}

func creatables() []creatable {
	deployments := func(name string, kind kube.Kind, ref platform.Ref, want func(image string) platform.Deployment, of func(Store) platform.Deployments) creatable {
		return creatable{name, kind, ref, func(ctx context.Context, c Store, image string) (func(context.Context) error, error) {
			d := of(c)
			written, err := d.Begin(ctx, creating(want(image)))
			return func(ctx context.Context) error {
				_, err := written.Await(ctx)
				return err
			}, err
		}}
	}
	applications := func(c Store) platform.Deployments { return NewApplications(c, Options{}) }
	return []creatable{
		deployments("deployment", deploymentKind, orders, deployment, applications),
		deployments("blue/green deployment", deploymentKind, bluegreen.ColorRef(orders, flink.Blue), want, applications),
		deployments("blue/green deployment of the operator", blueGreenKind, orders, func(image string) platform.Deployment {
			out := want(image)
			out.Form = byOperator
			return out
		}, applications),
		deployments("session cluster", deploymentKind, shared, sessionCluster, func(c Store) platform.Deployments { return NewSessionClusters(c, Options{}) }),
		deployments("session job", sessionJobKind, orders, func(image string) platform.Deployment {
			out := sessionJob(orders.Name)
			out.Spec.Job.Args = []string{image}
			return out
		}, func(c Store) platform.Deployments { return NewSessionJobs(c, Options{}) }),
		{"savepoint", snapshotKind, before.Ref, func(ctx context.Context, c Store, _ string) (func(context.Context) error, error) {
			s := NewSavepoints(c)
			taken, err := s.Take(ctx, before)
			return func(ctx context.Context) error {
				_, err := s.Await(ctx, *taken)
				return err
			}, err
		}},
	}
}

// away is a cluster in which what a resource needs is there, and the operator is
// away.
func away(t *testing.T, r creatable) *fake {
	t.Helper()
	f := newFake(t)
	switch r.kind {
	case snapshotKind:
		f.place(t, deploymentKind, deployment("flink:1"), statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
	case sessionJobKind:
		f.place(t, deploymentKind, sessionCluster("flink:1"), statusOf(1, "STABLE", "DEPLOYED", "", "READY"))
	}
	return f
}

func (f *fake) marks(t *testing.T, r creatable) map[string]string {
	t.Helper()
	object, err := f.Get(t.Context(), r.kind, keyOf(r.ref))
	if err != nil {
		t.Fatal(err)
	}
	return object.GetAnnotations()
}

// While a create waits, no other one takes its object, from wherever it comes, of
// whatever specification.
func TestOfTwoResourcesOfOneNameTheSecondIsRefused(t *testing.T) {
	for _, r := range creatables() {
		for name, here := range map[string]bool{"in one apply": true, "in two applies": false} {
			t.Run(r.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := away(t, r)
					wait, err := r.create(t.Context(), f, "flink:1")
					if err != nil {
						t.Fatal(err)
					}
					ctx, interrupt := context.WithCancel(t.Context())
					defer interrupt()
					ended := make(chan error, 1)
					go func() { ended <- wait(ctx) }()
					time.Sleep(3 * time.Second)
					first, err := f.Get(t.Context(), r.kind, keyOf(r.ref))
					if err != nil {
						t.Fatal(err)
					}
					var second Store = neighbor{f}
					if here {
						second = f
					}
					for _, image := range []string{"flink:1", "flink:2"} {
						began := time.Now()
						_, err = r.create(t.Context(), second, image)
						var twin *platform.BegunError
						var exists *kube.ExistsError
						// A FlinkBlueGreenDeployment of another specification is never continued.
						asked := image == "flink:1" || r.kind != blueGreenKind || here
						if errors.As(err, &twin) != asked || asked && twin.Here != here || !errors.As(err, &exists) {
							t.Fatalf("the second create returned %v", err)
						}
						if took := time.Since(began); took > time.Second {
							t.Errorf("it took %s", took)
						}
					}
					latest, err := f.Get(t.Context(), r.kind, keyOf(r.ref))
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(first, latest); diff != "" {
						t.Errorf("the object has changed (-before +now):\n%s", diff)
					}
					// What was interrupted is in a state: nobody goes on with it.
					interrupt()
					if err := <-ended; !errors.Is(err, context.Canceled) {
						t.Errorf("the first create ended with %v", err)
					}
					if _, marked := f.marks(t, r)[creationAnnotation]; marked {
						t.Error("the interrupted create has left its mark")
					}
					var later *kube.ExistsError
					if _, err := r.create(t.Context(), neighbor{f}, "flink:1"); !errors.As(err, &later) {
						t.Errorf("a create after the interrupt returned %v", err)
					}
				})
			})
		}
	}
}

// What a killed create has left is continued by the next one, whoever it is, some
// seconds later.
func TestAKilledCreateIsContinuedByTheNext(t *testing.T) {
	for _, r := range creatables() {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := away(t, r)
				if _, err := r.create(t.Context(), f, "flink:1"); err != nil {
					t.Fatal(err)
				}
				left := f.marks(t, r)
				began := time.Now()
				if _, err := r.create(t.Context(), neighbor{f}, "flink:1"); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > answerTime+time.Second {
					t.Errorf("it took %s", took)
				}
				mark := f.marks(t, r)
				if mark[creationAnnotation] == left[creationAnnotation] || mark[askedAnnotation] != "" {
					t.Errorf("the object is marked with %v, before with %v", mark, left)
				}
				// It is the second one's by now.
				var twin *platform.BegunError
				if _, err := r.create(t.Context(), neighbor{f}, "flink:1"); !errors.As(err, &twin) || !twin.Here {
					t.Errorf("the third create returned %v", err)
				}
			})
		})
	}
}

// A create that ends while another one asks leaves neither mark nor question.
func TestACreateThatEndsWhileItIsAskedIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		e := NewEnvironments(f, Options{})
		namespace := namespaceOf(prod)
		annotate(namespace, creationAnnotation, newCreation(f, "environment").String())
		if _, err := f.Create(t.Context(), namespaceKind, namespace); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(3*time.Second, func() {
			_, _ = f.MergePatch(t.Context(), namespaceKind, kube.Key{Name: "prod"}, kube.Patch{}.RemoveAnnotations(creationAnnotation))
		})
		var exists *kube.ExistsError
		if _, err := NewEnvironments(neighbor{f}, Options{}).Apply(t.Context(), prod, nil); !errors.As(err, &exists) {
			t.Errorf("returned %v", err)
		}
		if _, err := e.Apply(t.Context(), prod, nil); !errors.As(err, &exists) {
			t.Errorf("returned %v", err)
		}
		if live, _ := f.Get(t.Context(), namespaceKind, kube.Key{Name: "prod"}); len(live.GetAnnotations()) != 0 {
			t.Errorf("the namespace has the annotations %v", live.GetAnnotations())
		}
	})
}

// Two environments of a name in a namespace of others.
func TestOfTwoEnvironmentsOfOneNameTheSecondIsRefused(t *testing.T) {
	for _, own := range []bool{true, false} {
		f := withNamespace(t)
		if own {
			f = newFake(t)
		}
		want := shop
		want.CreateNamespace = own
		if _, err := NewEnvironments(f, Options{}).Apply(t.Context(), want, nil); err != nil {
			t.Fatal(err)
		}
		for _, c := range []Store{f, neighbor{f}} {
			var exists *kube.ExistsError
			if _, err := NewEnvironments(c, Options{}).Apply(t.Context(), want, nil); !errors.As(err, &exists) {
				t.Errorf("in a namespace of its own %v: the second create returned %v", own, err)
			}
		}
	}
}

// A wait that nobody has begun in this process, as after an interrupt, answers as
// well.
func TestTheWaitOfALaterApplyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		if _, err := NewDeployments(f, Options{}).begin(t.Context(), creating(deployment("flink:1"))); err != nil {
			t.Fatal(err)
		}
		f.killed()
		written, err := NewDeployments(f, Options{}).begin(t.Context(), goingOn(planner.ActionCreate))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() {
			_, _ = written.Await(ctx)
		}()
		synctest.Wait()
		var twin *platform.BegunError
		if _, err := NewDeployments(neighbor{f}, Options{}).begin(t.Context(), creating(deployment("flink:1"))); !errors.As(err, &twin) || twin.Here {
			t.Errorf("returned %v", err)
		}
	})
}

// Two resources of one name in one apply, of different forms: no object of theirs
// has a name in common.
func TestOfTwoFormsOfOneNameTheSecondIsRefused(t *testing.T) {
	forms := map[string]flink.Form{"in place": {}, "in two colors": bluegreen.ByProvider, "by the operator": byOperator}
	for first, one := range forms {
		for second, other := range forms {
			t.Run(first+", then "+second, func(t *testing.T) {
				f := newFake(t)
				wants := []platform.Deployment{want("flink:1"), want("flink:2")}
				wants[0].Form, wants[1].Form = one, other
				if _, err := NewApplications(f, Options{}).Begin(t.Context(), creating(wants[0])); err != nil {
					t.Fatal(err)
				}
				// The list of the namespace is of before.
				f.fail = func(call string) error {
					if verb, rest, _ := strings.Cut(call, " "); verb == "find" {
						kind, _, _ := strings.Cut(rest, " ")
						return &kube.NotFoundError{Ref: kube.Ref{Kind: kube.Kind{Kind: kind}}}
					}
					return nil
				}
				var twin *platform.BegunError
				if _, err := NewApplications(f, Options{}).Begin(t.Context(), creating(wants[1])); !errors.As(err, &twin) || !twin.Here {
					t.Errorf("returned %v", err)
				}
			})
		}
	}
}
