package savepoint_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// memory is a platform with one savepoint.
type memory struct {
	found *platform.ObservedSavepoint
	// ends is what a wait ends with; a nil error completes the savepoint.
	ends error
	// during is what happens while somebody waits.
	during func()
	note   string
	calls  []string
}

func (m *memory) Read(context.Context, platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	if m.found == nil {
		return nil, &platform.NotFoundError{Kind: "FlinkStateSnapshot"}
	}
	found := *m.found
	return &found, nil
}

func (m *memory) Take(_ context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	m.calls = append(m.calls, "take "+want.String())
	if want.Format == "" {
		want.Format = platform.FormatCanonical
	}
	m.found = &platform.ObservedSavepoint{Savepoint: want, Receipt: "receipt-1"}
	return m.found, nil
}

func (m *memory) Await(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	m.calls = append(m.calls, "await "+known.Receipt)
	if m.during != nil {
		m.during()
	}
	if ctx.Err() != nil {
		return &known, ctx.Err()
	}
	if m.ends == nil {
		known.State, known.Location = platform.SavepointCompleted, "s3://sp/savepoint-1"
	}
	m.found = &known
	return &known, m.ends
}

func (m *memory) Find(_ context.Context, ref platform.Ref, _ string) (*platform.ObservedSavepoint, error) {
	if m.found == nil {
		return nil, &platform.NotFoundError{Kind: "FlinkStateSnapshot", Ref: ref}
	}
	found := *m.found
	found.Ref = ref
	return &found, nil
}

func (m *memory) Change(_ context.Context, _ platform.ObservedSavepoint, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	m.calls = append(m.calls, fmt.Sprintf("dispose %t", want.Dispose))
	m.found.Dispose = want.Dispose
	return m.found, nil
}

func (m *memory) Delete(_ context.Context, known platform.ObservedSavepoint) (string, error) {
	m.calls = append(m.calls, "delete "+known.Receipt)
	m.found = nil
	return m.note, nil
}

// server speaks to the provider as a CLI does, and keeps the state.
type server struct {
	*testing.T
	tfprotov6.ProviderServer
	object  tftypes.Object
	state   tftypes.Value
	private []byte
}

func newServer(t *testing.T, m *memory) *server {
	t.Helper()
	s := &server{T: t, ProviderServer: acctest.ServerOn(t, m)}
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	object, ok := schemas.ResourceSchemas["flink_savepoint"].ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	s.object, s.state = object, tftypes.NewValue(object, nil)
	return s
}

// unknown is an attribute whose value is not known yet.
const unknown = "unknown"

// config is a configuration with the given texts; every other attribute is
// null, beside the name, the environment and a timeout.
func (s *server) config(texts map[string]string) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, kind := range s.object.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	environment := map[string]tftypes.Value{}
	for name := range s.object.AttributeTypes["environment"].(tftypes.Object).AttributeTypes {
		environment[name] = tftypes.NewValue(tftypes.String, nil)
	}
	environment["namespace"] = tftypes.NewValue(tftypes.String, "prod")
	values["environment"] = tftypes.NewValue(s.object.AttributeTypes["environment"], environment)
	values["name"] = tftypes.NewValue(tftypes.String, "before")
	for name, text := range texts {
		switch {
		case text == unknown:
			values[name] = tftypes.NewValue(s.object.AttributeTypes[name], tftypes.UnknownValue)
		case name == "dispose_on_destroy", name == "pinned":
			values[name] = tftypes.NewValue(tftypes.Bool, text == "true")
		case name == "triggers":
			values[name] = tftypes.NewValue(s.object.AttributeTypes[name], map[string]tftypes.Value{"any": tftypes.NewValue(tftypes.String, text)})
		default:
			values[name] = tftypes.NewValue(tftypes.String, text)
		}
	}
	return tftypes.NewValue(s.object, values)
}

// validate returns the errors about a configuration.
func (s *server) validate(config tftypes.Value) string {
	s.Helper()
	resp, err := s.ValidateResourceConfig(s.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "flink_savepoint", Config: s.dynamic(config)})
	if err != nil {
		s.Fatal(err)
	}
	return words(resp.Diagnostics)
}

// plan is what a plan of a configuration says.
type plan struct {
	config, planned tftypes.Value
	replace         bool
	private         []byte
}

func (s *server) plan(config tftypes.Value) plan {
	s.Helper()
	proposed := config
	if !s.state.IsNull() && !config.IsNull() {
		// As Terraform does: computed attributes keep their values.
		values, prior := s.attributes(config), s.attributes(s.state)
		for name := range values {
			if computed := slices.Contains([]string{"id", "location", "format", "dispose_on_destroy", "pinned"}, name); computed && values[name].IsNull() {
				values[name] = prior[name]
			}
		}
		proposed = tftypes.NewValue(s.object, values)
	}
	resp, err := s.PlanResourceChange(s.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "flink_savepoint", PriorState: s.dynamic(s.state), ProposedNewState: s.dynamic(proposed), Config: s.dynamic(config), PriorPrivate: s.private,
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		s.Fatalf("%v, %s", err, words(resp.Diagnostics))
	}
	return plan{config: config, planned: s.value(resp.PlannedState), replace: len(resp.RequiresReplace) > 0, private: resp.PlannedPrivate}
}

// apply applies a plan that replaces nothing, and returns what is said.
func (s *server) apply(ctx context.Context, p plan) string {
	s.Helper()
	resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "flink_savepoint", PriorState: s.dynamic(s.state), PlannedState: s.dynamic(p.planned), Config: s.dynamic(p.config), PlannedPrivate: p.private,
	})
	if err != nil {
		s.Fatal(err)
	}
	s.state, s.private = s.value(resp.NewState), resp.Private
	return words(resp.Diagnostics)
}

// refresh reads the resource.
func (s *server) refresh() {
	s.Helper()
	resp, err := s.ReadResource(s.Context(), &tfprotov6.ReadResourceRequest{TypeName: "flink_savepoint", CurrentState: s.dynamic(s.state), Private: s.private})
	if err != nil || len(resp.Diagnostics) > 0 {
		s.Fatalf("%v, %s", err, words(resp.Diagnostics))
	}
	s.state, s.private = s.value(resp.NewState), resp.Private
}

// text returns an attribute, "" for null and "unknown".
func (s *server) text(object tftypes.Value, name string) string {
	s.Helper()
	value := s.attributes(object)[name]
	if !value.IsKnown() {
		return unknown
	}
	var text *string
	if err := value.As(&text); err != nil {
		s.Fatal(err)
	}
	if text == nil {
		return ""
	}
	return *text
}

func (s *server) attributes(object tftypes.Value) map[string]tftypes.Value {
	s.Helper()
	values := map[string]tftypes.Value{}
	if err := object.As(&values); err != nil {
		s.Fatal(err)
	}
	return maps.Clone(values)
}

func (s *server) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	s.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(s.object, value)
	if err != nil {
		s.Fatal(err)
	}
	return &dynamic
}

func (s *server) value(dynamic *tfprotov6.DynamicValue) tftypes.Value {
	s.Helper()
	value, err := dynamic.Unmarshal(s.object)
	if err != nil {
		s.Fatal(err)
	}
	return value
}

// words are the diagnostics as text.
func words(diagnostics []*tfprotov6.Diagnostic) string {
	var lines []string
	for _, d := range diagnostics {
		lines = append(lines, d.Severity.String()+": "+d.Summary+"\n"+d.Detail)
	}
	return strings.Join(lines, "\n")
}
