package streamapplication

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

var _ datasource.DataSourceWithConfigure = (*configDataSource)(nil)

// configDataSource is the data source flink_application_config.
type configDataSource struct {
	data      *tfkit.ProviderData
	platforms platform.Known
}

// NewConfigDataSource returns the data source flink_application_config on some platforms.
func NewConfigDataSource(platforms platform.Known) datasource.DataSource {
	return &configDataSource{platforms: platforms}
}

// Metadata names the data source.
func (d *configDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_config"
}

// Configure takes what the provider block gave.
func (d *configDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	d.data = data
}

// Schema is the data source flink_application_config.
func (d *configDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	required := func(description string) schema.Attribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
	}
	computed := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	secret := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What a streamlet of a stream application is told: its application document, and where its brokers and topics are. " +
			"On `clowder` the latter is what Clowder writes into `cdappconfig.json` (the Secret with the name of the application); on the other platforms it is what the document says, so the same values are here whatever runs the application.\n\n" +
			"It is read when the application is there. Where the same configuration creates it, refer to the resource: `application = flink_stream_application.payments.name`.",
		Attributes: map[string]schema.Attribute{
			"environment": schema.SingleNestedAttribute{
				Required:            true,
				MarkdownDescription: "The environment of the application: assign the whole `flink_environment`, or name its place.",
				Attributes: map[string]schema.Attribute{
					"platform":  schema.StringAttribute{Optional: true, MarkdownDescription: "The platform. Default: `operator`."},
					"name":      schema.StringAttribute{Optional: true, MarkdownDescription: "The environment's name, which says where it is on platforms whose environments go by their names."},
					"namespace": schema.StringAttribute{Optional: true, MarkdownDescription: "The Kubernetes namespace."},
					"settings":  schema.StringAttribute{Optional: true, MarkdownDescription: "The settings of an assigned `flink_environment`. They are not looked at."},
				},
			},
			"application":       required("The name of the application."),
			"streamlet":         required("The name of the streamlet in the application."),
			"document":          secret("The application document of the streamlet, as JSON text."),
			"bootstrap_servers": computed("The brokers, separated by commas: `bootstrap.servers` of a Kafka client. Null for a streamlet without ports."),
			"security_protocol": computed("`security.protocol` of a Kafka client."),
			"sasl_mechanism":    computed("`sasl.mechanism` of a Kafka client. Null for one that does not log in."),
			"username":          secret("With whom a client logs in. Null where the document names a file with it instead."),
			"password":          secret("The password of that. Null where the document names a file with it instead."),
			"ca_certificate":    computed("What a client trusts, as PEM. Null where it trusts what the machine trusts, or where the document names a file with it."),
			"topics": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The names in Kafka of the topics that join the streamlet, by the names that the blueprint gives them (`topic_name`). Only on `clowder` the two differ: an environment may rename topics.",
			},
		},
	}
}

// configModel is the data source's data.
type configModel struct {
	Environment      *tfkit.EnvironmentModel `tfsdk:"environment"`
	Application      string                  `tfsdk:"application"`
	Streamlet        string                  `tfsdk:"streamlet"`
	Document         *string                 `tfsdk:"document"`
	BootstrapServers *string                 `tfsdk:"bootstrap_servers"`
	SecurityProtocol *string                 `tfsdk:"security_protocol"`
	Mechanism        *string                 `tfsdk:"sasl_mechanism"`
	Username         *string                 `tfsdk:"username"`
	Password         *string                 `tfsdk:"password"`
	CACertificate    *string                 `tfsdk:"ca_certificate"`
	Topics           map[string]string       `tfsdk:"topics"`
}

// Read reads what the pods of the streamlet get.
func (d *configDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config configModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	target, diags := config.Environment.Place().Resolve(d.platforms, platform.KindStreamApplication, path.Root("environment"))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref := target.Ref(config.Application + "-" + config.Streamlet)
	err := d.read(lifecycle.Logged(ctx, ref), target, ref, &config)
	var absent *platform.NotFoundError
	switch {
	case errors.As(err, &absent):
		resp.Diagnostics.AddError(fmt.Sprintf("Nothing is told to the streamlet %q of %q in %s", config.Streamlet, config.Application, target.Where()),
			tfkit.Sentence(err.Error())+" Check the names and the environment. If Terraform creates the application, refer to the resource (application = flink_stream_application.<name>.name), so that it is read afterwards.")
	case err != nil:
		resp.Diagnostics.Append(tfkit.Attempt{Doing: fmt.Sprintf("read what the streamlet %q is told", config.Streamlet)}.Diagnostics(err)...)
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
	}
}

func (d *configDataSource) read(ctx context.Context, target tfkit.Target, ref platform.Ref, into *configModel) error {
	connected, err := d.data.Platform(ctx, target.Platform)
	if err != nil {
		return err
	}
	deployments := connected.Deployments(platform.KindDeployment)
	observed, err := deployments.Read(ctx, ref)
	if err != nil {
		return err
	}
	document, err := documentOf(ctx, deployments, observed)
	if err != nil {
		return err
	}
	into.Document = &document
	reached, err := blueprint.ReadReached([]byte(document))
	if err != nil {
		return err
	}
	is := platform.Connections{BootstrapServers: reached.BootstrapServers, SecurityProtocol: reached.SecurityProtocol, Mechanism: reached.Mechanism}
	if finder, ok := connected.(platform.ConnectionsFinder); ok && reached.File != "" {
		found, err := finder.Connections(ctx, target.Namespace, into.Application)
		if err != nil {
			return err
		}
		is = *found
	}
	into.Topics = map[string]string{}
	for _, name := range reached.Topics {
		into.Topics[name] = name
		if called, renamed := is.Topics[name]; renamed {
			into.Topics[name] = called
		}
	}
	for value, to := range map[*string]**string{
		&is.BootstrapServers: &into.BootstrapServers, &is.SecurityProtocol: &into.SecurityProtocol, &is.Mechanism: &into.Mechanism,
		&is.Username: &into.Username, &is.Password: &into.Password, &is.CACertificate: &into.CACertificate,
	} {
		if *value != "" {
			*to = value
		}
	}
	return nil
}

// documentOf is the application document of a deployment.
func documentOf(ctx context.Context, deployments platform.Deployments, observed *platform.Observed) (string, error) {
	template, _ := observed.Spec["podTemplate"].(flink.Tree)
	_, carried, ok := blueprint.Unrendered(flink.Document(template))
	if !ok {
		return "", fmt.Errorf("the deployment %s has no application document", observed.Ref)
	}
	if carried.Secret == "" {
		return carried.Text, nil
	}
	finder, ok := deployments.(platform.StreamletFinder)
	if !ok {
		return "", fmt.Errorf("the Secret %s of the deployment %s cannot be read", carried.Secret, observed.Ref)
	}
	values, err := finder.KeptSecret(ctx, observed.Ref, carried.Secret)
	return values[blueprint.DocumentFile], err
}
