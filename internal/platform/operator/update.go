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

// Update writes a change of a deployment.
func (d *Deployments) Update(ctx context.Context, change platform.Change) (*platform.Observed, error) {
	live, err := d.cluster.Get(ctx, deploymentKind, keyOf(change.Ref))
	if err != nil {
		return nil, translate(err, change.Ref)
	}
	if at := live.GetDeletionTimestamp(); at != nil {
		return nil, fmt.Errorf("%s %s is being deleted since %s and takes no changes; apply again when it is gone", deploymentKind.Kind, change.Ref, at.UTC().Format(time.RFC3339))
	}
	object, err := objectOf(change.Deployment)
	if err != nil {
		return nil, err
	}
	w := write{change: &change}
	switch change.Rollout.Action {
	case planner.ActionRerun:
		// A finished job would be restored from a checkpoint that Flink has
		// deleted, so it is started without state and gets its upgrade mode
		// back afterwards, which restarts nothing.
		if mode, _, _ := unstructured.NestedString(object.Object, "spec", "job", "upgradeMode"); mode != flink.UpgradeStateless {
			w.after = object.DeepCopy()
			if err := unstructured.SetNestedField(object.Object, flink.UpgradeStateless, "spec", "job", "upgradeMode"); err != nil {
				return nil, fmt.Errorf("set the upgrade mode: %w", err)
			}
		}
	case planner.ActionRedeploy:
		if err := redeployFrom(object, ""); err != nil {
			return nil, err
		}
	default:
	}
	if change.Awaited {
		w.marked = true
		annotate(object, updateAnnotation, string(change.Rollout.Action))
	}
	updated, err := d.apply(ctx, live, object)
	if err != nil {
		return nil, unsupportedRedeploy(translate(err, change.Ref), change)
	}
	return d.written(updated, object, w)
}

// hands are the field managers of kubectl's commands that change single fields
// by hand. Such a change is drift, which an apply puts back. A manifest that
// somebody applies is a claim, and stays a conflict.
var hands = regexp.MustCompile(`^kubectl-(annotate|edit|label|patch|replace|rollout|scale|set)$`)

// redeployFrom makes the operator deploy an object from its initial savepoint
// path, or from the one given. The nonce must differ from all before.
func redeployFrom(object *unstructured.Unstructured, savepoint string) error {
	fields := map[string]any{redeployNonce: time.Now().Unix()}
	if savepoint != "" {
		fields["initialSavepointPath"] = savepoint
	}
	for field, value := range fields {
		if err := unstructured.SetNestedField(object.Object, value, "spec", "job", field); err != nil {
			return fmt.Errorf("set spec.job.%s: %w", field, err)
		}
	}
	return nil
}

// apply writes the whole desired object over a live one.
func (d *Deployments) apply(ctx context.Context, live, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	object = object.DeepCopy()
	object.SetUID(live.GetUID())
	options := kube.ApplyOptions{Force: d.options.ForceConflicts}
	if !kube.HasManager(live) {
		options.TakeOver = claimants(live)
	}
	updated, err := d.cluster.Apply(ctx, deploymentKind, object, options)
	var conflict *kube.ConflictError
	if errors.As(err, &conflict) && !options.Force && mayForce(conflict, live) {
		logctx.From(ctx).InfoContext(ctx, "Taking fields that nobody else means to manage", "error", conflict.Error())
		options.Force = true
		return d.cluster.Apply(ctx, deploymentKind, object, options)
	}
	return updated, err
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

// unsupportedRedeploy explains that the operator cannot start a deployed job
// from another savepoint.
func unsupportedRedeploy(err error, change platform.Change) error {
	var invalid *kube.InvalidError
	if change.Rollout.Action != planner.ActionRedeploy || !errors.As(err, &invalid) ||
		!slices.ContainsFunc(invalid.Causes, func(c kube.Cause) bool {
			return c.Type == kube.CauseUnknownField && lastStep(c.Field) == redeployNonce
		}) {
		return err
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The operator in this cluster cannot start %q from another savepoint", change.Name),
		Detail: fmt.Sprintf("Tried to write spec.job.%s to FlinkDeployment %s; its custom resource definition has no such field. The operator has it from version 1.8 on.\n"+
			"Nothing was changed. Upgrade the operator with its definitions, or replace the deployment: `terraform apply -replace` destroys it (with a savepoint, where that is configured) and creates it from job.initial_savepoint_path.", redeployNonce, change.Ref),
	}
}

func lastStep(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}
