package sql

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// outcome is what a change comes to.
type outcome struct {
	action   planner.Action
	state    planner.State
	downtime bool
	causes   []cause
	// consequence ends the summary, and told is a sentence of a warning.
	consequence, told string
	// keep says how the state can be kept, in an error about its loss.
	keep string
	// unknown, replaces and handsOver are those of a Decision.
	unknown, replaces, handsOver bool
	// impossible is what the platform does not do, empty for nothing.
	impossible string
}

// Plan decides what a change does to a statement's job. It is a pure function.
func Plan(c Change) Decision {
	out := c.decide()
	if out.action == planner.ActionNone {
		return Decision{Decision: planner.Decision{Rollout: planner.Rollout{
			Revision: c.Revision, Action: planner.ActionNone, State: planner.StateNone, Summary: fmt.Sprintf("#%d no change", c.Revision),
		}}}
	}
	decision := Decision{Unknown: out.unknown, Replaces: out.replaces, HandsOver: out.handsOver}
	because := c.Provider
	if len(out.causes) > 0 {
		because = nil
		for _, cause := range out.causes {
			because = append(because, cause.path().Attribute())
		}
	}
	decision.Rollout = planner.Rollout{
		Revision: c.Revision + 1, Action: out.action, State: out.state, Downtime: out.downtime,
		Because: append([]string{}, because...), Summary: c.summary(out),
	}
	c.guard(out, &decision)
	return decision
}

// decide goes through what a change can be, the strongest first.
func (c Change) decide() outcome {
	if c.Old == nil {
		return c.create()
	}
	anew := append(c.moves(), c.Old.differences(c.New)...)
	switch {
	case len(anew) > 0 && !c.runsJob():
		return outcome{
			action: planner.ActionRecreate, state: planner.StateNone, causes: anew, replaces: true,
			consequence: "the statement is deleted and carried out anew",
		}
	case len(anew) > 0:
		return c.anew(anew)
	}
	causes := c.inPlace()
	switch {
	case len(causes) == 0 && len(c.Provider) == 0:
		return outcome{action: planner.ActionNone}
	case len(causes) == 0:
		return outcome{action: planner.ActionMetadata, state: planner.StateNone, consequence: "the statement is not touched"}
	case !c.runsJob(), c.Seen.Phase == PhaseCompleted:
		return outcome{action: planner.ActionConfigOnly, state: planner.StateNone, causes: causes, consequence: "nothing runs any more"}
	case c.Seen.Phase == PhaseFailed:
		// The server neither changes nor resumes it.
		return c.anew(causes)
	case c.redeploys():
		return c.redeploy(causes)
	case c.Old.Stopped && c.New.Stopped:
		out := outcome{action: planner.ActionDeferred, state: planner.StateKept, causes: causes, consequence: "recorded, takes effect when the statement is resumed"}
		if c.Seen.Idle {
			out.state = planner.StateNone
		}
		return out
	case c.Old.Stopped:
		return c.resume(causes)
	case c.New.Stopped:
		return c.stop(causes)
	case !c.rescales():
		return outcome{action: planner.ActionConfigOnly, state: planner.StateKept, causes: causes, consequence: "the job keeps running"}
	}
	return c.rescale(causes)
}

// inPlace are the changes that the server makes to a statement that it has.
func (c Change) inPlace() []cause {
	var out []cause
	if c.Old.Stopped != c.New.Stopped {
		out = append(out, cause{"stopped", c.Old.Stopped, c.New.Stopped})
	}
	if c.rescales() {
		out = append(out, cause{"parallelism", c.Old.Parallelism, c.New.Parallelism})
	}
	if c.redeploys() {
		out = append(out, cause{"initialSavepointPath", c.Old.SavepointPath, c.New.SavepointPath})
	}
	if c.Old.Mode != c.New.Mode {
		out = append(out, cause{"upgrade", c.Old.Mode, c.New.Mode})
	}
	return out
}

// rescales tells whether the parallelism changes: the server's default is 1.
func (c Change) rescales() bool { return max(c.Old.Parallelism, 1) != max(c.New.Parallelism, 1) }

// redeploys tells whether another path is given. Taking it away does nothing.
func (c Change) redeploys() bool {
	return c.New.SavepointPath != "" && c.New.SavepointPath != c.Old.SavepointPath
}

func (c Change) create() outcome {
	out := outcome{action: planner.ActionCreate, state: planner.StateFresh}
	switch kind := KindOf(c.New.Text); {
	case kind == KindAtOnce:
		out.state, out.consequence = planner.StateNone, "carried out at once"
	case c.New.Stopped:
		out.state, out.consequence = planner.StateNone, "nothing runs until stopped is false"
	case c.New.SavepointPath != "":
		out.state, out.consequence = planner.StateKept, "the job starts from "+c.New.SavepointPath
	}
	return out
}

// anew is another statement in the place of one that is a job: what decides about its
// job, the server changes in no statement that it has.
func (c Change) anew(causes []cause) outcome {
	out := outcome{action: planner.ActionRecreate, state: planner.StateLost, downtime: true, causes: causes, replaces: true}
	out.consequence = "the statement is deleted and created again, and its state and its offsets are lost"
	out.told = "The statement is deleted and created again. The state of its job goes with it, and the offsets that it has come to: the new one begins where scan.startup.mode of its tables says, which may read records twice or leave some out."
	if c.New.SavepointPath != "" {
		out.consequence = "the statement is deleted and created again with the state in " + c.New.SavepointPath + ", and what it has done since is lost"
		out.told = "The statement is deleted and created again with the state in " + c.New.SavepointPath + ", from which this one has started. What this one has done since is done again, or is missing."
	}
	switch {
	case c.Seen.Phase == PhaseCompleted:
		out.action, out.state, out.downtime = planner.ActionRerun, planner.StateFresh, false
		out.consequence = "the statement has come to its end, and the new one begins from the start"
		out.told = "The statement has come to its end. Another one is created in its place and begins from the start."
	case c.redeploys():
		out.state = planner.StateKept
		out.consequence = "the statement is deleted and created again with the state in " + c.New.SavepointPath
		out.told = "The statement is deleted and created again with the state in " + c.New.SavepointPath + ". What this one has done after that is done again, or is missing."
	case c.Seen.Idle:
		out.state, out.downtime = planner.StateNone, false
		out.consequence = "the statement has not run yet, and is deleted and created again"
	case c.PathUnknown && !c.AllowStateLoss:
		out.impossible = "Another statement takes the place of this one, and initial_savepoint_path is not known yet. It cannot be checked any more when this one is gone. Apply what gives the path first, and plan again."
	case len(c.Moves) > 0:
		out.keep = "name in initial_savepoint_path a savepoint or a checkpoint of this statement's job."
	case c.Seen.Phase == PhaseFailed:
		out.keep = "name in initial_savepoint_path a savepoint or a checkpoint that its job has left: the statement has failed, so none can be taken of it any more."
	case !c.CarryOver:
		out.keep = "set upgrade.carry_over = true: the new statement then starts from the savepoint with which this one stops."
	case c.New.Stopped:
		out.keep = "make this change together with stopped = false: a savepoint is carried over when the new statement starts."
	case c.mode() == "":
		out.unknown, out.replaces, out.handsOver, out.state = true, false, true, planner.StateKept
	case c.mode() != flink.UpgradeSavepoint && c.Seen.Savepoint == "":
		out.keep = c.savepoints()
	default:
		out.action, out.state, out.replaces, out.handsOver = planner.ActionSavepoint, planner.StateKept, false, true
		out.consequence = "the job stops with a savepoint, and the job of the new statement starts from it"
		out.told = "The new statement is compiled beside this one. Then this one stops with a savepoint, and the new one starts from it. When it does not run, this one goes on from the savepoint."
		if c.Old.Stopped && c.Seen.Savepoint != "" {
			out.downtime = false
			out.consequence = "the job of the new statement starts from " + c.Seen.Savepoint
			out.told = "The new statement starts from " + c.Seen.Savepoint + ", the savepoint with which this one was stopped."
		}
	}
	return out
}

// runsJob tells whether the statement is a job that writes. One whose words say nothing
// is taken for one while it runs.
func (c Change) runsJob() bool {
	kind := KindOf(c.Old.Text)
	return kind == KindJob || kind == KindUnknown && c.Seen.Phase != "" && c.Seen.Phase != PhaseCompleted && c.Seen.Phase != PhaseFailed
}

// savepoints says how the server comes to stop a statement with a savepoint.
func (c Change) savepoints() string {
	if c.New.Mode != "" {
		return "set upgrade.mode to \"savepoint\"."
	}
	return directories
}

const directories = "have the pool, or the environment's pool_defaults, configure state.checkpoints.dir and state.savepoints.dir: the server stops a statement without a savepoint otherwise."

// mode is how the server stops the statement that it has.
func (c Change) mode() string {
	if c.New.Mode != "" {
		return c.New.Mode
	}
	return c.Seen.Mode
}

func (c Change) redeploy(causes []cause) outcome {
	out := outcome{
		action: planner.ActionRedeploy, state: planner.StateLost, downtime: !c.Old.Stopped, causes: causes,
		consequence: "the job restarts from " + c.New.SavepointPath + " and drops its present state",
		told:        "The job restarts from " + c.New.SavepointPath + ". What it has processed since is lost, unless it is processed again.",
		keep:        "take initial_savepoint_path back.",
	}
	switch {
	case c.New.Stopped:
		out.impossible = "The server reads initial_savepoint_path when it starts the statement. Give it in the change that sets stopped = false."
	case c.New.SavepointPath == c.Seen.Savepoint:
		out.state, out.consequence = planner.StateKept, "the job restarts from "+c.New.SavepointPath
	case c.Seen.Idle:
		out.state, out.consequence = planner.StateKept, "the job starts from "+c.New.SavepointPath
	}
	return out
}

// stop is a statement that shall not run any more for a while.
func (c Change) stop(causes []cause) outcome {
	out := outcome{action: planner.ActionSuspend, state: planner.StateKept, downtime: true, causes: causes}
	switch c.mode() {
	case "":
		out.unknown = true
	case flink.UpgradeSavepoint:
		out.consequence, out.told = "the job stops with a savepoint", "The server stops the job with a savepoint."
	case flink.UpgradeLastState:
		out.consequence, out.told = "the job stops and keeps its last checkpoint", "The server stops the job and keeps its last checkpoint."
	default:
		out.state, out.keep = planner.StateLost, c.savepoints()
		out.consequence, out.told = "the job stops and its state is lost", "The server stops the job without a savepoint."
	}
	return out
}

func (c Change) resume(causes []cause) outcome {
	out := outcome{action: planner.ActionResume, state: planner.StateKept, causes: causes}
	switch mode := c.mode(); {
	case c.Seen.Idle && c.New.SavepointPath != "":
		out.consequence = "the job starts from " + c.New.SavepointPath
	case c.Seen.Idle:
		out.state, out.consequence = planner.StateFresh, "the job has not run yet and starts empty"
	case c.Seen.Savepoint != "":
		out.consequence = "the job restarts from " + c.Seen.Savepoint
	case mode == "":
		out.unknown = true
	case mode == flink.UpgradeStateless:
		out.state, out.consequence = planner.StateFresh, "the job was stopped without a savepoint and starts empty"
	case mode == flink.UpgradeLastState:
		out.consequence = "the job restarts from its last checkpoint"
	default:
		out.consequence = "the job restarts from the savepoint with which it was stopped"
	}
	return out
}

func (c Change) rescale(causes []cause) outcome {
	out := outcome{state: planner.StateKept, downtime: true, causes: causes}
	switch c.mode() {
	case "":
		out.action, out.unknown = planner.ActionSavepoint, true
	case flink.UpgradeSavepoint:
		out.action = planner.ActionSavepoint
		out.consequence, out.told = "the job stops with a savepoint and restarts from it", "The server stops the job with a savepoint and restarts it from there."
	case flink.UpgradeLastState:
		out.action = planner.ActionLastState
		out.consequence, out.told = "the job restarts from its last checkpoint", "The server stops the job and restarts it from its last checkpoint."
	default:
		out.action, out.state, out.keep = planner.ActionStateless, planner.StateLost, c.savepoints()
		out.consequence, out.told = "the job restarts empty and its state is lost", "The server stops the job without a savepoint and starts it empty."
	}
	return out
}

// summary is one line: revision, action, changes; consequence.
func (c Change) summary(out outcome) string {
	line := fmt.Sprintf("#%d %s", c.Revision+1, strings.ReplaceAll(string(out.action), "_", " "))
	var phrases []string
	for _, cause := range out.causes {
		phrases = append(phrases, cause.phrase())
	}
	if len(phrases) == 0 {
		phrases = c.Provider
	}
	if len(phrases) > 0 {
		line += ": " + strings.Join(phrases, ", ")
	}
	switch {
	case out.consequence == "":
		return line
	case len(phrases) > 0:
		return line + "; " + out.consequence
	}
	return line + ": " + out.consequence
}

// phrase describes a cause: `parallelism 2 -> 4`.
func (c cause) phrase() string {
	switch c.field {
	case "statement", "properties", "flinkConfiguration", "name", "environment":
		return c.path().Attribute() + " changed"
	case "upgrade":
		return "upgrade.mode changed"
	}
	return fmt.Sprintf("%s %s -> %s", c.path().Attribute(), shown(c.old), shown(c.new))
}

// shown returns a value as a summary shows it; one that is not said is the server's.
func shown(value any) string {
	switch value {
	case "", int64(0):
		return "default"
	}
	return fmt.Sprint(value)
}
