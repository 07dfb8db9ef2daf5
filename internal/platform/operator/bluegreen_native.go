package operator

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// byOperator is the form of a deployment whose colors the operator exchanges.
var byOperator = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineOperator}

// natives are the FlinkBlueGreenDeployments.
var natives = managed{blueGreenKind, "deployment"}

// Keys of spec.configuration (FlinkBlueGreenDeploymentConfigOptions).
const (
	keyAbortGracePeriod = "kubernetes.operator.bluegreen.abort.grace-period"
	keyDeletionDelay    = "kubernetes.operator.bluegreen.deployment-deletion.delay"
)

// retryKey is a configuration key that nobody reads. The operator takes a
// specification whose switch failed for reconciled, so the same one is written
// with another value of it.
const retryKey = "flink-terraform.io/retry"

// observeNative returns the deployment: the object of the parent, and the job of the
// active child. What runs is the child's specification; the parent's may have
// been swallowed.
func observeNative(n fko.BlueGreen, whole platform.Ref) (*platform.Observed, error) {
	out, err := observe(n.Parent)
	if err != nil {
		return nil, err
	}
	parent := fko.BlueGreenStatusOf(n.Parent)
	template := n.Template()
	out.Ref, out.Form, out.Spec, out.Status = whole, byOperator, template, flink.Status{}
	out.RolledOut = n.Verdict(template, fko.SteadyState(template)).Progress == fko.Done
	if color := n.Active(); n.Children[color] != nil {
		child, err := observe(n.Children[color])
		if err != nil {
			return nil, err
		}
		out.Status = child.Status
		out.Status.ActiveColor = color
		out.Spec = fromTemplate(child.Spec, template)
	}
	out.Status.UID = out.UID
	if configured, recreated := n.Parent.GetAnnotations()[recreationAnnotation]; recreated {
		out.Spec = fko.WithPath(out.Spec, configured)
	}
	if ingress, ok, _ := unstructured.NestedMap(n.Parent.Object, "spec", "ingress"); ok {
		out.Spec = maps.Clone(out.Spec)
		out.Spec["ingress"] = ingress
	}
	if out.Written != nil {
		out.Written = writtenOn(n.Parent, template, "spec", "template", "spec")
		if configuration, ok := out.Written["flinkConfiguration"].(map[string]any); ok {
			delete(configuration, retryKey)
		}
	}
	if out.Status.Error == "" && parent.Error != "" {
		out.Status.Error = fko.AbortWords(parent.Error)
	}
	if n.Bereft() {
		out.Status.LifecycleState = flink.LifecycleDeleted
	}
	if n.Unstarted() {
		out.Status.StateLocation = flink.LocationNone
		out.RolledOut = fko.SteadyState(template) == fko.Suspended
	}
	return out, nil
}

// fromTemplate returns a child's specification with the path that its job starts
// from as the template has it: the operator writes that of the switch's
// savepoint.
func fromTemplate(child, template flink.Tree) flink.Tree {
	out := fko.WithoutPath(child)
	configured, _ := template["job"].(map[string]any)
	if job, ok := out["job"].(map[string]any); ok && configured["initialSavepointPath"] != nil {
		job["initialSavepointPath"] = configured["initialSavepointPath"]
	}
	return out
}

// flinkMillis is a duration as Flink reads it.
func flinkMillis(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// nativeObject returns the FlinkBlueGreenDeployment to send.
func nativeObject(want platform.Deployment) (*unstructured.Unstructured, error) {
	template := want
	template.Spec.Ingress = nil
	object, err := objectOf(blueGreenKind, template)
	if err != nil {
		return nil, err
	}
	spec := map[string]any{
		"configuration": map[string]any{
			keyAbortGracePeriod: flinkMillis(want.BlueGreen.AbortGracePeriod),
			keyDeletionDelay:    flinkMillis(want.BlueGreen.DeletionDelay),
		},
		"template": map[string]any{"spec": object.Object["spec"]},
	}
	if want.Spec.Ingress != nil {
		whole, err := objectOf(blueGreenKind, want)
		if err != nil {
			return nil, err
		}
		spec["ingress"], _, _ = unstructured.NestedMap(whole.Object, "spec", "ingress")
	}
	object.Object["spec"] = spec
	return object, nil
}

// startAt has the first job of a FlinkBlueGreenDeployment start from a path, and
// notes the one that is to be in its place when it runs.
func startAt(object *unstructured.Unstructured, r recreation) {
	annotate(object, recreationAnnotation, r.configured)
	annotate(object, replacesAnnotation, r.replaces)
	if r.path != "" {
		_ = unstructured.SetNestedField(object.Object, r.path, "spec", "template", "spec", "job", "initialSavepointPath")
	}
}

// nativeOf returns the FlinkBlueGreenDeployment of a deployment, nil for none.
func nativeOf(ctx context.Context, get getter, whole platform.Ref) (*fko.BlueGreen, error) {
	parent, err := get(ctx, blueGreenKind, keyOf(whole))
	var absent *kube.NotFoundError
	var notServed *kube.NotServedError
	switch {
	case errors.As(err, &absent), errors.As(err, &notServed):
		return nil, nil
	case err != nil:
		return nil, err
	}
	n := &fko.BlueGreen{Parent: parent, Children: colors{}}
	for _, color := range []string{flink.Blue, flink.Green} {
		child, err := get(ctx, deploymentKind, keyOf(bluegreen.ColorRef(whole, color)))
		switch {
		case errors.As(err, &absent):
		case err != nil:
			return nil, err
		case fko.IsChild(child):
			n.Children[color] = child
		}
	}
	return n, nil
}

// createNative creates the FlinkBlueGreenDeployment, or goes on with one that an
// interrupted create left.
func (a *Applications) createNative(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	want := change.Deployment
	object, err := nativeObject(want)
	if err != nil {
		return nil, err
	}
	mark, err := a.native.creationOf(want)
	if err != nil {
		return nil, err
	}
	annotate(object, creationAnnotation, mark.String())
	interrupted, err := a.native.recreationOf(ctx, recordOf(want.Ref, byOperator))
	if err != nil {
		return nil, err
	}
	if interrupted != nil {
		if path := initialPathOf(want); path != interrupted.configured {
			// A path that somebody has given meanwhile wins.
			interrupted.path, interrupted.configured = path, path
		}
		startAt(object, *interrupted)
	}
	created, err := a.native.cluster.Create(ctx, blueGreenKind, object)
	var exists *kube.ExistsError
	if errors.As(err, &exists) {
		var left *unstructured.Unstructured
		left, err = mark.inherit(ctx, a.native.cluster, exists, mark.begins)
		if err == nil {
			object.SetUID(left.GetUID())
			created, err = a.native.cluster.Apply(ctx, blueGreenKind, object, kube.ApplyOptions{Force: a.native.options.ForceConflicts})
		}
	}
	if err != nil {
		return nil, err
	}
	written, err := observeNative(fko.BlueGreen{Parent: created}, want.Ref)
	if err != nil {
		return nil, err
	}
	written.Resumed = a.native.resumed(want, interrupted)
	rollout := planner.Rollout{Action: planner.ActionCreate, ProveFor: change.Rollout.ProveFor}
	return &turning{a, platform.Change{Deployment: want, Rollout: rollout}, written}, nil
}

// deleteNative stops the job of the active color with a savepoint where that is
// wanted, deletes the FlinkBlueGreenDeployment, and waits until its children are
// gone too.
func (a *Applications) deleteNative(ctx context.Context, whole platform.Ref, n *fko.BlueGreen, options platform.DeleteOptions) (platform.Deleted, error) {
	var deleted platform.Deleted
	if !isSame(n.Parent, options.UID) {
		return deleted, nil
	}
	if child := n.Children[n.Active()]; child != nil {
		var err error
		if deleted, err = a.single.stopFirst(ctx, child, fko.StatusOf(child), options); err != nil {
			return deleted, err
		}
	}
	note, again := recordOf(whole, byOperator), options.Replaced && deleted.SavepointPath != ""
	if again {
		configured, _, _ := unstructured.NestedString(n.Parent.Object, "spec", "template", "spec", "job", "initialSavepointPath")
		if err := a.native.record(ctx, note, recreation{uid: string(n.Parent.GetUID()), path: deleted.SavepointPath, configured: configured}); err != nil {
			return deleted, err
		}
		deleted.Note = strings.TrimSpace(deleted.Note + " " + a.single.startsAgain(note))
	}
	if err := a.removeNative(ctx, whole, n); err != nil {
		return deleted, err
	}
	if !again {
		if err := a.native.forget(ctx, note); err != nil {
			return deleted, err
		}
	}
	return deleted, a.single.forget(ctx, otherRecordOf(whole, byOperator))
}

// removeNative deletes a FlinkBlueGreenDeployment and what belongs to it. The
// parent has no finalizer, and its children are gone some time after it.
func (a *Applications) removeNative(ctx context.Context, whole platform.Ref, n *fko.BlueGreen) error {
	began := time.Now()
	if err := a.native.cluster.Delete(ctx, blueGreenKind, keyOf(whole), n.Parent.GetUID()); err != nil {
		return err
	}
	if err := a.native.awaitGone(ctx, whole, string(n.Parent.GetUID()), began); err != nil {
		return err
	}
	return a.awaitChildrenGone(ctx, whole, began)
}

// awaitChildrenGone waits for the children of a FlinkBlueGreenDeployment that is
// gone. They are looked for now, as the operator may have made one while it went.
func (a *Applications) awaitChildrenGone(ctx context.Context, whole platform.Ref, began time.Time) error {
	for _, color := range []string{flink.Blue, flink.Green} {
		ref := bluegreen.ColorRef(whole, color)
		child, err := a.native.cluster.Get(ctx, deploymentKind, keyOf(ref))
		switch {
		case isAbsent(err), err == nil && !fko.IsChild(child):
			continue
		case err != nil:
			return err
		}
		if err := a.single.awaitGone(ctx, ref, string(child.GetUID()), began); err != nil {
			return err
		}
	}
	return nil
}
