package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// session is one run of a command line: a provider process that is configured
// for a cluster. A plan and the apply of it are two.
type session struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	host   string
	schema *tfprotov6.Schema
	kind   string
	of     tftypes.Object
}

// described are the schemas of the provider, which are the same in every run.
var described = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	return NewServer("test")().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

func newSession(t *testing.T, kind, host string) *session {
	t.Helper()
	server := NewServer("test")()
	schemas, err := described()
	if err != nil {
		t.Fatal(err)
	}
	of, ok := schemas.ResourceSchemas[kind].ValueType().(tftypes.Object)
	if !ok {
		t.Fatalf("there is no %s", kind)
	}
	block, ok := schemas.Provider.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("there is no provider block")
	}
	config := write(t, block, map[string]any{"validate_online": "never", "kubernetes": map[string]any{"host": host, "token": "t"}})
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic(t, config)})
	if err != nil {
		t.Fatal(err)
	}
	if said := errorsIn(configured.Diagnostics); said != "" {
		t.Fatal(said)
	}
	return &session{t: t, server: server, host: host, schema: schemas.ResourceSchemas[kind], kind: kind, of: of}
}

// write returns a value of a type from Go's: what is left out is null.
func write(t *testing.T, of tftypes.Type, value any) tftypes.Value {
	t.Helper()
	switch typed := of.(type) {
	case tftypes.Object:
		given, ok := value.(map[string]any)
		if !ok {
			return tftypes.NewValue(of, value)
		}
		values := map[string]tftypes.Value{}
		for name, field := range typed.AttributeTypes {
			values[name] = write(t, field, given[name])
		}
		for name := range given {
			if _, ok := typed.AttributeTypes[name]; !ok {
				t.Fatalf("there is no attribute %s", name)
			}
		}
		return tftypes.NewValue(of, values)
	case tftypes.Map:
		if given, ok := value.(map[string]any); ok {
			values := map[string]tftypes.Value{}
			for key, element := range given {
				values[key] = write(t, typed.ElementType, element)
			}
			return tftypes.NewValue(of, values)
		}
	case tftypes.List:
		if given, ok := value.([]any); ok {
			values := []tftypes.Value{}
			for _, element := range given {
				values = append(values, write(t, typed.ElementType, element))
			}
			return tftypes.NewValue(of, values)
		}
	}
	return tftypes.NewValue(of, value)
}

func dynamic(t *testing.T, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	out, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &out
}

// errorsIn are the errors of an answer.
func errorsIn(all []*tfprotov6.Diagnostic) string {
	var out []string
	for _, d := range all {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			out = append(out, d.Summary+": "+d.Detail)
		}
	}
	return strings.Join(out, "\n")
}

func (s *session) value(raw *tfprotov6.DynamicValue) tftypes.Value {
	s.t.Helper()
	if raw == nil {
		return tftypes.NewValue(s.of, nil)
	}
	value, err := raw.Unmarshal(s.of)
	if err != nil {
		s.t.Fatal(err)
	}
	return value
}

// proposed is what the core proposes for a configuration (objchange.ProposedNew):
// the prior value of what is computed and not configured.
func (s *session) proposed(prior, config tftypes.Value) tftypes.Value {
	values, before := attributes(config), map[string]tftypes.Value{}
	if !prior.IsNull() {
		before = attributes(prior)
	}
	for _, a := range s.schema.Block.Attributes {
		if a.Computed && values[a.Name].IsNull() {
			values[a.Name] = tftypes.NewValue(a.ValueType(), nil)
			if value, ok := before[a.Name]; ok {
				values[a.Name] = value
			}
		}
	}
	return tftypes.NewValue(s.of, values)
}

func attributes(object tftypes.Value) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	if object.As(&values) != nil {
		return nil
	}
	return maps.Clone(values)
}

// held is a resource in a state.
type held struct {
	value   tftypes.Value
	private []byte
}

// refresh reads a resource, as the run that plans does.
func (s *session) refresh(state held) held {
	s.t.Helper()
	resp, err := s.server.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: s.kind, CurrentState: dynamic(s.t, state.value), Private: state.private})
	if err != nil {
		s.t.Fatal(err)
	}
	if said := errorsIn(resp.Diagnostics); said != "" {
		s.t.Fatal(said)
	}
	return held{s.value(resp.NewState), resp.Private}
}

// planned is the answer to a plan.
type planned struct {
	value    tftypes.Value
	private  []byte
	replaces []*tftypes.AttributePath
	said     string
}

func (s *session) plan(state held, config tftypes.Value) planned {
	s.t.Helper()
	resp, err := s.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: s.kind, PriorState: dynamic(s.t, state.value), PriorPrivate: state.private,
		ProposedNewState: dynamic(s.t, s.proposed(state.value, config)), Config: dynamic(s.t, config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	out := planned{s.value(resp.PlannedState), resp.PlannedPrivate, resp.RequiresReplace, errorsIn(resp.Diagnostics)}
	if out.said == "" {
		valid(s.t, s.schema.Block.Attributes, state.value, config, out.value)
	}
	return out
}

func (s *session) apply(state held, config tftypes.Value, plan planned) (held, string) {
	s.t.Helper()
	resp, err := s.server.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: s.kind, PriorState: dynamic(s.t, state.value), PlannedState: dynamic(s.t, plan.value), Config: dynamic(s.t, config), PlannedPrivate: plan.private,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return held{s.value(resp.NewState), resp.Private}, errorsIn(resp.Diagnostics)
}

// valid checks what the core checks of a plan (objchange.AssertPlanValid): a
// configured value is planned as it is, or stays the prior one.
func valid(t *testing.T, schema []*tfprotov6.SchemaAttribute, prior, config, plan tftypes.Value) {
	t.Helper()
	planned, configured, before := attributes(plan), attributes(config), attributes(prior)
	for _, a := range schema {
		value, want := planned[a.Name], configured[a.Name]
		old, has := before[a.Name]
		if value.Equal(want) || a.Computed && want.IsNull() || has && !old.IsNull() && value.Equal(old) && !want.IsNull() {
			continue
		}
		if a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle && !want.IsNull() && want.IsKnown() {
			valid(t, a.NestedType.Attributes, old, want, value)
			continue
		}
		t.Errorf("%s: planned %s for %s", a.Name, value, want)
	}
}

// compatible tells where an object is not what was planned
// (objchange.AssertObjectCompatible): what was known stays as it is.
func compatible(plan, actual tftypes.Value, at string) []string {
	switch {
	case !plan.IsKnown(), plan.Equal(actual):
		return nil
	case plan.IsFullyKnown() || plan.IsNull() || actual.IsNull() || !actual.IsKnown():
		return []string{fmt.Sprintf("%s: was %s, but now %s", at, plan, actual)}
	}
	before, now := attributes(plan), attributes(actual)
	if before == nil || now == nil || len(before) != len(now) {
		return []string{fmt.Sprintf("%s: was %s, but now %s", at, plan, actual)}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		out = append(out, compatible(before[name], now[name], at+"."+name)...)
	}
	return out
}
