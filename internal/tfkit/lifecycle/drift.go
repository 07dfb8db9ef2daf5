package lifecycle

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// onTheWay are the attributes of which a rollout may write other values for as
// long as it lasts.
var onTheWay = map[string]bool{"upgrade.mode": true, "job.state": true, "job.initial_savepoint_path": true}

// absorbDrift returns a state's values with what the cluster has in the place of
// what the resource itself says. What the environment gives shows in
// effective_spec alone, and so does an attribute into which somebody has put a
// secret: nothing would hide it there. The attributes are compared, and not
// effective_spec, which has no secrets to write.
func (t Type) absorbDrift(ctx context.Context, raw tftypes.Value, data Data, observed *platform.Observed, unfinished bool) tftypes.Value {
	_, before, diags := t.expand(data)
	if diags.HasError() {
		// The next plan tells, and effective_spec shows the drift.
		return raw
	}
	applied := before.Effective
	metadata, _ := applied["metadata"].(flink.Tree)
	delete(applied, "metadata")
	live := flink.Observe(applied, observed.Spec)
	if metadata != nil {
		applied["metadata"] = metadata
	}
	if kept := rollout.ObservedMetadata(metadata, observed); len(kept) > 0 {
		live["metadata"] = kept
	}
	changes := flink.Diff(applied, live)
	if unfinished {
		// They would be taken for wanted.
		changes = slices.DeleteFunc(changes, func(c flink.Change) bool { return onTheWay[c.Path.Attribute()] })
	}
	secret := flink.Exposed(applied, live, changes)
	changes = slices.DeleteFunc(changes, func(c flink.Change) bool { return secret[c.Path.Attribute()] })
	return tfkit.Absorb(ctx, raw, before.Origins.Own(changes, live))
}
