package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Notices returns a planner's warnings and errors as diagnostics at the
// attributes they are about.
func Notices(decision planner.Decision) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, n := range decision.Errors {
		if len(n.Path) == 0 {
			diags.AddError(n.Summary, n.Detail)
			continue
		}
		diags.AddAttributeError(PathOf(n.Path), n.Summary, n.Detail)
	}
	for _, n := range decision.Warnings {
		if len(n.Path) == 0 {
			diags.AddWarning(n.Summary, n.Detail)
			continue
		}
		diags.AddAttributeWarning(PathOf(n.Path), n.Summary, n.Detail)
	}
	return diags
}
