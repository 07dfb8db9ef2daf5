package planner_test

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// TestAValueThatIsNotUsedIsNotSoldAsAChange changes the parallelism of a job whose
// TaskManagers are counted: the operator restarts it, and nothing is different.
func TestAValueThatIsNotUsedIsNotSoldAsAChange(t *testing.T) {
	counted := func(s *flink.DeploymentSpec) { s.TaskManager = &flink.TaskManager{Replicas: new(int64(3))} }
	const note, nothing = "job.parallelism 2 -> 4 (not used, task_manager.replicas wins)", "Nothing of this change reaches the job"
	in := planCase{status: running, before: []edit{counted}, after: []edit{counted, parallelism(4)}}.input()
	got := planner.Plan(in)
	if !strings.Contains(got.Rollout.Summary, note) || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0].Detail, nothing) {
		t.Errorf("planned %+v with %+v", got.Rollout, got.Warnings)
	}

	in = planCase{status: running, before: []edit{counted}, after: []edit{counted, parallelism(4), image("b:2")}}.input()
	got = planner.Plan(in)
	if !strings.Contains(got.Rollout.Summary, note) || len(got.Warnings) != 1 || strings.Contains(got.Warnings[0].Detail, nothing) {
		t.Errorf("with another image planned %+v with %+v", got.Rollout, got.Warnings)
	}

	in = planCase{status: running, after: []edit{parallelism(4)}}.input()
	if got = planner.Plan(in); strings.Contains(got.Rollout.Summary, "not used") || strings.Contains(got.Warnings[0].Detail, nothing) {
		t.Errorf("without a number of TaskManagers planned %+v with %+v", got.Rollout, got.Warnings)
	}
}
