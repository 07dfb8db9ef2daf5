package savepoint_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestTheJobOfASavepoint(t *testing.T) {
	for name, test := range map[string]struct {
		texts map[string]string
		want  string
	}{
		"deployment":         {map[string]string{"deployment": "orders"}, ""},
		"session job":        {map[string]string{"session_job": "orders"}, ""},
		"unknown deployment": {map[string]string{"deployment": unknown}, ""},
		"unknown of two":     {map[string]string{"deployment": unknown, "session_job": "orders"}, ""},
		"neither":            {nil, "The savepoint has no job"},
		"both":               {map[string]string{"deployment": "orders", "session_job": "orders"}, "The savepoint has two jobs"},
		"name":               {map[string]string{"deployment": "orders", "name": "Before_Move"}, "name of a Kubernetes object"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, &memory{})
			got := s.validate(s.config(test.texts))
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("want %q, got %q", test.want, got)
			}
		})
	}
}

// A state that somebody has edited does not say any more which savepoint it is of.
func TestAStateThatSaysNoSavepointIsAnError(t *testing.T) {
	for _, attribute := range []string{"environment", "name"} {
		s := newServer(t, &memory{})
		state := s.attributes(s.config(map[string]string{"deployment": "orders", "id": "operator/prod/before"}))
		state[attribute] = tftypes.NewValue(state[attribute].Type(), nil)
		resp, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: "flink_savepoint", CurrentState: s.dynamic(tftypes.NewValue(s.object, state)),
		})
		if err != nil {
			t.Fatal(err)
		}
		said := words(resp.Diagnostics)
		if !strings.Contains(said, "The state has no "+attribute) || !strings.Contains(said, "terraform state rm") || resp.Diagnostics[0].Attribute == nil {
			t.Errorf("said %q", said)
		}
	}
}

func TestSavepointFromPlanToDestroy(t *testing.T) {
	m := &memory{note: "The files stay."}
	s := newServer(t, m)
	config := s.config(map[string]string{"deployment": "orders"})
	p := s.plan(config)
	if id, location := s.text(p.planned, "id"), s.text(p.planned, "location"); id != "operator/prod/before" || location != unknown {
		t.Errorf("planned id %q, location %q", id, location)
	}
	if said := s.apply(t.Context(), p); said != "" || s.text(s.state, "location") != "s3://sp/savepoint-1" {
		t.Errorf("location %q, said %q", s.text(s.state, "location"), said)
	}
	s.refresh()
	if p := s.plan(config); p.replace || !p.planned.Equal(s.state) {
		t.Errorf("the next plan changes something: %v", p.planned)
	}

	disposed := s.config(map[string]string{"deployment": "orders", "dispose_on_destroy": "true"})
	if p = s.plan(disposed); p.replace || s.text(p.planned, "location") != "s3://sp/savepoint-1" {
		t.Errorf("replaced: %t, planned %v", p.replace, p.planned)
	}
	if said := s.apply(t.Context(), p); said != "" {
		t.Error(said)
	}
	for name, texts := range map[string]map[string]string{
		"triggers":    {"deployment": "orders", "triggers": "2"},
		"deployment":  {"deployment": "payments"},
		"session job": {"session_job": "orders"},
		"format":      {"deployment": "orders", "format": "native"},
		"path":        {"deployment": "orders", "path": "s3://moves"},
		"name":        {"deployment": "orders", "name": "after"},
	} {
		if !s.plan(s.config(texts)).replace {
			t.Errorf("another %s takes no other savepoint", name)
		}
	}
	said := s.apply(t.Context(), s.plan(tftypes.NewValue(s.object, nil)))
	if !strings.Contains(said, "WARNING") || !strings.Contains(said, "The files stay.") {
		t.Errorf("said %q", said)
	}
	if diff := cmp.Diff([]string{"take prod/before", "await receipt-1", "dispose true", "delete receipt-1"}, m.calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A format that is left out is the platform's to choose, once: it stays, whatever was
// said before, and also in a state of a time when it was always canonical.
func TestTheFormatThatIsLeftOut(t *testing.T) {
	m := &memory{}
	s := newServer(t, m)
	config := s.config(map[string]string{"deployment": "orders"})
	p := s.plan(config)
	if got := s.text(p.planned, "format"); got != unknown {
		t.Errorf("planned format %q", got)
	}
	s.apply(t.Context(), p)
	if got := s.text(s.state, "format"); got != "canonical" {
		t.Errorf("format %q", got)
	}
	if p := s.plan(config); p.replace || !p.planned.Equal(s.state) {
		t.Errorf("the next plan changes something: %v", p.planned)
	}
	if p := s.plan(s.config(map[string]string{"deployment": "orders", "dispose_on_destroy": "true"})); p.replace || s.text(p.planned, "format") != "canonical" {
		t.Errorf("another change: replaced %t, format %q", p.replace, s.text(p.planned, "format"))
	}
	s.refresh()
	native := s.plan(s.config(map[string]string{"deployment": "orders", "format": "native"}))
	if !native.replace {
		t.Error("another format takes no other savepoint")
	}
}

func TestASavepointThatAJobOwnsIsSaid(t *testing.T) {
	m := &memory{}
	s := newServer(t, m)
	s.apply(t.Context(), s.plan(s.config(map[string]string{"deployment": "orders"})))
	m.found.Owner = "FlinkDeployment prod/orders has started from it"
	resp, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "flink_savepoint", CurrentState: s.dynamic(s.state), Private: s.private})
	if err != nil {
		t.Fatal(err)
	}
	if said := words(resp.Diagnostics); !strings.Contains(said, `WARNING: The savepoint "before" belongs to a job`) || !strings.Contains(said, "prod/orders has started from it") || !strings.Contains(said, "s3://sp/savepoint-1") {
		t.Errorf("said %q", said)
	}
	if after := s.value(resp.NewState); !after.Equal(s.state) {
		t.Errorf("the state is %v", after)
	}
}

func TestInterruptedWaitGoesOn(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	m := &memory{during: interrupt}
	s := newServer(t, m)
	config := s.config(map[string]string{"deployment": "orders"})
	said := s.apply(ctx, s.plan(config))
	if !strings.HasPrefix(said, "WARNING: Interrupted") || strings.Contains(said, "ERROR") || s.state.IsNull() {
		t.Errorf("said %q, state %v", said, s.state)
	}
	s.refresh()
	p := s.plan(config)
	if p.replace || s.text(p.planned, "location") != unknown {
		t.Errorf("the next plan: replace %t, location %q", p.replace, s.text(p.planned, "location"))
	}
	m.during = nil
	if said := s.apply(t.Context(), p); said != "" || s.text(s.state, "location") != "s3://sp/savepoint-1" {
		t.Errorf("location %q, said %q", s.text(s.state, "location"), said)
	}
	if diff := cmp.Diff([]string{"take prod/before", "await receipt-1", "await receipt-1"}, m.calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInterruptedWaitOfASavepointThatFailed(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	m := &memory{during: interrupt}
	s := newServer(t, m)
	config := s.config(map[string]string{"deployment": "orders"})
	s.apply(ctx, s.plan(config))
	m.found.State = platform.SavepointFailed
	s.refresh()
	if p := s.plan(config); !p.replace {
		t.Error("the next plan waits for a savepoint that has failed")
	}
}

func TestFailedSavepointIsInTheState(t *testing.T) {
	m := &memory{ends: &platform.RolloutError{Summary: "The savepoint is not taken: the disk is full"}}
	s := newServer(t, m)
	said := s.apply(t.Context(), s.plan(s.config(map[string]string{"deployment": "orders"})))
	if !strings.HasPrefix(said, "ERROR: The savepoint is not taken: the disk is full") || !strings.Contains(said, "tainted") || s.state.IsNull() {
		t.Errorf("said %q, state %v", said, s.state)
	}
}

func TestSavepointThatIsGoneLeavesTheState(t *testing.T) {
	m := &memory{}
	s := newServer(t, m)
	s.apply(t.Context(), s.plan(s.config(map[string]string{"deployment": "orders"})))
	m.found = nil
	s.refresh()
	if !s.state.IsNull() {
		t.Errorf("the state is %v", s.state)
	}
}

func TestImport(t *testing.T) {
	m := &memory{found: &platform.ObservedSavepoint{
		Savepoint: platform.Savepoint{Job: platform.JobRef{Session: true, Name: "orders"}, Format: platform.FormatNative, Directory: "s3://moves"},
		Receipt:   "receipt-7", State: platform.SavepointCompleted, Location: "s3://moves/savepoint-7",
	}}
	s := newServer(t, m)
	for _, id := range []string{"prod/before", "elsewhere/prod/before", "operator//before"} {
		resp, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "flink_savepoint", ID: id})
		if err != nil || !strings.Contains(words(resp.Diagnostics), "operator/<namespace>/<name>") {
			t.Errorf("%s: %v, %s", id, err, words(resp.Diagnostics))
		}
	}
	resp, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "flink_savepoint", ID: "operator/prod/before"})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatalf("%v, %s", err, words(resp.Diagnostics))
	}
	s.state, s.private = s.value(resp.ImportedResources[0].State), resp.ImportedResources[0].Private
	s.refresh()
	config := s.config(map[string]string{"session_job": "orders", "format": "native", "path": "s3://moves"})
	if p := s.plan(config); p.replace || s.text(p.planned, "location") != "s3://moves/savepoint-7" || s.text(s.state, "id") != "operator/prod/before" {
		t.Errorf("replace %t, state %v", p.replace, s.state)
	}
}

// A savepoint that is not there is named, by the id that was asked for and by the identity.
func TestImportOfNothing(t *testing.T) {
	s := newServer(t, &memory{})
	identity, _ := identityOf(t, s, map[string]string{"namespace": "prod", "name": "before"})
	for how, request := range map[string]*tfprotov6.ImportResourceStateRequest{
		"by id": {ID: "operator/prod/before"}, "by identity": {Identity: identity},
	} {
		request.TypeName = "flink_savepoint"
		resp, err := s.ImportResourceState(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`There is no savepoint "before" in namespace prod`, "Tried to import operator/prod/before: FlinkStateSnapshot prod/before does not exist"} {
			if said := words(resp.Diagnostics); !strings.Contains(said, want) {
				t.Errorf("%s: want %q, got %q", how, want, said)
			}
		}
	}
}

func TestAPinNeedsAPlatformThatHasOne(t *testing.T) {
	s := newServer(t, &memory{})
	config := s.config(map[string]string{"deployment": "orders", "pinned": "true"})
	resp, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "flink_savepoint", PriorState: s.dynamic(s.state), ProposedNewState: s.dynamic(config), Config: s.dynamic(config),
	})
	if err != nil {
		t.Fatal(err)
	}
	if said := words(resp.Diagnostics); !strings.Contains(said, `The platform "operator" pins no savepoints`) || !strings.Contains(said, "Remove pinned") {
		t.Errorf("said %q", said)
	}
}
