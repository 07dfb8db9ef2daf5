package tfkit

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// NamespaceValidator accepts names of Kubernetes namespaces (RFC 1123 labels).
func NamespaceValidator() validator.String { return namespaceValidator{} }

type namespaceValidator struct{}

func (namespaceValidator) Description(context.Context) string {
	return "a Kubernetes namespace: lower case letters, digits and hyphens, at most 63"
}
func (v namespaceValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (namespaceValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problems := validation.IsDNS1123Label(req.ConfigValue.ValueString()); len(problems) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "This is no name of a Kubernetes namespace",
			"The value is \""+req.ConfigValue.ValueString()+"\": "+strings.Join(problems, "; ")+".")
	}
}

type documentValidator struct{}

func (documentValidator) Description(context.Context) string {
	return "a YAML or JSON object"
}
func (v documentValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (documentValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := flink.ParseDocument(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(documentError(req.Path, err))
	}
}

// documentError reports a document that cannot be read; the error names the line.
func documentError(at path.Path, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "The text is no YAML or JSON object",
		Sentence(err.Error())+" Check the indentation, or write it with yamlencode({ … }) or jsonencode({ … }).")
}

type memoryValidator struct{}

func (memoryValidator) Description(context.Context) string {
	return "a memory size, as Flink (2g, 2048m) or Kubernetes (2Gi) writes it"
}
func (v memoryValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (memoryValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		checkMemory(req.Path, req.ConfigValue.ValueString(), &resp.Diagnostics)
	}
}

type quantityValidator struct{}

func (quantityValidator) Description(context.Context) string {
	return "a Kubernetes quantity, for example 5Gi"
}
func (v quantityValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (quantityValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		checkQuantity(req.Path, req.ConfigValue.ValueString(), &resp.Diagnostics)
	}
}

type resourcesValidator struct{}

func (resourcesValidator) Description(context.Context) string {
	return "Kubernetes quantities by resource name"
}
func (v resourcesValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (resourcesValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for name, element := range req.ConfigValue.Elements() {
		value, ok := element.(basetypes.StringValue)
		if !ok || value.IsNull() || value.IsUnknown() {
			continue
		}
		if at := req.Path.AtMapKey(name); name == "memory" {
			checkMemory(at, value.ValueString(), &resp.Diagnostics)
		} else {
			checkQuantity(at, value.ValueString(), &resp.Diagnostics)
		}
	}
}

func checkMemory(at path.Path, text string, diags *diag.Diagnostics) {
	if _, err := flink.ParseMemory(text); err != nil {
		diags.AddAttributeError(at, "The memory size cannot be read",
			Sentence(err.Error())+" Write it as Flink does (2g, 2048m) or as Kubernetes does (2Gi).")
	}
}

func checkQuantity(at path.Path, text string, diags *diag.Diagnostics) {
	if _, err := resource.ParseQuantity(text); err != nil {
		diags.AddAttributeError(at, "The quantity cannot be read",
			"The value is \""+text+"\". Write a Kubernetes quantity, for example 500m, 2 or 5Gi.")
	}
}
