package tfkit

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// SpecAttributes are the attributes of a specification that a deployment and the
// defaults and overrides of an environment have in common.
func SpecAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The container image with Flink and, usually, the job's JAR file. The platform takes its own default image of `flink_version` when there is none; on `ververica` it has a tag and no digest.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"image_pull_policy": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "When the image is pulled: `IfNotPresent`, `Always` or `Never`.",
			Validators:          []validator.String{stringvalidator.OneOf("IfNotPresent", "Always", "Never")},
		},
		"flink_version": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The Flink version of the image, as the operator writes it on all platforms, for example `v1_20` or `v2_0`. Every deployment needs one, its own or its environment's.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"service_account": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The Kubernetes service account of the JobManager. Every deployment needs one, its own or its environment's; on `ververica`, where the platform has its own, none.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"mode": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Who creates the TaskManagers: Flink itself (`native`, the operator's default) or the operator (`standalone`). The operator refuses to change it in place: the deployment is deleted with a savepoint and created again from it.",
			Validators:          []validator.String{stringvalidator.OneOf(flink.ModeNative, flink.ModeStandalone)},
		},
		"flink_configuration": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Flink configuration with dotted keys. Merged key by key with that of the environment; `null` removes an inherited key. " +
				"Values that Flink reads as equal (`2g` and `2048m`, `10 min` and `600 s`, an old key and its new name) are no change. Secrets belong into `secret_configuration`, on `ververica` into a `flink_secret` that a value names as `$${NAME}`; in an environment they are an error.",
			PlanModifiers: []planmodifier.Map{SameConfiguration()},
		},
		"secret_configuration": secretConfigurationAttribute(),

		"job_manager":  componentAttribute("JobManager", "The number of JobManagers. More than one needs high availability. The operator runs one when nobody sets it."),
		"task_manager": componentAttribute("TaskManager", "The number of TaskManagers. When set, the job's parallelism is this times the slots of a TaskManager. Leave it out where an autoscaler sets it: what is not set is not managed."),
		"pod_template": podTemplateAttribute("Pod template of all pods, as YAML or JSON text (`file(\"pod.yaml\")`, `yamlencode({ … })`). Flink's container is named `flink-main-container`. " +
			"Merged with that of the environment by Kubernetes' strategic merge, and compared by meaning. An element `{ $patch: merge, mergeKey: K }` of any list merges that list by the values under `K` instead. " +
			"A plan checks it against the types of Kubernetes and names the path of what is wrong inside the text."),
		"log_configuration": schema.MapAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Logging files by name: `log4j-console.properties` or `logback-console.xml`. Merged file by file with that of the environment.",
			Validators: []validator.Map{
				mapvalidator.NoNullValues(),
				mapvalidator.KeysAre(stringvalidator.OneOf("log4j-console.properties", "logback-console.xml")),
			},
		},
		"ingress":   ingressAttribute(),
		"ververica": VervericaAttribute(),
	}
}

// LayerAttributes are the attributes of the defaults and overrides of an
// environment.
func LayerAttributes() map[string]schema.Attribute {
	attributes := SpecAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"labels":      MetadataAttribute("Labels of the deployments' objects.", LabelsValidator()),
		"annotations": MetadataAttribute("Annotations of the deployments' objects."),

		"savepoint_schedule": SavepointScheduleAttribute(),
		"upgrade": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How deployments are upgraded.",
			Attributes: map[string]schema.Attribute{
				"on_failure": OnFailureAttribute(),
				"prove_for":  ProveForAttribute(),
				"strategy":   StrategyAttribute(),
				"blue_green": BlueGreenAttribute(),
			},
		},
	})
	return attributes
}

// OnFailureAttribute is upgrade.on_failure.
func OnFailureAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "What happens when a new version does not start: `rollback` (default) applies the previous specification again, restored from the savepoint of this upgrade; " +
			"`keep` leaves the new version in place.",
		Validators: []validator.String{stringvalidator.OneOf("rollback", "keep")},
	}
}

// ProveForAttribute is upgrade.prove_for.
func ProveForAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "How a version proves that it works: an apply is done when, after the job came to run, its first checkpoint has completed or it has run for this time without a restart, whichever is first; " +
			"for example `2m`, and `0s` for no proof. A job that an exception restarts before has failed, as one that does not start. Default `30s`.",
		Validators: []validator.String{durationValidator()},
	}
}

// MetadataAttribute is an attribute labels or annotations, whose description
// begins with the given sentence.
func MetadataAttribute(description string, validators ...validator.Map) schema.Attribute {
	return schema.MapAttribute{
		Optional:            true,
		ElementType:         types.StringType,
		MarkdownDescription: description + " Merged key by key; `null` removes an inherited key.",
		Validators:          append([]validator.Map{metadataCheck{}}, validators...),
	}
}

func componentAttribute(component, replicas string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Number, size and pod of the " + component + "s.",
		Validators:          []validator.Object{oneSize{}},
		Attributes: map[string]schema.Attribute{
			"replicas": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: replicas,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"resource": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "The size of a " + component + ", the form that every operator version knows. Not together with `resources`.",
				Attributes: map[string]schema.Attribute{
					"cpu": schema.Float64Attribute{
						Optional:            true,
						MarkdownDescription: "CPU in cores, for example `0.5`.",
						Validators:          []validator.Float64{float64validator.AtLeast(0)},
					},
					"memory": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Memory of the whole process as a Flink memory size (`2g`, `2048m`) or a Kubernetes quantity (`2Gi`). Equal sizes are no change.",
						Validators:          []validator.String{memoryValidator()},
						PlanModifiers:       []planmodifier.String{sameMemory()},
					},
					"ephemeral_storage": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Ephemeral storage as a Kubernetes quantity, for example `5Gi`.",
						Validators:          []validator.String{quantityValidator()},
						PlanModifiers:       []planmodifier.String{sameQuantity()},
					},
				},
			},
			"resources": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Kubernetes requests and limits of a " + component + ", which the operator knows from version 1.16 on. Not together with `resource`.",
				Attributes: map[string]schema.Attribute{
					"requests": resourcesAttribute("Requests"),
					"limits":   resourcesAttribute("Limits"),
				},
			},
			"pod_template": podTemplateAttribute("Pod template of the " + component + "s, as YAML or JSON text; the operator merges it over `pod_template`."),
		},
	}
}

func resourcesAttribute(what string) schema.Attribute {
	return schema.MapAttribute{
		Optional:            true,
		ElementType:         types.StringType,
		MarkdownDescription: what + " by resource name, for example `{ cpu = \"1\", memory = \"2Gi\" }`. Memory is a Kubernetes quantity too: the operator fails on `2g`. Equal quantities are no change.",
		Validators:          []validator.Map{mapvalidator.NoNullValues(), resourcesCheck{}},
		PlanModifiers:       []planmodifier.Map{sameResources()},
	}
}

func ingressAttribute() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.MapAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.Map{mapvalidator.NoNullValues()},
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Ingress to the JobManager's web interface.",
		Attributes: map[string]schema.Attribute{
			"template": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Host and path with the placeholders `{{name}}` and `{{namespace}}`, for example `flink.example.com/{{namespace}}/{{name}}(/|$)(.*)`. An ingress needs one.",
			},
			"class_name":  schema.StringAttribute{Optional: true, MarkdownDescription: "The ingress class."},
			"annotations": text("Annotations of the Ingress object."),
			"labels":      text("Labels of the Ingress object; the operator knows them from version 1.8 on."),
			"tls": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Certificates; the operator knows them from version 1.8 on.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"hosts":       schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "The hosts of the certificate."},
					"secret_name": schema.StringAttribute{Optional: true, MarkdownDescription: "The Secret with the certificate."},
				}},
			},
		},
	}
}

// podTemplateAttribute is an optional attribute that holds a pod template as YAML
// or JSON text and keeps its value while the meaning stays.
func podTemplateAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.String{podTemplateValidator()},
		PlanModifiers:       []planmodifier.String{sameDocument()},
	}
}

// SavepointScheduleAttribute is savepoint_schedule, whose fields are those of the
// platform: one text costs a plan little.
func SavepointScheduleAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Only on `confluent`, 2.4 and newer: when the server takes savepoints of the running job by itself, and which of these it keeps, as JSON or YAML text with the server's own names: " +
			"`jsonencode({ cronExpression = \"0 0 3 * * *\", retention = { keepLast = 7 } })`. `cronExpression` has six fields, from seconds on, and at least 5 minutes between two savepoints. Further fields: `timezone`, `paused`, `catchUpOnRestart`, `jitterSeconds`, `blackoutWindows`, `freshnessThresholdHours`, `formatType`. " +
			"`retention` says which stay: those that any of `keepLast`, `keepWithin` (`P7D`), `keepHourly`, `keepDaily`, `keepWeekly`, `keepMonthly`, `keepYearly` keeps. Merged field by field with that of the environment. A change does not touch the job.",
		Validators:    []validator.String{documentValidator()},
		PlanModifiers: []planmodifier.String{sameDocument()},
	}
}

// TimeoutsAttribute is the attribute timeouts with the operations and
// descriptions of opts.
func TimeoutsAttribute(ctx context.Context, opts timeouts.Opts) schema.Attribute {
	attribute := timeouts.Attributes(ctx, opts)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long the operations may take, for example `{ create = \"20m\" }`."
		return nested
	}
	return attribute
}
