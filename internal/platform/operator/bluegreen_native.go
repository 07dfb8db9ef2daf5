package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// byOperator is the form of a deployment whose colors the operator exchanges.
var byOperator = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineOperator}

// natives are the FlinkBlueGreenDeployments.
var natives = managed{blueGreenKind, "deployment"}

// childLabel is the operator's on the FlinkDeployments of a
// FlinkBlueGreenDeployment.
const childLabel = "flink/blue-green-deployment-type"

// Keys of spec.configuration (FlinkBlueGreenDeploymentConfigOptions).
const (
	keyAbortGracePeriod = "kubernetes.operator.bluegreen.abort.grace-period"
	keyDeletionDelay    = "kubernetes.operator.bluegreen.deployment-deletion.delay"
)

// retryKey is a configuration key that nobody reads. The operator takes a
// specification whose switch failed for reconciled, so the same one is written
// with another value of it.
const retryKey = "flink-terraform.io/retry"

// native is a FlinkBlueGreenDeployment with its FlinkDeployments.
type native struct {
	parent   *unstructured.Unstructured
	children colors
}

// nativeStatus is what the operator says about a FlinkBlueGreenDeployment.
type nativeStatus struct {
	// State is status.blueGreenState.
	State string
	// Job is status.jobStatus.state: RECONCILING, RUNNING, FAILING or SUSPENDED.
	Job   string
	Error string
	// Reconciled is the template's specification that was taken up last; nil
	// before the first.
	Reconciled flink.Tree
	// text is lastReconciledSpec as it stands.
	text string
}

func nativeStatusOf(parent *unstructured.Unstructured) nativeStatus {
	text := func(path ...string) string {
		value, _, _ := unstructured.NestedString(parent.Object, append([]string{"status"}, path...)...)
		return value
	}
	s := nativeStatus{State: text("blueGreenState"), Job: text("jobStatus", "state"), Error: text("error"), text: text("lastReconciledSpec")}
	if reconciled, err := flink.ParseTree([]byte(s.text)); err == nil {
		spec, _ := reconciled["spec"].(map[string]any)
		template, _ := spec["template"].(map[string]any)
		s.Reconciled, _ = template["spec"].(map[string]any)
	}
	return s
}

// The states of a FlinkBlueGreenDeployment begin with one of these, and end with
// a color.
const (
	stateActive        = "ACTIVE_"
	stateSavepointing  = "SAVEPOINTING_"
	stateTransitioning = "TRANSITIONING_TO_"
)

// colorIn returns the color at the end of a state.
func colorIn(state string) string {
	return strings.ToLower(state[strings.LastIndexByte(state, '_')+1:])
}

// active is the color that counts: the one from which a switch goes while there
// is one.
func (n native) active() string {
	state := nativeStatusOf(n.parent).State
	color := colorIn(state)
	if strings.HasPrefix(state, stateTransitioning) && n.children[flink.OtherColor(color)] != nil {
		return flink.OtherColor(color)
	}
	if n.children[color] == nil {
		for other := range n.children {
			return other
		}
	}
	return color
}

// template is the specification in spec.template, with the numbers of a Tree.
func (n native) template() flink.Tree {
	spec, _, _ := unstructured.NestedMap(n.parent.Object, "spec", "template", "spec")
	text, err := json.Marshal(spec)
	if err != nil {
		return flink.Tree{}
	}
	tree, err := flink.ParseTree(text)
	if err != nil {
		return flink.Tree{}
	}
	return tree
}

// resting tells whether the operator has nothing to do: it is not on its way
// from one color to the other, and has taken the template up.
func (n native) resting() bool {
	s := nativeStatusOf(n.parent)
	switch {
	case strings.HasPrefix(s.State, stateSavepointing), strings.HasPrefix(s.State, stateTransitioning), s.State == "":
		return false
	case s.Job == flink.StateFailing:
		return true
	}
	// The state passes through ACTIVE between savepoint and transition.
	return s.Reconciled != nil && flink.Equal(n.template(), flink.Observe(n.template(), s.Reconciled))
}

// observe returns the deployment: the object of the parent, and the job of the
// active child. What runs is the child's specification; the parent's may have
// been swallowed.
func (n native) observe(whole platform.Ref) (*platform.Observed, error) {
	out, err := observe(n.parent)
	if err != nil {
		return nil, err
	}
	parent := nativeStatusOf(n.parent)
	template := n.template()
	out.Ref, out.Form, out.Spec, out.Status = whole, byOperator, template, flink.Status{}
	out.RolledOut = n.verdict(template, steadyState(template)).Progress == Done
	if color := n.active(); n.children[color] != nil {
		child, err := observe(n.children[color])
		if err != nil {
			return nil, err
		}
		out.Status = child.Status
		out.Status.ActiveColor = color
		out.Spec = fromTemplate(child.Spec, template)
	}
	out.Status.UID = out.UID
	if ingress, ok, _ := unstructured.NestedMap(n.parent.Object, "spec", "ingress"); ok {
		out.Spec = maps.Clone(out.Spec)
		out.Spec["ingress"] = ingress
	}
	if out.Status.Error == "" && parent.Error != "" {
		out.Status.Error = abortWords(parent.Error)
	}
	if steadyState(template) == Suspended && parent.State == "" {
		out.RolledOut = true
	}
	return out, nil
}

// fromTemplate returns a child's specification with the path that its job starts
// from as the template has it: the operator writes that of the switch's
// savepoint.
func fromTemplate(child, template flink.Tree) flink.Tree {
	out := withoutPath(child)
	configured, _ := template["job"].(map[string]any)
	if job, ok := out["job"].(map[string]any); ok && configured["initialSavepointPath"] != nil {
		job["initialSavepointPath"] = configured["initialSavepointPath"]
	}
	return out
}

// abortWords says what the operator's error means.
func abortWords(message string) string {
	switch {
	case strings.HasPrefix(message, "Aborting deployment"):
		return "the new version did not run in time, and the operator has given it up: " + message
	case strings.Contains(message, "is not READY"):
		return "the operator did not take the change up, because the active color did not run: " + message
	}
	return message
}

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
			keyAbortGracePeriod: fmt.Sprintf("%d ms", want.BlueGreen.AbortGracePeriod.Milliseconds()),
			keyDeletionDelay:    fmt.Sprintf("%d ms", want.BlueGreen.DeletionDelay.Milliseconds()),
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
func nativeOf(ctx context.Context, get getter, whole platform.Ref) (*native, error) {
	parent, err := get(ctx, blueGreenKind, keyOf(whole))
	var absent *kube.NotFoundError
	var notServed *kube.NotServedError
	switch {
	case errors.As(err, &absent), errors.As(err, &notServed):
		return nil, nil
	case err != nil:
		return nil, err
	}
	n := &native{parent: parent, children: colors{}}
	for _, color := range []string{flink.Blue, flink.Green} {
		child, err := get(ctx, deploymentKind, keyOf(colorRef(whole, color)))
		switch {
		case errors.As(err, &absent):
		case err != nil:
			return nil, err
		case isChild(child):
			n.children[color] = child
		}
	}
	return n, nil
}

// isChild tells whether a FlinkDeployment belongs to a FlinkBlueGreenDeployment.
func isChild(object *unstructured.Unstructured) bool {
	_, ok := object.GetLabels()[childLabel]
	return ok
}

// createNative creates the FlinkBlueGreenDeployment, or goes on with one that an
// interrupted create left.
func (a *Applications) createNative(ctx context.Context, want platform.Deployment) (*platform.Observed, error) {
	object, err := nativeObject(want)
	if err != nil {
		return nil, err
	}
	mark, err := fingerprint(want)
	if err != nil {
		return nil, err
	}
	annotate(object, creationAnnotation, mark)
	interrupted, err := a.native.recreationOf(ctx, want.Ref)
	if err != nil {
		return nil, err
	}
	if interrupted != nil {
		startAt(object, *interrupted)
	}
	created, err := a.native.cluster.Create(ctx, blueGreenKind, object)
	var exists *kube.ExistsError
	if errors.As(err, &exists) && isInterrupted(exists, mark) {
		object.SetUID(exists.Object.GetUID())
		created, err = a.native.cluster.Apply(ctx, blueGreenKind, object, kube.ApplyOptions{Force: a.native.options.ForceConflicts})
	}
	if err != nil {
		return nil, err
	}
	a.prepare(platform.Change{Deployment: want, Rollout: planner.Rollout{Action: planner.ActionCreate}})
	return native{parent: created}.observe(want.Ref)
}

// deleteNative stops the job of the active color with a savepoint where that is
// wanted, deletes the FlinkBlueGreenDeployment, and waits until its children are
// gone too.
func (a *Applications) deleteNative(ctx context.Context, whole platform.Ref, n *native, options platform.DeleteOptions) (platform.Deleted, error) {
	var deleted platform.Deleted
	known := append(strings.Fields(n.parent.GetAnnotations()[replacesAnnotation]), string(n.parent.GetUID()))
	if options.UID != "" && !slices.Contains(known, options.UID) {
		return deleted, nil
	}
	if child := n.children[n.active()]; options.Savepoint && child != nil {
		status := StatusOf(child)
		if status.Deleting {
			deleted.SavepointPath = status.SavepointPath
		} else {
			var err error
			if deleted, err = a.single.stop(ctx, child, status, options); err != nil {
				return deleted, err
			}
		}
	}
	if err := a.removeNative(ctx, whole, n); err != nil {
		return deleted, err
	}
	if err := a.native.forget(ctx, whole); err != nil {
		return deleted, err
	}
	return deleted, a.single.forget(ctx, otherRecordOf(whole, byOperator))
}

// removeNative deletes a FlinkBlueGreenDeployment and what belongs to it. The
// parent has no finalizer, and its children are gone some time after it.
func (a *Applications) removeNative(ctx context.Context, whole platform.Ref, n *native) error {
	began := time.Now()
	if err := a.native.cluster.Delete(ctx, blueGreenKind, keyOf(whole), n.parent.GetUID()); err != nil {
		return err
	}
	if err := a.native.awaitGone(ctx, whole, string(n.parent.GetUID()), began); err != nil {
		return err
	}
	return a.awaitChildrenGone(ctx, whole, began)
}

// awaitChildrenGone waits for the children of a FlinkBlueGreenDeployment that is
// gone. They are looked for now, as the operator may have made one while it went.
func (a *Applications) awaitChildrenGone(ctx context.Context, whole platform.Ref, began time.Time) error {
	for _, color := range []string{flink.Blue, flink.Green} {
		ref := colorRef(whole, color)
		child, err := a.native.cluster.Get(ctx, deploymentKind, keyOf(ref))
		switch {
		case isAbsent(err), err == nil && !isChild(child):
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
