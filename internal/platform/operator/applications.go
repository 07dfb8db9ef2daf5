package operator

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Applications manages deployments that have a job of their own, whichever form
// they have: one FlinkDeployment that is upgraded in place, or two colors. It
// implements platform.Deployments and is safe for concurrent use.
type Applications struct {
	// single manages each FlinkDeployment by itself.
	single *Deployments
	// native manages FlinkBlueGreenDeployments, as objects.
	native *Deployments

	mu sync.Mutex
	// pending are the switches that AwaitRollout is to make, and creates that it
	// is to end.
	pending map[platform.Ref]platform.Change
}

var _ platform.Deployments = (*Applications)(nil)

// NewApplications returns the applications of a cluster.
func NewApplications(cluster cluster, options Options) *Applications {
	return &Applications{single: NewDeployments(cluster, options), native: newDeployments(natives, cluster, options), pending: map[platform.Ref]platform.Change{}}
}

// located is what exists of a deployment.
type located struct {
	form flink.Form
	// object is the FlinkDeployment of a deployment that is upgraded in place.
	object *unstructured.Unstructured
	// colors are those of the provider's own engine.
	colors colors
	// native is what the operator's engine has.
	native *native
}

func (l *located) observe(whole platform.Ref) (*platform.Observed, error) {
	switch l.form {
	case byProvider:
		return l.colors.observe(whole)
	case byOperator:
		return l.native.observe(whole)
	}
	return observe(l.object)
}

// locate finds a deployment in whatever form it exists; nil when it does not. A
// FlinkBlueGreenDeployment is looked for when there is a child of one, and
// without one only when the caller says so: not every operator has the kind.
func locate(ctx context.Context, get getter, ref platform.Ref, look bool) (*located, error) {
	found, _, err := search(ctx, get, ref, look)
	return found, err
}

// search is locate that also tells of children whose FlinkBlueGreenDeployment is
// gone, which follow it.
func search(ctx context.Context, get getter, ref platform.Ref, look bool) (found *located, orphans bool, err error) {
	object, err := get(ctx, deploymentKind, keyOf(ref))
	switch {
	case err == nil && !isPart(object):
		return &located{object: object}, false, nil
	case err != nil && !isAbsent(err):
		return nil, false, err
	}
	both, children, err := colorsOf(ctx, get, ref)
	switch {
	case err != nil:
		return nil, false, err
	case len(both) > 0:
		return &located{form: byProvider, colors: both}, false, nil
	case !children && !look:
		return nil, false, nil
	}
	n, err := nativeOf(ctx, get, ref)
	if err != nil || n == nil {
		return nil, children, err
	}
	return &located{form: byOperator, native: n}, false, nil
}

// isPart tells whether a FlinkDeployment is a color of another deployment.
func isPart(object *unstructured.Unstructured) bool {
	_, isColor := object.GetLabels()[deploymentLabel]
	return isColor || isChild(object)
}

// kind is that of the object whose uid is the deployment's.
func (l *located) kind() kube.Kind {
	if l.native != nil {
		return blueGreenKind
	}
	return deploymentKind
}

// present is locate where the deployment has to exist.
func (a *Applications) present(ctx context.Context, get getter, ref platform.Ref) (*located, error) {
	found, err := locate(ctx, get, ref, true)
	if err == nil && found == nil {
		err = &platform.NotFoundError{Kind: deploymentKind.Kind, Ref: ref}
	}
	return found, err
}

// Read returns the deployment from the list of its namespace, which one process
// reads once. What the list does not have is looked for once more before it
// counts as gone.
func (a *Applications) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := locate(ctx, a.single.cluster.Find, ref, false)
	if err == nil && found == nil {
		found, err = a.present(ctx, a.single.cluster.Get, ref)
	}
	if err != nil {
		return nil, err
	}
	return found.observe(ref)
}

// Import returns the deployment with only what somebody has said about it.
func (a *Applications) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := a.present(ctx, a.single.cluster.Get, ref)
	switch {
	case err != nil:
		return nil, err
	case found.form == byProvider:
		active, _ := found.colors.roles()
		observed, err := a.single.Import(ctx, colorRef(ref, active))
		if err != nil {
			return nil, err
		}
		return wholeOf(observed, ref), nil
	case found.form == byOperator:
		return a.importNative(ref, found.native)
	}
	return a.single.Import(ctx, ref)
}

// Check asks the operator's webhook whether it would take the deployment. Of a
// blue/green one it is asked about the color to come, which does not exist yet.
func (a *Applications) Check(ctx context.Context, want platform.Deployment, exists bool) error {
	if !want.Form.BlueGreen() {
		return a.single.Check(ctx, want, exists)
	}
	next := flink.Blue
	if found, err := locate(ctx, a.single.cluster.Find, want.Ref, false); err == nil && found != nil && found.form.BlueGreen() && found.active() != nil {
		next = flink.OtherColor(strings.TrimPrefix(found.active().GetName(), want.Name+"-"))
	}
	color, err := colorOf(want, next)
	if err != nil {
		return err
	}
	return a.single.Check(ctx, color, false)
}

// vacant looks for a deployment that is to be created, in any form. The list of
// the namespace is believed when it has nothing of that name.
func (a *Applications) vacant(ctx context.Context, want platform.Deployment) (*located, error) {
	look := want.Form == byOperator
	found, orphans, err := search(ctx, a.single.cluster.Find, want.Ref, look)
	if err != nil || found == nil && !orphans {
		return nil, err
	}
	return a.claim(ctx, want.Ref, look)
}

// claim is locate that waits for children which follow a FlinkBlueGreenDeployment
// that is gone: the names are theirs until then.
func (a *Applications) claim(ctx context.Context, ref platform.Ref, look bool) (*located, error) {
	found, orphans, err := search(ctx, a.single.cluster.Get, ref, look)
	if err == nil && orphans {
		err = a.awaitChildrenGone(ctx, ref, time.Now())
	}
	return found, err
}

// Create creates the deployment in the form that is wanted. Blue is the first
// color.
func (a *Applications) Create(ctx context.Context, want platform.Deployment) (*platform.Observed, error) {
	found, err := a.vacant(ctx, want)
	if err != nil {
		return nil, err
	}
	if found != nil && (found.form != want.Form || found.colors[flink.Green] != nil) {
		return nil, existsOtherwise(found, want)
	}
	first, err := firstOf(want)
	if err != nil {
		return nil, err
	}
	if err := a.moveRecord(ctx, want); err != nil {
		return nil, err
	}
	if want.Form == byOperator {
		return a.createNative(ctx, want)
	}
	created, err := a.single.Create(ctx, first)
	if err != nil || want.Form != byProvider {
		return created, err
	}
	// What leads to it is made when the deployment has been recorded.
	a.prepare(platform.Change{Deployment: want, Rollout: planner.Rollout{Action: planner.ActionCreate}})
	return wholeOf(created, want.Ref), nil
}

// existsOtherwise refuses to create what exists in another form already.
func existsOtherwise(found *located, want platform.Deployment) error {
	object := found.identity()
	ref := kube.Ref{Kind: found.kind(), Key: kube.Key{Namespace: object.GetNamespace(), Name: object.GetName()}}
	return fmt.Errorf("the deployment %s exists already: %w", want.Ref, &kube.ExistsError{Ref: ref, Managers: kube.Managers(object), Object: object})
}

// Update writes a change, or prepares the switch that AwaitRollout makes.
func (a *Applications) Update(ctx context.Context, change platform.Change) (*platform.Observed, error) {
	found, err := a.present(ctx, a.single.cluster.Get, change.Ref)
	if err != nil {
		return nil, err
	}
	if found.form != change.Form {
		return a.reform(ctx, found, change)
	}
	if action := change.Rollout.Action; action == planner.ActionResume || action == planner.ActionRecreate {
		if err := a.dropRecords(ctx, found, change); err != nil {
			return nil, err
		}
	}
	switch {
	case found.form == byOperator:
		a.prepare(change)
		return found.native.observe(change.Ref)
	case found.form != byProvider:
		return a.single.Update(ctx, change)
	}
	if switches(change.Rollout.Action) {
		a.prepare(change)
		return found.colors.observe(change.Ref)
	}
	active, _ := found.colors.roles()
	colored, err := changeOf(change, active)
	if err != nil {
		return nil, err
	}
	if err := a.single.lead(ctx, change.Deployment, active); err != nil {
		return nil, err
	}
	updated, err := a.single.Update(ctx, colored)
	if err != nil {
		return nil, err
	}
	return wholeOf(updated, change.Ref), nil
}

// switches tells whether a change is made by the other color.
func switches(action planner.Action) bool {
	return action == planner.ActionBlueGreen || action == planner.ActionRedeploy
}

// turns tells whether what was prepared is more than a create of the provider's
// own engine.
func turns(change platform.Change) bool {
	return change.Form == byOperator || change.Rollout.Action != planner.ActionCreate
}

func (a *Applications) prepare(change platform.Change) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending[change.Ref] = change
}

// prepared returns the switch that is to be made, and forgets it.
func (a *Applications) prepared(ref platform.Ref) (platform.Change, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change, ok := a.pending[ref]
	delete(a.pending, ref)
	return change, ok
}

// AwaitRollout makes the switch that was prepared, or waits until what was
// written runs.
func (a *Applications) AwaitRollout(ctx context.Context, written *platform.Observed, rollout planner.Rollout, options platform.WaitOptions) (*platform.Observed, error) {
	if change, ok := a.prepared(written.Ref); ok {
		if turns(change) {
			return a.turn(ctx, change, options, true)
		}
		if err := a.single.lead(ctx, change.Deployment, written.Status.ActiveColor); err != nil {
			return written, err
		}
	}
	if written.Form == byOperator {
		return written, nil
	}
	if written.Form != byProvider {
		return a.single.AwaitRollout(ctx, written, rollout, options)
	}
	return a.whole(written, func(color *platform.Observed) (*platform.Observed, error) {
		return a.single.AwaitRollout(ctx, color, rollout, options)
	})
}

// Settle records that a change needs no further wait. A switch of the provider's
// own engine is made all the same: nobody else would go on with it.
func (a *Applications) Settle(ctx context.Context, written *platform.Observed) (*platform.Observed, error) {
	if change, ok := a.prepared(written.Ref); ok {
		if turns(change) {
			return a.turn(ctx, change, platform.WaitOptions{}, false)
		}
		if err := a.single.lead(ctx, change.Deployment, written.Status.ActiveColor); err != nil {
			return written, err
		}
	}
	if written.Form == byOperator {
		return written, nil
	}
	if written.Form != byProvider {
		return a.single.Settle(ctx, written)
	}
	return a.whole(written, func(color *platform.Observed) (*platform.Observed, error) { return a.single.Settle(ctx, color) })
}

func (a *Applications) turn(ctx context.Context, change platform.Change, options platform.WaitOptions, await bool) (*platform.Observed, error) {
	if change.Form == byOperator {
		return (&nativeTurn{Applications: a, change: change, options: options}).run(ctx, await)
	}
	t, err := a.single.newTurn(change, options)
	if err != nil {
		return nil, err
	}
	return t.run(ctx)
}

// whole does with the active color of a deployment what is done with the
// deployment.
func (a *Applications) whole(written *platform.Observed, do func(color *platform.Observed) (*platform.Observed, error)) (*platform.Observed, error) {
	color := *written
	color.Ref = colorRef(written.Ref, written.Status.ActiveColor)
	observed, err := do(&color)
	if observed == nil {
		return nil, err
	}
	return wholeOf(observed, written.Ref), err
}

// Delete stops the job of the active color with a savepoint where that is
// wanted, and deletes everything. The active color goes last, so that a delete
// that is interrupted finds it again.
func (a *Applications) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	found, err := a.claim(ctx, ref, true)
	if err != nil {
		return platform.Deleted{}, err
	}
	if found != nil && found.form == byOperator {
		return a.deleteNative(ctx, ref, found.native, options)
	}
	if found == nil || found.form != byProvider {
		deleted, err := a.single.Delete(ctx, ref, options)
		switch {
		case err != nil:
			return deleted, err
		case found == nil:
			// It may have been on its way to the other form.
			first := colorRef(ref, flink.Blue)
			r, err := a.single.recreationOf(ctx, first)
			if r != nil && deleted.SavepointPath == "" {
				deleted.SavepointPath, deleted.Note = r.path, a.single.startsAgain(first)
			}
			return deleted, err
		}
		return deleted, a.single.forget(ctx, otherRecordOf(ref, flink.Form{}))
	}
	deleted, err := a.single.deleteColors(ctx, ref, found.colors, options)
	if err != nil {
		return deleted, err
	}
	return deleted, a.single.forget(ctx, otherRecordOf(ref, byProvider))
}

// Inspect asks the JobManager of a deployment about its job.
func (a *Applications) Inspect(ctx context.Context, observed *platform.Observed) platform.JobDetails {
	if !observed.Form.BlueGreen() {
		return a.single.Inspect(ctx, observed)
	}
	color := *observed
	color.Ref = colorRef(observed.Ref, observed.Status.ActiveColor)
	return a.single.Inspect(ctx, &color)
}
