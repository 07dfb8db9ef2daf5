package planner

import (
	"fmt"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// create is the first specification of an object that does not exist.
func (p *plan) create() outcome {
	out := outcome{action: ActionCreate, state: StateFresh}
	path := initialSavepointPath(p.New)
	switch {
	case p.New.Job == nil:
		out.state = StateNone
	case suspended(p.New):
		out.state, out.consequence = StateNone, fmt.Sprintf("%s, nothing runs until job.state is running", *p.New.Job.State)
	case path != "":
		out.state, out.consequence = StateKept, "the job starts from "+path
	}
	return out
}

// createAgain creates what somebody has deleted, while the platform still has the
// object that led to it. State whose path is known is not left behind.
func (p *plan) createAgain() outcome {
	out := p.create()
	out.causes = p.restarting()
	switch path := p.Status.SavepointPath; {
	case p.New.Job == nil, out.state == StateKept:
	case path != "" && p.Status.StateLocation != flink.LocationNone:
		out.state, out.consequence = StateLost, "what ran the job was deleted, and the new job starts without its state"
		out.platform = "What ran the job was deleted, and the job would start empty. Its newest state that is known is in " + path + "."
		out.keep = fmt.Sprintf("set job.initial_savepoint_path = %q;", path)
	case out.state == StateFresh:
		out.consequence = "what ran the job was deleted, and the new job starts without state"
	}
	return out
}

// configOnly changes what the platform takes up without a restart.
func (p *plan) configOnly() outcome {
	out := outcome{action: ActionConfigOnly, state: StateKept, causes: p.changes, consequence: "the job keeps running"}
	switch {
	case !p.Deployed():
		out.state, out.consequence = StateNone, "nothing has run yet"
	case p.New.IsSessionCluster():
		out.consequence = "the session cluster keeps running"
	case p.down():
		out.consequence = "the job is not restarted"
	}
	if p.empty() {
		out.state = StateNone
	}
	return out
}

// firstStart changes an object that exists but never ran.
func (p *plan) firstStart() outcome {
	out := p.create()
	out.causes = p.restarting()
	switch {
	case p.New.Job == nil:
		out.consequence = "the session cluster has not run yet"
	case out.state == StateKept:
		out.consequence = "the job has not run yet and starts from " + initialSavepointPath(p.New)
	default:
		out.consequence = "the job has not run yet and starts without state"
	}
	return out
}

// recreate deletes the objects and creates others, because the change needs
// them. The job goes on from a savepoint.
func (p *plan) recreate(causes []change) outcome {
	out := outcome{action: ActionRecreate, state: StateKept, downtime: true, causes: slices.Clone(causes)}
	for _, c := range p.restarting() {
		if !slices.ContainsFunc(causes, func(cause change) bool { return slices.Equal(cause.Path, c.Path) }) {
			out.causes = append(out.causes, c)
		}
	}
	path := p.Status.SavepointPath
	switch {
	case !p.Deployed():
		out.state, out.downtime = StateNone, false
		out.consequence = "the deployment is deleted and created again; its job has not run yet"
	case p.Old.Job == nil && p.New.Job == nil:
		out.state = StateNone
		out.consequence = "the session cluster is deleted and created again"
		out.platform = p.whyRecreate() + ", so the session cluster is deleted and created again; the jobs that run on it have to go first."
	case p.finished():
		out.state, out.downtime = StateFresh, false
		out.consequence = "the deployment is created again and the finished job runs again from the start"
		out.platform = p.whyRecreate() + ", so the deployment is deleted and created again; its finished job runs again from the start."
	case p.empty():
		out.state, out.downtime = StateFresh, false
		from := "without state, as there is none"
		if p.redeploys() {
			out.state, from = StateKept, "from "+initialSavepointPath(p.New)
		}
		out.consequence = "the deployment is deleted and created again; its job starts " + from
		out.platform = p.whyRecreate() + fmt.Sprintf(", so the deployment is deleted and created again; its job starts %s.", from)
	case upgradeMode(p.New) == flink.UpgradeStateless:
		out.state = StateLost
		out.consequence = "the deployment is deleted and created again, and its state is lost"
		out.platform = p.whyRecreate() + ", so the deployment is deleted and created again, without its state."
	case p.redeploys() && !p.isNewest(initialSavepointPath(p.New)):
		out.state = StateLost
		out.consequence = fmt.Sprintf("the deployment is deleted and created again from %s, and drops its present state", initialSavepointPath(p.New))
		out.platform = p.whyRecreate() + fmt.Sprintf(", so the deployment is deleted and created again from %s.", initialSavepointPath(p.New))
		out.keep = "take job.initial_savepoint_path back;"
	case suspended(*p.Old) && path == "":
		out.state, out.downtime = StateLost, false
		out.consequence = "the deployment is deleted and created again, and its state is lost"
		out.platform = p.whyRecreate() + ", so the deployment is deleted and created again, and nobody knows the path of the suspended job's state."
		out.keep = "set job.state = \"running\" first, and make this change when the job runs;"
	case suspended(*p.Old):
		out.downtime = false
		out.consequence = "the deployment is deleted and created again with the state in " + path
		out.platform = p.whyRecreate() + fmt.Sprintf(", so the deployment is deleted and created again with the state in %s.", path)
	case p.down():
		out.consequence = fmt.Sprintf("the job is %s, its deployment is deleted and created again from %s", p.jobState(), p.newestState())
		out.platform = p.whyRecreate() + fmt.Sprintf(", so the deployment is deleted and created again. The job is %s: it goes on from %s.", p.jobState(), p.newestState())
	case p.savepointDirectory() == "" && flink.SavepointDirectory(p.Old.FlinkConfiguration) == "" && upgradeMode(*p.Old) != flink.UpgradeSavepoint:
		// The platform does not deploy a job in mode savepoint without a
		// directory, so such a job has one from the platform's own configuration.
		out.state = StateLost
		out.consequence = "the deployment is deleted and created again, and its state is lost"
		out.platform = p.whyRecreate() + ", so the deployment is deleted and created again, and without a directory for savepoints nothing carries its state."
		out.keep = "set flink_configuration[\"state.savepoints.dir\"];"
	default:
		out.consequence = "the job stops with a savepoint, its deployment is deleted and created again from it"
		out.platform = p.whyRecreate() + fmt.Sprintf(", so the job is stopped with a savepoint%s, its deployment is deleted, and created again from the savepoint.", p.savepointDirectory())
	}
	if (p.Old.Job == nil) != (p.New.Job == nil) {
		return outcome{action: ActionRecreate, state: StateKept, downtime: true, causes: causes, consequence: "not possible in place"}
	}
	return out
}

// deferred changes a job that is and stays suspended: the platform takes the
// change up together with the one that resumes the job.
func (p *plan) deferred() outcome {
	out := outcome{
		action: ActionDeferred, state: StateKept, causes: p.changes,
		consequence: "recorded, takes effect when the job is resumed",
	}
	if p.empty() {
		out.state = StateNone
	}
	return out
}

// suspend stops the job by its upgrade mode.
func (p *plan) suspend() outcome {
	out := outcome{action: ActionSuspend, state: StateKept, downtime: true, causes: p.first(p.restarting(), "job", "state")}
	switch {
	case !p.Deployed():
		out.state, out.downtime = StateNone, false
		out.consequence = "the job has not run yet"
	case p.finished():
		out.state, out.downtime = StateNone, false
		out.consequence = "the job has finished already"
	case p.empty():
		out.state, out.downtime = StateNone, false
		out.consequence = "the job has no state to keep"
	case cancelled(p.New) && flink.RetainsOnCancellation(p.Old.FlinkConfiguration):
		out.consequence = "the job is cancelled and keeps its last checkpoint"
		out.platform = p.Subject() + " cancels the job without a savepoint; its last checkpoint is retained."
	case cancelled(p.New):
		out.state = StateLost
		out.consequence = "the job is cancelled and its state is lost"
		out.platform = p.Subject() + " cancels the job without a savepoint, and Flink deletes its checkpoints."
		out.keep = "set job.state = \"suspended\";"
	case upgradeMode(p.New) == flink.UpgradeStateless:
		out.state = StateLost
		out.consequence = "the job stops and its state is lost"
		out.platform = p.Subject() + " stops the job without a savepoint."
	case p.down():
		out.consequence = fmt.Sprintf("the job is %s, it stops and keeps %s", p.jobState(), p.newestState())
		out.platform = fmt.Sprintf("The job is %s, so %s cannot take a savepoint: it stops the job and keeps %s.", p.jobState(), p.subject(), p.newestState())
	case upgradeMode(p.New) == flink.UpgradeSavepoint:
		out.consequence = "the job stops with a savepoint"
		out.platform = p.Subject() + fmt.Sprintf(" stops the job with a savepoint%s.", p.savepointDirectory())
	default:
		out.consequence = "the job stops and keeps its last checkpoint"
		out.platform = p.Subject() + " stops the job and keeps its last checkpoint."
	}
	return out
}

// resume starts a suspended job again. The platform restores it in the mode in
// which it was suspended, unless the new mode is stateless: the mode that the
// specification has by now does not tell whether there is state.
func (p *plan) resume() outcome {
	out := outcome{action: ActionResume, state: StateKept, causes: p.first(p.restarting(), "job", "state")}
	switch {
	case !p.Deployed():
		started := p.create()
		out.state = started.state
		out.consequence = "the job starts for the first time"
		if started.state == StateKept {
			out.consequence += ", from " + initialSavepointPath(p.New)
		}
	case p.empty():
		out.state, out.consequence = StateFresh, "the job was suspended without state and starts empty"
	case upgradeMode(p.New) == flink.UpgradeStateless:
		out.state = StateLost
		out.consequence = "the job starts empty and its state is lost"
		out.platform = p.Subject() + " starts the job without the state that it had when it was suspended."
	default:
		out.consequence = "the job restarts from " + p.newestState()
	}
	return out
}

// redeploy drops the present state for a savepoint that is given.
func (p *plan) redeploy() outcome {
	path := initialSavepointPath(p.New)
	out := outcome{
		action: ActionRedeploy, state: StateLost, downtime: !suspended(*p.Old) && !p.finished(),
		causes:      p.first(p.restarting(), "job", "initialSavepointPath"),
		consequence: fmt.Sprintf("the job restarts from %s and drops its present state", path),
		platform:    p.Subject() + fmt.Sprintf(" stops the job without a savepoint and restarts it from %s.", path),
	}
	switch {
	case p.finished():
		out.state = StateFresh
		out.consequence = fmt.Sprintf("the finished job runs again, from %s", path)
		out.platform = fmt.Sprintf("The job has finished; %s runs it again, from %s.", p.subject(), path)
	case p.empty():
		out.state, out.downtime = StateKept, false
		out.consequence = fmt.Sprintf("the job has no state of its own and starts from %s", path)
	case p.isNewest(path):
		out.state = StateKept
		out.consequence = fmt.Sprintf("the job is %s, it restarts from %s", p.jobState(), path)
		out.platform = fmt.Sprintf("The job is %s; %s restarts it from %s.", p.jobState(), p.subject(), path)
	}
	return out
}

// rerun restarts a job that came to its end: the checkpoint that the platform
// would restore from is gone by then, so it runs from the start.
func (p *plan) rerun() outcome {
	return outcome{
		action: ActionRerun, state: StateFresh, causes: p.restarting(),
		consequence: "the finished job runs again from the start",
		platform:    "The job has finished; " + p.subject() + " runs it again from the start.",
	}
}

// restartSession restarts a cluster without a job of its own. Jobs may run on it
// that no plan sees, and only high availability remembers them.
func (p *plan) restartSession() outcome {
	if p.StopsIdleSessions() {
		return outcome{
			action: ActionStateless, state: StateNone, downtime: true, causes: p.restarting(),
			consequence: "the session cluster restarts, once no job runs on it",
			platform: p.Subject() + " stops a session cluster only when no job runs on it: while one does, the apply refuses this change, and nothing is lost. " +
				"Suspend its session jobs in an apply before (job.state = \"suspended\" with upgrade.mode = \"savepoint\"), and resume them afterwards.",
		}
	}
	before, after := flink.HasHighAvailability(p.Old.FlinkConfiguration), flink.HasHighAvailability(p.New.FlinkConfiguration)
	if before && after {
		return outcome{
			action: ActionLastState, state: StateKept, downtime: true, causes: p.restarting(),
			consequence: "the session cluster restarts and recovers the jobs that run on it",
			platform:    p.Subject() + " restarts the session cluster; the jobs that run on it recover from their last checkpoints.",
		}
	}
	out := outcome{
		action: ActionStateless, state: StateLost, downtime: true, causes: p.restarting(),
		consequence: "the session cluster restarts without the jobs that run on it",
		platform:    p.Subject() + " restarts the session cluster; without high availability the jobs that run on it are not recovered.",
		keep:        "set flink_configuration[\"high-availability.type\"] = \"kubernetes\" and flink_configuration[\"high-availability.storageDir\"] before there are jobs;",
	}
	if after {
		out.platform = p.Subject() + " restarts the session cluster; it has no high availability yet, so the jobs that run on it are not recovered this time."
		out.keep = "suspend its session jobs first (job.state = \"suspended\" with upgrade.mode = \"savepoint\") and resume them afterwards;"
	}
	return out
}

// keepsNothing tells whether what runs has no state that Flink keeps.
func (p *plan) keepsNothing() bool {
	knows, ok := p.Semantics.(Stateless)
	return ok && knows.KeepsNothing(p.New)
}

// restart stops what has no state of Flink's, and starts it anew.
func (p *plan) restart() outcome {
	return outcome{
		action: ActionStateless, state: StateNone, downtime: true, causes: p.restarting(),
		consequence: "its pods stop, and others start in their place",
		platform:    p.Subject() + " stops its pods and starts others. It keeps no state that Flink knows of.",
	}
}

// upgrade restarts the job by its new upgrade mode.
func (p *plan) upgrade() outcome {
	out := p.upgradeByMode()
	switch {
	case p.empty():
		out.state, out.downtime, out.platform = StateFresh, false, ""
		out.consequence = "the job has no state yet and starts without"
	case out.state == StateLost, !p.down():
	case out.action == ActionSavepoint && p.waitsForRunning():
		out.consequence = fmt.Sprintf("the job is %s, %s waits until it runs to stop it with a savepoint", p.jobState(), p.subject())
		out.platform = fmt.Sprintf("The job is %s and %s is false, so %s waits until the job runs.", p.jobState(), p.WaitsFor(p.Input), p.subject())
	default:
		out.consequence = fmt.Sprintf("the job is %s, it restarts from %s", p.jobState(), p.newestState())
		out.platform = fmt.Sprintf("The job is %s, so %s cannot take a savepoint: it restarts the job from %s.", p.jobState(), p.subject(), p.newestState())
	}
	return out
}

// upgradeByMode is upgrade for a job that runs.
func (p *plan) upgradeByMode() outcome {
	out := outcome{state: StateKept, downtime: true, causes: p.restarting()}
	switch upgradeMode(p.New) {
	case flink.UpgradeSavepoint:
		out.action = ActionSavepoint
		out.consequence = "the job stops with a savepoint and restarts from it"
		out.platform = p.Subject() + fmt.Sprintf(" stops the job with a savepoint%s and restarts it from there.", p.savepointDirectory())
	case flink.UpgradeLastState:
		out.action = ActionLastState
		out.consequence = "the job restarts from its last checkpoint"
		out.platform = p.Subject() + " stops the job and restarts it from its last checkpoint."
		if p.savesForVersion() {
			out.consequence = "as the Flink version changes, the job stops with a savepoint and restarts from it"
			out.platform = fmt.Sprintf("As the Flink version changes, %s stops the job with a savepoint%s and restarts it from there.", p.subject(), p.savepointDirectory())
		}
	default:
		out.action, out.state = ActionStateless, StateLost
		out.consequence = "the job restarts empty and its state is lost"
		out.platform = p.Subject() + " stops the job without a savepoint and starts it empty."
	}
	return out
}

// waitsForRunning tells whether an upgrade by savepoint waits for a job that
// does not run, instead of taking the last checkpoint.
func (p *plan) waitsForRunning() bool {
	return p.phase() != PhaseFailed && len(p.at("flinkVersion")) == 0 && p.WaitsFor(p.Input) != ""
}

// newestState names what a job that does not run is restored from. While Flink
// still tries to run it, there may be a newer checkpoint than the path that was
// last reported.
func (p *plan) newestState() string {
	path := p.Status.SavepointPath
	switch {
	case p.isNewest(path):
		return path
	case path != "":
		return "its last checkpoint or " + path
	default:
		return "its last checkpoint"
	}
}

// isNewest tells whether a path has all of the job's state.
func (p *plan) isNewest(path string) bool {
	return path != "" && path == p.Status.SavepointPath && p.Status.StateLocation == flink.LocationPath
}

// savepointDirectory returns where savepoints go, in parentheses.
func (p *plan) savepointDirectory() string {
	if directory := flink.SavepointDirectory(p.New.FlinkConfiguration); directory != "" {
		return " (" + directory + ")"
	}
	return ""
}
