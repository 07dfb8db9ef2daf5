package lifecycle

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
)

// restarted decides that what ran with one configuration restarts with another.
func restarted(action planner.Action, before, after flink.Tree, form flink.Form) decision {
	return decision{Decision: rollout.Decision{
		Rollout: planner.Rollout{Revision: 2, Action: action}, Form: form,
		Before: flink.Tree{"flinkConfiguration": before}, Expansion: rollout.Expansion{Effective: flink.Tree{"flinkConfiguration": after}},
	}}
}

func TestTheAddressStaysKnown(t *testing.T) {
	t.Parallel()
	port := func(value any) flink.Tree { return flink.Tree{"rest.port": value} }
	for name, test := range map[string]struct {
		decided decision
		last    flink.Status
		known   bool
	}{
		"an upgrade in place":           {restarted(planner.ActionSavepoint, port("8082"), port("8082"), flink.Form{}), ran, true},
		"a port in other words":         {restarted(planner.ActionSavepoint, port(8082), port("8082"), flink.Form{}), ran, true},
		"a resumed job":                 {restarted(planner.ActionResume, nil, nil, flink.Form{}), ran, true},
		"another port":                  {restarted(planner.ActionSavepoint, nil, port("8082"), flink.Form{}), ran, false},
		"an object in place of it":      {restarted(planner.ActionRecreate, nil, nil, flink.Form{}), ran, false},
		"a job that is created again":   {restarted(planner.ActionCreate, nil, nil, flink.Form{}), ran, false},
		"another color":                 {restarted(planner.ActionBlueGreen, nil, nil, flink.Form{}), ran, false},
		"a color that restarts":         {restarted(planner.ActionSavepoint, nil, nil, flink.Form{Strategy: flink.StrategyBlueGreen}), ran, false},
		"one that never had an address": {restarted(planner.ActionSavepoint, nil, nil, flink.Form{}), flink.Status{}, false},
	} {
		prior := &Model{Record: Record{Status: StatusObject(test.last), Rollout: rolloutObject(planner.Rollout{Revision: 1})}}
		planned := computedValues{status: types.ObjectUnknown(StatusTypes)}
		planned.fill(test.decided, prior)
		if !test.known {
			if !planned.status.IsUnknown() {
				t.Errorf("%s: planned %s", name, planned.status)
			}
			continue
		}
		values := planned.status.Attributes()
		if !values["rest_url"].Equal(types.StringValue(ran.RestURL)) || !values["active_color"].IsNull() || !values["uid"].IsUnknown() || !values["job_id"].IsUnknown() {
			t.Errorf("%s: planned %s", name, planned.status)
		}
		// A wait may have ended where nothing was deployed for a moment.
		kept := asPlanned(planned.status, StatusObject(flink.Status{JobID: "a"})).Attributes()
		if !kept["rest_url"].Equal(types.StringValue(ran.RestURL)) || !kept["job_id"].Equal(types.StringValue("a")) {
			t.Errorf("%s: kept %s", name, kept)
		}
	}
}
