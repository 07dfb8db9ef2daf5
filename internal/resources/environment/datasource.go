package environment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = (*environmentDataSource)(nil)

// environmentDataSource is the data source flink_environment.
type environmentDataSource struct {
	data      *tfkit.ProviderData
	platforms platform.Known
}

// NewDataSource returns the data source flink_environment on some platforms.
func NewDataSource(platforms platform.Known) datasource.DataSource {
	return &environmentDataSource{platforms: platforms}
}

// Metadata names the data source.
func (d *environmentDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

// Configure takes what the provider block gave.
func (d *environmentDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	d.data = data
}

// Schema is the data source flink_environment.
func (d *environmentDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An environment that another configuration has created with the resource `flink_environment`. Assign it to a deployment like the resource: `environment = data.flink_environment.prod`. " +
			"It is read from the cluster at plan: a change of the environment's defaults shows in the next plan, with what it does to each job.\n\n" +
			"The configuration that creates the environment assigns the resource itself, which needs no cluster at plan.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The environment's name.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"namespace": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The environment's Kubernetes namespace. On `operator`, without it the environment is looked for in the namespace of its name and then in all namespaces, which needs the right to list ConfigMaps in all of them. " +
					"Required where several namespaces have an environment of this name.",
				Validators: []validator.String{tfkit.NamespaceValidator()},
			},
			"platform": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The Flink platform: `operator`, the Apache Flink Kubernetes Operator, which is the default, `confluent`, Confluent Manager for Apache Flink, `ververica`, Ververica Platform, `clowder`, Clowder, or `cloudflow`, Lightbend Cloudflow. The last two have stream applications alone.",
				Validators:          []validator.String{stringvalidator.OneOf(d.platforms.Names(platform.KindEnvironment)...)},
			},
			"custom_resources_namespace": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Kubernetes namespace that has the custom resources of an environment of `confluent` with `confluent.via = \"custom_resources\"`. Left out, the environment is asked for over REST.",
				Validators:          []validator.String{tfkit.NamespaceValidator()},
			},
			"settings": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Name, defaults and overrides as one JSON text, which travels with the environment that is assigned to a deployment.",
			},
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "`<platform>/<namespace>`, for example `operator/flink-prod`; on `confluent`, `ververica` and `clowder`, `<platform>/<name>`.",
			},
		},
	}
}

// dataModel is the data source's data.
type dataModel struct {
	Name      *string `tfsdk:"name"`
	Namespace *string `tfsdk:"namespace"`
	Platform  *string `tfsdk:"platform"`
	Settings  *string `tfsdk:"settings"`
	ID        *string `tfsdk:"id"`

	CustomResources *string `tfsdk:"custom_resources_namespace"`
}

// byNamespace says how an environment is reached whose custom resources are in a namespace, nil
// for one that has none.
func byNamespace(name string, namespace *string) defaults.Settings {
	if namespace == nil {
		return defaults.Settings{}
	}
	return defaults.Settings{Environment: name, CustomResources: &defaults.CustomResources{Namespace: *namespace}}
}

// Read looks the environment up on its platform.
func (d *environmentDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := ptr.Deref(config.Name, "")
	ctx = tfkit.WithLogger(ctx, "environment", name)
	if config.Platform == nil {
		config.Platform = new(d.platforms.Default())
	}
	environments, err := connect(ctx, d.data, *config.Platform, byNamespace(name, config.CustomResources))
	var found *platform.FoundEnvironment
	if err == nil {
		found, err = environments.Find(ctx, name, ptr.Deref(config.Namespace, ""))
	}
	var missing *platform.NoEnvironmentError
	switch {
	case errors.As(err, &missing):
		resp.Diagnostics.Append(notFound(missing))
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.Attempt{Doing: fmt.Sprintf("read the environment %q", name)}.Diagnostics(err)...)
		return
	}
	if found.Unrecorded {
		resp.Diagnostics.Append(diag.NewAttributeErrorDiagnostic(path.Root("name"), fmt.Sprintf("The settings of the environment %q are not on record", name),
			"The environment exists, and nothing tells what its flink_environment says to deployments: it was not created by this provider, its record was removed, or its server keeps none. Deployments would lose their defaults. "+
				"Apply the configuration with the flink_environment again, or name the environment without settings: environment = { platform = \""+*config.Platform+"\", name = \""+name+"\" }."))
		return
	}
	config.Namespace, config.Settings = &found.Namespace, &found.Settings
	place := found.Namespace
	if placedByName(d.platforms, config.Platform) {
		place = name
	}
	config.ID = new(id(*config.Platform, place))
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// notFound explains that an environment was not found.
func notFound(err *platform.NoEnvironmentError) diag.Diagnostic {
	if len(err.Namespaces) > 0 {
		return diag.NewAttributeErrorDiagnostic(path.Root("namespace"), fmt.Sprintf("There are several environments %q", err.Name),
			fmt.Sprintf("They are in the namespaces %s. Set namespace to the one that is meant.", strings.Join(err.Namespaces, ", ")))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), fmt.Sprintf("There is no environment %q", err.Name),
		"Looked for what the resource flink_environment leaves in its namespace:\n  - "+strings.Join(err.Looked, "\n  - ")+
			"\n\nCheck name and namespace. If this configuration creates the environment, assign the resource itself (environment = flink_environment.<name>). "+
			"A place without a flink_environment is named directly: environment = { namespace = \"…\" }, or on a platform where environments go by their names { platform = \"…\", name = \"…\" }.")
}
