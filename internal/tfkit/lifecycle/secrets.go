package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
)

// quiet returns a context whose log shows no secret of either specification, whoever
// quotes it.
func (d *decision) quiet(ctx context.Context) context.Context {
	secrets := d.Redactor.Secrets(d.Effective, d.Before)
	if len(secrets) == 0 {
		return ctx
	}
	return tflog.MaskAllFieldValuesStrings(tflog.MaskMessageStrings(ctx, secrets...), secrets...)
}

// hide takes the secrets of both specifications out of diagnostics: the platform and
// the job quote what they do not like.
func (d *decision) hide(diags *diag.Diagnostics) {
	if len(*diags) == 0 {
		return
	}
	scrubber := d.Redactor.Scrubber(d.Effective, d.Before)
	for i, given := range *diags {
		summary, detail := scrubber.Scrub(given.Summary()), scrubber.Scrub(given.Detail())
		if summary == given.Summary() && detail == given.Detail() {
			continue
		}
		at, placed := given.(diag.DiagnosticWithPath)
		warns := given.Severity() == diag.SeverityWarning
		switch {
		case placed && warns:
			(*diags)[i] = diag.NewAttributeWarningDiagnostic(at.Path(), summary, detail)
		case placed:
			(*diags)[i] = diag.NewAttributeErrorDiagnostic(at.Path(), summary, detail)
		case warns:
			(*diags)[i] = diag.NewWarningDiagnostic(summary, detail)
		default:
			(*diags)[i] = diag.NewErrorDiagnostic(summary, detail)
		}
	}
}

// inState returns a decision that knows the secrets of a state's data, to hide them
// where nothing is decided. Where the data cannot be expanded, it knows those that
// effective_spec has.
func (t Type) inState(data Data) decision {
	m := data.Shared()
	// What else is wrong with the data is not for a destroy to tell.
	_, expanded, _ := t.expand(data)
	before, _ := m.effective()
	return decision{Decision: rollout.Decision{Expansion: expanded, Redactor: flink.Redactor{Owner: m.ID.ValueString()}, Before: before}}
}

// ObservedStatus returns what was observed of the object of an id as the attribute
// status. Its error shows no secret of the specification.
func ObservedStatus(id string, observed *platform.Observed) types.Object {
	status := observed.Status
	if status.Error != "" {
		status.Error = flink.Redactor{Owner: id}.Scrubber(observed.Spec).Scrub(status.Error)
	}
	return StatusObject(status)
}
