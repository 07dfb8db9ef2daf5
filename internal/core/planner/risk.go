package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// stateRisks are the risks to the state that an outcome restores, in the order of
// Flink's rules; none where nothing is restored, or nobody knows what wrote it.
func (p *plan) stateRisks(out outcome) []flink.StateRisk {
	switch out.action {
	case ActionNone, ActionMetadata, ActionConfigOnly, ActionScaleInPlace, ActionStateless, ActionRerun:
		return nil
	default:
	}
	if p.Old == nil || !p.Deployed() || (p.Old.Job == nil) != (p.New.Job == nil) {
		return nil
	}
	if !out.state.GoesOn() && !p.redeploys() {
		return nil
	}
	path := p.restoredPath(out)
	risks := flink.StateRisks(p.writer(path), p.New, p.carried(out))
	if path != "" && !p.isNewest(path) && !p.isKept(path) {
		// Whatever wrote that state, it need not have been the job of before.
		risks = slices.DeleteFunc(risks, func(r flink.StateRisk) bool { return r.Verdict == flink.VerdictRefused })
	}
	return risks
}

// restoredPath is the path that the job starts from, empty when it is still to come or
// only the platform knows.
func (p *plan) restoredPath(out outcome) string {
	switch {
	case out.action == ActionCreate, p.redeploys():
		return initialSavepointPath(p.New)
	case p.isNewest(p.Status.SavepointPath):
		return p.Status.SavepointPath
	}
	return ""
}

// isKept tells whether a path is the savepoint of before an earlier change, and known to
// be of which version.
func (p *plan) isKept(path string) bool {
	return path != "" && path == p.Status.KeptSavepoint && p.Status.KeptVersion != ""
}

// writer is the specification whose job wrote the state at a path, empty for the one that
// the job has. What was deployed since may never have run: the version of a savepoint
// that was kept is known, and for a suspended job the status has the one that ran.
func (p *plan) writer(path string) flink.DeploymentSpec {
	wrote := *p.Old
	if p.isKept(path) {
		wrote.FlinkVersion = new(p.Status.KeptVersion)
		return wrote
	}
	if version, err := flink.VersionOfRelease(p.Status.FlinkVersion); err == nil && suspended(wrote) && wrote.FlinkVersion != nil {
		wrote.FlinkVersion = new(version.String())
	}
	return wrote
}

// carried is how the state gets to the new job.
func (p *plan) carried(out outcome) flink.Carried {
	path := p.Status.SavepointPath
	switch {
	case p.New.Job == nil:
		return flink.Checkpoint
	case p.redeploys():
		return p.carriedAt(initialSavepointPath(p.New))
	case suspended(*p.Old), p.down():
		if p.isNewest(path) {
			return p.carriedAt(path)
		}
		return flink.Checkpoint
	case out.action == ActionBlueGreen, out.action == ActionRecreate, upgradeMode(p.New) != flink.UpgradeLastState, p.savesForVersion():
		return p.Savepoint(p.Input)
	}
	return flink.Checkpoint
}

// carriedAt is how the state at a path is carried. The path of a savepoint does not tell
// its format: it counts as taken in the one that the job of before is configured for,
// or can write.
func (p *plan) carriedAt(path string) flink.Carried {
	if flink.IsCheckpoint(path) {
		return flink.Checkpoint
	}
	if why, _ := flink.NativeOnly(p.Old.FlinkConfiguration); why != "" {
		return flink.NativeSavepoint
	}
	before := p.Input
	before.New = *p.Old
	return p.Savepoint(before)
}

// savesForVersion tells whether a job that is upgraded by its last state is stopped with a
// savepoint after all, as the version of Flink changes.
func (p *plan) savesForVersion() bool {
	return TakesSavepoints(p.Semantics) && len(p.at("flinkVersion")) > 0 && flink.SavepointDirectory(p.New.FlinkConfiguration) != ""
}

// threatens tells whether a risk leaves nobody to promise that the state goes on as it is.
func threatens(risk flink.StateRisk) bool { return risk.Verdict != flink.VerdictNote }

// andAtRisk goes on from what happens, in a summary.
func (p *plan) andAtRisk() string {
	if p.New.IsSessionCluster() {
		return ", and their state is at risk"
	}
	return ", and its state is at risk"
}

// accepts tells whether a word is among those of upgrade.accept_state_risk.
func (in Input) accepts(word string) bool {
	return word != "" && slices.ContainsFunc(strings.Split(in.AcceptStateRisk, ","), func(accepted string) bool {
		return strings.TrimSpace(accepted) == word
	})
}

// refusedRisks are errors about the risks that nobody may take, or has.
func (p *plan) refusedRisks(out outcome, risks []flink.StateRisk) []Notice {
	var errs []Notice
	for _, risk := range risks {
		switch {
		case risk.Verdict == flink.VerdictRefused:
			errs = append(errs, Notice{Path: risk.Path, Summary: fmt.Sprintf("The state of %s cannot be restored: %s", p.jobs(), risk.Summary), Detail: p.toldOf(out, risk)})
		case risk.Verdict == flink.VerdictAtRisk && !p.accepts(risk.Accept):
			errs = append(errs, Notice{Path: risk.Path, Summary: p.atRisk(risk), Detail: p.toldOf(out, risk) + p.howToAccept(risk)})
		}
	}
	return errs
}

// takenRisks are warnings about the risks that the configuration takes, or speaks
// against.
func (p *plan) takenRisks(out outcome, risks []flink.StateRisk) []Notice {
	var warnings []Notice
	for _, risk := range risks {
		switch risk.Verdict {
		case flink.VerdictAtRisk:
			warnings = append(warnings, Notice{Path: risk.Path, Summary: p.atRisk(risk), Detail: fmt.Sprintf("%s upgrade.accept_state_risk = %q accepts it. %s", p.toldOf(out, risk), p.AcceptStateRisk, p.wayBack())})
		case flink.VerdictWarn:
			warnings = append(warnings, Notice{Path: risk.Path, Summary: p.atRisk(risk), Detail: p.toldOf(out, risk)})
		case flink.VerdictNote, flink.VerdictRefused:
		}
	}
	return warnings
}

// wayBack says what becomes of the savepoint of before.
func (p *plan) wayBack() string {
	if p.New.IsSessionCluster() {
		return "No savepoint is taken of the jobs that run on it: take one of each first, with a flink_savepoint, or nothing leads back."
	}
	return "The savepoint of before is named in status.kept_savepoint until upgrade.accept_state_risk is removed."
}

func (p *plan) atRisk(risk flink.StateRisk) string {
	return fmt.Sprintf("The state of %s is at risk: %s", p.jobs(), risk.Summary)
}

// toldOf tells the change that brings a risk, and the risk.
func (p *plan) toldOf(out outcome, risk flink.StateRisk) string {
	detail := risk.Detail
	if changed := p.at(risk.Path...); len(changed) > 0 {
		detail = changed[0].sentence() + ". " + detail
	}
	if out.action == ActionBlueGreen && threatens(risk) && risk.Verdict != flink.VerdictRefused {
		active, next := p.colors()
		detail += fmt.Sprintf(" %s runs on until %s has proved itself, and a refused restore costs nothing; but a proof does not look at the values of the state.", active, next)
	}
	return detail
}

// howToAccept says how a risk is taken.
func (p *plan) howToAccept(risk flink.StateRisk) string {
	accept := fmt.Sprintf(" To take the risk, set upgrade.accept_state_risk = %q. %s", risk.Accept, p.wayBack())
	if p.AcceptStateRisk != "" {
		accept = fmt.Sprintf(" upgrade.accept_state_risk is %q, which is not this change.", p.AcceptStateRisk) + accept
	}
	return accept
}
