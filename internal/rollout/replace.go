package rollout

import (
	"fmt"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Replacement is one thing that another one takes the place of.
type Replacement struct {
	// Name, ID, RunsOn, Spec and Status are those of the thing that goes, and Next is
	// the name of the one that comes.
	Name, ID, RunsOn, Next string
	Spec                   flink.DeploymentSpec
	Status                 flink.Status
	// Given is the path that the new job is told to start from, empty for none, and
	// Before the one that the old job was; Unknown tells that it is not known yet.
	Given, Before  string
	Unknown        bool
	AllowStateLoss bool
}

// GuardReplace refuses a replacement that would lose state: the old job is stopped
// with a savepoint, but the new one starts empty, or from the path that is given. A
// path that the old job was given already is no answer to the question where its
// state is now.
func GuardReplace(of Replacement) []flink.Finding {
	if !of.Status.Deployed || of.Status.StateLocation == flink.LocationNone || of.Spec.IsSessionCluster() {
		return nil
	}
	at, given := flink.Path{"job", "initialSavepointPath"}, of.Given
	renewed := given != "" && given != of.Before && (of.Spec.Job == nil || given != ptr.Deref(of.Spec.Job.InitialSavepointPath, ""))
	what := "Another name or environment"
	if of.RunsOn != "" {
		what = "Another name, environment or session cluster"
	}
	detail := fmt.Sprintf("%s replaces %s: its job is destroyed, with a savepoint unless savepoint_on_destroy is false (with lifecycle.destroy = false it runs on beside the new one), and the new one ", what, of.ID)
	switch {
	case given == "":
		detail += "starts empty."
	case renewed:
		detail += fmt.Sprintf("starts from job.initial_savepoint_path, %s. What the old job has done after that is done again, or is missing.", given)
	default:
		detail += fmt.Sprintf("starts from job.initial_savepoint_path, %s, which the old job was given too: what it has done since is lost.", given)
	}
	if of.Status.SavepointPath != "" {
		detail += fmt.Sprintf(" The newest state of the old job that was seen is %s.", of.Status.SavepointPath)
	}
	switch {
	case renewed && of.Before != "":
		return warning(at, fmt.Sprintf("%q starts from %s, and not from %s", of.Next, given, of.Before), detail)
	case renewed:
		return warning(at, fmt.Sprintf("%q starts from %s", of.Next, given), detail)
	case of.AllowStateLoss:
		return warning(nil, fmt.Sprintf("The state of %q will be lost", of.Name), detail)
	case of.Unknown:
		return fault(at, fmt.Sprintf("The state of %q would be lost, unless job.initial_savepoint_path is given", of.Name),
			what+" replaces "+of.ID+", and the path is not known yet. It cannot be checked any more when the old job is gone. "+
				"Apply what gives the path first, for example `terraform apply -target=flink_savepoint.<name>`, and plan again: the path is known then.")
	default:
		return fault(nil, fmt.Sprintf("The state of %q would be lost", of.Name),
			detail+" To keep the state, set job.initial_savepoint_path to a savepoint of the old job, for example one that a flink_savepoint has taken in an earlier apply; "+
				"to start empty, set upgrade.allow_state_loss = true.")
	}
}
