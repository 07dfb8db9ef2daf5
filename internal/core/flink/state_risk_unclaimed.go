package flink

import (
	"slices"

	"k8s.io/utils/ptr"
)

// keyUnclaimed is the configuration key behind job.allow_non_restored_state, which wins
// over it where it is set (FlinkConfigBuilder.applyJobOrSessionSpec).
const keyUnclaimed = "execution.state-recovery.ignore-unclaimed-state"

// unclaimedRisks is what a job loses that may start without the state of operators that
// it does not have: Flink goes on without that state and only logs it
// (StateAssignmentOperation.checkStateMappingCompleteness). Where the program is the
// same, so are its operators.
func unclaimedRisks(from, to DeploymentSpec, _ Carried) []StateRisk {
	path, leaves := leavesUnclaimed(to)
	if !leaves {
		return nil
	}
	_, left := leavesUnclaimed(from)
	if left && sameProgram(from, to) {
		return []StateRisk{{
			Path: path, Verdict: VerdictNote,
			Detail: "Its state is kept, except for operators that it no longer has, as " + path.Attribute() + " is true.",
		}}
	}
	return []StateRisk{{
		Path: path, Verdict: VerdictWarn,
		Summary: "it is kept except for operators that the new version no longer has",
		Detail: "As " + path.Attribute() + " is true, Flink restores what fits and goes on without the rest, and nothing tells that there was a rest. " +
			"An operator counts as gone also when its uid has changed, or when it has none and the program is built otherwise. " +
			"Remove it unless this change is meant to remove operators: a restore that leaves state behind is refused then.",
	}}
}

// leavesUnclaimed tells whether a job starts without state that no operator claims, and
// the path of the value that says so.
func leavesUnclaimed(spec DeploymentSpec) (Path, bool) {
	if spec.Job != nil && spec.Job.AllowNonRestoredState != nil {
		return Path{"job", "allowNonRestoredState"}, *spec.Job.AllowNonRestoredState
	}
	name, _, _ := spec.FlinkConfiguration.Lookup(keyUnclaimed)
	ignores, _ := spec.FlinkConfiguration.Flag(keyUnclaimed)
	return Path{"flinkConfiguration", name}, ignores
}

// sameProgram tells whether two specifications run the same program in the same way.
func sameProgram(from, to DeploymentSpec) bool {
	if from.Job == nil || to.Job == nil {
		return true
	}
	return ptr.Equal(from.Image, to.Image) && ptr.Equal(from.FlinkVersion, to.FlinkVersion) &&
		ptr.Equal(from.Job.JarURI, to.Job.JarURI) && ptr.Equal(from.Job.EntryClass, to.Job.EntryClass) &&
		slices.Equal(from.Job.Args, to.Job.Args)
}
