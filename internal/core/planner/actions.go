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
		out.state, out.consequence = StateNone, "suspended, nothing runs until job.state is running"
	case path != "":
		out.state, out.consequence = StateKept, "the job starts from "+path
	}
	return out
}

// configOnly changes what the operator takes up without a restart.
func (p *plan) configOnly() outcome {
	out := outcome{action: ActionConfigOnly, state: StateKept, causes: p.changes, consequence: "the job keeps running"}
	switch {
	case !p.hasState():
		out.state, out.consequence = StateNone, "nothing has run yet"
	case p.New.IsSessionCluster():
		out.consequence = "the session cluster keeps running"
	case p.down():
		out.consequence = "the job is not restarted"
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
	path := p.savepointPath()
	switch {
	case !p.hasState():
		out.state, out.downtime = StateNone, false
		out.consequence = "the deployment is deleted and created again; its job has not run yet"
	case p.Old.Job == nil && p.New.Job == nil:
		out.state = StateNone
		out.consequence = "the session cluster is deleted and created again"
		out.operator = p.whyRecreate() + ", so the session cluster is deleted and created again; the jobs that run on it have to go first."
	case p.finished():
		out.state, out.downtime = StateFresh, false
		out.consequence = "the deployment is created again and the finished job runs again from the start"
		out.operator = p.whyRecreate() + ", so the deployment is deleted and created again; its finished job runs again from the start."
	case upgradeMode(p.New) == flink.UpgradeStateless:
		out.state = StateLost
		out.consequence = "the deployment is deleted and created again, and its state is lost"
		out.operator = p.whyRecreate() + ", so the deployment is deleted and created again, without its state."
	case p.redeploys() && !p.isNewest(initialSavepointPath(p.New)):
		out.state = StateLost
		out.consequence = fmt.Sprintf("the deployment is deleted and created again from %s, and drops its present state", initialSavepointPath(p.New))
		out.operator = p.whyRecreate() + fmt.Sprintf(", so the deployment is deleted and created again from %s.", initialSavepointPath(p.New))
		out.keep = "take job.initial_savepoint_path back;"
	case suspended(*p.Old) && path == "":
		out.state, out.downtime = StateLost, false
		out.consequence = "the deployment is deleted and created again, and its state is lost"
		out.operator = p.whyRecreate() + ", so the deployment is deleted and created again, and nobody knows the path of the suspended job's state."
		out.keep = "set job.state = \"running\" first, and make this change when the job runs;"
	case suspended(*p.Old):
		out.downtime = false
		out.consequence = "the deployment is deleted and created again with the state in " + path
		out.operator = p.whyRecreate() + fmt.Sprintf(", so the deployment is deleted and created again with the state in %s.", path)
	case p.down():
		out.consequence = fmt.Sprintf("the job is %s, its deployment is deleted and created again from %s", p.jobState(), p.newestState())
		out.operator = p.whyRecreate() + fmt.Sprintf(", so the deployment is deleted and created again. The job is %s: it goes on from %s.", p.jobState(), p.newestState())
	case p.savepointDirectory() == "" && flink.SavepointDirectory(p.Old.FlinkConfiguration) == "" && upgradeMode(*p.Old) != flink.UpgradeSavepoint:
		// The operator does not deploy a job in mode savepoint without a
		// directory, so such a job has one from the operator's own configuration.
		out.state = StateLost
		out.consequence = "the deployment is deleted and created again, and its state is lost"
		out.operator = p.whyRecreate() + ", so the deployment is deleted and created again, and without a directory for savepoints nothing carries its state."
		out.keep = "set flink_configuration[\"state.savepoints.dir\"];"
	default:
		out.consequence = "the job stops with a savepoint, its deployment is deleted and created again from it"
		out.operator = p.whyRecreate() + fmt.Sprintf(", so the job is stopped with a savepoint%s, its deployment is deleted, and created again from the savepoint.", p.savepointDirectory())
	}
	if (p.Old.Job == nil) != (p.New.Job == nil) {
		return outcome{action: ActionRecreate, state: StateKept, downtime: true, causes: causes, consequence: "not possible in place"}
	}
	return out
}

// deferred changes a job that is and stays suspended: the operator takes the
// change up together with the one that resumes the job.
func (p *plan) deferred() outcome {
	out := outcome{
		action: ActionDeferred, state: StateKept, causes: p.changes,
		consequence: "recorded, takes effect when the job is resumed",
	}
	if !p.hasState() {
		out.state = StateNone
	}
	return out
}

// suspend stops the job by its upgrade mode.
func (p *plan) suspend() outcome {
	out := outcome{action: ActionSuspend, state: StateKept, downtime: true, causes: p.first(p.restarting(), "job", "state")}
	switch {
	case !p.hasState():
		out.state, out.downtime = StateNone, false
		out.consequence = "the job has not run yet"
	case p.finished():
		out.state, out.downtime = StateNone, false
		out.consequence = "the job has finished already"
	case upgradeMode(p.New) == flink.UpgradeStateless:
		out.state = StateLost
		out.consequence = "the job stops and its state is lost"
		out.operator = "The operator stops the job without a savepoint."
	case p.down():
		out.consequence = fmt.Sprintf("the job is %s, it stops and keeps %s", p.jobState(), p.newestState())
		out.operator = fmt.Sprintf("The job is %s, so the operator cannot take a savepoint: it stops the job and keeps %s.", p.jobState(), p.newestState())
	case upgradeMode(p.New) == flink.UpgradeSavepoint:
		out.consequence = "the job stops with a savepoint"
		out.operator = fmt.Sprintf("The operator stops the job with a savepoint%s.", p.savepointDirectory())
	default:
		out.consequence = "the job stops and keeps its last checkpoint"
		out.operator = "The operator stops the job and keeps its last checkpoint."
	}
	return out
}

// resume starts a suspended job again. The operator restores it in the mode in
// which it was suspended, unless the new mode is stateless.
func (p *plan) resume() outcome {
	out := outcome{action: ActionResume, state: StateKept, causes: p.first(p.restarting(), "job", "state")}
	stateless := upgradeMode(*p.Old) == flink.UpgradeStateless
	switch path := p.savepointPath(); {
	case !p.hasState():
		started := p.create()
		out.state = started.state
		out.consequence = "the job starts for the first time"
		if started.state == StateKept {
			out.consequence += ", from " + initialSavepointPath(p.New)
		}
	case stateless && path == "":
		out.state, out.consequence = StateFresh, "the job was suspended without state and starts empty"
	case upgradeMode(p.New) == flink.UpgradeStateless:
		out.state = StateLost
		out.consequence = "the job starts empty and its state is lost"
		out.operator = "The operator starts the job without the state that it had when it was suspended."
	case path != "":
		out.consequence = "the job restarts from " + path
	default:
		out.consequence = "the job restarts from its last checkpoint"
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
		operator:    fmt.Sprintf("The operator stops the job without a savepoint and restarts it from %s.", path),
	}
	switch {
	case p.finished():
		out.state = StateFresh
		out.consequence = fmt.Sprintf("the finished job runs again, from %s", path)
		out.operator = fmt.Sprintf("The job has finished; the operator runs it again, from %s.", path)
	case p.isNewest(path):
		out.state = StateKept
		out.consequence = fmt.Sprintf("the job is %s, it restarts from %s", p.jobState(), path)
		out.operator = fmt.Sprintf("The job is %s; the operator restarts it from %s.", p.jobState(), path)
	}
	return out
}

// rerun restarts a job that came to its end: the checkpoint that the operator
// would restore from is gone by then, so it runs from the start.
func (p *plan) rerun() outcome {
	return outcome{
		action: ActionRerun, state: StateFresh, causes: p.restarting(),
		consequence: "the finished job runs again from the start",
		operator:    "The job has finished; the operator runs it again from the start.",
	}
}

// restartSession restarts a cluster without a job of its own. Jobs may run on it
// that no plan sees, and only high availability remembers them.
func (p *plan) restartSession() outcome {
	before, after := flink.HasHighAvailability(p.Old.FlinkConfiguration), flink.HasHighAvailability(p.New.FlinkConfiguration)
	if before && after {
		return outcome{
			action: ActionLastState, state: StateKept, downtime: true, causes: p.restarting(),
			consequence: "the session cluster restarts and recovers the jobs that run on it",
			operator:    "The operator restarts the session cluster; the jobs that run on it recover from their last checkpoints.",
		}
	}
	out := outcome{
		action: ActionStateless, state: StateLost, downtime: true, causes: p.restarting(),
		consequence: "the session cluster restarts without the jobs that run on it",
		operator:    "The operator restarts the session cluster; without high availability the jobs that run on it are not recovered.",
		keep:        "set flink_configuration[\"high-availability.type\"] = \"kubernetes\" and flink_configuration[\"high-availability.storageDir\"] before there are jobs;",
	}
	if after {
		out.operator = "The operator restarts the session cluster; it has no high availability yet, so the jobs that run on it are not recovered this time."
		out.keep = "suspend its session jobs first (job.state = \"suspended\" with upgrade.mode = \"savepoint\") and resume them afterwards;"
	}
	return out
}

// upgrade restarts the job by its new upgrade mode.
func (p *plan) upgrade() outcome {
	out := outcome{state: StateKept, downtime: true, causes: p.restarting()}
	switch upgradeMode(p.New) {
	case flink.UpgradeSavepoint:
		out.action = ActionSavepoint
		out.consequence = "the job stops with a savepoint and restarts from it"
		out.operator = fmt.Sprintf("The operator stops the job with a savepoint%s and restarts it from there.", p.savepointDirectory())
	case flink.UpgradeLastState:
		out.action = ActionLastState
		out.consequence = "the job restarts from its last checkpoint"
		out.operator = "The operator stops the job and restarts it from its last checkpoint."
		if len(p.at("flinkVersion")) > 0 && flink.SavepointDirectory(p.New.FlinkConfiguration) != "" {
			out.consequence = "as the Flink version changes, the job stops with a savepoint and restarts from it"
			out.operator = fmt.Sprintf("As the Flink version changes, the operator stops the job with a savepoint%s and restarts it from there.", p.savepointDirectory())
		}
	default:
		out.action, out.state = ActionStateless, StateLost
		out.consequence = "the job restarts empty and its state is lost"
		out.operator = "The operator stops the job without a savepoint and starts it empty."
		return out
	}
	switch {
	case !p.down():
	case out.action == ActionSavepoint && p.waitsForRunning():
		out.consequence = fmt.Sprintf("the job is %s, the operator waits until it runs to stop it with a savepoint", p.jobState())
		out.operator = fmt.Sprintf("The job is %s and %s is false, so the operator waits until the job runs.", p.jobState(), keyLastStateFalls)
	default:
		out.consequence = fmt.Sprintf("the job is %s, it restarts from %s", p.jobState(), p.newestState())
		out.operator = fmt.Sprintf("The job is %s, so the operator cannot take a savepoint: it restarts the job from %s.", p.jobState(), p.newestState())
	}
	return out
}

// waitsForRunning tells whether an upgrade by savepoint waits for a job that
// does not run, instead of taking the last checkpoint.
func (p *plan) waitsForRunning() bool {
	return !p.terminated() && len(p.at("flinkVersion")) == 0 && disabled(p.New.FlinkConfiguration, keyLastStateFalls)
}

// newestState names what a job that does not run is restored from. While Flink
// still tries to run it, there may be a newer checkpoint than the path that was
// last reported.
func (p *plan) newestState() string {
	path := p.savepointPath()
	switch {
	case p.isNewest(path):
		return path
	case path != "":
		return "its last checkpoint or " + path
	default:
		return "its last checkpoint"
	}
}

// isNewest tells whether a path is the newest state of a job that does not run:
// the operator named it when the job ended or was suspended, or the job was to
// start from it and never ran. A job that Flink restarts has run since the path
// was reported, and may have newer checkpoints.
func (p *plan) isNewest(path string) bool {
	if path == "" || path != p.savepointPath() {
		return false
	}
	neverRan := p.Status.JobManager == managerError && p.Status.LifecycleState == flink.LifecycleDeployed
	return p.terminated() || p.jobState() == flink.StateSuspended || neverRan
}

// savepointDirectory returns where savepoints go, in parentheses.
func (p *plan) savepointDirectory() string {
	if directory := flink.SavepointDirectory(p.New.FlinkConfiguration); directory != "" {
		return " (" + directory + ")"
	}
	return ""
}
