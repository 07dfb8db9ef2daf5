package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// Applications manages deployments that have a job of their own, whichever form
// they have: one FlinkDeployment that is upgraded in place, or two colors. It
// implements platform.Deployments and is safe for concurrent use.
type Applications struct {
	// single manages each FlinkDeployment by itself.
	single *Deployments
	// native manages FlinkBlueGreenDeployments, as objects.
	native *Deployments
}

var _ platform.Deployments = (*Applications)(nil)

// NewApplications returns the applications of a cluster, or of whatever else keeps
// them and has the operator run them.
func NewApplications(cluster Store, options Options) *Applications {
	return &Applications{single: NewDeployments(cluster, options), native: newDeployments(natives, cluster, options)}
}

// located is what exists of a deployment.
type located struct {
	form flink.Form
	// object is the FlinkDeployment of a deployment that is upgraded in place.
	object *unstructured.Unstructured
	// colors are those of the provider's own engine.
	colors colors
	// native is what the operator's engine has.
	native *fko.BlueGreen
}

func (l *located) observe(whole platform.Ref) (*platform.Observed, error) {
	switch l.form {
	case bluegreen.ByProvider:
		return l.colors.observe(whole)
	case byOperator:
		return observeNative(*l.native, whole)
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
		return &located{form: bluegreen.ByProvider, colors: both}, false, nil
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
	return isColor || fko.IsChild(object)
}

// kind is that of the object whose uid is the deployment's.
func (l *located) kind() kube.Kind {
	if l.native != nil {
		return blueGreenKind
	}
	kind := deploymentKind
	if l.object != nil {
		kind.Kind = l.object.GetKind()
	}
	return kind
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
	case found.form == bluegreen.ByProvider:
		active, _ := found.colors.roles()
		observed, err := a.single.Import(ctx, bluegreen.ColorRef(ref, active))
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
	if a.single.cluster.ValidatingWebhook(ctx, deploymentKind) == "" {
		// Which color comes next is not worth a question then.
		return nil
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

// Begin writes a change of a deployment. A create is refused when another
// resource of this apply creates a deployment of its name, in whatever form: those
// have no object in common that could refuse the second.
func (a *Applications) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	switch {
	case change.Begun:
		return a.goOn(ctx, change)
	case change.Was != nil:
		return a.update(ctx, change)
	}
	name := nameIn{a.single.cluster.Identity(), change.Ref}
	if _, taken := names.LoadOrStore(name, true); taken {
		return nil, &platform.BegunError{Here: true, Err: &kube.ExistsError{Ref: kube.Ref{Kind: deploymentKind, Key: keyOf(change.Ref)}}}
	}
	created, err := a.create(ctx, change)
	if err != nil {
		names.Delete(name)
	}
	return created, err
}

// create creates the deployment in the form that is wanted. Blue is the first
// color.
func (a *Applications) create(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	want := change.Deployment
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
	if want.Form == bluegreen.ByProvider {
		if err := a.single.rehearseLead(ctx, want); err != nil {
			return nil, err
		}
	}
	if err := a.moveRecord(ctx, want); err != nil {
		return nil, err
	}
	if want.Form == byOperator {
		return a.createNative(ctx, change)
	}
	created, err := a.single.begin(ctx, platform.Change{Deployment: first, Rollout: change.Rollout, Held: heldOf(change)})
	switch {
	case err != nil:
		return nil, err
	case want.Form != bluegreen.ByProvider:
		return created, nil
	}
	// What leads to it is made when the deployment has been recorded.
	return &colored{a: a, begun: created, whole: want.Ref, unled: &want}, nil
}

// existsOtherwise refuses to create what exists in another form already.
func existsOtherwise(found *located, want platform.Deployment) error {
	object := found.identity()
	ref := kube.Ref{Kind: found.kind(), Key: kube.KeyOf(object)}
	return fmt.Errorf("the deployment %s exists already: %w", want.Ref, &kube.ExistsError{Ref: ref, Managers: kube.Managers(object), Object: object})
}

// update writes a change, or leaves it to the switch that Await makes.
func (a *Applications) update(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	found, err := a.present(ctx, a.single.cluster.Get, change.Ref)
	if err != nil {
		return nil, err
	}
	if err := found.checkSame(change.Ref, change.Was.UID); err != nil {
		return nil, err
	}
	// What follows is about the objects that were found.
	was := *change.Was
	was.UID = string(found.identity().GetUID())
	change.Was = &was
	if found.form == byOperator || found.form != change.Form {
		if err := guardWhole(found, change); err != nil {
			return nil, err
		}
	}
	again, err := found.mustReform(change)
	if err != nil {
		return nil, err
	}
	if again || found.form != change.Form {
		return a.reform(ctx, found, change)
	}
	if action := change.Rollout.Action; action == planner.ActionResume || action == planner.ActionRecreate {
		if err := a.dropRecords(ctx, found, change); err != nil {
			return nil, err
		}
	}
	if found.form == byOperator || found.form == bluegreen.ByProvider && switches(change.Rollout.Action) {
		// A switch deletes the color that is active now.
		if err := a.single.mayGo(ctx, found.active()); err != nil {
			return nil, err
		}
		observed, err := found.observe(change.Ref)
		if err != nil {
			return nil, err
		}
		return &turning{a, change, observed}, nil
	}
	if found.form != bluegreen.ByProvider {
		return a.single.Begin(ctx, change)
	}
	active, _ := found.colors.roles()
	ofColor, err := changeOf(change, active)
	if err != nil {
		return nil, err
	}
	if err := a.single.rehearseLead(ctx, change.Deployment); err != nil {
		return nil, err
	}
	updated, err := a.single.begin(ctx, ofColor)
	if err != nil {
		return nil, err
	}
	if err := a.leadTo(ctx, change.Deployment, active); err != nil {
		return nil, err
	}
	return &colored{a: a, begun: updated, whole: change.Ref}, nil
}

// Delete stops the job of the active color with a savepoint where that is
// wanted, and deletes everything. The active color goes last, so that a delete
// that is interrupted finds it again.
func (a *Applications) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	names.Delete(nameIn{a.single.cluster.Identity(), ref})
	found, err := a.claim(ctx, ref, true)
	if err != nil {
		return platform.Deleted{}, err
	}
	if found != nil && found.form == byOperator {
		return a.deleteNative(ctx, ref, found.native, options)
	}
	if found == nil || found.form != bluegreen.ByProvider {
		deleted, err := a.single.Delete(ctx, ref, options)
		switch {
		case err != nil:
			return deleted, err
		case found == nil:
			// It may have been on its way to the other form.
			first := recordOf(ref, bluegreen.ByProvider)
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
	return deleted, a.single.forget(ctx, otherRecordOf(ref, bluegreen.ByProvider))
}

// Inspect asks the JobManager of a deployment about its job.
func (a *Applications) Inspect(ctx context.Context, observed *platform.Observed) platform.JobDetails {
	if !observed.Form.BlueGreen() {
		return a.single.Inspect(ctx, observed)
	}
	color := *observed
	color.Ref = bluegreen.ColorRef(observed.Ref, observed.Status.ActiveColor)
	return a.single.Inspect(ctx, &color)
}
