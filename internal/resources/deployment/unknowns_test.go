package deployment_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestAPlanTakesWhateverIsUnknown plans the update, the move to another namespace
// and the create of a deployment with each attribute unknown, one after another, each
// field of an object, and all but the place and the job. Whatever a plan says to that, it says it.
func TestAPlanTakesWhateverIsUnknown(t *testing.T) {
	t.Parallel()
	m := &memory{t: t}
	c := newCore(t, m)
	c.apply(c.config(orders))
	m.live.Status.SavepointPath = "s3://s/1"
	c.refresh()
	moved := strings.NewReplacer(`"flink-prod"`, `"flink-test"`, `"args"`, `"initial_savepoint_path": "s3://s/2", "args"`).Replace(orders)
	nothing := tftypes.NewValue(c.of, nil)
	for name, test := range map[string]struct {
		prior  tftypes.Value
		config string
	}{"update": {c.state, orders}, "replacement": {c.state, moved}, "create": {nothing, moved}} {
		config := c.fields(*c.config(test.config))
		var all [][]string
		for attribute, value := range config {
			c.planUnknown(name, test.prior, config, []string{attribute})
			fields := map[string]tftypes.Value{}
			if value.Type().Is(tftypes.Object{}) && value.As(&fields) != nil {
				t.Fatalf("%s is %s", attribute, value)
			}
			for field := range fields {
				c.planUnknown(name, test.prior, config, []string{attribute, field})
			}
			if attribute != "environment" && attribute != "job" {
				all = append(all, []string{attribute})
			}
		}
		c.planUnknown(name, test.prior, config, all...)
	}
}

// planUnknown plans a configuration with attributes that are not known yet.
func (c *core) planUnknown(name string, prior tftypes.Value, config map[string]tftypes.Value, unknown ...[]string) {
	c.t.Helper()
	given := c.fields(tftypes.NewValue(c.of, config))
	for _, at := range unknown {
		of, fields := given[at[0]].Type(), map[string]tftypes.Value{}
		if len(at) == 1 {
			given[at[0]] = tftypes.NewValue(of, tftypes.UnknownValue)
			continue
		}
		if err := given[at[0]].As(&fields); err != nil {
			c.t.Fatal(err)
		}
		fields = maps.Clone(fields)
		fields[at[1]] = tftypes.NewValue(fields[at[1]].Type(), tftypes.UnknownValue)
		given[at[0]] = tftypes.NewValue(of, fields)
	}
	proposed := c.fields(tftypes.NewValue(c.of, given))
	for _, attribute := range computed {
		given[attribute] = tftypes.NewValue(c.of.AttributeTypes[attribute], nil)
		proposed[attribute] = given[attribute]
		if !prior.IsNull() {
			proposed[attribute] = c.fields(prior)[attribute]
		}
	}
	answer, err := c.server.PlanResourceChange(c.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: c.dynamic(prior), PriorPrivate: c.private,
		Config: c.dynamic(tftypes.NewValue(c.of, given)), ProposedNewState: c.dynamic(tftypes.NewValue(c.of, proposed)),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if answer.PlannedState == nil && len(answer.Diagnostics) == 0 {
		c.t.Errorf("%s with %v unknown: neither a plan nor an error", name, unknown)
	}
}
