package operator

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// explain says why a rollout failed: the cause first, then everything that the
// cluster knows about it.
func (r *rollout) explain(ctx context.Context, cause string) error {
	headline := r.headline(cause)
	r.outcome.facts = joinLines(r.waited(headline), r.evidence(ctx, headline))
	r.outcome.afterwards = r.remedy()
	return &platform.RolloutError{
		Summary: r.subject() + ": " + headline,
		Detail:  joinLines(r.outcome.facts, r.outcome.afterwards, r.stateLine()),
	}
}

// overdue says what the wait saw when its time was over.
func (r *rollout) overdue(ctx context.Context, v fko.Verdict) error {
	// Nobody works on what the operator has not looked at.
	headline, waiting := r.headline(v.Cause), !r.last.InTrouble() && (r.trouble != nil || r.last.Observed >= r.judge.Target().Generation)
	if r.last.Error == nil {
		// The operator says nothing about a pod that nobody schedules.
		if pods := r.podsHeadline(ctx); pods != "" {
			headline, waiting = pods, false
		}
	}
	r.outcome.facts = joinLines(r.waited(headline), r.evidence(ctx, headline))
	r.outcome.afterwards = "Correct what keeps it from running, or raise the timeout in timeouts, and apply again."
	cause, remedy := headline, r.patience(waiting)
	if blocked := r.blockedBy(ctx); blocked != "" {
		cause, remedy = blocked, "The job starts by itself when its session cluster takes jobs. Repair the cluster, and apply again to wait on."
		waiting = !r.last.InTrouble()
	}
	subject := r.subject()
	if r.outcome.ran {
		subject = strings.Replace(subject, "does not stay up", "has not proved itself", 1)
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s within %s: %s", subject, r.elapsed(), cause),
		Detail:  joinLines(r.outcome.facts, remedy, r.stateLine()),
		Waiting: waiting,
	}
}

// operatorRolledBack reports a rollback that the operator made by itself.
func (r *rollout) operatorRolledBack(ctx context.Context, v fko.Verdict) error {
	headline := r.headline(v.Cause)
	return &platform.RolloutError{
		Summary: r.subject() + ": " + headline,
		Detail: joinLines(r.waited(headline), r.evidence(ctx, headline),
			"The operator's own rollback (kubernetes.operator.deployment.rollback.enabled) has put the last stable version back, which the state keeps. The object has the new specification still.",
			"The change stays in the next plan. Correct the cause and apply again."),
		RolledBack: true,
	}
}

// disappeared tells that the object of a wait is not there any more.
func (r *rollout) disappeared(cause string) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s: %s", r.subject(), cause),
		Detail: joinLines(r.waited(""), fmt.Sprintf("Somebody else did this during the wait. Apply again when %s %s is gone: Terraform then creates it.", r.deployments.kind.Kind, r.ref),
			r.stateLine()),
	}
}

// takenOver ends a wait for a specification that somebody else has changed.
func (r *rollout) takenOver(changed []flink.Change) error {
	var lines []string
	for _, c := range changed {
		if c.Opaque() {
			lines = append(lines, fmt.Sprintf("  %s has another value", c.Path.Attribute()))
			continue
		}
		lines = append(lines, fmt.Sprintf("  %s: %s became %s", c.Path.Attribute(), show(c.Old), show(c.New)))
	}
	lines = slices.Compact(lines)
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s: somebody else changed its specification during the wait", r.subject()),
		Detail: joinLines(r.waited(""), "Changed meanwhile:", strings.Join(lines, "\n"),
			"Find out who writes to the object (kubectl get --show-managed-fields), and apply again to put the configured values back."),
	}
}

func show(value any) string {
	if value == nil {
		return "nothing"
	}
	return fmt.Sprintf("%v", value)
}

// subject begins the summary: what did not come about.
func (r *rollout) subject() string {
	name, noun := orElse(r.write.whole, r.ref.Name), r.deployments.noun
	switch {
	case r.want == fko.Suspended:
		return fmt.Sprintf("The job %q is not suspended", name)
	case r.want == fko.Acknowledged:
		return fmt.Sprintf("The operator does not take up the change of %q", name)
	case r.proof != nil && r.proof.Ran() && r.write.change != nil:
		return fmt.Sprintf("The new version of %q does not stay up", name)
	case r.proof != nil && r.proof.Ran():
		return fmt.Sprintf("The %s %q does not stay up", noun, name)
	case r.write.create:
		return fmt.Sprintf("The %s %q does not start", noun, name)
	case r.write.change != nil:
		return fmt.Sprintf("The new version of %q does not start", name)
	}
	return fmt.Sprintf("The %s %q does not run", noun, name)
}

// pulled finds the image in the kubelet's messages.
var pulled = regexp.MustCompile(`image "([^"]+)"`)

// headline is the cause in the words of somebody who reads only one line.
func (r *rollout) headline(cause string) string {
	f := r.last.Error
	switch {
	case f == nil || !strings.HasSuffix(cause, f.Sentence()):
		return cause
	case f.IsImage():
		image, _ := r.write.applied["image"].(string)
		if m := pulled.FindStringSubmatch(f.Message); len(m) == 2 && (image == "" || !strings.Contains(m[1], image)) {
			image = m[1]
		}
		return fmt.Sprintf("image %q cannot be pulled", image)
	case f.IsValidation():
		return "the operator refuses the specification: " + f.Sentence()
	case f.IsPod():
		// Newer operators put the container in front of what they say about a pod.
		return strings.ReplaceAll(f.Sentence(), "["+flink.MainContainer+"] ", "")
	case r.last.JobState == flink.StateFailed:
		return "the job fails: " + f.Sentence()
	}
	return cause
}

// waited is the first line of every detail, with what was last seen unless the
// headline has it. The error is for the lines below.
func (r *rollout) waited(headline string) string {
	goal := map[fko.Want]string{
		fko.Running: "to run", fko.Suspended: "to be suspended", fko.SessionReady: "to take jobs",
		fko.Acknowledged: "to be taken up by the operator", fko.Launched: "to be deployed",
	}[r.want]
	out := fmt.Sprintf("Waited %s for generation %d of %s %s %s.", r.elapsed(), r.judge.Target().Generation, r.deployments.kind.Kind, r.ref, goal)
	if seen := r.last.WithoutError().String(); !strings.Contains(headline, seen) {
		out += " Last seen: " + seen + "."
	}
	return out
}

func (r *rollout) elapsed() time.Duration {
	elapsed := time.Since(r.began)
	if elapsed < time.Second {
		return elapsed.Round(time.Millisecond)
	}
	return elapsed.Round(time.Second)
}

// stateLine says where the job's state is, for a job that has some.
func (r *rollout) stateLine() string {
	switch path, sure := r.last.NewestPath(); {
	case path == "":
		return ""
	case sure:
		return "The job's newest known state is in " + path + "."
	default:
		return "The newest savepoint of the job that the operator names is " + path + "; the job has run since."
	}
}

// remedy says what to do about a failure.
func (r *rollout) remedy() string {
	f := r.last.Error
	if f == nil {
		return ""
	}
	jar, ofJar := fko.JarRemedy(f.Sentence())
	switch {
	case ofJar:
		return "Nothing was deployed from this specification. " + jar
	case f.IsImage():
		return "Correct the image, its registry or the pull secret, and apply again."
	case f.IsValidation():
		return "Nothing was deployed from this specification. Correct it and apply again."
	case f.IsManualRestore():
		from := "its newest savepoint or retained checkpoint"
		if path, sure := r.last.NewestPath(); sure {
			from = path
		}
		return joinLines("The operator does not know any more where the job's state is, and does nothing until it is told. Ways out:",
			fmt.Sprintf("  - to restore the job, set job.initial_savepoint_path to %s, with upgrade.allow_state_loss = true, and apply", from),
			`  - to start without state, set upgrade.mode = "stateless" and upgrade.allow_state_loss = true, and apply`)
	case r.last.JobState == flink.StateFailed:
		return "Correct the job or its arguments and apply again."
	}
	return "Correct the cause and apply again."
}

// patience says what to do when the time was over. What was created and is in
// trouble is not waited for again: its caller deletes it.
func (r *rollout) patience(waiting bool) string {
	again := " Apply again to wait on."
	if r.write.create && !waiting {
		again = ""
	}
	switch {
	case r.trouble != nil:
		return fmt.Sprintf("The connection to the cluster was broken at the end: %s", r.trouble) + again
	case r.last.Observed < r.judge.Target().Generation && r.last.Error == nil:
		return fmt.Sprintf("The operator has not looked at this specification. Check that it runs and watches %s (`kubectl get pods -A | grep flink-kubernetes-operator`, its log), "+
			"and whether an earlier upgrade of the job is still waiting for a savepoint. What was written stays.", r.deployments.place(r.ref)) + again
	case r.last.Error != nil && r.last.Error.IsJobNotFound():
		return "The JobManager answers but does not have the job. If the job had finished before, the operator restores it from a checkpoint that Flink deleted at its end: " +
			"set upgrade.mode = \"stateless\" to run it again from the start."
	case again == "":
		return "Correct what keeps it from running, or raise the timeout in timeouts."
	}
	return fmt.Sprintf("The %s may still come up by itself: apply again to wait on, or raise the timeout in timeouts.", r.deployments.noun)
}
