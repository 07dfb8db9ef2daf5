package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// changeOfWay tells whether an object is to be managed in another way than the state says.
func (t Type) changeOfWay(target tfkit.Target, prior Data) (bool, diag.Diagnostics) {
	before, diags := t.target(prior.Shared())
	if diags.HasError() {
		return false, diags
	}
	moves, diags := tfkit.ChangeOfWay(string(t.Kind)+" \""+*prior.Shared().Name+"\"", target.Settings.Way(), before.Settings, path.Root("environment"))
	ways, has := before.Rules.(platform.RulesByCustomResources)
	if !moves || !has || before.Settings.CustomResources != nil {
		return moves, diags
	}
	spec, more := prior.Shared().spec()
	diags.Append(more...)
	return true, append(diags, tfkit.Findings(ways.Moves(spec))...)
}

// takeOver has an object be managed in the way of a target from now on, as it is, and returns
// it as it is there.
func (r *Resource) takeOver(ctx context.Context, target tfkit.Target, ref platform.Ref, id string) (*platform.Observed, diag.Diagnostics) {
	attempt := r.attempt("move", ref, id)
	deployments, err := r.connect(ctx, target)
	if err != nil {
		return nil, attempt.Diagnostics(err)
	}
	if other, takes := deployments.(platform.TakesOver); takes {
		if err := other.TakeOver(ctx, ref); err != nil {
			return nil, attempt.Diagnostics(err)
		}
	}
	observed, err := deployments.Read(ctx, ref)
	if err != nil {
		return nil, attempt.Diagnostics(err)
	}
	return observed, nil
}
