package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Findings returns the findings about a specification as diagnostics at the
// attributes that set the values.
func Findings(findings []flink.Finding) diag.Diagnostics {
	return FindingsBelow(path.Empty(), findings)
}

// FindingsBelow is Findings of a specification whose attributes are below a path.
func FindingsBelow(base path.Path, findings []flink.Finding) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, f := range findings {
		at := base.Copy()
		for _, step := range pathOf(f.Path).Steps() {
			switch step := step.(type) {
			case path.PathStepAttributeName:
				at = at.AtName(string(step))
			case path.PathStepElementKeyString:
				at = at.AtMapKey(string(step))
			case path.PathStepElementKeyInt:
				at = at.AtListIndex(int(step))
			}
		}
		switch placed, wrong := len(at.Steps()) > 0, f.Severity == flink.Error; {
		case placed && wrong:
			diags.AddAttributeError(at, f.Summary, f.Detail)
		case placed:
			diags.AddAttributeWarning(at, f.Summary, f.Detail)
		case wrong:
			diags.AddError(f.Summary, f.Detail)
		default:
			diags.AddWarning(f.Summary, f.Detail)
		}
	}
	return diags
}

// Sentence is flink.Sentence.
func Sentence(text string) string { return flink.Sentence(text) }
