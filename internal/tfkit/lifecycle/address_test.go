package lifecycle

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// restarted decides that what was last seen at an address restarts with a port.
func restarted(action planner.Action, address string, port any, form flink.Form) decision {
	spec := flink.Tree{}
	if port != nil {
		spec["flinkConfiguration"] = flink.Tree{"rest.port": port}
	}
	return decision{Decision: rollout.Decision{
		Rollout: planner.Rollout{Revision: 2, Action: action}, Form: form, Status: flink.Status{RestURL: address}, Expansion: rollout.Expansion{Effective: spec},
	}}
}

func TestTheAddressStaysKnown(t *testing.T) {
	t.Parallel()
	const standard, other = "http://orders-rest.shop:8081", "http://orders-rest.shop:8082"
	for name, test := range map[string]struct {
		decided decision
		known   bool
	}{
		"an upgrade in place":            {restarted(planner.ActionSavepoint, standard, nil, flink.Form{}), true},
		"one with a port of its own":     {restarted(planner.ActionLastState, other, "8082", flink.Form{}), true},
		"a port that is a number":        {restarted(planner.ActionSavepoint, other, 8082, flink.Form{}), true},
		"a port that is none":            {restarted(planner.ActionSavepoint, standard, "x", flink.Form{}), true},
		"a resumed job":                  {restarted(planner.ActionResume, standard, nil, flink.Form{}), true},
		"another port":                   {restarted(planner.ActionSavepoint, standard, "8082", flink.Form{}), false},
		"a port that goes":               {restarted(planner.ActionSavepoint, other, nil, flink.Form{}), false},
		"an object in place of it":       {restarted(planner.ActionRecreate, standard, nil, flink.Form{}), false},
		"a job that is created again":    {restarted(planner.ActionCreate, standard, nil, flink.Form{}), false},
		"a job from another savepoint":   {restarted(planner.ActionRedeploy, standard, nil, flink.Form{}), false},
		"another color":                  {restarted(planner.ActionBlueGreen, standard, nil, flink.Form{}), false},
		"a color that restarts":          {restarted(planner.ActionSavepoint, standard, nil, flink.Form{Strategy: flink.StrategyBlueGreen}), false},
		"the address of a server":        {restarted(planner.ActionSavepoint, "https://manager/ui/orders", "8082", flink.Form{}), true},
		"a color that a server leads to": {restarted(planner.ActionBlueGreen, "https://manager/ui/orders-blue", nil, flink.Form{}), false},
		"an address of another kind":     {restarted(planner.ActionSavepoint, "https://manager", nil, flink.Form{}), false},
		"one that never had an address":  {restarted(planner.ActionSavepoint, "", nil, flink.Form{}), false},
	} {
		prior := &Model{Record: Record{Status: StatusObject(test.decided.Status), Rollout: tfkit.RolloutObject(planner.Rollout{Revision: 1})}}
		planned := computedValues{status: types.ObjectUnknown(StatusTypes)}
		planned.fill(test.decided, prior)
		if !test.known {
			if !planned.status.IsUnknown() {
				t.Errorf("%s: planned %s", name, planned.status)
			}
			continue
		}
		values := planned.status.Attributes()
		if !values["rest_url"].Equal(types.StringValue(test.decided.Status.RestURL)) || !values["active_color"].IsNull() || !values["uid"].IsUnknown() || !values["job_id"].IsUnknown() {
			t.Errorf("%s: planned %s", name, planned.status)
		}
		// A wait may have ended where nothing was deployed for a moment.
		kept := asPlanned(planned.status, StatusObject(flink.Status{JobID: "a"})).Attributes()
		if !kept["rest_url"].Equal(types.StringValue(test.decided.Status.RestURL)) || !kept["job_id"].Equal(types.StringValue("a")) {
			t.Errorf("%s: kept %s", name, kept)
		}
	}
}
