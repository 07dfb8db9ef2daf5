package streamapplication

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	// wait_for, timeouts and deletion_protection mean for all streamlets what they mean for a
	// deployment.
	attributes := map[string]schema.Attribute{}
	shared := lifecycle.Type{Kind: platform.KindStreamApplication}.Attributes(ctx, "all of its jobs run")
	for _, name := range []string{"environment", "wait_for", "deletion_protection"} {
		attributes[name] = shared[name]
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The application's name, with which the names of its deployments begin: `<application>-<streamlet>`. Another name replaces the application.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"streamlets": schema.MapNestedAttribute{
			Required: true,
			MarkdownDescription: "The jobs, by their names. Each becomes a deployment of its own, `<application>-<streamlet>`, with all that a `flink_deployment` has: defaults, plan, proof, rollback, blue/green. " +
				"A change of one touches that one alone.",
			Validators:   []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
			NestedObject: schema.NestedAttributeObject{Attributes: streamletAttributes()},
		},
		"topics": topicsAttribute(),
		"delete_topics_on_destroy": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether topics that the application has created are deleted, with their records, when they leave the blueprint or the application is destroyed. Default `false`: they stay. " +
				"Topics that were there before are never deleted.",
		},
		"register_schemas": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the schemas of outlets are registered in the environment's `schema_registry`, under `<topic>-value`, before the first streamlet changes. " +
				"The registry is asked first whether it would take them, at plan where it answers. Default `false`.",
		},
		"rollout_parallelism": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How many streamlets are rolled out at a time. Default 4.",
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		},
		"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long the creation of one streamlet may take, until its job runs. Default: `20m`.",
			Update: true, UpdateDescription: "How long the update of one streamlet may take, until its new specification runs or a rollback is done. Default: `30m`.",
			Delete: true, DeleteDescription: "How long the deletion of one streamlet may take, until it is gone. Default: `15m`.",
		}),
	})
	maps.Copy(attributes, computedAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "A blueprint of jobs that are joined by topics. The environment decides where the topics come from and how the jobs reach them: the application is the same everywhere. " +
			"Each job finds its topics, schemas and configuration in one JSON document, `/etc/flink-application/application.json` (guide Stream applications).",
		Attributes: attributes,
	}
}

// computedAttributes are those that the provider computes. Maps by streamlet have no nested
// attributes: every attribute costs in every plan, and nobody configures these.
func computedAttributes() map[string]schema.Attribute {
	byStreamlet := func(element types.ObjectType, description string) schema.Attribute {
		return schema.MapAttribute{Computed: true, ElementType: element, MarkdownDescription: description}
	}
	texts := func(description string) schema.Attribute {
		return schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: "Platform, namespace and name: `operator/flink-prod/payments`."},
		"deployment_ids": texts("The id of each streamlet's deployment, by streamlet: `operator/flink-prod/payments-enrich`. It stays when a streamlet is renamed by `moved_from`. " +
			"A `flink_savepoint` takes its name."),
		"effective_spec": texts("The whole specification of each streamlet after expansion, as JSON text, by streamlet, as `effective_spec` of a `flink_deployment`. A refresh puts in what the cluster has."),
		"rollout":        byStreamlet(types.ObjectType{AttrTypes: tfkit.RolloutTypes}, "What the last change did to each job, and in a plan what this change will do, by streamlet, as `rollout` of a `flink_deployment`."),
		"status":         byStreamlet(types.ObjectType{AttrTypes: lifecycle.StatusTypes}, "What was last observed of each job, by streamlet, as `status` of a `flink_deployment`."),
		"topic_status": byStreamlet(types.ObjectType{AttrTypes: topicStatusTypes}, "The topics that the provider manages, by their names in the blueprint: `topic_name`, `topic_id` (Kafka's own: another one means that somebody has deleted the topic with its records), "+
			"`partitions`, `replicas` (both null where Strimzi's resource leaves them to the brokers) and `created` (whether the application has created it)."),
		"schemas": texts("The schemas that were taken from the registry, by port (`ingest.valid`)."),
		"diagram": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The blueprint as Mermaid text: streamlets with what the last change did to them, topics with their partitions. In a plan it shows what will change.",
		},
	}
}

// streamletAttributes are those of one streamlet: a deployment's, with the job's own in their
// midst, and its ports.
func streamletAttributes() map[string]schema.Attribute {
	attributes := tfkit.SpecAttributes()
	job, _ := tfkit.JobAttribute("The job's JAR file, for example `local:///opt/flink/usrlib/enrich.jar` for a file in the image.",
		"Default parallelism of the job, at least 1. Required unless `task_manager.replicas` is set.").(schema.SingleNestedAttribute)
	maps.Copy(attributes, job.Attributes)
	maps.Copy(attributes, lifecycle.Type{Kind: "streamlet"}.ObjectAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"inlets":  portsAttribute("What the job reads, by names that its code knows. Each inlet is joined to one topic, as one of its `consumers`."),
		"outlets": portsAttribute("What the job writes, by names that its code knows. Each outlet is joined to one topic, as one of its `producers`."),
		"config": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "The job's own configuration, which it finds in its application document. Not a place for secrets: see `config_secrets`.",
			Validators:          []validator.Map{mapvalidator.NoNullValues()},
		},
		"config_secrets": schema.MapNestedAttribute{
			Optional: true,
			MarkdownDescription: "Configuration whose values are in Kubernetes Secrets of the namespace, for example `{ api-key = { secret = \"bank\", key = \"api-key\" } }`. " +
				"The job finds the path of a file with the value in its application document; the value itself is in no state and no plan.",
			Validators: []validator.Map{mapvalidator.NoNullValues()},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"secret": schema.StringAttribute{Required: true, MarkdownDescription: "The name of the Secret.", Validators: []validator.String{tfkit.ObjectNameValidator()}},
				"key":    schema.StringAttribute{Required: true, MarkdownDescription: "The key in the Secret.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
			}},
		},
		"runtime": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What runs the streamlet: `flink` (default), or on the platform `cloudflow` also `akka`: Cloudflow's own operator then runs `image` by its `entry_class`, in `parallelism` pods, and of the attributes of a job it has no other. " +
				"Another runtime is another streamlet: give it another name.",
			Validators: []validator.String{stringvalidator.OneOf(runtimeFlink, "akka")},
		},
		"moved_from": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The name that the streamlet had before. The running deployment is taken over as it is, under its old name in the cluster, and nothing restarts. " +
				"It may stay after that.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"upgrade": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How the streamlet is upgraded.",
			Attributes: map[string]schema.Attribute{
				"strategy":          tfkit.StrategyAttribute(),
				"mode":              tfkit.UpgradeModeAttribute(""),
				"on_failure":        tfkit.OnFailureAttribute(),
				"prove_for":         tfkit.ProveForAttribute(),
				"allow_state_loss":  tfkit.AllowStateLossAttribute(),
				"accept_state_risk": tfkit.AcceptStateRiskAttribute(),
				"blue_green":        tfkit.BlueGreenAttribute(),
			},
		},
		"savepoint_on_destroy": tfkit.SavepointOnDestroyAttribute(),
		"savepoint_schedule":   tfkit.SavepointScheduleAttribute(),
	})
	return attributes
}

// portsAttribute is inlets or outlets.
func portsAttribute(description string) schema.Attribute {
	return schema.MapNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.Map{mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"schema": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The Avro schema of the records, as JSON text: `file(\"order.avsc\")`. Every reader's schema has to be able to read what every writer of the topic writes. " +
					"Left out: nothing is checked.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"subject": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Takes the schema from the environment's `schema_registry` in place of `schema`: the subject, for example `orders-value`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"version": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The version of the subject, a number, or `latest` (default), which is looked up in each plan.",
				Validators:          []validator.String{stringvalidator.RegexMatches(versionPattern, "must be a number or latest")},
			},
		}},
	}
}

// topicsAttribute is topics.
func topicsAttribute() schema.Attribute {
	ports := func(description string) schema.Attribute {
		return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description, Validators: []validator.List{listvalidator.NoNullValues()}}
	}
	return schema.MapNestedAttribute{
		Optional:            true,
		MarkdownDescription: "The topics that join streamlets, by names of the blueprint. The environment's `kafka` says who makes them.",
		Validators:          []validator.Map{mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"producers": ports("The outlets that write the topic: `[\"ingest.valid\"]`."),
			"consumers": ports("The inlets that read the topic: `[\"enrich.orders\"]`."),
			"topic_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The topic's name in Kafka. Default: its name in the blueprint. Another name is another topic: the one before stays as `delete_topics_on_destroy` says.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"partitions": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The number of partitions. It can only be raised; records of a key may come into another partition then. Default: the brokers'; it is not managed then.",
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"replicas": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The number of copies of each partition. It cannot be changed. Default: the brokers'.",
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"config": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Kafka's configuration of the topic: `{ \"retention.ms\" = 604800000 }`. Other keys than these are not managed.",
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"managed": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the provider makes and changes the topic. `false`: it has to be there. Default `true`. Where the environment's `kafka.provider` is `external`, the provider makes no topic, and `partitions`, `replicas` and `config` mean nothing.",
			},
		}},
	}
}
