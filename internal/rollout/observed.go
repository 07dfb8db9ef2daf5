package rollout

import (
	"cmp"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Failure warns of a job that has failed. No plan shows it: the configuration is
// what it was, and a plan without changes looks like a job that runs.
func Failure(rules platform.Rules, ref platform.Ref, spec flink.DeploymentSpec, status flink.Status) []flink.Finding {
	if !rules.HasFailed(status) {
		return nil
	}
	summary := fmt.Sprintf("The job %q is FAILED", ref.Name)
	if spec.IsSessionCluster() {
		summary = fmt.Sprintf("The session cluster %q is FAILED", ref.Name)
	}
	detail := fmt.Sprintf("Last seen of %s: lifecycle state %s, job %s.", ref, cmp.Or(status.LifecycleState, "unknown"), cmp.Or(status.JobState, "unknown"))
	if status.Error != "" {
		detail += " The cause: " + flink.Sentence(status.Error)
	}
	return warning(nil, summary, detail+" Correct the cause. It restarts with the next change, or with another value in restart_triggers; the plan of that says what becomes of the state.")
}

// Gone warns that an object has left its platform, and with it the record: what is
// created in its place starts empty unless somebody says where the state is. replaced
// tells that another object has the name.
func Gone(kind platform.Kind, ref platform.Ref, replaced bool, spec flink.DeploymentSpec, last flink.Status) []flink.Finding {
	detail := fmt.Sprintf("%s was not deleted by Terraform. It leaves the state, and the next apply creates it again.", ref)
	if replaced {
		detail = fmt.Sprintf("Somebody has created another object with the name %s. The one that Terraform had created leaves the state, and the next apply finds that the name is taken.", ref)
	}
	if !spec.IsSessionCluster() {
		detail += " " + startsFrom(last)
	}
	return warning(nil, fmt.Sprintf("The %s %q does not exist any more", kind, ref.Name), detail)
}

// IsDeleted tells whether the platform still has an object, and nothing that runs
// its job.
func IsDeleted(status flink.Status) bool { return status.LifecycleState == flink.LifecycleDeleted }

// Lost warns that somebody has deleted what ran the job of an object.
func Lost(ref platform.Ref, last flink.Status) []flink.Finding {
	if !IsDeleted(last) {
		return nil
	}
	last.Deployed = true
	return warning(nil, fmt.Sprintf("The job of %q does not exist any more", ref.Name),
		fmt.Sprintf("%s is still there, and what ran its job was not deleted by Terraform. The next apply creates it again. %s", ref, startsFrom(last)))
}

// startsFrom says what becomes of the state of a job that is gone.
func startsFrom(last flink.Status) string {
	const remedy = "To start from it, set job.initial_savepoint_path = %q before that apply."
	path := last.SavepointPath
	switch {
	case last.StateLocation == flink.LocationNone || !last.Deployed:
		return "Its job had no state."
	case path == "":
		return "The new job starts empty. No savepoint of the old one is known; its checkpoint directory may have a retained checkpoint, from which job.initial_savepoint_path starts the new one."
	case last.StateLocation == flink.LocationPath:
		return fmt.Sprintf("The new job starts empty. The state of the old one is in %s. "+remedy, path, path)
	default:
		return fmt.Sprintf("The new job starts empty. The newest savepoint of the old one that is known is %s; the job has run since then, so its checkpoint directory may have a newer checkpoint. "+remedy, path, path)
	}
}
