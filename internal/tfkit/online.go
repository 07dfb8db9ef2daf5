package tfkit

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Checked translates what a platform says at plan about an object that would be
// written. A refusal is an error at the attribute that it names. That the
// platform could have been asked and does not answer is a warning, once for all
// resources; everything else is left to the apply. subject names the platform at
// the beginning of a sentence.
func (d *ProviderData) Checked(a Attempt, subject string, err error) diag.Diagnostics {
	var (
		diags     diag.Diagnostics
		rejected  *platform.RejectedError
		unchecked *platform.UncheckedError
		fields    *platform.FieldsError
	)
	switch {
	case errors.As(err, &rejected):
		remedy := rejected.Remedy
		if remedy == "" {
			remedy = "Correct the configuration as the message asks, or the environment's deployment_defaults or deployment_overrides where they give the value."
		}
		detail := fmt.Sprintf("Tried to %s, without writing anything: %s answers: %s\n\n%s To plan without asking the cluster, set validate_online = \"never\" in the provider block.",
			a.Doing, rejected.By, Sentence(rejected.Message), remedy)
		if len(rejected.Path) > 0 {
			at := pathOf(rejected.Path)
			diags.AddAttributeError(at, subject+" refuses "+at.String(), detail)
			break
		}
		diags.AddError("The cluster would refuse this plan", detail)
	case errors.As(err, &fields):
		diags.Append(a.Diagnostics(err)...)
	case errors.As(err, &unchecked):
		d.unchecked.Do(func() {
			diags.AddWarning("The plan is not checked by the platform",
				fmt.Sprintf("%s: %s What the provider knows itself was checked. %s", unchecked.Who, Sentence(unchecked.Error()), unchecked.Remedy))
		})
	}
	return diags
}
