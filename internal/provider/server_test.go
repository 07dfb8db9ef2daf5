package provider

import (
	"context"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// counting tells how often the framework had to plan.
type counting struct {
	frameworkServer
	plans int
}

func (c *counting) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	c.plans++
	return c.frameworkServer.PlanResourceChange(ctx, req)
}

// planner asks the server and the framework alone for the same plan.
type planner struct {
	t         *testing.T
	server    *server
	framework *counting
	of        tftypes.Object
}

func newPlanner(t *testing.T) *planner {
	t.Helper()
	served, ok := NewServer("test")().(*server)
	if !ok {
		t.Fatal("the framework's server lacks a part of the protocol, so that there is no shortcut")
	}
	framework := &counting{frameworkServer: served.frameworkServer}
	served.frameworkServer = framework
	of, ok := served.shortcuts["flink_deployment"]().Values().(tftypes.Object)
	if !ok {
		t.Fatalf("a deployment is a %s", served.shortcuts["flink_deployment"]().Values())
	}
	return &planner{t: t, server: served, framework: framework, of: of}
}

// value is a deployment with the given attributes; the others are null.
func (p *planner) value(attributes map[string]tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, of := range p.of.AttributeTypes {
		values[name] = tftypes.NewValue(of, nil)
	}
	maps.Copy(values, attributes)
	return tftypes.NewValue(p.of, values)
}

// object is a nested attribute with the given fields; the others are null.
func (p *planner) object(attribute string, fields map[string]tftypes.Value) tftypes.Value {
	of, ok := p.of.AttributeTypes[attribute].(tftypes.Object)
	if !ok {
		p.t.Fatalf("%s is no object", attribute)
	}
	values := map[string]tftypes.Value{}
	for name, field := range of.AttributeTypes {
		values[name] = tftypes.NewValue(field, nil)
	}
	maps.Copy(values, fields)
	return tftypes.NewValue(of, values)
}

func text(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

// plan asks for a plan that goes from one value to another, of the server and
// of the framework alone, and tells whether the server took the shortcut.
func (p *planner) plan(prior, proposed tftypes.Value, private []byte) (answer *tfprotov6.PlanResourceChangeResponse, short bool) {
	p.t.Helper()
	request := func() *tfprotov6.PlanResourceChangeRequest {
		return &tfprotov6.PlanResourceChangeRequest{
			TypeName: "flink_deployment", PriorPrivate: private,
			PriorState: p.dynamic(prior), ProposedNewState: p.dynamic(proposed), Config: p.dynamic(p.configured(proposed)),
		}
	}
	before := p.framework.plans
	answer, err := p.server.PlanResourceChange(p.t.Context(), request())
	if err != nil {
		p.t.Fatal(err)
	}
	short = p.framework.plans == before
	want, err := providerserver.NewProtocol6(New("test")())().PlanResourceChange(p.t.Context(), request())
	if err != nil {
		p.t.Fatal(err)
	}
	if diff := cmp.Diff(want, answer); diff != "" {
		p.t.Errorf("not what the framework answers (-framework +server):\n%s", diff)
	}
	return answer, short
}

// configured is what the configuration of a proposed value says.
func (p *planner) configured(proposed tftypes.Value) tftypes.Value {
	if proposed.IsNull() {
		return proposed
	}
	var values map[string]tftypes.Value
	if err := proposed.As(&values); err != nil {
		p.t.Fatal(err)
	}
	values = maps.Clone(values)
	for _, name := range []string{"id", "effective_spec", "rollout", "status"} {
		values[name] = tftypes.NewValue(p.of.AttributeTypes[name], nil)
	}
	return tftypes.NewValue(p.of, values)
}

func (p *planner) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(p.of, value)
	if err != nil {
		p.t.Fatal(err)
	}
	return &encoded
}

// applied is the state after the create of a deployment with the given
// attributes, of which no status has been seen yet.
func (p *planner) applied(attributes map[string]tftypes.Value) map[string]tftypes.Value {
	p.t.Helper()
	computed := maps.Clone(attributes)
	for _, name := range []string{"id", "effective_spec", "rollout", "status"} {
		computed[name] = tftypes.NewValue(p.of.AttributeTypes[name], tftypes.UnknownValue)
	}
	answer, _ := p.plan(tftypes.NewValue(p.of, nil), p.value(computed), nil)
	planned, err := answer.PlannedState.Unmarshal(p.of)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, diagnostic := range answer.Diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			p.t.Fatal(diagnostic.Summary, diagnostic.Detail)
		}
	}
	var values map[string]tftypes.Value
	if err := planned.As(&values); err != nil {
		p.t.Fatal(err)
	}
	values = maps.Clone(values)
	values["status"] = p.object("status", nil)
	return values
}

func (p *planner) configuration() map[string]tftypes.Value {
	return map[string]tftypes.Value{
		"environment": p.object("environment", map[string]tftypes.Value{
			"namespace": text("flink-prod"), "name": text("prod"), "platform": text("operator"),
			"settings": text(`{"environment":"prod","deployment_defaults":{"flinkVersion":"v1_20","serviceAccount":"flink",` +
				`"jobManager":{"resource":{"cpu":1,"memory":"1g"}},"taskManager":{"resource":{"cpu":1,"memory":"2g"}},` +
				`"flinkConfiguration":{"state.checkpoints.dir":"s3://flink/checkpoints","state.savepoints.dir":"s3://flink/savepoints"}}}`),
		}),
		"name": text("orders"),
		"job": p.object("job", map[string]tftypes.Value{
			"jar_uri": text("local:///opt/flink/usrlib/orders.jar"), "parallelism": tftypes.NewValue(tftypes.Number, 2),
		}),
		"labels": tftypes.NewValue(p.of.AttributeTypes["labels"], map[string]tftypes.Value{"team": text("a")}),
	}
}

// TestShortcut holds every answer of the server to what the framework answers,
// and the shortcut to the one case that it is for.
func TestShortcut(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	settled := p.applied(p.configuration())
	with := func(name string, value tftypes.Value) tftypes.Value {
		changed := maps.Clone(settled)
		changed[name] = value
		return p.value(changed)
	}
	drifted := with("effective_spec", text(`{"job":{"parallelism":7}}`))
	replaced := p.object("environment", map[string]tftypes.Value{"namespace": text("flink-test")})
	refused := maps.Clone(settled)
	refused["environment"] = p.object("environment", map[string]tftypes.Value{"namespace": text("flink-prod")})
	advised := p.configuration()
	advised["flink_configuration"] = tftypes.NewValue(p.of.AttributeTypes["flink_configuration"], map[string]tftypes.Value{"web.cancel.enable": text("no")})
	advised = p.applied(advised)
	for _, test := range []struct {
		name            string
		prior, proposed tftypes.Value
		private         string
		short           bool
	}{
		{name: "nothing changes", prior: p.value(settled), proposed: p.value(settled), short: true},
		{name: "nothing changes with a private state", prior: p.value(settled), proposed: p.value(settled), private: `{"deployment":"eyJ1aWQiOiJ1In0="}`, short: true},
		{name: "an apply is left to finish", prior: p.value(settled), proposed: p.value(settled), private: `{"deployment":"eyJ1aWQiOiJ1IiwidW5maW5pc2hlZCI6ImNyZWF0ZSJ9"}`},
		{name: "the cluster has drifted", prior: drifted, proposed: drifted},
		{name: "the state is no specification", prior: with("effective_spec", text("{")), proposed: with("effective_spec", text("{"))},
		{name: "the id is another one", prior: with("id", text("operator/a/b")), proposed: with("id", text("operator/a/b"))},
		{name: "a label changes", prior: p.value(settled), proposed: with("labels", tftypes.NewValue(p.of.AttributeTypes["labels"], nil))},
		{name: "the environment changes", prior: p.value(settled), proposed: with("environment", replaced)},
		{name: "create", prior: tftypes.NewValue(p.of, nil), proposed: p.value(p.configuration()), short: true},
		{name: "destroy", prior: p.value(settled), proposed: tftypes.NewValue(p.of, nil)},
		{name: "a rule objects", prior: p.value(refused), proposed: p.value(refused)},
		{name: "a rule warns", prior: p.value(advised), proposed: p.value(advised)},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlanner(t)
			var private []byte
			if test.private != "" {
				private = []byte(test.private)
			}
			if _, short := p.plan(test.prior, test.proposed, private); short != test.short {
				t.Errorf("shortcut taken: %t, want %t", short, test.short)
			}
		})
	}
}
