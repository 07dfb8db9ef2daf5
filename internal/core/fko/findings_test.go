package fko

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// The tests of this file are named after the findings in the README of the
// recorded timelines: what the real operator does that a wait must know.

// at is a status after some seconds.
type at struct {
	seconds float64
	status  Status
}

// stable is an application of a generation that runs.
func stable(generation, observed int64) Status {
	return Status{
		Generation: generation, Observed: observed, LifecycleState: "STABLE", ReconciliationState: "DEPLOYED",
		JobState: "RUNNING", JobManager: "READY", Reconciled: true, Deployed: true,
	}
}

// with returns s after a change.
func with(s Status, change func(*Status)) Status {
	change(&s)
	return s
}

// starting is an application that has been deployed and does not run yet.
func starting(generation int64) Status {
	return with(stable(generation, generation), func(s *Status) {
		s.LifecycleState, s.JobState, s.JobManager = "DEPLOYED", "RECONCILING", "DEPLOYING"
	})
}

func broken(s Status, failure string) Status {
	return with(s, func(s *Status) { s.Error = ParseFailure(failure) })
}

// podsBroken is an application whose JobManager does not start.
func podsBroken(generation int64, failure string) Status {
	return broken(with(starting(generation), func(s *Status) { s.JobManager = "ERROR" }), failure)
}

// play lets a judge see the statuses and returns it.
func play(target Target, seen ...at) *Judge {
	judge := NewJudge(target)
	for _, s := range seen {
		judge.See(timelines.Clock(s.seconds), s.status)
	}
	return judge
}

func expect(t *testing.T, v Verdict, want Progress, cause string) {
	t.Helper()
	if v.Progress != want || !strings.Contains(v.Cause, cause) {
		t.Errorf("the verdict is %s (%s), want %s with %q", v.Progress, v.Cause, want, cause)
	}
}

// now returns a judge's verdict at a time without news.
func now(j *Judge, seconds float64) Verdict { return j.Tick(timelines.Clock(seconds)) }

const hour = 3600

func TestFinding01_EveryPartOfTheTestIsNeeded(t *testing.T) {
	for name, change := range map[string]func(*Status){
		"generation":     func(s *Status) { s.Observed = 1 },
		"reconciliation": func(s *Status) { s.ReconciliationState = "UPGRADING" },
		"lifecycle":      func(s *Status) { s.LifecycleState = "DEPLOYED" },
		"job":            func(s *Status) { s.JobState = "RECONCILING" },
		"JobManager":     func(s *Status) { s.JobManager = "DEPLOYED_NOT_READY" },
		"error":          func(s *Status) { s.Error = ParseFailure("Job Not Found") },
	} {
		t.Run(name, func(t *testing.T) {
			judge := play(Target{Generation: 2}, at{1, with(stable(2, 2), change)})
			expect(t, now(judge, hour), Waiting, "")
			expect(t, judge.See(timelines.Clock(hour), stable(2, 2)), Done, "")
		})
	}
}

func TestFinding01_StableBeforeRunningAfterAReturnToTheLastGoodSpecification(t *testing.T) {
	early := with(stable(4, 4), func(s *Status) { s.JobState, s.JobManager = "RECONCILING", "DEPLOYING" })
	judge := play(Target{Generation: 4}, at{0, early})
	expect(t, now(judge, 19), Waiting, "job RECONCILING")
	expect(t, judge.See(timelines.Clock(20), stable(4, 4)), Done, "")
}

func TestFinding02_TheOldStatusStandsAfterTheWrite(t *testing.T) {
	judge := play(Target{Generation: 3}, at{0.1, stable(3, 2)})
	expect(t, now(judge, 60), Waiting, "the operator has not taken up generation 3")
	// A version from before the write, as a watch may deliver it.
	expect(t, judge.See(timelines.Clock(61), broken(stable(2, 1), timelines.InvalidError)), Waiting, "")
}

func TestFinding03_TheFirstStatusOfACreateIsUpgrading(t *testing.T) {
	judge := play(Target{Generation: 1}, at{0, Status{Generation: 1}})
	upgrading := Status{Generation: 1, Observed: 1, LifecycleState: "UPGRADING", ReconciliationState: "UPGRADING", JobManager: "MISSING", Reconciled: true}
	expect(t, judge.See(timelines.Clock(0.1), upgrading), Waiting, "UPGRADING")
	expect(t, judge.See(timelines.Clock(0.5), starting(1)), Waiting, "DEPLOYED")
	expect(t, judge.See(timelines.Clock(19), stable(1, 1)), Done, "")
}

func TestFinding04_TheRunningConditionIsNotWaitedFor(t *testing.T) {
	object := wire(t, `{"observedGeneration":1,"lifecycleState":"STABLE","jobManagerDeploymentStatus":"READY",
		"jobStatus":{"state":"RUNNING"},"reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"{}"},
		"conditions":[{"type":"Running","status":"False","reason":"Reconciling"}]}`)
	expect(t, NewJudge(Target{Generation: 1}).See(timelines.Clock(0), StatusOf(object)), Done, "")
}

func TestFinding05_NoStateInBetweenIsNeeded(t *testing.T) {
	judge := play(Target{Generation: 1}, at{0, Status{Generation: 1}})
	expect(t, judge.See(timelines.Clock(1), stable(1, 1)), Done, "")
}

func TestFinding06_AnIgnoredChangeIsDoneWhenItIsObserved(t *testing.T) {
	judge := play(Target{Generation: 4, Want: Acknowledged}, at{0, stable(4, 3)})
	expect(t, now(judge, 0.1), Waiting, "")
	restarting := with(stable(4, 4), func(s *Status) { s.JobState = "RESTARTING" })
	expect(t, judge.See(timelines.Clock(0.2), restarting), Done, "")
	t.Run("unless the operator restarts the job for it", func(t *testing.T) {
		judge := play(Target{Generation: 4, Want: Acknowledged}, at{0, stable(4, 3)},
			at{1, with(stable(4, 4), func(s *Status) {
				s.LifecycleState, s.ReconciliationState, s.JobState = "UPGRADING", "UPGRADING", "FINISHED"
			})},
			at{2, with(stable(4, 4), func(s *Status) { s.LifecycleState, s.JobState = "DEPLOYED", "RECONCILING" })})
		expect(t, now(judge, 3), Waiting, "RECONCILING")
		expect(t, judge.See(timelines.Clock(4), stable(4, 4)), Done, "")
	})
	t.Run("a label raises no generation", func(t *testing.T) {
		expect(t, NewJudge(Target{Generation: 4, Want: Acknowledged}).See(timelines.Clock(0), stable(4, 4)), Done, "")
	})
}

func TestFinding07_AnInvalidUpdateLeavesEverythingStable(t *testing.T) {
	judge := play(Target{Generation: 3}, at{0, stable(3, 2)})
	expect(t, judge.See(timelines.Clock(0.6), broken(stable(3, 2), timelines.InvalidError)), Failed, "serviceAccount must be defined")

	t.Run("going back clears the error before the generation is observed", func(t *testing.T) {
		old := broken(stable(4, 2), timelines.InvalidError)
		judge := play(Target{Generation: 4, Inherited: old.Error.Sentence()}, at{0, old})
		expect(t, now(judge, 0.5), Waiting, "generation 4")
		expect(t, judge.See(timelines.Clock(0.7), stable(4, 2)), Waiting, "generation 4")
		expect(t, judge.See(timelines.Clock(0.8), stable(4, 4)), Done, "")
	})
	t.Run("an old error that stays has been found again", func(t *testing.T) {
		old := broken(stable(4, 2), timelines.InvalidError)
		judge := play(Target{Generation: 4, Inherited: old.Error.Sentence()}, at{0, old})
		expect(t, now(judge, 29), Waiting, "")
		if next := judge.Next(); next != timelines.Clock(30) {
			t.Errorf("the judge wants to look again at %s, want after %s", next, inheritedFor)
		}
		expect(t, now(judge, 30), Failed, "serviceAccount must be defined")
	})
	t.Run("a refusal after the deployment does not stop the job", func(t *testing.T) {
		judge := play(Target{Generation: 3}, at{0, broken(stable(3, 3), timelines.InvalidError)})
		expect(t, now(judge, 60), Waiting, "serviceAccount must be defined")
		expect(t, judge.See(timelines.Clock(61), stable(3, 3)), Done, "")
	})
	t.Run("an old error that comes back is new", func(t *testing.T) {
		old := broken(stable(4, 2), timelines.InvalidError)
		judge := play(Target{Generation: 4, Inherited: old.Error.Sentence()}, at{0, old}, at{1, stable(4, 2)})
		expect(t, judge.See(timelines.Clock(2), old), Failed, "serviceAccount must be defined")
	})
}

func TestFinding08_ACreateAsSuspendedGivesNoSign(t *testing.T) {
	expect(t, NewJudge(Target{Generation: 1, Want: Deferred}).Tick(timelines.Clock(0)), Done, "")

	suspended := with(stable(4, 3), func(s *Status) { s.LifecycleState, s.JobState = "SUSPENDED", "FINISHED" })
	expect(t, now(play(Target{Generation: 4, Want: Suspended}, at{0, suspended}), hour), Waiting, "generation 4")
	expect(t, NewJudge(Target{Generation: 4, Want: Deferred}).See(timelines.Clock(0), suspended), Done, "")
}

func TestFinding09_ASessionJobBeforeItsClusterHasNoStatus(t *testing.T) {
	judge := play(Target{Generation: 1, SessionJob: true}, at{0, Status{Generation: 1}})
	expect(t, now(judge, hour), Waiting, "generation 1")
	running := with(stable(1, 1), func(s *Status) { s.JobManager = "" })
	expect(t, judge.See(timelines.Clock(hour), running), Done, "")
}

func TestFinding10_ADeleteRaisesTheGenerationToo(t *testing.T) {
	deleting := with(stable(3, 2), func(s *Status) { s.Deleting = true })
	expect(t, play(Target{Generation: 2}).See(timelines.Clock(1), deleting), Failed, "being deleted")
}

func TestFinding11_AFailureMustPersistOverRetries(t *testing.T) {
	judge := play(Target{Generation: 2}, at{0, stable(2, 1)})
	for i, retry := range []float64{0.4, 5.6, 10.8} {
		if v := judge.See(timelines.Clock(retry), broken(stable(2, 1), timelines.SavepointError)); v.Progress != Waiting {
			t.Fatalf("retry %d is taken for the end: %s", i, v.Cause)
		}
		expect(t, now(judge, retry+4), Waiting, "IO-problem detected")
		// A single clean read is no recovery either.
		expect(t, judge.See(timelines.Clock(retry+5), stable(2, 1)), Waiting, "IO-problem detected")
	}
	expect(t, judge.See(timelines.Clock(16), broken(stable(2, 1), timelines.SavepointError)), Failed, "Savepoint Error: CheckpointException: IO-problem detected.")

	t.Run("a retry that works ends it", func(t *testing.T) {
		judge := play(Target{Generation: 2}, at{0, stable(2, 1)})
		for _, retry := range []float64{0.4, 5.6, 10.8} {
			judge.See(timelines.Clock(retry), broken(stable(2, 1), timelines.SavepointError))
			judge.See(timelines.Clock(retry+5), stable(2, 1))
		}
		judge.See(timelines.Clock(16), starting(2))
		expect(t, judge.See(timelines.Clock(17), broken(starting(2), timelines.ClusterError)), Waiting, "")
		expect(t, judge.See(timelines.Clock(20), stable(2, 2)), Done, "")
	})
	t.Run("an error that does not go away lasts two minutes", func(t *testing.T) {
		judge := play(Target{Generation: 2}, at{0, broken(stable(2, 1), timelines.SavepointError)})
		expect(t, now(judge, 119), Waiting, "")
		expect(t, now(judge, 120), Failed, "Savepoint Error")
	})
	t.Run("a job that the operator restarts must fail several times", func(t *testing.T) {
		failed := broken(with(starting(1), func(s *Status) { s.LifecycleState, s.JobState = "FAILED", "FAILED" }), timelines.JobError)
		judge := play(Target{Generation: 1, RestartsFailedJobs: true}, at{0, failed})
		expect(t, now(judge, 60), Waiting, "asked to fail")
		expect(t, now(judge, 120), Failed, "asked to fail")
	})
}

func TestFinding12_AMissingConfigMapIsHarmless(t *testing.T) {
	judge := play(Target{Generation: 3}, at{0, starting(3)}, at{4, podsBroken(3, timelines.MountError)})
	expect(t, now(judge, hour), Waiting, "FailedMount")
	// The text stays although the pods have moved on.
	expect(t, judge.See(timelines.Clock(hour), broken(starting(3), timelines.MountError)), Waiting, "")
	expect(t, judge.See(timelines.Clock(hour+20), stable(3, 3)), Done, "")

	t.Run("the text of another pod error stays as well", func(t *testing.T) {
		judge := play(Target{Generation: 3}, at{0, podsBroken(3, timelines.ImageError)}, at{60, broken(starting(3), timelines.ImageError)})
		expect(t, now(judge, hour), Waiting, "ErrImagePull")
	})
}

func TestFinding13_AnImageThatCannotBePulledFailsAfterTheGrace(t *testing.T) {
	judge := play(Target{Generation: 3}, at{0, starting(3)}, at{1, podsBroken(3, timelines.ImageError)})
	expect(t, now(judge, 120.9), Waiting, "ErrImagePull")
	if next := judge.Next(); next != timelines.Clock(121) {
		t.Errorf("the judge wants to look again at %s, want at the end of the grace", next)
	}
	expect(t, now(judge, 121), Failed, `failed to pull image "flink:nope"`)

	t.Run("the caller sets the grace", func(t *testing.T) {
		judge := play(Target{Generation: 3, PodErrorGrace: time.Second}, at{0, podsBroken(3, timelines.ImageError)})
		expect(t, now(judge, 1), Failed, "ErrImagePull")
	})
	t.Run("containers that crash in turns", func(t *testing.T) {
		judge := play(Target{Generation: 3})
		for s := 0.0; s < 120; s += 30 {
			expect(t, judge.See(timelines.Clock(s), podsBroken(3, timelines.CrashError)), Waiting, "")
			expect(t, judge.See(timelines.Clock(s+20), starting(3)), Waiting, "")
		}
		expect(t, judge.See(timelines.Clock(120), podsBroken(3, timelines.CrashError)), Failed, "CrashLoopBackOff")
	})
	t.Run("the pods of the specification before do not count", func(t *testing.T) {
		old := with(podsBroken(4, timelines.ImageError), func(s *Status) { s.Observed = 3 })
		judge := play(Target{Generation: 4}, at{0, old})
		expect(t, now(judge, hour), Waiting, "generation 4")
	})
}

func TestFinding14_ManualRestoreIsFinal(t *testing.T) {
	refused := broken(with(stable(2, 1), func(s *Status) { s.LifecycleState, s.JobState, s.JobManager = "FAILED", "RECONCILING", "ERROR" }), timelines.RestoreError)
	old := podsBroken(2, timelines.ImageError)
	old.Observed = 1
	judge := play(Target{Generation: 2, Inherited: old.Error.Sentence()}, at{0, old})
	expect(t, judge.See(timelines.Clock(0.1), refused), Failed, "Manual restore required.")

	t.Run("the way out begins with the old error", func(t *testing.T) {
		again := with(refused, func(s *Status) { s.Generation = 3 })
		judge := play(Target{Generation: 3, Inherited: refused.Error.Sentence()}, at{0, again})
		expect(t, now(judge, 0.4), Waiting, "generation 3")
		judge.See(timelines.Clock(0.5), starting(3))
		expect(t, judge.See(timelines.Clock(11), stable(3, 3)), Done, "")
	})
}

func TestFinding15_AFailedJobIsFinal(t *testing.T) {
	failed := broken(with(stable(2, 2), func(s *Status) { s.LifecycleState, s.JobState = "FAILED", "FAILED" }), timelines.JobError)
	judge := play(Target{Generation: 2}, at{0, starting(2)})
	expect(t, judge.See(timelines.Clock(24), failed), Failed, "asked to fail at start")

	t.Run("a new specification recovers it", func(t *testing.T) {
		again := with(failed, func(s *Status) { s.Generation = 3 })
		judge := play(Target{Generation: 3, Inherited: failed.Error.Sentence()}, at{0, again})
		expect(t, now(judge, 0.1), Waiting, "generation 3")
		judge.See(timelines.Clock(0.2), starting(3))
		expect(t, judge.See(timelines.Clock(18), stable(3, 3)), Done, "")
	})
}

func TestFinding16_AFinishedJobIsDoneAndAJobThatIsNotFoundIsNoFailure(t *testing.T) {
	finished := with(stable(1, 1), func(s *Status) { s.JobState = "FINISHED" })
	expect(t, NewJudge(Target{Generation: 1}).See(timelines.Clock(25), finished), Done, "")

	lost := broken(with(starting(2), func(s *Status) { s.JobManager = "READY" }), "Job Not Found")
	expect(t, now(play(Target{Generation: 2}, at{73, lost}), hour), Waiting, "Job Not Found")
}

func TestFinding17_ALossOfPodsDuringTheWaitIsWaitedOut(t *testing.T) {
	restarting := with(stable(3, 3), func(s *Status) { s.JobState = "RESTARTING" })
	judge := play(Target{Generation: 3}, at{0, restarting})
	expect(t, now(judge, hour), Waiting, "RESTARTING")
	expect(t, judge.See(timelines.Clock(hour), stable(3, 3)), Done, "")
}

func TestFinding18_ARedeployFromNowhereIsLeftToTheDeadline(t *testing.T) {
	judge := play(Target{Generation: 3})
	for s := 0.0; s < 600; s += 10 {
		state := "DEPLOYING"
		if int(s)%20 == 0 {
			state = "DEPLOYED_NOT_READY"
		}
		crashing := with(stable(3, 3), func(s *Status) { s.JobState, s.JobManager = "RECONCILING", state })
		expect(t, judge.See(timelines.Clock(s), crashing), Waiting, "STABLE")
	}
}

func TestFinding41_ASessionClusterNeedsItsJobManager(t *testing.T) {
	early := with(stable(4, 4), func(s *Status) { s.JobState, s.JobManager = "FINISHED", "DEPLOYING" })
	judge := play(Target{Generation: 4, Want: SessionReady}, at{0, early})
	expect(t, now(judge, hour), Waiting, "DEPLOYING")
	expect(t, judge.See(timelines.Clock(hour), with(stable(4, 4), func(s *Status) { s.JobState = "" })), Done, "")
}

func TestFinding43_BeforeObservedGenerationItStandsInLastReconciledSpec(t *testing.T) {
	object := wire(t, `{"lifecycleState":"STABLE","jobManagerDeploymentStatus":"READY",
		"jobStatus":{"state":"RUNNING","savepointInfo":{"lastSavepoint":{"location":"file:/savepoints/savepoint-1"}}},
		"reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"{\"resource_metadata\":{\"metadata\":{\"generation\":7},\"firstDeployment\":false}}"}}`)
	s := StatusOf(object)
	if s.Observed != 7 || s.SavepointPath != "file:/savepoints/savepoint-1" || !s.Deployed {
		t.Errorf("read observed %d, savepoint %q, deployed %v", s.Observed, s.SavepointPath, s.Deployed)
	}
}

func TestFinding44_TheGenerationFollowsAnOwnRewriteOfTheOperator(t *testing.T) {
	judge := play(Target{Generation: 1}, at{0, Status{Generation: 1}})
	judge.Retarget(2)
	expect(t, judge.See(timelines.Clock(0.1), stable(2, 1)), Waiting, "generation 2")
	expect(t, judge.See(timelines.Clock(12), stable(2, 2)), Done, "")
}

func TestFinding45_TheJobIDTellsNothingAboutAnUpgrade(t *testing.T) {
	for _, id := range []string{"before", "after"} {
		old, upgraded := stable(3, 2), stable(3, 3)
		old.JobID, upgraded.JobID = "before", id
		judge := play(Target{Generation: 3}, at{0, old})
		expect(t, now(judge, 1), Waiting, "generation 3")
		expect(t, judge.See(timelines.Clock(15), upgraded), Done, "")
	}
}

func TestFinding46_AOneOffErrorDuringAResumeIsNoFailure(t *testing.T) {
	upgrading := with(starting(6), func(s *Status) { s.LifecycleState, s.ReconciliationState = "UPGRADING", "UPGRADING" })
	judge := play(Target{Generation: 6}, at{8, upgrading}, at{10.1, broken(upgrading, timelines.ClusterError)}, at{10.3, upgrading})
	expect(t, now(judge, 10.4), Waiting, "Could not create")
	expect(t, judge.See(timelines.Clock(21), stable(6, 6)), Done, "")
}

func TestAnotherObjectOfTheSameNameEndsTheWait(t *testing.T) {
	other := with(stable(1, 1), func(s *Status) { s.UID = "b" })
	expect(t, play(Target{UID: "a", Generation: 1}).See(timelines.Clock(0), other), Failed, "another one of the same name")
}

// wire returns an object of generation 1 with a status.
func wire(t *testing.T, status string) *unstructured.Unstructured {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal([]byte(status), &s); err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"generation": int64(1), "uid": "a"}, "status": s,
	}}
}
