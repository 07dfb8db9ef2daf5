package operator

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// deleteColors deletes the colors of a deployment, and what leads to them. The
// job of the active one is stopped with a savepoint before anything goes.
func (d *Deployments) deleteColors(ctx context.Context, whole platform.Ref, found colors, options platform.DeleteOptions) (platform.Deleted, error) {
	active, other := found.roles()
	object := found[active]
	if !isSame(object, options.UID) {
		logctx.From(ctx).InfoContext(ctx, "The deployment was replaced by another one, which stays", "deployment", whole.String())
		return platform.Deleted{}, nil
	}
	if err := d.mayGo(ctx, found[other]); err != nil {
		return platform.Deleted{}, err
	}
	if _, err := d.stopFirst(ctx, object, fko.StatusOf(object), options); err != nil {
		return platform.Deleted{}, err
	}
	if other != "" {
		if err := d.remove(ctx, found[other]); err != nil {
			return platform.Deleted{}, err
		}
	}
	if err := d.unlead(ctx, whole); err != nil {
		return platform.Deleted{}, err
	}
	d.dropSavepoints(ctx, whole)
	options.UID = string(object.GetUID())
	return d.Delete(ctx, bluegreen.ColorRef(whole, active), options)
}

// dropSavepoints deletes the objects of the savepoints from which switches
// started. Nobody needs them any more, and the files stay.
func (d *Deployments) dropSavepoints(ctx context.Context, whole platform.Ref) {
	for _, color := range []string{flink.Blue, flink.Green} {
		if err := d.dropSavepoint(ctx, savepointOf(whole, color, platform.FormatCanonical)); err != nil {
			logctx.From(ctx).WarnContext(ctx, "The object of a switch's savepoint stays", "deployment", whole.String(), "color", color, "error", err.Error())
		}
	}
}

// dropSavepoint deletes the object of the savepoint from which a switch started,
// and none of its name that others made.
func (d *Deployments) dropSavepoint(ctx context.Context, of platform.Savepoint) error {
	object, err := d.cluster.Get(ctx, snapshotKind, keyOf(of.Ref))
	var notServed *kube.NotServedError
	if isAbsent(err) || errors.As(err, &notServed) || err == nil && !kube.HasManager(object) {
		return nil
	}
	if err == nil {
		_, err = NewSavepoints(d.cluster).Delete(ctx, *snapshotOf(object).observe())
	}
	return err
}
