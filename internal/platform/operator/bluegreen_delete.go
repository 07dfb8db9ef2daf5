package operator

import (
	"context"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// deleteColors deletes the colors of a deployment, and what leads to them. The
// job of the active one is stopped with a savepoint before anything goes.
func (d *Deployments) deleteColors(ctx context.Context, whole platform.Ref, found colors, options platform.DeleteOptions) (platform.Deleted, error) {
	active, other := found.roles()
	object := found[active]
	known := append(strings.Fields(object.GetAnnotations()[replacesAnnotation]), string(object.GetUID()))
	if options.UID != "" && !slices.Contains(known, options.UID) {
		logctx.From(ctx).InfoContext(ctx, "The deployment was replaced by another one, which stays", "deployment", whole.String())
		return platform.Deleted{}, nil
	}
	if status := StatusOf(object); options.Savepoint && !status.Deleting {
		if _, err := d.stop(ctx, object, status, options); err != nil {
			return platform.Deleted{}, err
		}
	}
	if other != "" {
		if err := d.remove(ctx, found[other]); err != nil {
			return platform.Deleted{}, err
		}
	}
	if err := d.unlead(ctx, whole); err != nil {
		return platform.Deleted{}, err
	}
	savepoints := NewSavepoints(d.cluster)
	for _, color := range []string{flink.Blue, flink.Green} {
		// The files of the savepoints stay; nobody needs the objects any more.
		if _, err := savepoints.Delete(ctx, platform.ObservedSavepoint{Savepoint: savepointOf(whole, color, nil)}); err != nil {
			logctx.From(ctx).WarnContext(ctx, "The object of a switch's savepoint stays", "deployment", whole.String(), "color", color, "error", err.Error())
		}
	}
	options.UID = string(object.GetUID())
	return d.Delete(ctx, colorRef(whole, active), options)
}
