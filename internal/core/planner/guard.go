package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// guard adds the errors that forbid an outcome and, when there are none, the
// warnings about it.
func (p *plan) guard(out outcome, risks []flink.StateRisk, decision *Decision) {
	decision.Errors = append(decision.Errors, p.impossible(out)...)
	if len(decision.Errors) == 0 {
		decision.Errors = append(decision.Errors, p.refusedRisks(out, risks)...)
	}
	if out.state == StateLost && !p.AllowStateLoss {
		decision.Errors = append(decision.Errors, p.stateLoss(out))
	}
	if len(decision.Errors) > 0 {
		return
	}
	decision.Warnings = append(decision.Warnings, p.takenRisks(out, risks)...)
	if warning, ok := p.consequenceOf(out, risks); ok {
		decision.Warnings = append(decision.Warnings, warning)
	}
	if warning, ok := p.claims(out); ok {
		decision.Warnings = append(decision.Warnings, warning)
	}
	if warning, ok := p.statelessFromNowOn(out); ok {
		decision.Warnings = append(decision.Warnings, warning)
	}
}

// impossible returns errors for what the platform does not do.
func (p *plan) impossible(out outcome) []Notice {
	var errs []Notice
	if out.action == ActionRecreate && (p.Old.Job == nil) != (p.New.Job == nil) {
		errs = append(errs, p.notInPlace(out))
	}
	if (out.action == ActionDeferred || out.action == ActionSuspend) && p.redeploys() {
		errs = append(errs, notice(p.at("job", "initialSavepointPath"),
			fmt.Sprintf("The suspended job %q cannot be given another savepoint", p.Name),
			p.Subject()+fmt.Sprintf(" reads job.initial_savepoint_path when it deploys the job, and with job.state = \"suspended\" it does not. Give the path in the change that sets job.state = \"running\": the job then starts from %s.", initialSavepointPath(p.New))))
	}
	if p.NewForm.ByPlatform() && p.OldForm == p.NewForm && out.action == ActionLastState && !p.down() {
		errs = append(errs, notice(out.causes,
			p.Subject()+fmt.Sprintf(" cannot switch the job %q without a directory for savepoints", p.Name),
			"It takes a savepoint of the running job also with upgrade.mode = \"last_state\", and upgrades no color in place. Set flink_configuration[\"state.savepoints.dir\"] when the deployment is created, or change upgrade.strategy to \"in_place\" first."))
	}
	if p.versionAfterLastState() {
		errs = append(errs, notice(p.at("flinkVersion"),
			fmt.Sprintf("The Flink version of the suspended job %q cannot change", p.Name),
			"The job was suspended with upgrade.mode = \"last_state\", and "+p.subject()+" does not restore a checkpoint with another Flink version. Set job.state = \"running\" without the change of flink_version first, and change it then: a running job is stopped with a savepoint for it."))
	}
	return errs
}

// versionAfterLastState tells whether a job that was suspended by its last state is
// to be resumed with another Flink version, which cannot restore that.
func (p *plan) versionAfterLastState() bool {
	if p.Old == nil || p.empty() || !suspended(*p.Old) || len(p.at("flinkVersion")) == 0 || upgradeMode(p.New) == flink.UpgradeStateless {
		return false
	}
	if p.Status.StateLocation == flink.LocationUnknown {
		return upgradeMode(*p.Old) == flink.UpgradeLastState
	}
	return p.Status.StateLocation == flink.LocationPlatform
}

// notInPlace says how to get to what the platform refuses.
func (p *plan) notInPlace(out outcome) Notice {
	what := "from a session cluster to a cluster with a job"
	if p.New.Job == nil {
		what = "from a cluster with a job to a session cluster"
	}
	const how = "To make the change, replace the deployment: terraform apply -replace=ADDRESS."
	return notice(out.causes,
		fmt.Sprintf("The deployment %q cannot change %s in place", p.Name, what),
		p.Subject()+fmt.Sprintf(" refuses to change an existing deployment %s. %s", what, how))
}

// stateLoss refuses to drop state, and says how to keep it.
func (p *plan) stateLoss(out outcome) Notice {
	detail := p.told(out)
	if out.action == ActionRedeploy || out.action == ActionBlueGreen && p.redeploys() {
		detail += " What the job has processed since that savepoint was taken is lost unless it is processed again. To keep its present state, take job.initial_savepoint_path back, or, where another resource gives it, have Terraform leave it: lifecycle { ignore_changes = [job.initial_savepoint_path] };"
		return notice(out.causes, fmt.Sprintf("This change drops the state of job %q", p.Name), detail+acceptLoss)
	}
	if out.keep != "" {
		return notice(out.causes, fmt.Sprintf("This change drops the state of %s", p.jobs()), detail+" To keep the state, "+out.keep+acceptLoss)
	}
	causes := out.causes
	if mode := p.at("job", "upgradeMode"); len(mode) > 0 && mode[0].origin == "" {
		causes = mode
	}
	if mode := p.at("job", "upgradeMode"); p.modeByDefault() {
		verb := "is"
		if len(mode) > 0 {
			verb = "becomes"
		}
		advice := ""
		if p.New.IsSessionJob() {
			advice = " What the session cluster configures is not seen here: when it has the directories, set upgrade.mode = \"savepoint\"."
		}
		if flink.CheckpointDirectory(p.New.FlinkConfiguration) == "" {
			detail += fmt.Sprintf(" upgrade.mode %s stateless because the configuration has no checkpoint directory.%s To keep the state, set flink_configuration[\"state.checkpoints.dir\"] and flink_configuration[\"state.savepoints.dir\"];", verb, advice)
		} else {
			detail += fmt.Sprintf(" upgrade.mode %s stateless because the configuration has neither a savepoint directory nor high availability.%s To keep the state, set flink_configuration[\"state.savepoints.dir\"];", verb, advice)
		}
	} else {
		detail += " To keep the state, set upgrade.mode to \"savepoint\" or \"last_state\";"
	}
	return notice(causes, fmt.Sprintf("This change drops the state of job %q", p.Name), detail+acceptLoss)
}

// jobs names what a change concerns, with the jobs of a session cluster.
func (p *plan) jobs() string {
	if p.New.IsSessionCluster() {
		return fmt.Sprintf("the jobs on session cluster %q", p.Name)
	}
	return fmt.Sprintf("job %q", p.Name)
}

const acceptLoss = " to accept the loss, set upgrade.allow_state_loss = true."

// modeByDefault tells whether nobody chose the upgrade mode.
func (p *plan) modeByDefault() bool {
	return p.Origins != nil && p.Origins.Of(flink.Path{"job", "upgradeMode"}) == "default"
}

// consequenceOf warns of downtime, of state that is dropped with leave, and of
// a run from the start.
func (p *plan) consequenceOf(out outcome, risks []flink.StateRisk) (Notice, bool) {
	var summary string
	switch {
	case out.state == StateLost && p.New.IsSessionCluster():
		summary = fmt.Sprintf("The jobs on session cluster %q will lose their state", p.Name)
	case out.state == StateLost:
		summary = fmt.Sprintf("The job %q will lose its state", p.Name)
	case out.action == ActionRerun || (out.action == ActionRedeploy || out.action == ActionRecreate) && p.New.Job != nil && p.finished():
		summary = fmt.Sprintf("The finished job %q will run again", p.Name)
	case out.action == ActionBlueGreen:
		summary = fmt.Sprintf("Two versions of the job %q will run for a while", p.Name)
	case !out.downtime:
		return Notice{}, false
	case p.New.Job == nil:
		summary = fmt.Sprintf("The session cluster %q will be down while it restarts", p.Name)
	case out.action == ActionRecreate:
		summary = fmt.Sprintf("The job %q will be down while its deployment is created again", p.Name)
	case out.action == ActionScaleInPlace:
		summary = fmt.Sprintf("The job %q will pause while it is rescaled", p.Name)
	case out.action == ActionSuspend:
		summary = fmt.Sprintf("The job %q will stop", p.Name)
	default:
		summary = fmt.Sprintf("The job %q will be down while it restarts", p.Name)
	}
	detail := p.told(out)
	if out.downtime && len(out.causes) > 0 && !slices.ContainsFunc(out.causes, func(c change) bool { return c.overruled == "" }) {
		detail += " Nothing of this change reaches the job, as another attribute wins: take it back to avoid the restart."
	}
	for _, risk := range risks {
		if risk.Verdict == flink.VerdictNote {
			detail += " " + risk.Detail
		}
	}
	if avoid := p.avoid(out); avoid != "" {
		detail += " " + avoid
	}
	return notice(out.causes, summary, detail), true
}

// avoid says how the same change goes without a gap.
func (p *plan) avoid(out outcome) string {
	switch out.action {
	case ActionSavepoint, ActionLastState, ActionStateless:
	default:
		return ""
	}
	if p.OffersBlueGreen && p.New.Job != nil && !p.keepsNothing() && !p.down() && !p.NewForm.BlueGreen() && !p.lacksSavepoints() {
		return "To avoid the gap, set upgrade.strategy = \"blue_green\"."
	}
	return ""
}

// statelessFromNowOn warns when a change that leaves the job alone makes the
// next restart drop its state.
func (p *plan) statelessFromNowOn(out outcome) (Notice, bool) {
	mode := p.at("job", "upgradeMode")
	if len(mode) == 0 || upgradeMode(p.New) != flink.UpgradeStateless {
		return Notice{}, false
	}
	switch out.action {
	case ActionConfigOnly, ActionScaleInPlace, ActionDeferred:
	default:
		return Notice{}, false
	}
	return notice(mode,
		fmt.Sprintf("From now on every restart of job %q drops its state", p.Name),
		mode[0].sentence()+". This change does not touch the job, but the next one that restarts it will start it empty, and needs upgrade.allow_state_loss = true for it."), true
}

// told tells the changes and what the platform does about them.
func (p *plan) told(out outcome) string {
	var said []string
	if len(out.causes) > 0 {
		said = append(said, shortList(phrasesOf(out.causes, change.sentence))+".")
	}
	if out.platform != "" {
		said = append(said, out.platform)
	}
	return strings.Join(said, " ")
}

// notice attaches a message to the first of its causes, one that the deployment
// itself says if there is any.
func notice(causes []change, summary, detail string) Notice {
	if len(causes) == 0 {
		return Notice{Summary: summary, Detail: detail}
	}
	at := max(0, slices.IndexFunc(causes, func(c change) bool { return c.origin == "" }))
	return Notice{Path: causes[at].Path, Summary: summary, Detail: detail}
}
