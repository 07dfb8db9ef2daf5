package planner_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Paths of savepoints in random inputs: where the state of a job is, and where
// it is not.
const (
	ownState   = "s3://flink/savepoints/own"
	otherState = "s3://elsewhere/savepoint-1"
)

// situation is how a job is found, with what nobody tells the planner: whether
// it has state that could be lost, and the path at which all of that is.
type situation struct {
	name     string
	status   flink.Status
	progress bool
	at       string
	// lastState tells that the job was suspended by its last state.
	lastState bool
}

// stopped is the status of a suspended job.
func stopped(location flink.StateLocation, path string) flink.Status {
	return status(func(s *flink.Status) {
		s.LifecycleState, s.JobState, s.StateLocation, s.SavepointPath = flink.LifecycleSuspended, flink.StateFinished, location, path
	})
}

var (
	neverDeployed = situation{name: "never deployed"}
	finishedJob   = situation{name: "finished", status: status(func(s *flink.Status) {
		s.JobState, s.SavepointPath, s.StateLocation = flink.StateFinished, ownState, flink.LocationNone
	})}
	// runningJobs are the situations of a job that shall run.
	runningJobs = []situation{
		neverDeployed, finishedJob,
		{name: "running", status: running, progress: true},
		{name: "running, as an earlier version of the provider noted it", status: status(func(s *flink.Status) { s.StateLocation = flink.LocationUnknown }), progress: true},
		{name: "running since a savepoint", status: status(func(s *flink.Status) { s.SavepointPath = ownState }), progress: true},
		{name: "stopped by somebody", status: keptAt(ownState, func(s *flink.Status) { s.JobState = flink.StateFinished }), progress: true, at: ownState},
		{name: "restarting", status: status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateRestarting, ownState }), progress: true},
		{name: "its JobManager crashed", status: status(func(s *flink.Status) {
			s.JobState, s.JobManager, s.SavepointPath = flink.StateReconciling, "ERROR", ownState
		}), progress: true},
		{name: "never started after an upgrade", status: keptAt(ownState, func(s *flink.Status) {
			s.LifecycleState, s.JobState, s.JobManager = flink.LifecycleDeployed, flink.StateReconciling, "ERROR"
		}), progress: true, at: ownState},
		{name: "never started at all", status: status(func(s *flink.Status) {
			s.LifecycleState, s.JobState, s.JobManager, s.StateLocation = flink.LifecycleDeployed, flink.StateReconciling, "ERROR", flink.LocationNone
		})},
		{name: "starting for the first time", status: status(func(s *flink.Status) {
			s.LifecycleState, s.JobState, s.StateLocation = flink.LifecycleDeployed, flink.StateReconciling, flink.LocationUnknown
		}), progress: true},
		{name: "failed", status: keptAt(ownState, func(s *flink.Status) {
			s.LifecycleState, s.JobState = flink.LifecycleFailed, flink.StateFailed
		}), progress: true, at: ownState},
		{name: "failed, nothing known", status: status(func(s *flink.Status) { s.LifecycleState, s.JobState = flink.LifecycleFailed, flink.StateFailed }), progress: true},
		{name: "canceled", status: keptAt(ownState, func(s *flink.Status) { s.JobState = flink.StateCanceled }), progress: true, at: ownState},
	}
	// suspendedJobs are the situations of a job that was to stop, by the mode that
	// it had then. The mode may have changed since.
	suspendedJobs = []situation{
		neverDeployed,
		{name: "suspended with a savepoint", status: stopped(flink.LocationPath, ownState), progress: true, at: ownState},
		{name: "suspended by its last state", status: stopped(flink.LocationPlatform, ""), progress: true, lastState: true},
		{name: "suspended without state", status: stopped(flink.LocationNone, "")},
		{name: "suspended, as an earlier version of the provider noted it", status: stopped(flink.LocationUnknown, ""), progress: true},
	}
)

// world is one random input and what is known about it from the way it was made.
type world struct {
	in         planner.Input
	found      situation
	kind       diffType
	changed    []string
	jobs       [2]bool
	standalone [2]bool
	suspended  [2]bool
	modes      [2]string
	paths      [2]string
	forms      [2]flink.Form
	versions   [2]int
	scalable   bool
	// unclaimed tells that the next job may leave state behind, which the one before
	// might not, or which another program may.
	unclaimed bool
	// savepoints tells that the job that runs has a directory for savepoints, and
	// savepointsKnown that it or the next one has.
	savepoints, savepointsKnown bool
}

func (w world) String() string {
	return fmt.Sprintf("%s; forms %v, job %v, standalone %v, suspended %v, upgrade mode %q, initial path %q, scalable %t, changed %v, allowed %t",
		w.found.name, w.forms, w.jobs, w.standalone, w.suspended, w.modes, w.paths, w.scalable, w.changed, w.in.AllowStateLoss)
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
	if w.jobs[0] && w.jobs[1] {
		w.forms = pair(r, 10, flink.Form{}, flink.Form{}, byProvider, byOperator)
	}
	w.kind, w.changed = differences(before, after, w.standalone[1], w.jobs[0] && w.jobs[1], w.forms[1].BlueGreen())
	w.savepoints = before["savepoint directory"] == 0
	w.savepointsKnown = before["savepoint directory"] == 0 || after["savepoint directory"] == 0 || w.modes[0] == flink.UpgradeSavepoint
	w.scalable = w.standalone[1] && reactive || !w.standalone[1] && adaptive && after["overrides"] > 0 && after["flinkVersion"] != 1
	switch {
	case !w.suspended[0]:
		w.found = runningJobs[r.IntN(len(runningJobs))]
	default:
		w.found = suspendedJobs[r.IntN(len(suspendedJobs))]
	}
	w.versions = [2]int{before["flinkVersion"], after["flinkVersion"]}
	w.unclaimed = after["job.allowNonRestoredState"] > 0 && w.jobs[1] && (before["job.allowNonRestoredState"] == 0 ||
		slices.ContainsFunc([]string{"image", "flinkVersion", "job.jarURI", "job.entryClass", "job.args"}, func(f string) bool { return before[f] != after[f] }))
	w.in = planner.Input{Semantics: fko.Semantics{}, Name: "orders", OldForm: w.forms[0], NewForm: w.forms[1], Revision: int64(r.IntN(9)), Old: &specs[0], New: specs[1], Status: w.found.status, AllowStateLoss: r.IntN(2) == 0}
	if r.IntN(2) == 0 {
		w.in.AcceptStateRisk = "v1_20->v1_17, v1_20->v2_0, v1_17->v2_0, v2_0->v1_20, v2_0->v1_17"
	}
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
	return len(w.changed) == 0 && w.forms[0] == w.forms[1] && w.jobs[0] == w.jobs[1] && w.standalone[0] == w.standalone[1] && w.suspended[0] == w.suspended[1] &&
		effective(w.modes[0]) == effective(w.modes[1]) && w.paths[0] == w.paths[1]
}

func (w world) stateless() bool { return w.modes[1] == flink.UpgradeStateless || w.modes[1] == "" }

// redeploys tells that a deployed job is given another path.
func (w world) redeploys() bool {
	return w.found.status.Deployed && w.paths[1] != "" && w.paths[1] != w.paths[0]
}

// runsOn tells that a job runs from which another color can take over.
func (w world) runsOn() bool {
	return w.forms[1].BlueGreen() && w.forms[0] == w.forms[1] && w.found.status.JobState == flink.StateRunning
}

// switches tells that the change is made by the other color.
func (w world) switches() bool {
	return w.runsOn() && (w.redeploys() || w.modes[1] != flink.UpgradeLastState || w.savepoints)
}

// wanted is the action and what becomes of the state by the notes on the
// operator: its validator, its types of differences and its upgrade modes.
func (w world) wanted() (planner.Action, planner.State) {
	deployed, finished := w.found.status.Deployed, w.found.name == finishedJob.name
	switch {
	case w.same():
		return planner.ActionNone, planner.StateNone
	case !deployed && w.forms[0] != w.forms[1]:
		return planner.ActionRecreate, planner.StateNone
	case !deployed:
		return w.wantedFirst()
	case w.jobs[0] != w.jobs[1]:
		return planner.ActionRecreate, planner.StateKept
	case w.standalone[0] != w.standalone[1] && !w.switches(), w.forms[0] != w.forms[1]:
		return planner.ActionRecreate, w.recreated(finished)
	case w.redeploys() && !w.suspended[1] && w.runsOn():
		return planner.ActionBlueGreen, planner.StateLost
	case w.redeploys() && !w.suspended[1]:
		return planner.ActionRedeploy, w.redeployed(finished)
	case w.suspended[0] && w.suspended[1] && !w.found.progress:
		return planner.ActionDeferred, planner.StateNone
	case w.suspended[0] && w.suspended[1]:
		return planner.ActionDeferred, planner.StateKept
	case w.suspended[1] && !w.found.progress:
		return planner.ActionSuspend, planner.StateNone
	case w.suspended[1]:
		return planner.ActionSuspend, w.keptUnless(w.stateless())
	case w.suspended[0] && !w.found.progress:
		return planner.ActionResume, planner.StateFresh
	case w.suspended[0]:
		return planner.ActionResume, w.keptUnless(w.stateless())
	case w.kind == diffIgnore && w.standalone[0] == w.standalone[1] && !w.found.progress:
		return planner.ActionConfigOnly, planner.StateNone
	case w.kind == diffIgnore && w.standalone[0] == w.standalone[1]:
		return planner.ActionConfigOnly, planner.StateKept
	case w.kind == diffScale && w.standalone[0] == w.standalone[1] && w.scales():
		if _, checkpoints := w.in.New.FlinkConfiguration.Get(flink.KeyCheckpointInterval); !checkpoints {
			return planner.ActionScaleInPlace, planner.StateAtRisk
		}
		return planner.ActionScaleInPlace, planner.StateKept
	case !w.jobs[1] && flink.HasHighAvailability(w.in.Old.FlinkConfiguration) && flink.HasHighAvailability(w.in.New.FlinkConfiguration):
		return planner.ActionLastState, planner.StateKept
	case !w.jobs[1]:
		// Jobs may run on it that no plan sees.
		return planner.ActionStateless, planner.StateLost
	case finished:
		return planner.ActionRerun, planner.StateFresh
	case w.switches():
		return planner.ActionBlueGreen, w.keptUnless(w.stateless())
	case w.stateless():
		return planner.ActionStateless, w.freshUnless(planner.StateLost)
	case w.modes[1] == flink.UpgradeLastState:
		return planner.ActionLastState, w.freshUnless(planner.StateKept)
	}
	return planner.ActionSavepoint, w.freshUnless(planner.StateKept)
}

// freshUnless is what becomes of a job that is started again: without state it
// starts from the start.
func (w world) freshUnless(state planner.State) planner.State {
	if !w.found.progress {
		return planner.StateFresh
	}
	return state
}

// drops tells whether the platform, which does what an action says, would leave a
// job without the state that it has. It looks at nothing that the planner rules
// on but the two specifications.
func (w world) drops(action planner.Action) bool {
	if !w.found.progress || !w.jobs[0] || !w.jobs[1] {
		return false
	}
	given := w.redeploys() && w.paths[1] != w.found.at
	switch action {
	case planner.ActionRerun:
		return true
	case planner.ActionRedeploy:
		return given
	case planner.ActionBlueGreen, planner.ActionRecreate:
		return given && !w.suspended[1] || w.stateless()
	case planner.ActionResume, planner.ActionSuspend, planner.ActionSavepoint, planner.ActionLastState, planner.ActionStateless:
		return w.stateless()
	default:
		return false
	}
}

// scales tells whether the operator rescales the job in place. In native mode it
// asks the job itself; in standalone mode it changes the number of TaskManagers.
func (w world) scales() bool {
	answers := !slices.Contains([]string{flink.StateFinished, flink.StateFailed, flink.StateCanceled, flink.StateReconciling}, w.found.status.JobState)
	return w.scalable && (answers || w.standalone[1])
}

// wantedFirst is wanted for an object whose job was never deployed.
func (w world) wantedFirst() (planner.Action, planner.State) {
	starts := planner.StateFresh
	if w.paths[1] != "" {
		starts = planner.StateKept
	}
	switch {
	case w.suspended[0] && w.suspended[1]:
		return planner.ActionDeferred, planner.StateNone
	case w.suspended[1]:
		return planner.ActionSuspend, planner.StateNone
	case w.suspended[0] && w.jobs[1]:
		return planner.ActionResume, starts
	case w.suspended[0]:
		return planner.ActionResume, planner.StateNone
	case w.kind == diffIgnore && w.paths[0] == w.paths[1] && w.jobs[0] == w.jobs[1] && w.standalone[0] == w.standalone[1]:
		return planner.ActionConfigOnly, planner.StateNone
	case !w.jobs[1]:
		return planner.ActionCreate, planner.StateNone
	}
	return planner.ActionCreate, starts
}

func (w world) keptUnless(lost bool) planner.State {
	if lost {
		return planner.StateLost
	}
	return planner.StateKept
}

func (w world) redeployed(finished bool) planner.State {
	if finished {
		return planner.StateFresh
	}
	return w.keptUnless(w.found.progress && w.found.at != w.paths[1])
}

func (w world) recreated(finished bool) planner.State {
	switch {
	case !w.jobs[1]:
		return planner.StateNone
	case finished:
		return planner.StateFresh
	case !w.found.progress && w.redeploys():
		return planner.StateKept
	case !w.found.progress:
		return planner.StateFresh
	case w.stateless():
		return planner.StateLost
	case w.redeploys():
		return w.keptUnless(w.found.at != w.paths[1])
	case w.suspended[0]:
		return w.keptUnless(w.found.at == "")
	case w.found.status.JobState == flink.StateRunning:
		return w.keptUnless(!w.savepointsKnown)
	}
	// The apply looks for the newest state, and refuses when it is not known.
	return planner.StateKept
}

// refused tells whether the change has to be refused, whatever is allowed.
func (w world) refused(action planner.Action) bool {
	// What an earlier version of the provider noted does not tell, so the mode has
	// to.
	lastState := w.found.lastState || w.found.status.StateLocation == flink.LocationUnknown && w.modes[0] == flink.UpgradeLastState
	return action != planner.ActionNone && w.found.status.Deployed &&
		(w.jobs[0] != w.jobs[1] ||
			w.redeploys() && (action == planner.ActionDeferred || action == planner.ActionSuspend) ||
			action == planner.ActionLastState && w.runsOn() && w.forms[1] == byOperator ||
			w.suspended[0] && w.found.progress && lastState && !w.stateless() && slices.Contains(w.changed, "flinkVersion"))
}

// risk tells whether the state that a change restores is at risk, as another version of
// Flink reads it (0 is 1.20, 1 is 1.17, 2 is 2.0), and whether the change is refused.
func (w world) risk(action planner.Action, state planner.State) (atRisk, refused bool) {
	switch action {
	case planner.ActionNone, planner.ActionConfigOnly, planner.ActionScaleInPlace, planner.ActionRerun, planner.ActionStateless:
		return false, false
	default:
	}
	if w.jobs[0] != w.jobs[1] || !w.found.status.Deployed || state != planner.StateKept && !w.redeploys() {
		return false, false
	}
	atRisk, refused = w.riskOfVersion()
	return atRisk || w.unclaimed, refused
}

func (w world) riskOfVersion() (atRisk, refused bool) {
	switch {
	case w.versions[0] == w.versions[1]:
		return false, false
	case w.versions[0] == 1 && w.versions[1] == 0:
		return false, false
	case w.versions[0] != 2:
		return true, w.in.AcceptStateRisk == ""
	case w.redeploys():
		// Another version may have written what is at the path that is given.
		newest := w.found.at == w.paths[1]
		return newest, newest
	}
	return true, true
}

// For random pairs of specifications, the planned action is what the operator's
// table of differences gives, which is written down a second time in this file
// and the one of the table. The state is lost just when the operator would drop
// it, and then only with leave.
func TestPlanFollowsTheOperator(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	actions, fates := map[planner.Action]int{}, map[planner.State]int{}
	for range 16000 {
		w := randomWorld(r)
		got := planner.Plan(w.in)
		action, state := w.wanted()
		atRisk, refused := w.risk(action, state)
		if atRisk && state == planner.StateKept {
			state = planner.StateAtRisk
		}
		if got.Rollout.Action != action || got.Rollout.State != state {
			t.Fatalf("%s:\nplanned %s with the state %s, want %s, %s", w, got.Rollout.Action, got.Rollout.State, action, state)
		}
		if dropped := w.drops(action); dropped && len(got.Errors) == 0 && !w.in.AllowStateLoss {
			t.Fatalf("%s:\nplanned %s, which drops state that exists, without a word: %+v", w, action, got.Rollout)
		}
		actions[action]++
		fates[state]++
		forbidden := refused || w.refused(action) || state == planner.StateLost && !w.in.AllowStateLoss
		if forbidden != (len(got.Errors) > 0) {
			t.Fatalf("%s:\nplanned %s with the state %s and the errors %v", w, action, state, got.Errors)
		}
		checkTold(t, w, got)
	}
	for _, action := range []planner.Action{
		planner.ActionCreate, planner.ActionNone, planner.ActionConfigOnly, planner.ActionScaleInPlace, planner.ActionSavepoint, planner.ActionLastState, planner.ActionStateless,
		planner.ActionRedeploy, planner.ActionSuspend, planner.ActionResume, planner.ActionRerun, planner.ActionDeferred, planner.ActionRecreate, planner.ActionBlueGreen,
	} {
		if actions[action] < 15 {
			t.Errorf("only %d random changes came to %s", actions[action], action)
		}
	}
	for _, state := range []planner.State{planner.StateKept, planner.StateLost, planner.StateFresh, planner.StateNone, planner.StateAtRisk} {
		if fates[state] < 200 {
			t.Errorf("only %d random changes came to the state %s", fates[state], state)
		}
	}
}

// checkTold checks what holds for what every decision says.
func checkTold(t *testing.T, w world, got planner.Decision) {
	t.Helper()
	rollout := got.Rollout
	wantRevision := w.in.Revision + 1
	if rollout.Action == planner.ActionNone {
		wantRevision = w.in.Revision
	}
	if rollout.Revision != wantRevision || !strings.HasPrefix(rollout.Summary, fmt.Sprintf("#%d ", wantRevision)) {
		t.Fatalf("%s:\nrevision %d after %d: %+v", w, rollout.Revision, w.in.Revision, rollout)
	}
	if (rollout.Action == planner.ActionNone) != (len(rollout.Because) == 0) {
		t.Fatalf("%s:\n%s because of %v", w, rollout.Action, rollout.Because)
	}
	if rollout.Downtime && len(got.Warnings)+len(got.Errors) == 0 {
		t.Fatalf("%s:\ndowntime without a word: %+v", w, rollout)
	}
	if rollout.State == planner.StateLost && len(got.Warnings)+len(got.Errors) == 0 {
		t.Fatalf("%s:\nstate is lost without a word: %+v", w, rollout)
	}
	if len(got.Errors) > 0 && len(got.Warnings) > 0 {
		t.Fatalf("%s:\nwarnings beside errors: %+v", w, got)
	}
	texts := rollout.Summary
	for _, n := range slices.Concat(got.Warnings, got.Errors) {
		texts += n.Summary + n.Detail
	}
	if strings.ContainsAny(texts, "\n") || strings.Contains(texts, "planted") {
		t.Fatalf("%s:\n%s", w, texts)
	}
	if again := planner.Plan(w.in); !reflect.DeepEqual(got, again) {
		t.Fatalf("%s:\nplanned twice:\n%+v\n%+v", w, got, again)
	}
}
