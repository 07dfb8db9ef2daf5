package operator

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// applyForm does what the resource does with a change of the form: a deployment
// that is gone is created.
func (e *exchange) applyForm(ctx context.Context, change platform.Change) (*platform.Observed, error) {
	a := NewApplications(e, Options{})
	_, err := a.Read(ctx, orders)
	var absent *platform.NotFoundError
	if !errors.As(err, &absent) {
		return e.apply(ctx, change)
	}
	written, err := a.Begin(ctx, creating(change.Deployment))
	if err != nil {
		return nil, err
	}
	return written.Await(ctx)
}

// Wherever a provider dies while a deployment gets another form, the next apply
// ends in the wanted form, or in the one that it had, with the job's state.
func TestAnotherFormKilledAnywhereGoesOn(t *testing.T) {
	inPlace := func(image string) platform.Deployment {
		out := want(image)
		out.Form = flink.Form{}
		return out
	}
	standalone := inPlace("flink:2")
	standalone.Spec.Mode = new("standalone")
	for _, test := range []struct {
		name     string
		from, to platform.Deployment
		second   platform.Deployment
		state    string
	}{
		{"to blue/green", inPlace("flink:1"), want("flink:2"), want("flink:2"), runs("blue", "flink:2")},
		{"to in place", want("flink:1"), inPlace("flink:2"), inPlace("flink:2"), "orders flink:2 RUNNING"},
		{"to blue/green, and back", inPlace("flink:1"), want("flink:2"), inPlace("flink:1"), "orders flink:1 RUNNING"},
		{"to another mode, and back", inPlace("flink:1"), standalone, inPlace("flink:1"), "orders flink:1 RUNNING"},
		{"to the operator's engine", want("flink:1"), byOperatorWant("flink:2"), byOperatorWant("flink:2"), "orders-blue flink:2 RUNNING"},
		{"to the operator's engine, and back", want("flink:1"), byOperatorWant("flink:2"), want("flink:1"), runs("blue", "flink:1")},
		{"to the provider's engine", byOperatorWant("flink:1"), want("flink:2"), want("flink:2"), runs("blue", "flink:2")},
		{"to the provider's engine, and back", byOperatorWant("flink:1"), want("flink:2"), byOperatorWant("flink:1"), "orders-blue flink:1 RUNNING"},
		{"from in place to the operator's engine", inPlace("flink:1"), byOperatorWant("flink:2"), byOperatorWant("flink:2"), "orders-blue flink:2 RUNNING"},
		{"from in place to the operator's engine, and back", inPlace("flink:1"), byOperatorWant("flink:2"), inPlace("flink:1"), "orders flink:1 RUNNING"},
		{"from in place to the operator's engine, and to the provider's", inPlace("flink:1"), byOperatorWant("flink:2"), want("flink:3"), runs("blue", "flink:3")},
		{"from the operator's engine to in place", byOperatorWant("flink:1"), inPlace("flink:2"), inPlace("flink:2"), "orders flink:2 RUNNING"},
		{"from the operator's engine to in place, and back", byOperatorWant("flink:1"), inPlace("flink:2"), byOperatorWant("flink:1"), "orders-blue flink:1 RUNNING"},
	} {
		t.Run(test.name, func(t *testing.T) {
			change := func(to platform.Deployment) platform.Change {
				return platform.Change{Deployment: to, Was: &platform.Was{Spec: test.from.Spec}, Awaited: true, Rollout: planner.Rollout{Action: planner.ActionRecreate}}
			}
			killEverywhere(t,
				func(t *testing.T, e *exchange) {
					a := NewApplications(e, Options{})
					written, err := a.Begin(t.Context(), creating(test.from))
					if err != nil {
						t.Fatal(err)
					}
					if _, err := written.Await(t.Context()); err != nil {
						t.Fatal(err)
					}
				},
				func(ctx context.Context, e *exchange) error { _, err := e.applyForm(ctx, change(test.to)); return err },
				func(t *testing.T, e *exchange) {
					before, err := NewApplications(e, Options{}).Read(t.Context(), orders)
					if err == nil && before.UID != "uid-1" && !slices.Contains(before.Replaces, "uid-1") {
						t.Errorf("it is another deployment: %s replaces %v", before.UID, before.Replaces)
					}
					second := change(test.second)
					if err == nil && before.Form == test.second.Form && fko.SteadyState(before.Spec) == fko.Suspended {
						second.Rollout.Action = planner.ActionResume
					}
					observed, err := e.applyForm(t.Context(), second)
					if err != nil {
						t.Fatal(err)
					}
					if !observed.RolledOut || observed.Form != test.second.Form || observed.Ref != orders {
						t.Errorf("ended with %s of the form %v, rolled out %v: %+v", observed.Ref, observed.Form, observed.RolledOut, observed.Status)
					}
					if got := e.state(); got != test.state {
						t.Errorf("ended with %s", got)
					}
					for _, start := range e.starts[1:] {
						if !strings.HasSuffix(start, "from file:/savepoints/savepoint-1") {
							t.Errorf("the objects were started %q", e.starts)
						}
					}
				})
		})
	}
}

// What an apply that was killed has noted is old once somebody has resumed the
// job by hand.
func TestAnotherFormStartsFromTheNewestState(t *testing.T) {
	for _, to := range []platform.Deployment{want("flink:2"), byOperatorWant("flink:2")} {
		synctest.Test(t, func(t *testing.T) {
			e := newOperated(t)
			from := want("flink:1")
			from.Form = flink.Form{}
			if _, err := e.applyForm(t.Context(), platform.Change{Deployment: from}); err != nil {
				t.Fatal(err)
			}
			for _, form := range []flink.Form{bluegreen.ByProvider, byOperator} {
				if err := NewDeployments(e, Options{}).record(t.Context(), recordOf(orders, form), recreation{uid: "uid-1", path: "s3://old"}); err != nil {
					t.Fatal(err)
				}
			}
			change := platform.Change{Deployment: to, Was: &platform.Was{Spec: from.Spec}, Awaited: true, Rollout: planner.Rollout{Action: planner.ActionRecreate}}
			if _, err := e.applyForm(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			if last := e.starts[len(e.starts)-1]; last != "orders-blue from file:/savepoints/savepoint-1" {
				t.Errorf("the objects were started %q", e.starts)
			}
		})
	}
}
