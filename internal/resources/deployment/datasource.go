package deployment

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

var _ datasource.DataSourceWithConfigure = (*deploymentDataSource)(nil)

// deploymentDataSource is the data source flink_deployment.
type deploymentDataSource struct {
	data      *tfkit.ProviderData
	platforms platform.Known
}

// NewDataSource returns the data source flink_deployment on some platforms.
func NewDataSource(platforms platform.Known) datasource.DataSource {
	return &deploymentDataSource{platforms: platforms}
}

// Metadata names the data source.
func (d *deploymentDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_deployment"
}

// Configure takes what the provider block gave.
func (d *deploymentDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	d.data = data
}

// dataModel is the data source's data.
type dataModel struct {
	Environment *tfkit.EnvironmentModel `tfsdk:"environment"`
	Name        *string                 `tfsdk:"name"`
	ID          *string                 `tfsdk:"id"`
	Labels      map[string]string       `tfsdk:"labels"`
	Status      types.Object            `tfsdk:"status"`
	Checkpoints types.Object            `tfsdk:"checkpoints"`
	Exception   types.String            `tfsdk:"exception"`
}

// Read asks the platform, and the JobManager.
func (d *deploymentDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	target, diags := config.Environment.Reach(d.platforms, platform.KindDeployment, path.Root("environment"))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref := target.Ref(*config.Name)
	ctx = lifecycle.Logged(ctx, ref)
	connected, err := d.data.At(ctx, target)
	var observed *platform.Observed
	var deployments platform.Deployments
	if err == nil {
		deployments = connected.Deployments(platform.KindDeployment)
		observed, err = deployments.Read(ctx, ref)
	}
	var absent *platform.NotFoundError
	if errors.As(err, &absent) {
		resp.Diagnostics.AddError(fmt.Sprintf("There is no deployment %q in %s", ref.Name, target.Where()),
			fmt.Sprintf("%s Check the name and the environment. If Terraform creates it, refer to the resource (name = flink_deployment.<name>.name), so that it is read afterwards.", tfkit.Sentence(err.Error())))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(tfkit.Attempt{Doing: fmt.Sprintf("read the deployment %q in %s", ref.Name, target.Where())}.Diagnostics(err)...)
		return
	}
	var details platform.JobDetails
	if inspector, inspects := deployments.(platform.Inspector); inspects {
		details = inspector.Inspect(ctx, observed)
	}
	config.take(target, observed, details)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// take fills the computed attributes.
func (m *dataModel) take(target tfkit.Target, observed *platform.Observed, details platform.JobDetails) {
	id := target.ID(observed.Name)
	m.ID = &id
	m.Labels = observed.Labels
	if m.Labels == nil {
		m.Labels = map[string]string{}
	}
	m.Status = lifecycle.ObservedStatus(id, observed)
	m.Checkpoints = types.ObjectValueMust(checkpointTypes, map[string]attr.Value{
		"latest_path":   told(details.LatestCheckpoint),
		"restored_path": told(details.RestoredFrom),
	})
	m.Exception = told(flink.Redactor{Owner: id}.Scrubber(observed.Spec).Scrub(details.Exception))
}

// told is a text that may not have been told.
func told(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
