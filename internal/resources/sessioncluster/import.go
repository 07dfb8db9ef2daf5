package sessioncluster

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// Adopt implements lifecycle.Data.
func (m *model) Adopt(observed *platform.Observed, spec flink.DeploymentSpec) diag.Diagnostics {
	var diags diag.Diagnostics
	if spec.Job != nil {
		diags.AddError("The object is no session cluster",
			observed.String()+" has a job of its own. Import it as a flink_deployment.")
		return diags
	}
	var err error
	if m.SpecModel, err = tfkit.SpecModelOf(spec); err != nil {
		diags.AddError("The session cluster cannot be imported", tfkit.Sentence(err.Error()))
		return diags
	}
	m.Labels, m.Annotations = lifecycle.Nullable(observed.Labels), lifecycle.Nullable(observed.Annotations)
	return diags
}
