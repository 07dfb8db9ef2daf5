package environment

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// mechanismOAuth is the SASL mechanism that takes tokens.
const mechanismOAuth = "OAUTHBEARER"

// kafkaAttribute is kafka.
func kafkaAttribute() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Where the topics of stream applications are, and how their jobs and the provider reach them. It travels in `settings`, so it has no secret: " +
			"credentials are in Kubernetes Secrets of the environment's namespace, which are named here.",
		Attributes: map[string]schema.Attribute{
			"provider": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Who makes topics: `strimzi` (the provider writes `KafkaTopic` resources, and Strimzi's Topic Operator makes topics of them), `direct` (the provider makes them by the Kafka protocol) " +
					"or `external` (somebody else does; jobs are only told the names).",
				Validators: []validator.String{stringvalidator.OneOf(defaults.KafkaStrimzi, defaults.KafkaDirect, defaults.KafkaExternal)},
			},
			"bootstrap_servers":       text("The brokers as jobs reach them: `kafka-0:9092,kafka-1:9092`. Default with `strimzi`: the Service `<cluster>-kafka-bootstrap`, port 9092, with `tls` 9093. Required otherwise."),
			"admin_bootstrap_servers": text("The brokers as the provider reaches them, where that differs, for example through a tunnel. Only for `direct`."),
			"cluster":                 text("Only with `strimzi`, where it is required: the name of the `Kafka` resource, which becomes the label `strimzi.io/cluster` of topics."),
			"namespace": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only with `strimzi`: the namespace that the Topic Operator watches. Default: the environment's.",
				Validators:          []validator.String{tfkit.NamespaceValidator()},
			},
			"sasl": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "How clients prove who they are. Left out: not at all, or by a certificate.",
				Attributes: map[string]schema.Attribute{
					"mechanism": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` or `OAUTHBEARER`.",
						Validators:          []validator.String{stringvalidator.OneOf("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", mechanismOAuth)},
					},
					"secret": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "The Kubernetes Secret with the keys `username` and `password`, for `OAUTHBEARER` with `client_id` and `client_secret`.",
						Validators:          []validator.String{tfkit.ObjectNameValidator()},
					},
					"token_url": text("Only for `OAUTHBEARER`, where it is required: where tokens are got by client credentials."),
					"scope":     text("Only for `OAUTHBEARER`: what the token is asked for."),
				},
			},
			"tls": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Encrypts connections to the brokers. `{}` trusts what the machine and Java trust.",
				Attributes: map[string]schema.Attribute{
					"ca": authorityAttribute(),
					"client_secret": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "The Kubernetes Secret of the type `kubernetes.io/tls` with the client's certificate (`tls.crt`, `tls.key`).",
						Validators:          []validator.String{tfkit.ObjectNameValidator()},
					},
				},
			},
		},
	}
}

// schemaRegistryAttribute is schema_registry.
func schemaRegistryAttribute() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "The schema registry of stream applications, with the REST interface of Confluent's (Confluent Schema Registry, Karapace, and Apicurio at `/apis/ccompat/v7`). " +
			"It travels in `settings`, so it has no secret: credentials are in a Kubernetes Secret, which is named here.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Required: true, MarkdownDescription: "The registry's address as jobs reach it, for example `https://registry.example.com`.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"admin_url": text("The address as the provider reaches it, where that differs."),
			"secret": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Kubernetes Secret of the environment's namespace with the keys `username` and `password`, or `token`. Left out: the registry asks for none.",
				Validators:          []validator.String{tfkit.ObjectNameValidator()},
			},
			"ca": authorityAttribute(),
			"format": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How records refer to their schema, which jobs are told: `confluent` (default: a magic byte and the schema's id before each record) or `none`.",
				Validators:          []validator.String{stringvalidator.OneOf("confluent", "none")},
			},
		},
	}
}

// authorityAttribute is ca.
func authorityAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "The certificate authorities that are trusted, as PEM text in a Kubernetes Secret. Left out: those of the machine.",
		Attributes: map[string]schema.Attribute{
			"secret": schema.StringAttribute{Required: true, MarkdownDescription: "The name of the Secret.", Validators: []validator.String{tfkit.ObjectNameValidator()}},
			"key":    schema.StringAttribute{Required: true, MarkdownDescription: "The key in the Secret, for example `ca.crt`.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
		},
	}
}
