package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// turn is one switch from a color to the other, or what is left of one. It has
// no memory beyond what this apply did: everything else is read from the
// cluster before each step.
type turn struct {
	d       *Deployments
	change  platform.Change
	options platform.WaitOptions
	// want is the specification in the terms of the wire, as a color has it.
	want flink.Tree
	// facts are the parts of the situation that do not come from the cluster.
	facts situation
	// failure is why the new version does not run, and cause its parts.
	failure error
	cause   outcome
	// led is the color that the Service leads to.
	led string
}

// newTurn prepares the switch of a change.
func (d *Deployments) newTurn(change platform.Change, options platform.WaitOptions) (*turn, error) {
	color, err := colorOf(change.Deployment, flink.Blue)
	if err != nil {
		return nil, err
	}
	want, err := flink.TreeOf(color.Spec)
	if err != nil {
		return nil, err
	}
	t := &turn{d: d, change: change, options: options, want: want}
	t.facts = situation{allowLoss: change.AllowStateLoss, keep: !change.Rollback, delay: change.BlueGreen.DeletionDelay}
	t.facts.stateless = isStateless(change.Spec)
	if change.Rollout.Action == planner.ActionRedeploy {
		t.facts.given = given(change)
	}
	return t, nil
}

// run makes step after step until the wanted specification runs alone, or the
// new version has failed.
func (t *turn) run(ctx context.Context) (*platform.Observed, error) {
	for {
		found, _, err := colorsOf(ctx, t.d.cluster.Get, t.change.Ref)
		if err != nil {
			return nil, err
		}
		s, err := t.look(ctx, found)
		if err != nil {
			return nil, err
		}
		if err := t.direct(ctx, s); err != nil {
			return nil, err
		}
		next := s.next()
		logctx.From(ctx).DebugContext(ctx, "A step of the switch", "deployment", t.change.String(), "step", next.kind.String(), "color", next.color)
		switch next.kind {
		case stepNone:
			return nil, &platform.NotFoundError{Kind: deploymentKind.Kind, Ref: t.change.Ref}
		case stepDone, stepFail:
			observed, err := found.observe(t.change.Ref)
			if err == nil && next.kind == stepFail {
				err = t.told(s, next.color)
			}
			return observed, err
		default:
		}
		if err := t.perform(ctx, next, found); err != nil {
			observed, _ := found.observe(t.change.Ref)
			return observed, err
		}
	}
}

// look takes stock of the colors.
func (t *turn) look(ctx context.Context, found colors) (situation, error) {
	s := t.facts
	s.now = time.Now()
	for color, object := range found {
		f, err := t.factsOf(ctx, color, object)
		if err != nil {
			return s, err
		}
		if color == flink.Blue {
			s.blue = f
		} else {
			s.green = f
		}
	}
	return s, nil
}

func (t *turn) factsOf(ctx context.Context, color string, object *unstructured.Unstructured) (*colorFacts, error) {
	observed, err := observe(object)
	if err != nil {
		return nil, err
	}
	status := StatusOf(object)
	f := &colorFacts{
		color: color, since: activeSince(object), created: object.GetCreationTimestamp().Time,
		deleting: status.Deleting, wanted: t.has(observed.Spec),
		running: status.JobState == flink.StateRunning && steadyState(observed.Spec) == Running,
		settled: observed.RolledOut && !status.Deleting,
	}
	if f.running || f.settled && steadyState(observed.Spec) == Running {
		return f, nil
	}
	f.broken = status.Error != nil || status.JobState == flink.StateFailed || status.JobManager == managerError
	f.path, f.sure = t.d.newestState(ctx, observed, status)
	if f.path == "" && !status.EverRan && !status.LastState {
		// What never ran has the state that it was to start from.
		f.path, f.sure = initialPath(object), true
	}
	return f, nil
}

// has tells whether a live specification is the wanted one. The path that a job
// started from is of no matter, unless it is the change.
func (t *turn) has(live flink.Tree) bool {
	want := t.want
	if t.facts.given == "" {
		want = withoutPath(want)
	}
	return flink.Equal(flink.Observe(want, live), want)
}

// withoutPath returns a specification without the path that its job starts
// from.
func withoutPath(spec flink.Tree) flink.Tree {
	job, ok := spec["job"].(map[string]any)
	if !ok {
		return spec
	}
	out, without := flink.Tree{}, map[string]any{}
	for key, value := range spec {
		out[key] = value
	}
	for key, value := range job {
		if key != "initialSavepointPath" {
			without[key] = value
		}
	}
	out["job"] = without
	return out
}

// direct has the Service lead to the active color as soon as its job runs.
func (t *turn) direct(ctx context.Context, s situation) error {
	active, _ := s.roles()
	if active == nil || active.color == t.led || !active.running && t.led != "" {
		return nil
	}
	if err := t.d.lead(ctx, t.change.Deployment, active.color); err != nil {
		return err
	}
	t.led = active.color
	return nil
}

// perform makes one step.
func (t *turn) perform(ctx context.Context, next turnStep, found colors) error {
	object := found[next.color]
	switch next.kind {
	case stepMark, stepActivate:
		return t.activate(ctx, next.color, found)
	case stepSavepoint:
		return t.save(ctx, next.color, object)
	case stepCreate:
		return t.create(ctx, next, found[flink.OtherColor(next.color)])
	case stepAwait:
		return t.await(ctx, next.color, object)
	case stepWait:
		return t.delay(ctx, next)
	case stepRemove:
		return t.d.remove(ctx, object)
	case stepGone:
		return t.d.awaitGone(ctx, colorRef(t.change.Ref, next.color), string(object.GetUID()), time.Now())
	case stepInPlace:
		return t.inPlace(ctx, next.color, object)
	case stepDone, stepNone, stepFail:
	}
	return fmt.Errorf("%s is no step to make", next.kind)
}

// activate notes on a color that it is the active one, later than the other
// whatever the clocks say.
func (t *turn) activate(ctx context.Context, color string, found colors) error {
	since := time.Now()
	if other := found[flink.OtherColor(color)]; other != nil {
		if before := activeSince(other); !before.Before(since) {
			since = before.Add(time.Second)
		}
	}
	patch := fmt.Sprintf(`{"metadata":{"uid":%q,"annotations":{%q:%q}}}`, found[color].GetUID(), activeAnnotation, since.UTC().Format(time.RFC3339Nano))
	_, err := t.d.cluster.MergePatch(ctx, deploymentKind, keyOf(colorRef(t.change.Ref, color)), []byte(patch))
	var absent *kube.NotFoundError
	if errors.As(err, &absent) {
		// Somebody has deleted it meanwhile: the next look sees that.
		return nil
	}
	return err
}

// savepointOf is the savepoint that a switch starts from.
func savepointOf(whole platform.Ref, color string, spec flink.Tree) platform.Savepoint {
	format, _ := setting(spec, formatKey)
	ref := colorRef(whole, color)
	return platform.Savepoint{
		Ref:    platform.Ref{Namespace: ref.Namespace, Name: ref.Name + "-switch"},
		Job:    platform.JobRef{Name: ref.Name},
		Format: orElse(strings.ToLower(format), platform.FormatCanonical),
	}
}

// save takes a savepoint of the active color, which goes on running. When it
// cannot be taken because the job has ended meanwhile, the next look sees that.
func (t *turn) save(ctx context.Context, color string, object *unstructured.Unstructured) error {
	spec, err := specTree(object)
	if err != nil {
		return err
	}
	savepoints := NewSavepoints(t.d.cluster)
	want := savepointOf(t.change.Ref, color, spec)
	if _, err := savepoints.Delete(ctx, platform.ObservedSavepoint{Savepoint: want}); err != nil {
		return err
	}
	bounded, cancel := reserve(ctx)
	defer cancel()
	taken, err := savepoints.Take(bounded, want)
	if err == nil {
		taken, err = savepoints.Await(bounded, *taken)
	}
	var told *platform.RolloutError
	switch {
	case errors.As(err, &told):
		if latest, getErr := t.d.cluster.Get(ctx, deploymentKind, keyOf(colorRef(t.change.Ref, color))); getErr == nil && StatusOf(latest).JobState != flink.StateRunning {
			logctx.From(ctx).WarnContext(ctx, "The active color does not run any more", "deployment", t.change.String(), "color", color, "error", err.Error())
			return nil
		}
		return &platform.RolloutError{
			Summary:    fmt.Sprintf("The new version of %q is not started, because no savepoint of %s can be taken", t.change.Name, color),
			Detail:     joinLines(told.Summary+".", told.Detail, fmt.Sprintf("Nothing was changed, and %s runs on. The change stays in the next plan.", color)),
			RolledBack: true,
		}
	case err != nil:
		return err
	}
	t.facts.savepoint = taken.Location
	return nil
}

// create creates the new color from the state of the old one.
func (t *turn) create(ctx context.Context, next turnStep, old *unstructured.Unstructured) error {
	want, err := colorOf(t.change.Deployment, next.color)
	if err != nil {
		return err
	}
	object, err := objectOf(deploymentKind, want)
	if err != nil {
		return err
	}
	replaces := ""
	if old != nil {
		replaces = strings.TrimSpace(old.GetAnnotations()[replacesAnnotation] + " " + string(old.GetUID()))
	}
	sent := startingFrom(object, recreation{path: next.from, replaces: replaces})
	if next.from == "" {
		unstructured.RemoveNestedField(sent.Object, "spec", "job", "initialSavepointPath")
	}
	logctx.From(ctx).InfoContext(ctx, "Starting the new version", "deployment", t.change.String(), "color", next.color, "from", next.from)
	created, err := t.d.cluster.Create(ctx, deploymentKind, sent)
	if err != nil {
		return err
	}
	_, err = t.d.written(created, sent, write{marked: true})
	t.facts.awaited, t.facts.failed, t.facts.savepoint = next.color, false, ""
	return err
}

// await waits until a color runs, within the grace period of a new one.
func (t *turn) await(ctx context.Context, color string, object *unstructured.Unstructured) error {
	observed, err := observe(object)
	if err != nil {
		return err
	}
	bounded, cancel := reserve(ctx)
	defer cancel()
	if grace := t.change.BlueGreen.AbortGracePeriod; grace > 0 && activeSince(object).IsZero() {
		var stop context.CancelFunc
		bounded, stop = context.WithTimeout(bounded, grace)
		defer stop()
	}
	w := t.d.recall(observed)
	w.whole, w.change = t.change.Name, &t.change
	t.facts.awaited = color
	out := t.d.await(bounded, observed, w, steadyState(w.applied), t.options)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if out.err == nil && out.recreated != nil && steadyState(out.observed.Spec) != Suspended {
		_, out.err = t.d.concluded(ctx, out, t.options)
	}
	var told *platform.RolloutError
	switch {
	case out.err == nil:
		if out.marked || w.marked {
			t.d.end(ctx, out.observed)
		}
		return nil
	case !errors.As(out.err, &told):
		return out.err
	}
	t.facts.failed, t.failure, t.cause = true, out.err, out
	return nil
}

// delay waits until the old color may go.
func (t *turn) delay(ctx context.Context, next turnStep) error {
	logctx.From(ctx).InfoContext(ctx, "The old color stays for a while", "deployment", t.change.String(), "color", next.color, "until", next.until)
	timer := time.NewTimer(time.Until(next.until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return ctx.Err()
		}
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The new version of %q runs, and the old one is not deleted yet", t.change.Name),
			Detail: fmt.Sprintf("%s stays until %s (upgrade.blue_green[\"deletion_delay\"]), which is after the end of this apply. Apply again then, or raise timeouts.update.",
				next.color, next.until.UTC().Format(time.RFC3339)),
		}
	}
}

// inPlace writes the specification over a color whose job does not run, and
// whose state only the operator knows.
func (t *turn) inPlace(ctx context.Context, color string, object *unstructured.Unstructured) error {
	change, err := changeOf(t.change, color)
	if err != nil {
		return err
	}
	observed, err := observe(object)
	if err != nil {
		return err
	}
	logctx.From(ctx).WarnContext(ctx, "The job does not run, so it is restarted where it is", "deployment", t.change.String(), "color", color)
	change.Rollout.Action = planner.ActionSavepoint
	if StatusOf(object).isOver(observed.Spec) {
		change.Rollout.Action = planner.ActionRerun
	}
	t.facts.awaited = color
	written, err := t.d.Update(ctx, change)
	if err != nil {
		return err
	}
	_, err = t.d.AwaitRollout(ctx, written, change.Rollout, t.options)
	var told *platform.RolloutError
	if errors.As(err, &told) {
		t.facts.failed, t.failure = true, err
		return nil
	}
	return err
}
