package planner

import "github.com/flink-terraform/terraform-provider-flink/internal/core/flink"

// Unsaved is the Semantics of a platform that takes no savepoint: whatever the upgrade mode
// is, its jobs go on from their newest checkpoint, or from nothing.
type Unsaved interface {
	// Carries is the upgrade mode by which a restart then carries the state:
	// flink.UpgradeLastState or flink.UpgradeStateless. keep completes "To keep the state, ",
	// with a semicolon at its end, and is empty where the upgrade mode decides.
	Carries(in Input) (mode, keep string)
}

// TakesSavepoints tells whether a platform stops jobs with a savepoint.
func TakesSavepoints(of Semantics) bool {
	_, unsaved := of.(Unsaved)
	return !unsaved
}

// unsave has a plan for a platform without savepoints go by the upgrade modes that it really
// has. The changes are found by then: what is said of the mode stays a change.
func (p *plan) unsave() {
	unsaved, is := p.Semantics.(Unsaved)
	if !is || p.New.Job == nil {
		return
	}
	mode, keep := unsaved.Carries(p.Input)
	p.keep = keep
	p.New = inMode(p.New, mode)
	if p.Old != nil && p.Old.Job != nil {
		old := inMode(*p.Old, mode)
		p.Old = &old
	}
}

func inMode(spec flink.DeploymentSpec, mode string) flink.DeploymentSpec {
	job := *spec.Job
	job.UpgradeMode = &mode
	spec.Job = &job
	return spec
}
