// Package streamapplication is the resource flink_stream_application: jobs that are joined by
// topics. Each of its streamlets is planned and applied as the flink_deployment that it
// becomes.
package streamapplication

import (
	"context"
	"regexp"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

const typeName = "stream_application"

// versionPattern is what a version of a registry's subject looks like.
var versionPattern = regexp.MustCompile(`^(latest|[1-9][0-9]*)$`)

// Resource is the resource flink_stream_application.
type Resource struct {
	platforms platform.Known
	data      *tfkit.ProviderData
	// deployments are what streamlets become. Making it takes the schema of a deployment.
	deployments func() *lifecycle.Shortcut
}

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
)

// NewResource returns the resource flink_stream_application on some platforms.
func NewResource(platforms platform.Known) resource.Resource { return newResource(platforms) }

func newResource(platforms platform.Known) *Resource {
	return &Resource{platforms: platforms, deployments: sync.OnceValue(func() *lifecycle.Shortcut {
		return deployment.NewPart(context.Background(), platforms, platform.KindStreamApplication) //nolint:contextcheck // made once, for all calls
	})}
}

// Metadata names the resource type.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + typeName
}

// Configure takes what the provider block gave.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// identity are the attributes that say which application a resource is.
func (r *Resource) identity() []tfkit.Identifying {
	return append(tfkit.EnvironmentIdentity(r.platforms), tfkit.Identifying{At: []string{"name"}})
}

// partType is the type of a deployment's values.
func (r *Resource) partType() tftypes.Object {
	of, _ := r.deployments().Values().(tftypes.Object)
	return of
}

// ImportState takes "<platform>/<namespace>/<name>".
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(tfkit.ImportPlace(ctx, r.platforms, platform.KindStreamApplication, req.ID, "payments", &resp.State)...)
}
