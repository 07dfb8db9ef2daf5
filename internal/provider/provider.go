// Package provider is the provider block: its schema, its configuration, and
// the lists of what the provider has.
package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/functions"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/computepool"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/environment"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/kafkacatalog"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/kafkadatabase"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/savepoint"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/secret"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/secretmapping"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessioncluster"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessionjob"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/statement"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/streamapplication"
)

// TypeName begins the name of every resource type of the provider.
const TypeName = "flink"

// Address is the provider's address in the registry.
const Address = "registry.terraform.io/flink-terraform/flink"

var _ provider.ProviderWithFunctions = (*flinkProvider)(nil)

type flinkProvider struct {
	version string
	// others are platforms beside those of the provider itself.
	others    []Offer
	platforms platform.Known
}

// New returns the constructor of the provider with the given version. Other
// platforms come after its own, or in the place of those with the same name.
func New(version string, others ...Offer) func() provider.Provider {
	return func() provider.Provider { return newProvider(version, others) }
}

func newProvider(version string, others []Offer) *flinkProvider {
	return &flinkProvider{version: version, others: others, platforms: known(with((&connections{}).offers(), others...))}
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
	data, _, diags := configure(ctx, req.Config, p.version, p.others...)
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
		func() resource.Resource { return computepool.NewResource(sqlPlatforms) },
		func() resource.Resource { return kafkacatalog.NewResource(sqlPlatforms) },
		func() resource.Resource { return kafkadatabase.NewResource(sqlPlatforms) },
		func() resource.Resource { return secret.NewResource(sqlPlatforms, secretPlatforms) },
		func() resource.Resource { return secretmapping.NewResource(sqlPlatforms) },
		func() resource.Resource { return statement.NewResource(sqlPlatforms) },
		p.newDeployment,
		p.newEnvironment,
		func() resource.Resource { return savepoint.NewResource(p.platforms) },
		func() resource.Resource { return sessioncluster.NewResource(p.platforms) },
		func() resource.Resource { return sessionjob.NewResource(p.platforms) },
		func() resource.Resource { return streamapplication.NewResource(p.platforms) }, //nolint:contextcheck // What is made once serves all calls.
	}
}

// DataSources lists the data sources.
func (p *flinkProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return deployment.NewDataSource(p.platforms) },
		func() datasource.DataSource { return environment.NewDataSource(p.platforms) },
		func() datasource.DataSource { return streamapplication.NewConfigDataSource(p.platforms) },
	}
}

// Functions lists the functions, which Terraform calls from 1.8 on and OpenTofu
// from 1.7 on.
func (p *flinkProvider) Functions(ctx context.Context) []func() function.Function {
	// The framework makes a function anew for each call.
	environment, deployment := valuesOf(ctx, p.newEnvironment), valuesOf(ctx, p.newDeployment)
	return []func() function.Function{
		functions.NewDuration,
		func() function.Function { return functions.NewEffectiveSpec(environment, deployment) },
		functions.NewMemory,
		functions.NewMerge,
	}
}

func (p *flinkProvider) newDeployment() resource.Resource { return deployment.NewResource(p.platforms) }

func (p *flinkProvider) newEnvironment() resource.Resource {
	return environment.NewResource(p.platforms)
}

// valuesOf returns the type of a resource's values, which is found once.
func valuesOf(ctx context.Context, construct func() resource.Resource) func() tftypes.Object {
	return sync.OnceValue(func() tftypes.Object {
		var described resource.SchemaResponse
		construct().Schema(ctx, resource.SchemaRequest{}, &described)
		values, _ := described.Schema.Type().TerraformType(ctx).(tftypes.Object)
		return values
	})
}
