package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// turn is one switch from a color to the other by the provider itself. It is the
// bluegreen.Colors of the operator.
type turn struct {
	bluegreen.Turn

	d      *Deployments
	change platform.Change
	// want is the specification in the terms of the wire, as a color has it.
	want flink.Tree
	// found are the colors at the last look, nil when it failed.
	found colors
	// cause is how the wait for a version ended that failed.
	cause outcome
	// ours are the uids of the objects that the switch found and made; nil
	// before the first look.
	ours []string
	// made is the color that the switch has created last, nil for none.
	made *begun
	// led is where the Service and the ingress lead.
	led string
}

// newTurn prepares the switch of a change.
func (d *Deployments) newTurn(change platform.Change) (*turn, error) {
	color, err := colorOf(change.Deployment, flink.Blue)
	if err != nil {
		return nil, err
	}
	want, err := flink.TreeOf(color.Spec)
	if err != nil {
		return nil, err
	}
	t := &turn{d: d, change: change, want: want, Turn: bluegreen.Turn{Ref: change.Ref}}
	t.Facts = bluegreen.Situation{AllowLoss: change.AllowStateLoss, Keep: !change.Rollback, Delay: change.BlueGreen.DeletionDelay}
	t.Facts.Stateless = isStateless(change.Spec)
	if switches(change.Rollout.Action) {
		t.Facts.Given = given(change)
	}
	return t, nil
}

// run makes the switch.
func (t *turn) run(ctx context.Context) (*platform.Observed, error) {
	if err := t.d.rehearseLead(ctx, t.change.Deployment); err != nil {
		return nil, err
	}
	end, err := t.Run(ctx, t)
	switch {
	case t.found == nil:
		return nil, err
	case end.Nothing():
		return nil, &platform.NotFoundError{Kind: deploymentKind.Kind, Ref: t.change.Ref}
	}
	observed, unseen := t.found.observe(t.change.Ref)
	if err == nil || end.Failed() && unseen != nil {
		err = unseen
	}
	return withProof(observed, end.Proof), err
}

// checkSame refuses a color that came in the place of one of the deployment's own
// while the switch was on its way. What the switch itself makes is its own.
func (t *turn) checkSame(found colors) error {
	first := t.ours == nil
	if first && len(found) > 0 {
		if err := (&located{form: bluegreen.ByProvider, colors: found}).checkSame(t.change.Ref, t.change.Was.UID); err != nil {
			return err
		}
	}
	for color, object := range found {
		if !first && !slices.ContainsFunc(identities(object), func(uid string) bool { return slices.Contains(t.ours, uid) }) {
			return checkSame(deploymentKind, bluegreen.ColorRef(t.change.Ref, color), object, t.change.Was.UID)
		}
		t.ours = append(t.ours, identities(object)...)
	}
	return nil
}

// Look takes stock of the colors.
func (t *turn) Look(ctx context.Context) (blue, green *bluegreen.Color, err error) {
	t.found = nil
	found, _, err := colorsOf(ctx, t.d.cluster.Get, t.change.Ref)
	if err != nil {
		return nil, nil, err
	}
	if err := t.checkSame(found); err != nil {
		return nil, nil, err
	}
	for color, object := range found {
		f, err := t.factsOf(ctx, color, object)
		if err != nil {
			return nil, nil, err
		}
		if color == flink.Blue {
			blue = f
		} else {
			green = f
		}
	}
	t.found = found
	return blue, green, nil
}

func (t *turn) factsOf(ctx context.Context, color string, object *unstructured.Unstructured) (*bluegreen.Color, error) {
	observed, err := observe(object)
	if err != nil {
		return nil, err
	}
	status := fko.StatusOf(object)
	f := &bluegreen.Color{
		Color: color, Since: activeSince(object), Created: object.GetCreationTimestamp().Time,
		Deleting: status.Deleting, Wanted: t.has(object, observed.Spec),
		Running: status.JobState == flink.StateRunning && fko.SteadyState(observed.Spec) == fko.Running,
		Settled: observed.RolledOut && !status.Deleting,
	}
	if f.Running || f.Settled && fko.SteadyState(observed.Spec) == fko.Running {
		return f, nil
	}
	f.Broken = status.Error != nil || status.JobState == flink.StateFailed || status.JobManager == fko.ManagerError
	f.Path, f.Sure = t.d.newestState(ctx, observed, status)
	if f.Path == "" && !status.EverRan && !status.LastState {
		// What never ran has the state that it was to start from.
		f.Path, f.Sure = initialPath(object), true
	}
	return f, nil
}

// has tells whether a color has the wanted specification, and nothing that an
// apply has written which was killed since. The path that a job started from
// does not matter, unless it is the change.
func (t *turn) has(object *unstructured.Unstructured, live flink.Tree) bool {
	want := t.want
	if t.Facts.Given == "" {
		want = fko.WithoutPath(want)
	}
	written := fko.WithoutPath(writtenOn(object, live, "spec"))
	delete(written, "metadata")
	return flink.Equal(flink.Observe(want, live), want) && flink.Equal(flink.Observe(written, t.want), written)
}

// Direct has the Service and the ingress lead to the active color as soon as its
// job runs, as that color has them.
func (t *turn) Direct(ctx context.Context, active *bluegreen.Color) (err error) {
	if !active.Running && t.led != "" {
		return nil
	}
	defer func() {
		if err != nil {
			t.found = nil
		}
	}()
	object := t.found[active.Color]
	r, err := routeTo(t.change.Ref, object, t.change.BlueGreen.ServiceType)
	if err != nil {
		return err
	}
	led := fmt.Sprint(r.color, r.port, object.GetAnnotations()[ingressAnnotation])
	if led == t.led {
		return nil
	}
	if err := t.d.lead(ctx, r); err != nil {
		return err
	}
	t.led = led
	return nil
}

// Activate notes on a color that it is the active one, later than the other
// whatever the clocks say.
func (t *turn) Activate(ctx context.Context, color string) error {
	since := time.Now()
	if other := t.found[flink.OtherColor(color)]; other != nil {
		if before := activeSince(other); !before.Before(since) {
			since = before.Add(time.Second)
		}
	}
	patch := patchOf(t.found[color].GetUID()).Set(since.UTC().Format(time.RFC3339Nano), "metadata", "annotations", activeAnnotation)
	_, err := t.d.cluster.MergePatch(ctx, deploymentKind, keyOf(bluegreen.ColorRef(t.change.Ref, color)), patch)
	var absent *kube.NotFoundError
	if errors.As(err, &absent) {
		// Somebody has deleted it meanwhile: the next look sees that.
		return nil
	}
	return err
}

// savepointOf is the savepoint that a switch starts from, in a format.
func savepointOf(whole platform.Ref, color, format string) platform.Savepoint {
	ref := bluegreen.ColorRef(whole, color)
	return platform.Savepoint{
		Ref:    platform.Ref{Namespace: ref.Namespace, Name: ref.Name + "-switch"},
		Job:    platform.JobRef{Name: ref.Name},
		Format: format,
	}
}

// Savepoint takes a savepoint of the active color, which goes on running, in the format
// that the change asks for: as in place, the configuration to come decides it. When it
// cannot be taken because the job has ended meanwhile, the next look sees that.
func (t *turn) Savepoint(ctx context.Context, color string) (string, error) {
	savepoints := NewSavepoints(t.d.cluster)
	want := savepointOf(t.change.Ref, color, configuredFormat(t.change.Spec.FlinkConfiguration))
	if err := t.d.dropSavepoint(ctx, want); err != nil {
		return "", err
	}
	bounded, cancel := watch.Reserve(ctx)
	defer cancel()
	taken, err := savepoints.Take(bounded, want)
	if err == nil {
		taken, err = savepoints.Await(bounded, *taken)
	}
	var told *platform.RolloutError
	switch {
	case errors.As(err, &told):
		if latest, getErr := t.d.cluster.Get(ctx, deploymentKind, keyOf(bluegreen.ColorRef(t.change.Ref, color))); getErr == nil && fko.StatusOf(latest).JobState != flink.StateRunning {
			logctx.From(ctx).WarnContext(ctx, "The active color does not run any more", "deployment", t.change.String(), "color", color, "error", err.Error())
			return "", nil
		}
		return "", &platform.RolloutError{
			Summary:    fmt.Sprintf("The new version of %q is not started, because no savepoint of %s can be taken", t.change.Name, color),
			Detail:     joinLines(told.Summary+".", told.Detail, fmt.Sprintf("Nothing was changed, and %s runs on. The change stays in the next plan.", color)),
			RolledBack: true,
		}
	case err != nil:
		return "", err
	}
	return taken.Location, nil
}

// Start creates the new color from the state of the old one.
func (t *turn) Start(ctx context.Context, color, from string) error {
	want, err := colorOf(t.change.Deployment, color)
	if err != nil {
		return err
	}
	object, err := objectOf(deploymentKind, want)
	if err != nil {
		return err
	}
	replaces := ""
	if old := t.found[flink.OtherColor(color)]; old != nil {
		replaces = strings.TrimSpace(old.GetAnnotations()[replacesAnnotation] + " " + string(old.GetUID()))
	}
	sent := startingFrom(object, recreation{path: from, replaces: replaces})
	if from == "" {
		unstructured.RemoveNestedField(sent.Object, "spec", "job", "initialSavepointPath")
	}
	logctx.From(ctx).InfoContext(ctx, "Starting the new version", "deployment", t.change.String(), "color", color, "from", from)
	created, err := t.d.cluster.Create(ctx, deploymentKind, sent)
	if err != nil {
		return err
	}
	t.ours = append(t.ours, string(created.GetUID()))
	t.made, err = t.d.written(created, sent, write{marked: true})
	return err
}

// Await waits until a color runs, within the grace period of a new one.
func (t *turn) Await(ctx context.Context, color string) (string, error) {
	object := t.found[color]
	observed, err := observe(object)
	if err != nil {
		return "", err
	}
	bounded, cancel := watch.Reserve(ctx)
	defer cancel()
	w := foreign(observed)
	if t.made != nil && t.made.uid == observed.UID {
		w = t.made.write
	}
	if activeSince(object).IsZero() {
		w.grace = t.change.BlueGreen.AbortGracePeriod
	}
	w.whole, w.change, w.proveFor = t.change.Name, &t.change, t.change.Rollout.ProveFor
	out := t.d.await(bounded, observed, w, fko.SteadyState(w.applied))
	if errors.Is(ctx.Err(), context.Canceled) {
		return "", ctx.Err()
	}
	if out.err == nil && out.recreated != nil && fko.SteadyState(out.observed.Spec) != fko.Suspended {
		_, out.err = t.d.concluded(ctx, out)
	}
	if out.err == nil && (out.marked || w.marked) {
		t.d.end(ctx, out.observed)
	}
	t.cause = out
	return out.proof, out.err
}

// Rewrite writes the specification over a color whose job does not run, and whose
// state only the operator knows.
func (t *turn) Rewrite(ctx context.Context, color string) (bool, error) {
	object := t.found[color]
	change, err := changeOf(t.change, color)
	if err != nil {
		return false, err
	}
	change.Was.UID = string(object.GetUID())
	observed, err := observe(object)
	if err != nil {
		return false, err
	}
	logctx.From(ctx).WarnContext(ctx, "The job does not run, so it is restarted where it is", "deployment", t.change.String(), "color", color)
	change.Rollout.Action = planner.ActionSavepoint
	if fko.StatusOf(object).IsOver(observed.Spec) {
		change.Rollout.Action = planner.ActionRerun
	}
	t.made, t.cause = nil, outcome{}
	b, err := t.d.begin(ctx, change)
	if err != nil {
		return false, err
	}
	_, err = b.Await(ctx)
	return true, err
}

// Remove deletes a color.
func (t *turn) Remove(ctx context.Context, color string) error {
	return t.d.remove(ctx, t.found[color])
}

// Gone waits for a color that somebody deletes.
func (t *turn) Gone(ctx context.Context, color string) error {
	return t.d.awaitGone(ctx, bluegreen.ColorRef(t.change.Ref, color), string(t.found[color].GetUID()), time.Now())
}

// Explain returns what the wait has found out.
func (t *turn) Explain(failure *platform.RolloutError) (facts, afterwards string) {
	return orElse(t.cause.facts, failure.Detail), t.cause.afterwards
}
