package operator

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// withIngress gives a deployment an ingress of a class.
func withIngress(want platform.Deployment, class string) platform.Deployment {
	want.Spec.Ingress = &flink.Ingress{Template: new("flink.example.com/{{name}}(/|$)(.*)"), ClassName: &class}
	return want
}

func (e *exchange) ingressClass(t *testing.T) string {
	t.Helper()
	object, err := e.Get(t.Context(), ingressKind, keyOf(orders))
	if isAbsent(err) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return classOf(object)
}

func classOf(ingress *unstructured.Unstructured) string {
	class, _, _ := unstructured.NestedString(ingress.Object, "spec", "ingressClassName")
	return class
}

// The ingress is that of the version that runs: the new one comes with the
// switch, and what failed leaves the old one.
func TestTheIngressFollowsTheVersionThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.create(t, withIngress(want("flink:1"), "old"))
		was := &platform.Was{Spec: withIngress(want("flink:1"), "old").Spec}
		change := func(image, class string, action planner.Action) platform.Change {
			out := to(image)
			out.Deployment, out.Was = withIngress(want(image), class), was
			out.Rollout.Action = action
			return out
		}
		early, inPlace := "", false
		e.fail = func(call string) error {
			live, there := e.objects[kube.Ref{Kind: ingressKind, Key: keyOf(orders)}]
			if there && classOf(live) == "new" && !e.hasRun("green") && !inPlace {
				early = call
			}
			return e.watch(call)
		}
		var told *platform.RolloutError
		for _, action := range []planner.Action{planner.ActionBlueGreen, planner.ActionSavepoint} {
			// In place, what is written comes at once.
			inPlace = action == planner.ActionSavepoint
			if _, err := e.apply(t.Context(), change("flink:nope", "new", action)); !errors.As(err, &told) || !told.RolledBack {
				t.Fatalf("%s: the apply ended with %v", action, err)
			}
			if class := e.ingressClass(t); class != "old" {
				t.Errorf("%s: after a version that failed, the ingress is the %s one", action, class)
			}
		}
		inPlace = false
		if _, err := e.apply(t.Context(), change("flink:2", "new", planner.ActionBlueGreen)); err != nil {
			t.Fatal(err)
		}
		if class := e.ingressClass(t); class != "new" || early != "" {
			t.Errorf("after the switch, the ingress is the %s one; before it: %q", class, early)
		}
		was.Spec = withIngress(want("flink:2"), "new").Spec
		gone := change("flink:3", "", planner.ActionBlueGreen)
		gone.Spec.Ingress = nil
		if _, err := e.apply(t.Context(), gone); err != nil || e.ingressClass(t) != "" {
			t.Errorf("the ingress is still the %s one, %v", e.ingressClass(t), err)
		}
	})
}

// hasRun tells whether the job of a color runs. The fake is locked.
func (e *exchange) hasRun(color string) bool {
	object, ok := e.objects[kube.Ref{Kind: deploymentKind, Key: keyOf(bluegreen.ColorRef(orders, color))}]
	return ok && isRunning(object)
}

// What leads to a job is rehearsed before the job depends on it.
func TestRightsOnServicesAreRehearsed(t *testing.T) {
	denied := func(kind string) func(call string) error {
		return func(call string) error {
			if verb, rest, _ := strings.Cut(call, " "); strings.HasPrefix(rest, kind+" ") && verb != "get" && verb != "find" {
				return &kube.DeniedError{Verb: "patch", Resource: kind}
			}
			return nil
		}
	}
	untouched := func(t *testing.T, e *exchange, err error, before string) {
		t.Helper()
		var refused *kube.DeniedError
		if !errors.As(err, &refused) {
			t.Errorf("returned %v", err)
		}
		if now := e.state(); now != before {
			t.Errorf("it was %q, and is %q", before, now)
		}
	}
	for _, kind := range []string{"Service", "Ingress"} {
		t.Run(kind+" of a create", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newExchange(t)
				e.fail = denied(kind)
				_, err := NewApplications(e, Options{}).Begin(t.Context(), creating(withIngress(want("flink:1"), "nginx")))
				untouched(t, e, err, "")
			})
		})
		for name, action := range map[string]planner.Action{"a switch": planner.ActionBlueGreen, "a change in place": planner.ActionConfigOnly} {
			t.Run(kind+" of "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := newExchange(t)
					e.start(t, "flink:1")
					before := e.state()
					e.fail = denied(kind)
					change := to("flink:2")
					change.Deployment, change.Rollout.Action = withIngress(want("flink:2"), "nginx"), action
					_, err := e.apply(t.Context(), change)
					untouched(t, e, err, before)
				})
			})
		}
		t.Run(kind+" of another form", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newExchange(t)
				first := want("flink:1")
				first.Form = flink.Form{}
				e.create(t, first)
				before := e.state()
				e.fail = denied(kind)
				change := to("flink:1")
				change.Deployment, change.Rollout.Action = withIngress(want("flink:1"), "nginx"), planner.ActionRecreate
				_, err := e.apply(t.Context(), change)
				untouched(t, e, err, before)
			})
		})
	}
	t.Run("a Service of somebody else", func(t *testing.T) {
		e := newExchange(t)
		e.put(serviceKind, object("orders-active", nil))
		if _, err := NewApplications(e, Options{}).Begin(t.Context(), creating(want("flink:1"))); err == nil || !strings.Contains(err.Error(), "is not the provider's") {
			t.Errorf("returned %v", err)
		}
		if got := e.state(); got != "service to " {
			t.Errorf("there is %s", got)
		}
	})
}
