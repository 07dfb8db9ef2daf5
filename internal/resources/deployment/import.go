package deployment

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// refuses names what is wrong with an object that is no deployment with a job of its own.
func refuses(of string, spec flink.DeploymentSpec) diag.Diagnostic {
	if spec.Job != nil {
		return nil
	}
	return diag.NewErrorDiagnostic("The object is a session cluster",
		of+" has no job, so it is no flink_deployment.")
}
