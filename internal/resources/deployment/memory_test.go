package deployment_test

import (
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"testing"

	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
)

// memory is a platform with one deployment in memory, which runs what is written
// at once.
type memory struct {
	platform.Deployments
	t    *testing.T
	live platform.Observed
	// sent is the specification that was written last.
	sent flink.Tree
	// fails ends the wait for an update.
	fails error
}

func (m *memory) Read(context.Context, platform.Ref) (*platform.Observed, error) {
	observed := m.live
	return &observed, nil
}

// Begin writes a deployment.
func (m *memory) Begin(_ context.Context, want platform.Change) (platform.Rollout, error) {
	if want.Begun {
		return rolled{m, m.live}, nil
	}
	tree, err := flink.TreeOf(want.Spec)
	if err != nil {
		return nil, err
	}
	m.sent = tree
	m.live = platform.Observed{
		Ref: want.Ref, UID: "u", RolledOut: true, Spec: tree, Form: want.Form,
		Labels: maps.Clone(want.Labels), Annotations: maps.Clone(want.Annotations), Status: flink.Status{JobState: flink.StateRunning},
	}
	return rolled{m, m.live}, nil
}

// rolled is what a memory has written.
type rolled struct {
	m        *memory
	observed platform.Observed
}

func (w rolled) Observed() *platform.Observed { return &w.observed }

func (w rolled) Await(context.Context) (*platform.Observed, error) {
	return &w.observed, w.m.fails
}

func (w rolled) Settle(context.Context) (*platform.Observed, error) { return &w.observed, nil }

// set changes a value of the live specification, nil for none, as somebody with
// kubectl does.
func (m *memory) set(value any, path ...string) {
	m.t.Helper()
	text, err := json.Marshal(m.live.Spec)
	if err != nil {
		m.t.Fatal(err)
	}
	copied, err := flink.ParseTree(text)
	if err != nil {
		m.t.Fatal(err)
	}
	m.live.Spec = copied
	for _, step := range path[:len(path)-1] {
		below, ok := copied[step].(flink.Tree)
		if !ok {
			m.t.Fatalf("there is no %v", path)
		}
		copied = below
	}
	copied[path[len(path)-1]] = value
	if value == nil {
		delete(copied, path[len(path)-1])
	}
}

// addVariable adds an environment variable to the main container.
func (m *memory) addVariable(name, value string) {
	m.set([]any{flink.Tree{
		"name": "flink-main-container", "resources": flink.Tree{"limits": flink.Tree{"cpu": "1000m"}},
		"env": []any{flink.Tree{"name": "STAGE", "value": "prod"}, flink.Tree{"name": name, "value": value}},
	}}, "podTemplate", "spec", "containers")
}

// core does what a CLI does with one resource, without a CLI.
type core struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	of      tftypes.Object
	state   tftypes.Value
	private []byte
}

func newCore(t *testing.T, m platform.Deployments) *core {
	t.Helper()
	var schema frameworkresource.SchemaResponse
	deployment.NewResource(platformtest.Known).Schema(t.Context(), frameworkresource.SchemaRequest{}, &schema)
	of, ok := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("a deployment is no object")
	}
	return &core{t: t, server: acctest.ServerOn(t, m), of: of, state: tftypes.NewValue(of, nil)}
}

// typeName is the resource of these tests.
const typeName = "flink_deployment"

// refresh reads the resource.
func (c *core) refresh() {
	c.t.Helper()
	answer, err := c.server.ReadResource(c.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: c.dynamic(c.state), Private: c.private})
	if err != nil {
		c.t.Fatal(err)
	}
	c.fine(answer.Diagnostics)
	c.state, c.private = c.value(answer.NewState), answer.Private
}

// plan plans a configuration over the state. Without one it is that of
// ignore_changes = all: the state itself.
func (c *core) plan(config *tftypes.Value) *tfprotov6.PlanResourceChangeResponse {
	c.t.Helper()
	if config == nil {
		own := c.fields(c.state)
		for _, name := range computed {
			own[name] = tftypes.NewValue(c.of.AttributeTypes[name], nil)
		}
		config = new(tftypes.NewValue(c.of, own))
	}
	proposed := c.fields(*config)
	proposed[writeOnly] = tftypes.NewValue(c.of.AttributeTypes[writeOnly], nil)
	if !c.state.IsNull() {
		for _, name := range computed {
			proposed[name] = c.fields(c.state)[name]
		}
	}
	answer, err := c.server.PlanResourceChange(c.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: c.dynamic(c.state), PriorPrivate: c.private, Config: c.dynamic(*config), ProposedNewState: c.dynamic(tftypes.NewValue(c.of, proposed)),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.fine(answer.Diagnostics)
	return answer
}

// apply plans and applies, and checks as a CLI does that what was planned came out.
func (c *core) apply(config *tftypes.Value) {
	c.t.Helper()
	c.fine(c.try(config))
}

// fails applies, and expects an error of the apply.
func (c *core) fails(config *tftypes.Value) {
	c.t.Helper()
	for _, d := range c.try(config) {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return
		}
	}
	c.t.Error("the apply is no failure")
}

func (c *core) try(config *tftypes.Value) []*tfprotov6.Diagnostic {
	c.t.Helper()
	plan := c.plan(config)
	given := plan.PlannedState
	if config != nil {
		given = c.dynamic(*config)
	}
	answer, err := c.server.ApplyResourceChange(c.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: c.dynamic(c.state), PlannedState: plan.PlannedState, PlannedPrivate: plan.PlannedPrivate, Config: given,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.state, c.private = c.value(answer.NewState), answer.Private
	for _, d := range answer.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return answer.Diagnostics
		}
	}
	for name, planned := range c.fields(c.value(plan.PlannedState)) {
		c.consistent(name, planned, c.fields(c.state)[name])
	}
	return answer.Diagnostics
}

// consistent checks that all that was known of a planned value came out.
func (c *core) consistent(name string, planned, got tftypes.Value) {
	c.t.Helper()
	switch {
	case !planned.IsKnown():
	case planned.Type().Is(tftypes.Object{}) && !planned.IsNull() && !got.IsNull():
		for field, value := range c.fields(planned) {
			c.consistent(name+"."+field, value, c.fields(got)[field])
		}
	case planned.IsFullyKnown() && !got.Equal(planned):
		c.t.Errorf("inconsistent result after apply: %s is %s, planned was %s", name, got, planned)
	}
}

// unchanged tells whether a plan proposes the state as it is.
func (c *core) unchanged(plan *tfprotov6.PlanResourceChangeResponse) bool {
	return c.value(plan.PlannedState).Equal(c.state)
}

// computed are the attributes that the provider computes.
var computed = []string{"id", "effective_spec", "rollout", "status"}

// writeOnly is the attribute that no plan has.
const writeOnly = "secret_configuration_wo"

func (c *core) fine(diagnostics []*tfprotov6.Diagnostic) {
	c.t.Helper()
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			c.t.Fatal(d.Summary, d.Detail)
		}
	}
}

func (c *core) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	c.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(c.of, value)
	if err != nil {
		c.t.Fatal(err)
	}
	return &encoded
}

func (c *core) value(of *tfprotov6.DynamicValue) tftypes.Value {
	c.t.Helper()
	value, err := of.Unmarshal(c.of)
	if err != nil {
		c.t.Fatal(err)
	}
	return value
}

func (c *core) fields(value tftypes.Value) map[string]tftypes.Value {
	c.t.Helper()
	fields := map[string]tftypes.Value{}
	if err := value.As(&fields); err != nil {
		c.t.Fatal(err)
	}
	return maps.Clone(fields)
}

// text returns an attribute as JSON, for example of "job".
func (c *core) text(attribute string) string {
	c.t.Helper()
	text, err := json.Marshal(plain(c.t, c.fields(c.state)[attribute]))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// config is a configuration whose attributes are written as JSON; what it does
// not name is null.
func (c *core) config(text string) *tftypes.Value {
	c.t.Helper()
	value, err := tfprotov6.DynamicValue{JSON: []byte(text)}.Unmarshal(c.of)
	if err != nil {
		c.t.Fatal(err)
	}
	return &value
}

// plain returns a value without the nulls of objects.
func plain(t *testing.T, value tftypes.Value) any {
	t.Helper()
	var err error
	var out any
	switch of := value.Type(); {
	case value.IsNull():
		return nil
	case of.Is(tftypes.String):
		var text string
		err = value.As(&text)
		out = text
	case of.Is(tftypes.Bool):
		var flag bool
		err = value.As(&flag)
		out = flag
	case of.Is(tftypes.Number):
		var number big.Float
		err = value.As(&number)
		out = json.Number(number.Text('f', -1))
	case of.Is(tftypes.List{}):
		var list []tftypes.Value
		err = value.As(&list)
		plains := make([]any, len(list))
		for i, item := range list {
			plains[i] = plain(t, item)
		}
		out = plains
	default:
		fields := map[string]tftypes.Value{}
		err = value.As(&fields)
		plains := map[string]any{}
		for name, field := range fields {
			if of.Is(tftypes.Map{}) || !field.IsNull() {
				plains[name] = plain(t, field)
			}
		}
		out = plains
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
