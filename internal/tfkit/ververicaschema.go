package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// VervericaAttribute is ververica, what only Ververica Platform has. What its Deployment
// template has beyond the other attributes is one text: it costs a plan little.
func VervericaAttribute() schema.Attribute {
	attempts := func(of string) schema.Attribute {
		return schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How often the platform tries to " + of + " before the deployment is `FAILED`. Left out, the server's default counts. A change does not touch the job.",
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Only on `ververica`: what Ververica Platform has beyond the other attributes.",
		Attributes: map[string]schema.Attribute{
			"max_job_creation_attempts":       attempts("start a job"),
			"max_savepoint_creation_attempts": attempts("take a savepoint"),
			"job_failure_expiration_time": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "After which time a failure does not count any more, in the platform's words. A change does not touch the job.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"deployment_target": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The deployment target, which says in which Kubernetes namespace the pods run. Default: the one with the environment's name, else the only one. " +
					"Another one has the deployment deleted with a savepoint and created again from it.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"deployment_template": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "A part of the Deployment's `spec.template`, as YAML or JSON text in the platform's own words, for what no attribute has: " +
					"`yamlencode({ spec = { artifact = { kind = \"SQLSCRIPT\", sqlScript = \"…\" } } })`, an artifact of the kind `PYTHON`, `additionalDependencies`, `kubernetes.pods`, `logging`. " +
					"Merged with that of the environment; an element `{ $patch: merge, mergeKey: K }` of any list merges that list by the values under `K`. What another attribute says too is an error with its path inside the text.",
				Validators:    []validator.String{documentValidator()},
				PlanModifiers: []planmodifier.String{sameDocument()},
			},
		},
	}
}
