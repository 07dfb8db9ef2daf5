package planner_test

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
)

// TestPlanOfASessionClusterThatStopsIdle changes session clusters of a platform that stops none
// under its jobs: the plan does not threaten with a loss, and asks for no leave.
func TestPlanOfASessionClusterThatStopsIdle(t *testing.T) {
	t.Parallel()
	for name, edits := range map[string][]edit{
		"with high availability":    {noJob},
		"without high availability": {noJob, without("high-availability.type")},
	} {
		in := planCase{status: running, common: edits, after: []edit{image("b:1"), version("v1_19")}}.input()
		in.Semantics = vvp.Semantics{}
		got := planner.Plan(in)
		if got.Rollout.State != planner.StateNone || !got.Rollout.Downtime || len(got.Errors) > 0 {
			t.Errorf("%s: planned %+v with the errors %+v", name, got.Rollout, got.Errors)
		}
		if !strings.HasSuffix(got.Rollout.Summary, "; the session cluster restarts, once no job runs on it") {
			t.Errorf("%s: the summary is %q", name, got.Rollout.Summary)
		}
		checkNotices(t, "warnings", []string{"flink_version: Suspend its session jobs in an apply before"}, got.Warnings)
	}

	in := planCase{status: running, common: []edit{noJob}, after: []edit{taskManagers(3)}}.input()
	in.Semantics = vvp.Semantics{}
	if got := planner.Plan(in); got.Rollout.Action != planner.ActionConfigOnly || got.Rollout.Downtime {
		t.Errorf("another number of TaskManagers planned %+v", got.Rollout)
	}
}
