// Package provider is the provider block: its schema, its configuration, and
// the lists of what the provider has.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/functions"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/environment"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/savepoint"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessioncluster"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessionjob"
)

// TypeName begins the name of every resource type of the provider.
const TypeName = "flink"

// Address is the provider's address in the registry.
const Address = "registry.terraform.io/flink-terraform/flink"

var _ provider.ProviderWithFunctions = (*flinkProvider)(nil)

type flinkProvider struct{ version string }

// New returns the constructor of the provider with the given version.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &flinkProvider{version: version} }
}

// Metadata names the provider.
func (p *flinkProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = TypeName
	resp.Version = p.version
}

// Schema is the provider block.
func (p *flinkProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure reads the provider block. It contacts nothing.
func (p *flinkProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	data, diags := configure(ctx, req.Config, p.version)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = data
	resp.DataSourceData = data
}

// Resources lists the resource types.
func (p *flinkProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		deployment.NewResource,
		environment.NewResource,
		savepoint.NewResource,
		sessioncluster.NewResource,
		sessionjob.NewResource,
	}
}

// DataSources lists the data sources.
func (p *flinkProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		deployment.NewDataSource,
		environment.NewDataSource,
	}
}

// Functions lists the functions, which Terraform calls from 1.8 on and OpenTofu
// from 1.7 on.
func (p *flinkProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		functions.NewDuration,
		functions.NewEffectiveSpec,
		functions.NewMemory,
		functions.NewMerge,
	}
}
