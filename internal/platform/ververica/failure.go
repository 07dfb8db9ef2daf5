package ververica

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
)

// report is what the platform says about the failure of a change.
type report struct {
	cause  vvp.Cause
	known  bool
	events []string
	// exception is the root cause that Flink names.
	exception string
}

// ask asks the platform why a change has failed. It is best effort.
func (r *rollout) ask(ctx context.Context) report {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	var out report
	found, err := r.jobs.client.about(ctx, r.change.Namespace, eventsIn, r.id)
	if err == nil {
		events := make([]vvp.Event, len(found))
		for i, object := range found {
			events[i] = vvp.EventOf(object)
		}
		out.cause, out.known = vvp.CauseOf(events, r.mark.Since)
		out.events = vvp.Last(events, r.mark.Since, shownEvents)
	}
	if failed := r.newestJob(ctx); failed != nil {
		if message := text(failed, "status", "failure", "message"); message != "" {
			out.exception = strings.Join(strings.Fields(message), " ")
		}
	}
	if job := text(r.live, "status", "running", "jobId"); job != "" {
		out.exception = cmp.Or(prove.RootException(ctx, r.jobs.client.flinkOf(r.change.Namespace, job), r.flinkJob(ctx), false), out.exception)
	}
	return out
}

// shownEvents is how many events an error shows.
const shownEvents = 5

// newestJob is the job that the deployment has started last; nil for none that is known.
func (r *rollout) newestJob(ctx context.Context) object {
	found, err := r.jobs.client.about(ctx, r.change.Namespace, jobsIn, r.id)
	if err != nil {
		return nil
	}
	var newest object
	for _, job := range found {
		if newest == nil || !vvp.Earlier(text(job, "metadata", "createdAt"), text(newest, "metadata", "createdAt")) {
			newest = job
		}
	}
	return newest
}

// flinkJob is the id that Flink has given the newest job; empty where it is not known.
func (r *rollout) flinkJob(ctx context.Context) string {
	return text(r.newestJob(ctx), "status", "started", "flinkJobId")
}

// failure is the error of a change that the platform has given up.
func (r *rollout) failure(ctx context.Context) error {
	found := r.ask(ctx)
	why := cmp.Or(found.exception, found.cause.Text)
	if found.known && !strings.HasPrefix(found.cause.Name, "TOO_MANY") {
		why = cmp.Or(found.cause.Text, why)
	}
	why = cmp.Or(why, "the platform does not say why")
	if r.mark.Phase == vvp.PhaseStop && r.mark.Final == vvp.StateSuspended || r.mark.Job != "" && r.runsStill(ctx, r.mark.Job) {
		return r.error(fmt.Sprintf("The job %q cannot be stopped with a savepoint: %s", r.change.Name, why), r.awaited(), found)
	}
	return r.error(fmt.Sprintf("%s does not start: %s", r.subject(), why), r.awaited(), found)
}

// crash is the error of a job that came up and does not work.
func (r *rollout) crash(ctx context.Context, how string) error {
	tried := fmt.Sprintf("Waited %s for deployment %s to prove itself. It is %s, but its job %s does not stay up.",
		r.waited(), r.change.Ref, vvp.State(r.live), text(r.live, "status", "running", "jobId"))
	return r.error(fmt.Sprintf("%s does not work: %s", r.subject(), how), tried, r.ask(ctx))
}

// awaited tells what was waited for, and what came.
func (r *rollout) awaited() string {
	return fmt.Sprintf("Waited %s for deployment %s to be %s; it is %s.", r.waited(), r.change.Ref, r.mark.Final, vvp.State(r.live))
}

// error is a failure with what was tried and what the platform says.
func (r *rollout) error(summary, tried string, found report) *platform.RolloutError {
	lines := []string{tried}
	for _, line := range found.events {
		lines = append(lines, "  event "+line)
	}
	if found.exception != "" && !strings.Contains(summary, found.exception) {
		lines = append(lines, "  the job: "+found.exception)
	}
	if found.cause.Remedy != "" {
		lines = append(lines, found.cause.Remedy)
	}
	return &platform.RolloutError{Summary: summary, Detail: strings.Join(lines, "\n")}
}

func (r *rollout) waited() time.Duration { return time.Since(r.began).Round(time.Second) }

// overruled is the error of a change whose state somebody else has changed.
func (r *rollout) overruled() error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("Somebody else has changed the state of %q to %s", r.change.Name, vvp.Desired(r.live)),
		Detail:  fmt.Sprintf("This apply was to end with %s. Nothing more was written. Find out who did that, in the web interface or by another tool, and apply again.", r.mark.Final),
	}
}

// late is the error of a wait whose time is over.
func (r *rollout) late(ctx context.Context, proof *prove.JobProof) error {
	what := fmt.Sprintf("It is %s, and was to be %s.", vvp.State(r.live), r.mark.Final)
	if r.last == vvp.StepDone && proof != nil {
		what = "It is RUNNING, but has not proved itself: " + proof.Missing() + "."
	}
	found := r.ask(ctx)
	detail := what
	for _, line := range found.events {
		detail += "\n  event " + line
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s does not run yet after %s", r.subject(), r.waited()), Detail: detail + "\nRaise the timeout in the attribute timeouts, or look at the deployment in the platform.",
		Waiting: !found.known,
	}
}
