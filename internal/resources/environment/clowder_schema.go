package environment

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// clowderAttribute is clowder.
func clowderAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "What the environment has on the platform `clowder`, where it is a ClowdEnvironment of the environment's name, whose target namespace is `namespace`. " +
			"It is not deleted while ClowdApps use it: Clowder would let it go, and its Kafka and topics with it.",
		Attributes: map[string]schema.Attribute{
			"create_namespace": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Create the namespace, and delete it with the environment. Default `true`: a namespace that exists already is then refused. With `false` it must exist and stays.",
			},
			"labels": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Labels of the ClowdEnvironment. Those of others stay.",
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"kafka": clowderKafkaAttribute(),
			"db": modeAttribute("Databases. Default: mode `none`.", map[string]schema.Attribute{
				"mode": oneOf("`shared`, `local`, `app-interface` or `none`.", "shared", "app-interface", "local", modeNone),
			}),
			"object_store": modeAttribute("Buckets. Default: mode `none`.", map[string]schema.Attribute{
				"mode": oneOf("`minio`, `app-interface` or `none`.", "minio", "app-interface", modeNone),
			}),
			"in_memory_db": modeAttribute("Redis. Default: mode `none`.", map[string]schema.Attribute{
				"mode": oneOf("`redis`, `elasticache` or `none`.", "redis", "elasticache", modeNone),
			}),
			"logging": modeAttribute("Where logs go. Default: mode `none`.", map[string]schema.Attribute{
				"mode": oneOf("`app-interface`, `null` or `none`.", "app-interface", "null", modeNone),
			}),
			"metrics": modeAttribute("Metrics of pods. Default: mode `none`, port 9000.", map[string]schema.Attribute{
				"mode": oneOf("`operator`, `app-interface` or `none`.", "operator", "app-interface", modeNone),
				"port": portAttribute("The port of metrics. Default: 9000."),
				"path": textAttribute("The path of metrics, for example `/metrics`."),
			}),
			"web": modeAttribute("Web services of applications. Streamlets have none. Default: mode `none`, port 8000.", map[string]schema.Attribute{
				"mode":         oneOf("`operator`, `local` or `none`.", "operator", "local", modeNone),
				"port":         portAttribute("The public port. Default: 8000."),
				"private_port": portAttribute("The private port."),
				"api_prefix":   textAttribute("What the paths of public services begin with."),
			}),
			"providers": tfkit.DocumentAttribute("The rest of `spec.providers`, as YAML or JSON text in Clowder's own words, merged over what the other attributes come to: `yamlencode({ featureFlags = { mode = \"local\" } })`."),
			"resource_defaults": tfkit.DocumentAttribute("`spec.resourceDefaults`: the requests and limits of pods that say none, as YAML or JSON text: " +
				"`yamlencode({ requests = { cpu = \"300m\", memory = \"1Gi\" } })`. Streamlets say their own."),
		},
	}
}

func clowderKafkaAttribute() schema.Attribute {
	return modeAttribute("Who makes topics, and where the brokers are. Stream applications are the same with each mode. Default: mode `none`, with which applications have no topics.", map[string]schema.Attribute{
		"mode": oneOf("`operator` (Clowder makes a Kafka and topics by Strimzi; it speaks `kafka.strimzi.io/v1beta2`, which Strimzi 1.0 and newer do not have), `app-interface` (both are there already: the Service `<cluster>-kafka-bootstrap`, and a KafkaTopic for each topic), "+
			"`managed` (the brokers of a Secret; topics are made elsewhere), `ephem-msk`, `local` or `none`.", "ephem-msk", "managed", "operator", "app-interface", "local", modeNone),
		"cluster": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "The Kafka of the modes `operator` and `app-interface`.",
			Attributes: map[string]schema.Attribute{
				"name":         textAttribute("The name of the Kafka. Default, of Clowder: the environment's."),
				"namespace":    textAttribute("Where it is. Default, of Clowder: the target namespace."),
				"replicas":     schema.Int64Attribute{Optional: true, MarkdownDescription: "How many brokers Clowder makes.", Validators: []validator.Int64{int64validator.AtLeast(1)}},
				"version":      textAttribute("The version of Kafka."),
				"storage_size": textAttribute("The storage of each broker, for example `10Gi`."),
				"config": schema.MapAttribute{
					Optional: true, ElementType: types.StringType, MarkdownDescription: "The configuration of the brokers that Clowder makes.",
					Validators: []validator.Map{mapvalidator.NoNullValues()},
				},
			},
		},
		"managed_secret": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "With the mode `managed`: the Secret that says where the brokers are, and how to log in.",
			Attributes: map[string]schema.Attribute{
				"name":      schema.StringAttribute{Required: true, MarkdownDescription: "Its name.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
				"namespace": schema.StringAttribute{Required: true, MarkdownDescription: "Its namespace.", Validators: []validator.String{tfkit.NamespaceValidator()}},
			},
		},
		"managed_prefix":  textAttribute("With the mode `managed`: what the names of topics begin with."),
		"topic_namespace": textAttribute("Where Clowder makes KafkaTopics, or looks for them."),
	})
}

// modeAttribute is a provider of a ClowdEnvironment.
func modeAttribute(description string, attributes map[string]schema.Attribute) schema.Attribute {
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: description, Attributes: attributes}
}

func oneOf(description string, values ...string) schema.Attribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: "The mode: " + description, Validators: []validator.String{stringvalidator.OneOf(values...)}}
}

func textAttribute(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
}

func portAttribute(description string) schema.Attribute {
	return schema.Int64Attribute{Optional: true, MarkdownDescription: description, Validators: []validator.Int64{int64validator.Between(1, 65535)}}
}
