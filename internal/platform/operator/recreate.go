package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// replacement says what a job starts from whose object is deleted and created
// again.
type replacement struct {
	// from is a path that takes the place of the job's own state.
	from string
	// fresh starts it without state.
	fresh bool
	// allowLoss goes on although the newest state is not known.
	allowLoss bool
	// directory is for the savepoint of a job that has no directory of its own.
	directory string
}

// recreate deletes an object and creates it again as wanted, with the state of
// its job. Before the delete the path of the state is recorded in the cluster,
// so whoever goes on after an interruption finds it: recreate itself as long as
// the object exists, Create afterwards.
func (d *Deployments) recreate(ctx context.Context, live *unstructured.Unstructured, want platform.Deployment, how replacement) (created, sent *unstructured.Unstructured, err error) {
	if sent, err = objectOf(d.kind, want); err != nil {
		return nil, nil, err
	}
	if err := d.rehearse(ctx, live, sent); err != nil {
		return nil, nil, err
	}
	path := how.from
	if path == "" && !how.fresh {
		if path, err = d.retain(ctx, live, how); err != nil {
			return nil, nil, err
		}
	}
	if jobs := d.users(ctx, want.Ref); len(jobs) > 0 && fko.SteadyStateOf(live) == fko.SessionReady {
		return nil, nil, &platform.RolloutError{
			Summary: fmt.Sprintf("The session cluster %q cannot be created again while session jobs use it", want.Name),
			Detail:  fmt.Sprintf("The operator refuses the change in place, and keeps a session cluster that is deleted while it has jobs: %s. Destroy them first.", strings.Join(jobs, ", ")),
		}
	}
	r := recreation{uid: string(live.GetUID()), path: path, configured: initialPath(sent)}
	r.replaces = strings.TrimSpace(live.GetAnnotations()[replacesAnnotation] + " " + r.uid)
	if r.specification, err = fingerprint(want); err != nil {
		return nil, nil, err
	}
	note := d.notedOf(want.Ref, want.Labels)
	if err := d.record(ctx, note, r); err != nil {
		return nil, nil, err
	}
	logctx.From(ctx).InfoContext(ctx, "Creating the object again", "object", want.String(), "from", path)
	if err := d.remove(ctx, live); err != nil {
		return nil, nil, withDetail(err, d.whereabouts(r, note))
	}
	annotate(sent, creationAnnotation, newCreation(d.cluster, r.specification).String())
	sent = startingFrom(sent, r)
	if created, err = d.cluster.Create(ctx, d.kind, sent); err != nil {
		return nil, nil, d.notCreatedAgain(d.translate(err, want.Ref), note, r)
	}
	return created, sent, nil
}

// rehearse asks the API server whether it takes an object, before the one in
// its place is deleted. What only the change from the one to the other forbids
// is for the operator and its webhook to say, and no reason not to go on.
func (d *Deployments) rehearse(ctx context.Context, live, object *unstructured.Unstructured) error {
	object = object.DeepCopy()
	object.SetUID(live.GetUID())
	_, err := d.cluster.Apply(ctx, d.kind, object, kube.ApplyOptions{Force: true, DryRun: true})
	var invalid *kube.InvalidError
	if errors.As(err, &invalid) {
		return err
	}
	return ctx.Err()
}

// remove deletes an object and waits until it is gone.
func (d *Deployments) remove(ctx context.Context, live *unstructured.Unstructured) error {
	ref := platform.Ref{Namespace: live.GetNamespace(), Name: live.GetName()}
	began := time.Now()
	if err := d.letGo(ctx, live); err != nil {
		return err
	}
	if err := d.cluster.Delete(ctx, d.kind, keyOf(ref), live.GetUID()); err != nil {
		return d.translate(err, ref)
	}
	return d.awaitGone(ctx, ref, string(live.GetUID()), began)
}

// startingFrom returns an object that is created to take the place of another:
// its job starts from the state of the other's. An annotation keeps what is to
// be put in the place of the path when the job runs.
func startingFrom(object *unstructured.Unstructured, r recreation) *unstructured.Unstructured {
	object = object.DeepCopy()
	annotate(object, recreationAnnotation, initialPath(object))
	annotate(object, replacesAnnotation, r.replaces)
	if job, ok, _ := unstructured.NestedMap(object.Object, "spec", "job"); ok && r.path != "" {
		job["initialSavepointPath"] = r.path
		// The object is a copy, so it has a job to put it in.
		_ = unstructured.SetNestedMap(object.Object, job, "spec", "job")
	}
	return object
}

// pendingPath is the configured path of an object whose job is to start from
// another one, and has not yet. Whether somebody has waited for the job does not
// matter: when it has started, the mark means nothing any more.
func pendingPath(object *unstructured.Unstructured) (configured string, pending bool) {
	configured, marked := object.GetAnnotations()[recreationAnnotation]
	status := fko.StatusOf(object)
	return configured, marked && (!status.Ran || status.Observed < status.Generation)
}

// carry keeps, in what is written over an object that was created again, the
// path that its job starts from, until it has. Then the mark goes with the write,
// and its note before that.
func (d *Deployments) carry(ctx context.Context, live, object *unstructured.Unstructured) error {
	_, marked := live.GetAnnotations()[recreationAnnotation]
	configured, pending := pendingPath(live)
	switch _, again := object.GetAnnotations()[recreationAnnotation]; {
	case !marked, pending && again:
		return nil
	case !pending:
		return d.forget(ctx, d.notedOf(platform.Ref{Namespace: live.GetNamespace(), Name: live.GetName()}, live.GetLabels()))
	}
	annotate(object, recreationAnnotation, initialPath(object))
	if replaces, ok := live.GetAnnotations()[replacesAnnotation]; ok {
		annotate(object, replacesAnnotation, replaces)
	}
	path := initialPath(live)
	_, redeploys, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "job", redeployNonce)
	if path == "" || redeploys || initialPath(object) != configured {
		// A path that somebody has given meanwhile wins.
		return nil
	}
	if job, ok, _ := unstructured.NestedMap(object.Object, "spec", "job"); ok {
		job["initialSavepointPath"] = path
		_ = unstructured.SetNestedMap(object.Object, job, "spec", "job")
	}
	return nil
}

// conclude ends the creation of an object in the place of another: its job
// runs, so nobody needs the path any more.
func (d *Deployments) conclude(ctx context.Context, observed *platform.Observed, configured string) (*platform.Observed, error) {
	if err := d.forget(ctx, d.notedOf(observed.Ref, observed.Labels)); err != nil {
		return observed, err
	}
	patch := patchOf(types.UID(observed.UID)).RemoveAnnotations(append([]string{recreationAnnotation}, unfinishedMarks...)...)
	if fko.SteadyState(observed.Spec) != fko.SessionReady {
		patch.Set(orNil(configured), "spec", "job", "initialSavepointPath").Set(nil, "spec", "job", redeployNonce)
	}
	object, err := d.cluster.MergePatch(ctx, d.kind, keyOf(observed.Ref), patch)
	if err != nil {
		return observed, d.translate(err, observed.Ref)
	}
	latest, err := observe(object)
	if err != nil || latest.UID != observed.UID {
		return observed, err
	}
	return latest, nil
}

// concluded concludes after a wait. The operator takes the change up without a
// restart.
func (d *Deployments) concluded(ctx context.Context, out outcome) (*platform.Observed, error) {
	observed, err := d.conclude(ctx, out.observed, *out.recreated)
	if ctx.Err() != nil {
		return out.observed, ctx.Err()
	}
	if err != nil {
		return out.observed, &platform.RolloutError{
			Summary: fmt.Sprintf("The job of %q runs, but the marks of its re-creation could not be removed", out.observed.Name),
			Detail:  joinLines(err.Error(), "Apply again to remove them; that restarts nothing."),
		}
	}
	if observed.Generation == out.observed.Generation {
		return observed, nil
	}
	after := d.await(ctx, observed, foreign(observed), fko.SteadyState(observed.Spec))
	return after.observed, after.err
}

// refusesInPlace tells whether the operator refuses to make one object of
// another (its validator: "Cannot switch from …").
func refusesInPlace(live, object *unstructured.Unstructured) bool {
	mode := func(o *unstructured.Unstructured) string {
		text, _, _ := unstructured.NestedString(o.Object, "spec", "mode")
		return orElse(text, flink.ModeNative)
	}
	return mode(live) != mode(object) || (fko.SteadyStateOf(live) == fko.SessionReady) != (fko.SteadyStateOf(object) == fko.SessionReady)
}

// isUnknownField tells whether the API server refused an object because its
// schema lacks a field.
func isUnknownField(err error, field string) bool {
	var invalid *kube.InvalidError
	return errors.As(err, &invalid) && slices.ContainsFunc(invalid.Causes, func(c kube.Cause) bool {
		return c.Type == kube.CauseUnknownField && lastStep(c.Field) == field
	})
}

func lastStep(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// notCreatedAgain says what became of the job when its object is gone and the
// new one was refused.
func (d *Deployments) notCreatedAgain(err error, n noted, r recreation) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The %s %q is deleted and could not be created again", d.noun, n.whole.Name),
		Detail:  joinLines(err.Error(), d.whereabouts(r, n), "Correct the cause and apply again: the "+d.noun+" is then created."),
	}
}

// withDetail adds a line to the error of a rollout.
func withDetail(err error, line string) error {
	var told *platform.RolloutError
	if !errors.As(err, &told) {
		return err
	}
	result := *told
	result.Detail = joinLines(told.Detail, line)
	return &result
}
