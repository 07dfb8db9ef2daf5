package sessioncluster

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// refuses names what is wrong with an object that is no session cluster.
func refuses(of string, spec flink.DeploymentSpec) diag.Diagnostic {
	if spec.Job == nil {
		return nil
	}
	return diag.NewErrorDiagnostic("The object is no session cluster",
		of+" has a job of its own. Import it as a flink_deployment.")
}
