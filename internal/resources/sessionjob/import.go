package sessionjob

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// refuses names what is wrong with an object that is no session job that ran.
func refuses(of string, spec flink.DeploymentSpec) diag.Diagnostic {
	if spec.DeploymentName != nil && spec.Job != nil {
		return nil
	}
	return diag.NewErrorDiagnostic("The session job cannot be imported",
		of+" names no session cluster, or has no job, so it never ran. Delete it and let Terraform create it.")
}
