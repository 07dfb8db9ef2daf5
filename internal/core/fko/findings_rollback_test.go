package fko

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// The findings about the operator's own rollback, suspension and savepoints.

func TestFinding19_RolledBackIsTheSignalOfFailure(t *testing.T) {
	judge := play(Target{Generation: 2, OperatorRollsBack: true}, at{0, starting(2)}, at{3, podsBroken(2, timelines.ImageError)})
	expect(t, now(judge, hour), Waiting, "ErrImagePull")
	back := with(starting(2), func(s *Status) { s.LifecycleState, s.ReconciliationState = "ROLLING_BACK", "ROLLING_BACK" })
	expect(t, judge.See(timelines.Clock(hour), back), Waiting, "")
	back.LifecycleState, back.ReconciliationState = "ROLLED_BACK", "ROLLED_BACK"
	v := judge.See(timelines.Clock(hour+1), back)
	expect(t, v, Failed, "rolled the change back: ErrImagePull")
	if !v.RolledBack {
		t.Error("the verdict does not tell that the operator rolled back")
	}
	t.Run("not of an earlier change", func(t *testing.T) {
		old := with(back, func(s *Status) { s.Generation = 3 })
		expect(t, play(Target{Generation: 3}).See(timelines.Clock(0), old), Waiting, "generation 3")
	})
}

func TestFinding20_AfterARollbackTheGoodSpecificationIsDeployedAnew(t *testing.T) {
	back := with(stable(3, 2), func(s *Status) { s.LifecycleState, s.ReconciliationState = "ROLLED_BACK", "ROLLED_BACK" })
	judge := play(Target{Generation: 3}, at{0, back})
	// The job that runs now is the one that the operator went back to.
	expect(t, now(judge, 0.2), Waiting, "generation 3")
	expect(t, judge.See(timelines.Clock(0.5), with(starting(3), func(s *Status) { s.LifecycleState, s.ReconciliationState = "UPGRADING", "UPGRADING" })), Waiting, "UPGRADING")
	expect(t, judge.See(timelines.Clock(16), stable(3, 3)), Done, "")
}

func TestFinding21_TheOperatorDoesNotRollBackAJobThatFails(t *testing.T) {
	failed := broken(with(stable(2, 2), func(s *Status) { s.LifecycleState, s.JobState = "FAILED", "FAILED" }), timelines.JobError)
	v := play(Target{Generation: 2, OperatorRollsBack: true}, at{0, starting(2)}).See(timelines.Clock(17), failed)
	expect(t, v, Failed, "asked to fail at start")
	if v.RolledBack {
		t.Error("the verdict tells of a rollback")
	}
}

func TestFinding22_ASuspensionByLastStateLeavesThePathOfAnEarlierSavepoint(t *testing.T) {
	const newFields = `"upgradeSavepointPath":"file:/savepoints/earlier"`
	const oldFields = `"savepointInfo":{"lastSavepoint":{"location":"file:/savepoints/earlier"}}`
	for _, test := range []struct {
		name, lifecycle, job, mode, fields string
		known, lastState, sure             bool
	}{
		{"by savepoint", "SUSPENDED", "FINISHED", "savepoint", newFields, true, false, true},
		{"by savepoint, before 1.10", "SUSPENDED", "FINISHED", "savepoint", oldFields, true, false, true},
		{"by last state", "SUSPENDED", "FINISHED", "last-state", newFields, false, true, false},
		{"by last state, before 1.10", "SUSPENDED", "FINISHED", "last-state", oldFields, false, true, false},
		{"without state", "SUSPENDED", "FINISHED", "stateless", newFields, false, false, false},
		{"starts by last state", "DEPLOYED", "RECONCILING", "last-state", oldFields, false, true, false},
		{"starts by savepoint", "DEPLOYED", "RECONCILING", "savepoint", oldFields, true, false, true},
		{"starts empty", "DEPLOYED", "RECONCILING", "stateless", newFields, true, false, false},
		{"failed after a last state upgrade", "FAILED", "FAILED", "last-state", newFields, true, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			object := wire(t, `{"observedGeneration":1,"lifecycleState":"`+test.lifecycle+`","jobStatus":{"state":"`+test.job+`",`+test.fields+`},
				"reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"{\"spec\":{\"job\":{\"upgradeMode\":\"`+test.mode+`\"}}}"}}`)
			object.Object["spec"] = map[string]any{"job": map[string]any{}}
			s := StatusOf(object)
			if (s.SavepointPath != "") != test.known || s.LastState != test.lastState || s.SavepointPath+s.Earlier != "file:/savepoints/earlier" {
				t.Errorf("read %+v", s)
			}
			if path, sure := s.NewestPath(); sure != test.sure || path != "file:/savepoints/earlier" {
				t.Errorf("the newest path is %q, sure %t", path, sure)
			}
			expect(t, NewJudge(Target{Generation: 1, Want: Suspended}).See(timelines.Clock(0.5), s), map[string]Progress{"SUSPENDED": Done, "FAILED": Failed}[test.lifecycle], "")
		})
	}
}

func TestFinding26_ASavepointThatANonceTriggersIsNoRollout(t *testing.T) {
	// The lifecycle leaves STABLE for the time of the savepoint.
	taking := with(stable(4, 4), func(s *Status) { s.LifecycleState = "DEPLOYED" })
	judge := play(Target{Generation: 4}, at{0, stable(4, 3)}, at{0.2, taking})
	expect(t, now(judge, 5), Waiting, "DEPLOYED")
	expect(t, judge.See(timelines.Clock(5.6), stable(4, 4)), Done, "")
}
