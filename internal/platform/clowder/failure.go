package clowder

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// trouble ends the wait with what keeps the change from its end, once that has lasted for as
// long as it may pass by itself (clowd.CauseOf).
func (r *rollout) trouble(ctx context.Context) error {
	found := r.causes(ctx)
	for what := range r.troubles {
		if !slices.ContainsFunc(found, func(c clowd.Cause) bool { return c.Text == what }) {
			delete(r.troubles, what)
		}
	}
	for _, cause := range found {
		since, known := r.troubles[cause.Text]
		if !known {
			r.troubles[cause.Text], since = time.Now(), time.Now()
		}
		if cause.Lasting && time.Since(since) >= cause.Patience {
			return r.failure(ctx, cause)
		}
	}
	return nil
}

// causes are what stands against the end of the change, the most telling first. It is best
// effort: what may not be read tells nothing.
func (r *rollout) causes(ctx context.Context) []clowd.Cause {
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	var out []clowd.Cause
	if pods, err := r.on.cluster.List(ctx, podKind, r.found.key.Namespace, "pod="+r.found.Deployment()); err == nil {
		for i := range pods {
			if reason := kube.PodTrouble(&pods[i]); reason != "" && r.ours(&pods[i]) {
				out = append(out, clowd.PodCause(reason))
			}
		}
	}
	if !r.seen.App.Done {
		if r.seen.App.Problem != "" {
			out = append(out, clowd.AppCause(r.seen.App.Problem))
		}
		for _, event := range r.events(ctx) {
			if cause, ok := clowd.EventCause(event.Reason, event.Message); ok {
				out = append(out, cause)
			}
		}
	}
	return out
}

// ours tells whether a pod is of the version that is waited for, and not of the one before, which
// is on its way out.
func (r *rollout) ours(pod *unstructured.Unstructured) bool {
	return pod.GetDeletionTimestamp() == nil && r.seen.TakenUp()
}

// maxEvents is how many warnings a message has.
const maxEvents = 5

// clockSkew is how much the clocks inside of a cluster may differ.
const clockSkew = 10 * time.Second

// events are the newest warnings about the ClowdApp, its Deployment and its pods since the wait
// began.
func (r *rollout) events(ctx context.Context) []kube.Event {
	name := r.found.Deployment()
	all, err := r.on.cluster.Events(ctx, r.found.key.Namespace,
		kube.Involved{Kind: appKind.Kind, Name: r.found.App}, kube.Involved{Kind: deploymentKind.Kind, Name: name}, kube.Involved{Kind: "ReplicaSet"}, kube.Involved{Kind: podKind.Kind})
	if err != nil {
		return nil
	}
	var out []kube.Event
	for _, event := range all {
		own := event.Object.Kind == appKind.Kind || event.Object.Name == name || strings.HasPrefix(event.Object.Name, name+"-")
		if own && !event.Last.Before(r.began.Add(-clockSkew)) && len(out) < maxEvents {
			out = append(out, event)
		}
	}
	return out
}

// subject says of what version an error speaks.
func (r *rollout) subject() string {
	if r.change.Was == nil || r.change.Rollout.Action == planner.ActionCreate {
		return fmt.Sprintf("The job %q", r.change.Name)
	}
	return fmt.Sprintf("The new version of %q", r.change.Name)
}

// failure is the error of a change that does not come to its end.
func (r *rollout) failure(ctx context.Context, cause clowd.Cause) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s does not start: %s", r.subject(), cause.Text),
		Detail:  r.detail(ctx, cause.Text, cause.Remedy),
	}
}

// crash is the error of a job that came up and does not stay up.
func (r *rollout) crash(ctx context.Context, how string) error {
	return &platform.RolloutError{Summary: fmt.Sprintf("%s does not stay up: %s", r.subject(), how), Detail: r.detail(ctx, how, "Look at the log of the pod, correct the job, and apply again.")}
}

// late is the error of a wait whose time is over.
func (r *rollout) late(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	found := r.causes(ctx)
	if len(found) > 0 {
		return &platform.RolloutError{
			Summary: fmt.Sprintf("%s does not run within %s: %s", r.subject(), r.waited(), found[0].Text), Detail: r.detail(ctx, found[0].Text, found[0].Remedy), Waiting: !found[0].Lasting,
		}
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s does not run yet after %s: %s", r.subject(), r.waited(), r.seen.Waited()),
		Detail:  r.detail(ctx, "", "See that Clowder runs and watches the namespace, and how long the job takes to start. Raise the timeout in timeouts, or apply again to wait on."), Waiting: true,
	}
}

func (r *rollout) detail(ctx context.Context, told, remedy string) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	lines := []string{fmt.Sprintf("Waited %s for the deployment %s of ClowdApp %s. Last seen: %s.", r.waited(), r.found.Entry, r.found.key, r.seen.Waited())}
	add := func(line string) {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, cause := range r.causes(ctx) {
		if cause.Text != told {
			add("  " + cause.Text)
		}
	}
	for _, event := range r.events(ctx) {
		message, _, _ := strings.Cut(event.Message, "\n")
		add(fmt.Sprintf("  event of %s %s: %s: %s", event.Object.Kind, event.Object.Name, event.Reason, message))
	}
	return strings.Join(append(lines, remedy), "\n")
}

func (r *rollout) waited() time.Duration {
	if elapsed := time.Since(r.began); elapsed < time.Second {
		return elapsed.Round(time.Millisecond)
	}
	return time.Since(r.began).Round(time.Second)
}

// disappeared is the error of a wait for what is not there any more.
func (r *rollout) disappeared(what string) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s: %s", r.subject(), what),
		Detail:  "Somebody else did this during the wait. Nothing more was written. Find out who writes to ClowdApp " + r.found.key.String() + ", and apply again.",
	}
}
