package cloudflow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// akkaRollout is a change of a streamlet that Cloudflow's operator runs. It implements platform.Rollout.
type akkaRollout struct {
	apps      applications
	change    platform.Change
	streamlet streamlet
	done      written
	// entry is the entry as it is in the application, with the replicas that were kept.
	entry    core.Entry
	observed *platform.Observed
	// marked tells that the Secret has a mark of what is unfinished.
	marked bool
}

// Observed implements platform.Rollout.
func (r *akkaRollout) Observed() *platform.Observed { return r.observed }

// Settle implements platform.Rollout.
func (r *akkaRollout) Settle(ctx context.Context) (*platform.Observed, error) {
	if r.change.Held == nil && r.marked {
		if err := r.apps.unmark(ctx, r.change.Namespace, r.entry.Secret); err != nil {
			return r.observed, err
		}
	}
	return r.look(ctx), nil
}

// Await implements platform.Rollout.
func (r *akkaRollout) Await(ctx context.Context) (*platform.Observed, error) {
	bounded, cancel := context.WithCancel(ctx)
	if r.goesBack() {
		cancel()
		bounded, cancel = watch.Reserve(ctx)
	}
	defer cancel()
	proof, err := r.follow(bounded, r.entry, r.change.Rollout.ProveFor)
	var failed *platform.RolloutError
	if errors.As(err, &failed) && !failed.Waiting && r.goesBack() {
		return r.goBack(ctx, failed)
	}
	if err != nil {
		return r.look(ctx), err
	}
	if err := r.apps.dropSecrets(ctx, r.change.Ref, r.entry.Secret); err != nil {
		return r.look(ctx), err
	}
	observed, err := r.Settle(ctx)
	if observed != nil {
		observed.Status.Proof = proof
	}
	return observed, err
}

// goesBack tells whether the version of before shall run again when this one fails.
func (r *akkaRollout) goesBack() bool {
	return r.change.Rollback && r.done.former != nil && r.done.formerSecret != ""
}

// goBack puts the entry of before back, and waits for it.
func (r *akkaRollout) goBack(ctx context.Context, failed *platform.RolloutError) (*platform.Observed, error) {
	told := *failed
	former := core.EntryOf(r.done.before, r.done.former)
	err := r.apps.unregister(ctx, r.streamlet, r.done)
	if err == nil {
		r.entry = former
		_, err = r.follow(ctx, former, 0)
	}
	if err != nil {
		told.Detail += "\nThe version of before was to run again, and does not: " + err.Error()
		return r.look(ctx), &told
	}
	told.RolledBack = true
	told.Detail += "\nThe version of before runs again."
	return r.look(ctx), &told
}

// follow waits until an entry runs, and has for a while without a restart; 0 asks for no proof.
func (r *akkaRollout) follow(ctx context.Context, entry core.Entry, prove time.Duration) (proof string, err error) {
	f := &following{akkaRollout: r, want: entry, prove: prove}
	ticker := time.NewTicker(lookPause)
	defer ticker.Stop()
	wait := watch.Wait[kube.Change]{
		See:     func(kube.Change) bool { return f.look(ctx) },
		Trouble: lasting,
		Times:   ticker.C,
		Look:    func(time.Time) bool { return f.look(ctx) },
	}
	key := kube.Key{Namespace: r.change.Namespace, Name: entry.App}
	workload := kube.Key{Namespace: r.change.Namespace, Name: r.change.Name}
	source := func(kind kube.Kind, key kube.Key) watch.Source[kube.Change] {
		return func(ctx context.Context) <-chan kube.Change { return r.apps.cluster.Follow(ctx, kind, key) }
	}
	err = wait.Until(ctx, watch.Join(source(applicationKind, key), source(workloadKind, workload)))
	switch {
	case f.failed != nil:
		return "", f.failed
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		bounded, cancel := afterwards(ctx)
		defer cancel()
		return "", f.late(bounded)
	}
	return f.proof, err
}

// lookPause is how often pods are looked at, which nobody watches.
const lookPause = time.Second

// lasting returns an error that no time heals.
func lasting(err error) error {
	if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
		return err
	}
	return nil
}

// following is one wait for an entry.
type following struct {
	*akkaRollout
	want  core.Entry
	prove time.Duration

	failed error
	proof  string
	// since is when all pods were ready, and restarts what they had then.
	since    time.Time
	restarts int64
}

// look tells whether the wait is over. What cannot be read is read again.
func (f *following) look(ctx context.Context) (over bool) {
	app, err := f.apps.cluster.Get(ctx, applicationKind, kube.Key{Namespace: f.change.Namespace, Name: f.want.App})
	switch {
	case isAbsent(err) || err == nil && app.GetUID() != f.done.app.GetUID():
		f.failed = f.failure("its CloudflowApplication was deleted", "Somebody has deleted it. Apply again: Terraform then creates it anew.")
	case err != nil:
		return false
	case core.AppFailure(app.Object) != "":
		f.failed = f.failure("Cloudflow's operator gives the application up", core.AppFailure(app.Object)+"\nIt writes no status of the application any more. Correct the cause, and restart the operator.")
	}
	if f.failed != nil {
		return true
	}
	pods := f.pods(ctx)
	for i := range pods {
		if why := core.Hopeless(pods[i].Object); why != "" {
			f.failed = f.failure("the pod "+pods[i].GetName()+" does not come up: "+why, f.told(ctx, pods))
			return true
		}
	}
	workload, err := f.apps.workloadOf(ctx, f.change.Ref)
	says := core.PodsIn(app.Object, f.want.Streamlet)
	if err != nil || workload == nil || !core.Rolled(workload.Object, f.want) || says.Ready != says.Expected || len(says.Trouble) > 0 || !says.Known {
		f.since = time.Time{}
		return false
	}
	if f.prove == 0 {
		return true
	}
	var restarts int64
	for i := range pods {
		restarts += core.Restarts(pods[i].Object)
	}
	if f.since.IsZero() || restarts != f.restarts {
		f.since, f.restarts = time.Now(), restarts
		return false
	}
	if time.Since(f.since) < f.prove {
		return false
	}
	f.proof = fmt.Sprintf("ran for %s without a restart", f.prove)
	return true
}

// pods are those of the version that is waited for.
func (f *following) pods(ctx context.Context) []unstructured.Unstructured {
	all, err := f.apps.cluster.List(ctx, podKind, f.change.Namespace, core.PodSelector(f.want.App, f.want.Streamlet))
	if err != nil {
		return nil
	}
	var out []unstructured.Unstructured
	for i := range all {
		if core.Runs(all[i].Object, f.want) {
			out = append(out, all[i])
		}
	}
	return out
}

// failure is the end of a wait with its cause.
func (f *following) failure(cause, detail string) *platform.RolloutError {
	subject := fmt.Sprintf("The streamlet %q does not start", f.change.Name)
	if f.change.Was != nil {
		subject = fmt.Sprintf("The new version of %q does not start", f.change.Name)
	}
	return &platform.RolloutError{Summary: subject + ": " + cause, Detail: detail}
}

// told is what the cluster says of pods that are not ready.
func (f *following) told(ctx context.Context, pods []unstructured.Unstructured) string {
	var lines []string
	involved := make([]kube.Involved, 0, len(pods)+1)
	for i := range pods {
		if why := core.Waiting(pods[i].Object); why != "" {
			lines = append(lines, "Pod "+pods[i].GetName()+": "+why)
		}
		involved = append(involved, kube.Involved{Kind: podKind.Kind, UID: pods[i].GetUID()})
	}
	involved = append(involved, kube.Involved{Kind: core.Kind, Name: f.want.App})
	events, err := f.apps.cluster.Events(ctx, f.change.Namespace, involved...)
	if err != nil {
		return strings.Join(lines, "\n")
	}
	const most = 5
	for _, event := range events[:min(len(events), most)] {
		lines = append(lines, fmt.Sprintf("Event %s of %s %s: %s", event.Reason, event.Object.Kind, event.Object.Name, event.Message))
	}
	return strings.Join(lines, "\n")
}

// late is the end of a wait whose time is over.
func (f *following) late(ctx context.Context) error {
	pods := f.pods(ctx)
	out := f.failure("its time is over", "")
	out.Waiting = true
	workload, err := f.apps.workloadOf(ctx, f.change.Ref)
	switch {
	case err == nil && workload == nil:
		out.Summary = fmt.Sprintf("Cloudflow's operator has made no Deployment of %q in time", f.change.Name)
		out.Detail = fmt.Sprintf("The streamlet is in the CloudflowApplication %s/%s, and its Secret %s is there. Check that the operator runs: it ends when it misses a Secret. Then apply again to wait on.", f.change.Namespace, f.want.App, f.want.Secret)
	case err == nil && !core.Runs(templateOf(workload), f.want):
		out.Summary = fmt.Sprintf("Cloudflow's operator has not taken up the change of %q in time", f.change.Name)
		out.Detail = fmt.Sprintf("The Deployment %s still has another version. Check that the operator runs, then apply again to wait on.", f.change.Ref)
	default:
		out.Summary = fmt.Sprintf("The pods of %q are not ready in time", f.change.Name)
		out.Detail = strings.TrimSpace(f.told(ctx, pods) + "\nThey may still come to run. Raise the timeout in the attribute timeouts, or correct the cause, and apply again.")
	}
	return out
}

func templateOf(workload *unstructured.Unstructured) map[string]any {
	template, _, _ := unstructured.NestedMap(workload.Object, "spec", "template")
	return template
}

// look returns the streamlet as it is, or as it was seen last.
func (r *akkaRollout) look(ctx context.Context) *platform.Observed {
	bounded, cancel := afterwards(ctx)
	defer cancel()
	found, err := r.apps.find(bounded, r.change.Ref)
	if err != nil || found == nil {
		return r.observed
	}
	if observed, err := r.apps.observe(bounded, r.change.Ref, found); err == nil {
		r.observed = observed
	}
	return r.observed
}
