package operator

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// redeployNonce is the field of spec.job that makes the operator deploy from
// initialSavepointPath again, since 1.8.
const redeployNonce = "savepointRedeployNonce"

// appliers are the field managers of tools that apply whole manifests. When one
// of them made an object that Terraform now manages, its fields become
// Terraform's, so that what the configuration leaves out goes.
var appliers = regexp.MustCompile(`^(kubectl.*|before-first-apply|[Hh]elm|helm-controller|kustomize-controller|argocd-.*|[Tt]erraform.*|HashiCorp.*|OpenTofu.*|pulumi.*)$`)

// update writes a change of a deployment that exists.
func (d *Deployments) update(ctx context.Context, change platform.Change) (*begun, error) {
	live, err := d.cluster.Get(ctx, d.kind, keyOf(change.Ref))
	if err != nil {
		return nil, d.translate(err, change.Ref)
	}
	if err := checkSame(d.kind, change.Ref, live, change.Was.UID); err != nil {
		return nil, err
	}
	if at := live.GetDeletionTimestamp(); at != nil {
		interrupted, err := d.recreationOf(ctx, d.notedOf(change.Ref, live.GetLabels()))
		if err != nil {
			return nil, err
		}
		if interrupted != nil && interrupted.uid == string(live.GetUID()) {
			return d.replace(ctx, live, change, replacement{})
		}
		return nil, fmt.Errorf("%s %s is being deleted since %s and takes no changes; apply again when it is gone", d.kind.Kind, change.Ref, at.UTC().Format(time.RFC3339))
	}
	if err := guard(live, change); err != nil {
		return nil, err
	}
	was := *change.Was
	if was.Spec, err = revealed(was.Spec, live); err != nil {
		return nil, err
	}
	change.Was = &was
	object, err := objectOf(d.kind, change.Deployment)
	if err != nil {
		return nil, err
	}
	if err := complete(live, object, change.Rollout.Action); err != nil {
		return nil, err
	}
	w := write{change: &change, marked: change.Awaited || isMarked(live), jobs: d.runningJobs(ctx, object)}
	if change.Awaited {
		annotate(object, updateAnnotation, string(change.Rollout.Action))
	}
	switch change.Rollout.Action {
	case planner.ActionRecreate:
		// An apply that was killed may have created the object already.
		if refusesInPlace(live, object) {
			return d.replace(ctx, live, change, replacement{from: given(change), fresh: upgradeModeOf(object) == flink.UpgradeStateless})
		}
	case planner.ActionRerun:
		// A finished job would be restored from a checkpoint that Flink has
		// deleted.
		w.after = startEmpty(object)
	case planner.ActionRedeploy:
		return d.redeploy(ctx, live, object, change)
	default:
		switch repair, path := d.repair(ctx, live); repair {
		case startFrom:
			return d.restore(ctx, live, object, change, path)
		case startAnew:
			w.after = startEmpty(object)
		case startAsUsual:
		}
	}
	updated, err := d.apply(ctx, live, object)
	if err != nil {
		return nil, d.translate(err, change.Ref)
	}
	return d.written(updated, object, w)
}

// startEmpty has an object's job started without state. It returns the object
// that is wanted in the end, nil for the same: the operator takes the upgrade
// mode up without a restart.
func startEmpty(object *unstructured.Unstructured) (after *unstructured.Unstructured) {
	job, ok, _ := unstructured.NestedMap(object.Object, "spec", "job")
	if !ok || job["upgradeMode"] == flink.UpgradeStateless {
		return nil
	}
	after = object.DeepCopy()
	job["upgradeMode"] = flink.UpgradeStateless
	_ = unstructured.SetNestedMap(object.Object, job, "spec", "job")
	return after
}

func upgradeModeOf(object *unstructured.Unstructured) string {
	mode, _, _ := unstructured.NestedString(object.Object, "spec", "job", "upgradeMode")
	return orElse(mode, flink.UpgradeStateless)
}

// hands are the field managers of kubectl's commands that change single fields
// by hand. Such a change is drift, which an apply puts back. A manifest that
// somebody applies is a claim, and stays a conflict.
var hands = regexp.MustCompile(`^kubectl-(annotate|edit|label|patch|replace|rollout|scale|set)$`)

// apply writes the whole desired object over a live one.
func (d *Deployments) apply(ctx context.Context, live, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if err := d.carry(ctx, live, object); err != nil {
		return nil, err
	}
	object = object.DeepCopy()
	if err := keepLeftOut(live, object); err != nil {
		return nil, err
	}
	object.SetUID(live.GetUID())
	options := kube.ApplyOptions{Force: d.options.ForceConflicts}
	if !kube.HasManager(live) {
		options.TakeOver = claimants(live)
	}
	return applyOver(ctx, d.cluster, d.kind, object, options, func() (*unstructured.Unstructured, error) { return live, nil })
}

// applyOver writes an object, over fields that nobody else means to manage too. live
// returns the object that is there.
func applyOver(
	ctx context.Context, c Store, kind kube.Kind, object *unstructured.Unstructured, options kube.ApplyOptions, live func() (*unstructured.Unstructured, error),
) (*unstructured.Unstructured, error) {
	updated, err := c.Apply(ctx, kind, object, options)
	var conflict *kube.ConflictError
	if !errors.As(err, &conflict) || options.Force {
		return updated, err
	}
	over, readErr := live()
	if readErr != nil || !mayForce(conflict, over) {
		return nil, err
	}
	logctx.From(ctx).InfoContext(ctx, "Taking fields that nobody else means to manage", "error", conflict.Error())
	options.Force = true
	return c.Apply(ctx, kind, object, options)
}

// mayForce tells whether nobody else meant to manage the fields in a conflict.
// That is so for fields of our own name: a destroy that stopped the job and was
// then given up changed single fields. It is so for the operator's as well: one
// before 1.8 writes the whole specification back when it adds its finalizer,
// and owns the defaults that it filled in. And it is so for what somebody has
// edited by hand, without a claim to the field.
func mayForce(conflict *kube.ConflictError, live *unstructured.Unstructured) bool {
	harmless := operatorsOf(live)
	harmless[kube.FieldManager] = true
	for _, entry := range live.GetManagedFields() {
		if entry.Operation == metav1.ManagedFieldsOperationUpdate && hands.MatchString(entry.Manager) {
			harmless[entry.Manager] = true
		}
	}
	return !slices.ContainsFunc(conflict.Fields, func(f kube.FieldConflict) bool { return !harmless[f.Manager] })
}
