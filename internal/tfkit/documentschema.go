package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// DocumentAttribute is an optional object that is one text, YAML or JSON (flink.Document). Texts that
// mean the same are no change.
func DocumentAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: description,
		Validators: []validator.String{documentValidator()}, PlanModifiers: []planmodifier.String{sameDocument()},
	}
}
