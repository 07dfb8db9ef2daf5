package planner

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Paths of savepoints in random inputs: where the state of a job is, and where
// it is not.
const (
	ownState   = "s3://flink/savepoints/own"
	otherState = "s3://elsewhere/savepoint-1"
)

// situation is how a job is found, with what nobody tells the planner: whether
// it has processed anything, and the path at which all of that is.
type situation struct {
	name     string
	status   flink.Status
	progress bool
	at       string
}

var (
	neverDeployed = situation{name: "never deployed"}
	finishedJob   = situation{name: "finished", status: flink.Status{Deployed: true, LifecycleState: flink.LifecycleStable, JobState: flink.StateFinished, JobManager: "READY", SavepointPath: ownState}}
	// runningJobs are the situations of a job that shall run.
	runningJobs = []situation{
		neverDeployed, finishedJob,
		{"running", running, true, ""},
		{"running since a savepoint", status(func(s *flink.Status) { s.SavepointPath = ownState }), true, ""},
		{"restarting", status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateRestarting, ownState }), true, ""},
		{"its JobManager crashed", status(func(s *flink.Status) {
			s.JobState, s.JobManager, s.SavepointPath = flink.StateReconciling, "ERROR", ownState
		}), true, ""},
		{"never started after an upgrade", status(func(s *flink.Status) {
			s.LifecycleState, s.JobState, s.JobManager, s.SavepointPath = flink.LifecycleDeployed, flink.StateReconciling, "ERROR", ownState
		}), true, ownState},
		{"failed", status(func(s *flink.Status) {
			s.LifecycleState, s.JobState, s.SavepointPath = flink.LifecycleFailed, flink.StateFailed, ownState
		}), true, ownState},
		{"failed, nothing known", status(func(s *flink.Status) { s.LifecycleState, s.JobState = flink.LifecycleFailed, flink.StateFailed }), true, ""},
		{"canceled", status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateCanceled, ownState }), true, ownState},
	}
	suspendedStatus = flink.Status{Deployed: true, LifecycleState: flink.LifecycleSuspended, JobState: flink.StateFinished, JobManager: "READY"}
	bySavepoint     = situation{"suspended with a savepoint", flink.Status{Deployed: true, LifecycleState: flink.LifecycleSuspended, JobState: flink.StateFinished, JobManager: "READY", SavepointPath: ownState}, true, ownState}
	byLastState     = situation{"suspended by its last state", suspendedStatus, true, ""}
	withoutState    = situation{"suspended without state", suspendedStatus, false, ""}
)

// world is one random input and what is known about it from the way it was made.
type world struct {
	in              Input
	found           situation
	kind            diffType
	changed         []string
	jobs            [2]bool
	standalone      [2]bool
	suspended       [2]bool
	modes           [2]string
	paths           [2]string
	scalable        bool
	savepointsKnown bool
}

func (w world) String() string {
	return fmt.Sprintf("%s; job %v, standalone %v, suspended %v, upgrade mode %q, initial path %q, scalable %t, changed %v, allowed %t",
		w.found.name, w.jobs, w.standalone, w.suspended, w.modes, w.paths, w.scalable, w.changed, w.in.AllowStateLoss)
}

// pair draws a value before and one after, which are the same most of the time.
func pair[T any](r *rand.Rand, changes int, values ...T) [2]T {
	first := values[r.IntN(len(values))]
	second := first
	if r.IntN(changes) == 0 {
		second = values[r.IntN(len(values))]
	}
	return [2]T{first, second}
}

func randomWorld(r *rand.Rand) world {
	w := world{
		jobs:       pair(r, 30, true, true, true, true, true, true, false),
		standalone: pair(r, 8, true, false),
		suspended:  pair(r, 4, true, false, false),
		modes:      pair(r, 4, flink.UpgradeSavepoint, flink.UpgradeSavepoint, flink.UpgradeLastState, flink.UpgradeStateless, ""),
		paths:      pair(r, 6, "", "", ownState, otherState),
	}
	before, after := draw(r)
	adaptive, reactive := r.IntN(2) == 0, r.IntN(2) == 0
	var specs [2]flink.DeploymentSpec
	for i, choices := range []drawn{before, after} {
		s := choices.spec(w.jobs[i])
		if w.standalone[i] {
			inMode(flink.ModeStandalone)(&s)
		}
		if reactive {
			config("scheduler-mode", "Reactive")(&s)
		}
		if adaptive {
			config("jobmanager.scheduler", "adaptive")(&s)
		}
		if s.Job != nil {
			s.Job.State, s.Job.UpgradeMode, s.Job.InitialSavepointPath = nil, nil, nil
			if w.suspended[i] {
				jobState(flink.JobSuspended)(&s)
			}
			if w.modes[i] != "" {
				upgradeBy(w.modes[i])(&s)
			}
			if w.paths[i] != "" {
				from(w.paths[i])(&s)
			}
		} else {
			w.suspended[i], w.modes[i], w.paths[i] = false, "", ""
		}
		specs[i] = s
	}
	w.kind, w.changed = differences(before, after, w.standalone[1], w.jobs[0] && w.jobs[1])
	w.savepointsKnown = before["savepoint directory"] == 0 || after["savepoint directory"] == 0 || w.modes[0] == flink.UpgradeSavepoint
	w.scalable = w.standalone[1] && reactive || !w.standalone[1] && adaptive && after["overrides"] > 0 && after["flinkVersion"] != 1
	switch {
	case !w.suspended[0]:
		w.found = runningJobs[r.IntN(len(runningJobs))]
	case w.modes[0] == flink.UpgradeStateless || w.modes[0] == "":
		w.found = pair(r, 1, neverDeployed, withoutState, bySavepoint)[0]
	default:
		w.found = pair(r, 1, neverDeployed, bySavepoint, byLastState)[0]
	}
	w.in = Input{Name: "orders", Revision: int64(r.IntN(9)), Old: &specs[0], New: specs[1], Status: w.found.status, AllowStateLoss: r.IntN(2) == 0}
	return w
}

// same tells whether the two specifications mean the same to the operator.
func (w world) same() bool {
	effective := func(mode string) string {
		if mode == "" {
			return flink.UpgradeStateless
		}
		return mode
	}
	return len(w.changed) == 0 && w.jobs[0] == w.jobs[1] && w.standalone[0] == w.standalone[1] && w.suspended[0] == w.suspended[1] &&
		effective(w.modes[0]) == effective(w.modes[1]) && w.paths[0] == w.paths[1]
}

func (w world) stateless() bool { return w.modes[1] == flink.UpgradeStateless || w.modes[1] == "" }

// redeploys tells that a deployed job is given another path.
func (w world) redeploys() bool {
	return w.found.status.Deployed && w.paths[1] != "" && w.paths[1] != w.paths[0]
}

// wanted is the action and what becomes of the state by the notes on the
// operator: its validator, its types of differences and its upgrade modes.
func (w world) wanted() (Action, State) {
	deployed, finished := w.found.status.Deployed, w.found.name == finishedJob.name
	switch {
	case w.same():
		return ActionNone, StateNone
	case !deployed:
		return w.wantedFirst()
	case w.jobs[0] != w.jobs[1]:
		return ActionRecreate, StateKept
	case w.standalone[0] != w.standalone[1]:
		return ActionRecreate, w.recreated(finished)
	case w.redeploys() && !w.suspended[1]:
		return ActionRedeploy, w.redeployed(finished)
	case w.suspended[0] && w.suspended[1]:
		return ActionDeferred, StateKept
	case w.suspended[1] && finished:
		return ActionSuspend, StateNone
	case w.suspended[1]:
		return ActionSuspend, w.keptUnless(w.stateless())
	case w.suspended[0] && !w.found.progress:
		return ActionResume, StateFresh
	case w.suspended[0]:
		return ActionResume, w.keptUnless(w.stateless())
	case w.kind == diffIgnore:
		return ActionConfigOnly, StateKept
	case w.kind == diffScale && w.scales():
		return ActionScaleInPlace, StateKept
	case !w.jobs[1] && flink.HasHighAvailability(w.in.Old.FlinkConfiguration) && flink.HasHighAvailability(w.in.New.FlinkConfiguration):
		return ActionLastState, StateKept
	case !w.jobs[1]:
		// Jobs may run on it that no plan sees.
		return ActionStateless, StateLost
	case finished:
		return ActionRerun, StateFresh
	case w.stateless():
		return ActionStateless, StateLost
	case w.modes[1] == flink.UpgradeLastState:
		return ActionLastState, StateKept
	}
	return ActionSavepoint, StateKept
}

// scales tells whether the operator rescales the job in place. In native mode it
// asks the job itself; in standalone mode it changes the number of TaskManagers.
func (w world) scales() bool {
	answers := !slices.Contains([]string{flink.StateFinished, flink.StateFailed, flink.StateCanceled, flink.StateReconciling}, w.found.status.JobState)
	return w.scalable && (answers || w.standalone[1])
}

// wantedFirst is wanted for an object whose job was never deployed.
func (w world) wantedFirst() (Action, State) {
	starts := StateFresh
	if w.paths[1] != "" {
		starts = StateKept
	}
	switch {
	case w.suspended[0] && w.suspended[1]:
		return ActionDeferred, StateNone
	case w.suspended[1]:
		return ActionSuspend, StateNone
	case w.suspended[0] && w.jobs[1]:
		return ActionResume, starts
	case w.suspended[0]:
		return ActionResume, StateNone
	case w.kind == diffIgnore && w.paths[0] == w.paths[1] && w.jobs[0] == w.jobs[1] && w.standalone[0] == w.standalone[1]:
		return ActionConfigOnly, StateNone
	case !w.jobs[1]:
		return ActionCreate, StateNone
	}
	return ActionCreate, starts
}

func (w world) keptUnless(lost bool) State {
	if lost {
		return StateLost
	}
	return StateKept
}

func (w world) redeployed(finished bool) State {
	if finished {
		return StateFresh
	}
	return w.keptUnless(w.found.at != w.paths[1])
}

func (w world) recreated(finished bool) State {
	switch {
	case !w.jobs[1]:
		return StateNone
	case finished:
		return StateFresh
	case w.stateless():
		return StateLost
	case w.redeploys():
		return w.keptUnless(w.found.at != w.paths[1])
	case w.suspended[0]:
		return w.keptUnless(w.found.at == "")
	case w.found.status.JobState == flink.StateRunning:
		return w.keptUnless(!w.savepointsKnown)
	}
	// The apply looks for the newest state, and refuses when it is not known.
	return StateKept
}

// refused tells whether the change has to be refused, whatever is allowed.
func (w world) refused(action Action) bool {
	lastState := w.modes[0] == flink.UpgradeLastState
	return action != ActionNone && w.found.status.Deployed &&
		(w.jobs[0] != w.jobs[1] ||
			w.redeploys() && (action == ActionDeferred || action == ActionSuspend) ||
			w.suspended[0] && lastState && !w.stateless() && slices.Contains(w.changed, "flinkVersion"))
}

// For random pairs of specifications, the planned action is what the operator's
// table of differences gives, which is written down a second time in this file
// and the one of the table. The state is lost just when the operator would drop
// it, and then only with leave.
func TestPlanFollowsTheOperator(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	actions, fates := map[Action]int{}, map[State]int{}
	for range 8000 {
		w := randomWorld(r)
		got := Plan(w.in)
		action, state := w.wanted()
		if got.Rollout.Action != action || got.Rollout.State != state {
			t.Fatalf("%s:\nplanned %s with the state %s, want %s, %s", w, got.Rollout.Action, got.Rollout.State, action, state)
		}
		actions[action]++
		fates[state]++
		forbidden := w.refused(action) || state == StateLost && !w.in.AllowStateLoss
		if forbidden != (len(got.Errors) > 0) {
			t.Fatalf("%s:\nplanned %s with the state %s and the errors %v", w, action, state, got.Errors)
		}
		checkTold(t, w, got)
	}
	for _, action := range []Action{
		ActionCreate, ActionNone, ActionConfigOnly, ActionScaleInPlace, ActionSavepoint, ActionLastState, ActionStateless,
		ActionRedeploy, ActionSuspend, ActionResume, ActionRerun, ActionDeferred, ActionRecreate,
	} {
		if actions[action] < 15 {
			t.Errorf("only %d random changes came to %s", actions[action], action)
		}
	}
	for _, state := range []State{StateKept, StateLost, StateFresh, StateNone} {
		if fates[state] < 200 {
			t.Errorf("only %d random changes came to the state %s", fates[state], state)
		}
	}
}

// checkTold checks what holds for what every decision says.
func checkTold(t *testing.T, w world, got Decision) {
	t.Helper()
	rollout := got.Rollout
	wantRevision := w.in.Revision + 1
	if rollout.Action == ActionNone {
		wantRevision = w.in.Revision
	}
	if rollout.Revision != wantRevision || !strings.HasPrefix(rollout.Summary, fmt.Sprintf("#%d ", wantRevision)) {
		t.Fatalf("%s:\nrevision %d after %d: %+v", w, rollout.Revision, w.in.Revision, rollout)
	}
	if (rollout.Action == ActionNone) != (len(rollout.Because) == 0) {
		t.Fatalf("%s:\n%s because of %v", w, rollout.Action, rollout.Because)
	}
	if rollout.Downtime && len(got.Warnings)+len(got.Errors) == 0 {
		t.Fatalf("%s:\ndowntime without a word: %+v", w, rollout)
	}
	if rollout.State == StateLost && len(got.Warnings)+len(got.Errors) == 0 {
		t.Fatalf("%s:\nstate is lost without a word: %+v", w, rollout)
	}
	if len(got.Errors) > 0 && len(got.Warnings) > 0 {
		t.Fatalf("%s:\nwarnings beside errors: %+v", w, got)
	}
	texts := rollout.Summary
	for _, n := range slices.Concat(got.Warnings, got.Errors) {
		texts += n.Summary + n.Detail
	}
	if strings.ContainsAny(texts, "\n") || strings.Contains(texts, "nodeName") || strings.Contains(texts, "planted") {
		t.Fatalf("%s:\n%s", w, texts)
	}
	if again := Plan(w.in); !reflect.DeepEqual(got, again) {
		t.Fatalf("%s:\nplanned twice:\n%+v\n%+v", w, got, again)
	}
}
