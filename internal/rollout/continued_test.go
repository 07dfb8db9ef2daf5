package rollout

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// An apply that was killed before it could record its rollout leaves the one
// before it in the state, whose fate is not that of the unfinished action.
func TestTheFateOfAnActionThatGoesOn(t *testing.T) {
	t.Parallel()
	created := planner.Rollout{Revision: 1, Action: planner.ActionCreate, State: planner.StateFresh}
	allowed := planner.Rollout{Revision: 2, Action: planner.ActionRecreate, State: planner.StateLost}
	for name, test := range map[string]struct {
		last       planner.Rollout
		unfinished planner.Action
		want       planner.State
	}{
		"a create":                            {created, planner.ActionCreate, planner.StateFresh},
		"a re-creation that was not recorded": {created, planner.ActionRecreate, planner.StateKept},
		"a recorded re-creation":              {allowed, planner.ActionRecreate, planner.StateLost},
		"an upgrade that was not recorded":    {created, planner.ActionSavepoint, planner.StateKept},
		"a stateless restart, not recorded":   {created, planner.ActionStateless, planner.StateLost},
		"a run from the start, not recorded":  {allowed, planner.ActionRerun, planner.StateFresh},
	} {
		got := continued(test.last, test.unfinished, planner.Rollout{})
		if got.State != test.want || got.Action != test.unfinished || got.Revision != test.last.Revision+1 {
			t.Errorf("%s: %+v, want the state %s", name, got, test.want)
		}
	}
}
