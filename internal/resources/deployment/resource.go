// Package deployment is the resource flink_deployment: one Flink job on a
// cluster of its own.
package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// How long the operations may take when the attribute timeouts does not say
// it: pulling images and starting a JVM for a create, a stop with savepoint and
// possibly a rollback on top of that for an update, a savepoint for a delete.
const (
	createTimeout = 20 * time.Minute
	updateTimeout = 30 * time.Minute
	deleteTimeout = 15 * time.Minute
)

var (
	_ resource.ResourceWithConfigure   = (*deploymentResource)(nil)
	_ resource.ResourceWithImportState = (*deploymentResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*deploymentResource)(nil)
)

// deploymentResource is the resource flink_deployment.
type deploymentResource struct {
	data    *tfkit.ProviderData
	connect connector
}

// NewResource returns the resource flink_deployment.
func NewResource() resource.Resource { return &deploymentResource{connect: operatorDeployments} }

// Metadata names the resource type.
func (r *deploymentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_deployment"
}

// Configure takes what the provider block gave.
func (r *deploymentResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// attempt names what is tried on a deployment, for its errors.
func attempt(verb string, ref platform.Ref) tfkit.Attempt {
	return tfkit.Attempt{
		Doing:  fmt.Sprintf("%s the deployment %q in namespace %s", verb, ref.Name, ref.Namespace),
		Import: fmt.Sprintf("terraform import flink_deployment.%s %s", ref.Name, identifier(tfkit.PlatformOperator, ref.Namespace, ref.Name)),
	}
}

// refOf returns the object that a state belongs to.
func (m *model) refOf() (platform.Ref, diag.Diagnostics) {
	target, diags := m.Environment.Resolve(path.Root("environment"))
	return platform.Ref{Namespace: target.Namespace, Name: *m.Name}, diags
}

// logged returns a context whose log lines name the deployment.
func logged(ctx context.Context, ref platform.Ref) context.Context {
	return tfkit.WithLogger(ctx, "namespace", ref.Namespace, "name", ref.Name)
}
