package lifecycle

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// checkWithin bounds all that a plan asks a platform: it can do without the
// answer.
const checkWithin = 3 * time.Second

// checkOnline asks the platform whether it would take what is planned. It adds
// what only the platform knows, and is never required.
func (r *Resource) checkOnline(ctx context.Context, plan, prior Data, decided decision) diag.Diagnostics {
	if r.data == nil || r.data.NeverOnline || !sends(prior, decided) {
		return nil
	}
	ref, id := decided.target.Ref(*plan.Shared().Name), decided.target.ID(*plan.Shared().Name)
	ctx, cancel := context.WithTimeout(Logged(decided.quiet(ctx), ref), checkWithin)
	defer cancel()
	deployments, err := r.connect(ctx, decided.target)
	if err != nil {
		// Neither a kubeconfig nor a configuration that is known: there is nobody to ask.
		return nil
	}
	want, err := decided.Wanted(ref)
	if err != nil {
		return nil // the apply will tell
	}
	var diags diag.Diagnostics
	if adviser, ok := deployments.(platform.Adviser); ok {
		diags = tfkit.Findings(adviser.Advise(ctx, want))
	}
	diags.Append(r.data.Checked(r.attempt("check", ref, id), decided.target.Rules.Subject(), deployments.Check(ctx, want, prior != nil))...)
	return diags
}

// sends tells whether an apply writes an object that the platform judges by what
// is there. What is created again is not: its predecessor is gone by then.
func sends(prior Data, decided decision) bool {
	if prior == nil {
		return true
	}
	return decided.Rollout.Action != planner.ActionRecreate && decided.Changes()
}
