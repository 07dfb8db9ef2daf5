package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// checkOnline asks the platform whether it would take what is planned. It adds
// what only the platform knows, and is never required.
func (r *Resource) checkOnline(ctx context.Context, plan, prior Data, decided decision) diag.Diagnostics {
	if r.data == nil || r.data.NeverOnline || !sends(prior, decided) {
		return nil
	}
	ref := decided.ref(*plan.Shared().Name)
	want, err := decided.wanted(ref)
	if err != nil {
		return nil // the apply will tell
	}
	ctx = Logged(ctx, ref)
	deployments, err := r.Connect(ctx, r.data)
	if err != nil {
		// Neither a kubeconfig nor a configuration that is known: there is nobody to ask.
		return nil
	}
	return r.data.Checked(r.attempt("check", ref), deployments.Check(ctx, want, prior != nil))
}

// sends tells whether an apply writes an object that the platform judges by what
// is there. What is created again is not: its predecessor is gone by then.
func sends(prior Data, decided decision) bool {
	if prior == nil {
		return true
	}
	return decided.rollout.Action != planner.ActionRecreate && changes(prior.Shared(), decided)
}
