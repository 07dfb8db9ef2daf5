package tfkit

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// NamespaceValidator accepts names of Kubernetes namespaces (RFC 1123 labels).
func NamespaceValidator() validator.String {
	return textCheck{"a Kubernetes namespace: lower case letters, digits and hyphens, at most 63", checkNamespace}
}

// ObjectNameValidator accepts what Kubernetes takes for the name of most objects
// (RFC 1123 subdomains).
func ObjectNameValidator() validator.String {
	return textCheck{"the name of a Kubernetes object: lower case letters, digits, hyphens and dots, at most 253", checkObjectName}
}

func podTemplateValidator() validator.String {
	return textCheck{"a Pod as a YAML or JSON object", checkPodTemplate}
}

func documentValidator() validator.String { return textCheck{"a YAML or JSON object", checkDocument} }

func memoryValidator() validator.String {
	return textCheck{"a memory size, as Flink (2g, 2048m) or Kubernetes (2Gi) writes it", checkMemory}
}

func durationValidator() validator.String {
	return textCheck{"a duration, for example 30s", checkDuration}
}

func checkDuration(at path.Path, text string, diags *diag.Diagnostics) {
	switch d, err := flink.ParseDuration(text); {
	case err != nil:
		diags.AddAttributeError(at, "The duration cannot be read", Sentence(err.Error()))
	case d < 0:
		diags.AddAttributeError(at, "The duration is negative", fmt.Sprintf("%q is less than nothing. Give a time such as \"30s\", or \"0s\" for none.", text))
	}
}

func acceptedRisksValidator() validator.String {
	return textCheck{"changes that are accepted, for example v1_20->v2_3, separated by commas", checkAcceptedRisks}
}

// acceptedRisk is the name of a change: what was, and what comes.
var acceptedRisk = regexp.MustCompile(`^[^\s,]([^,]*[^\s,])?->[^\s,]([^,]*[^\s,])?$`)

func checkAcceptedRisks(at path.Path, text string, diags *diag.Diagnostics) {
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if !acceptedRisk.MatchString(name) {
			diags.AddAttributeError(at, "The accepted change cannot be read", fmt.Sprintf("%q is not the name of a change such as \"v1_20->v2_3\". The error of the plan that needs it tells the name.", name))
			continue
		}
		before, after, _ := strings.Cut(name, "->")
		_, known := flink.ParseVersion(after)
		if _, err := flink.ParseVersion(before); (err == nil) != (known == nil) {
			diags.AddAttributeError(at, "The accepted change cannot be read", fmt.Sprintf("%q has one version of Flink and something else. Write both as flink_version does, as in \"v1_20->v2_3\".", name))
		}
	}
}

func quantityValidator() validator.String {
	return textCheck{"a Kubernetes quantity, for example 5Gi", checkQuantity}
}

// textCheck checks a text that is known.
type textCheck struct {
	description string
	check       func(at path.Path, text string, diags *diag.Diagnostics)
}

// Description says what is accepted.
func (c textCheck) Description(context.Context) string { return c.description }

// MarkdownDescription says what is accepted.
func (c textCheck) MarkdownDescription(context.Context) string { return c.description }

// ValidateString checks the configured text.
func (c textCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		c.check(req.Path, req.ConfigValue.ValueString(), &resp.Diagnostics)
	}
}

// resourcesCheck checks Kubernetes requests or limits.
type resourcesCheck struct{}

// Description says what is accepted.
func (resourcesCheck) Description(context.Context) string {
	return "Kubernetes quantities by resource name"
}

// MarkdownDescription says what is accepted.
func (c resourcesCheck) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateMap checks the quantities that are known.
func (resourcesCheck) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for name, element := range req.ConfigValue.Elements() {
		value, ok := element.(basetypes.StringValue)
		if !ok || value.IsNull() || value.IsUnknown() {
			continue
		}
		if at := req.Path.AtMapKey(name); name == "memory" {
			checkMemoryAmount(at, value.ValueString(), &resp.Diagnostics)
		} else {
			checkQuantity(at, value.ValueString(), &resp.Diagnostics)
		}
	}
}

// LabelsValidator accepts values that Kubernetes takes for labels.
func LabelsValidator() validator.Map { return metadataCheck{values: true} }

// metadataCheck checks the keys of labels and annotations, or the values of
// labels.
type metadataCheck struct{ values bool }

// Description says what is accepted.
func (c metadataCheck) Description(context.Context) string {
	if c.values {
		return "values of Kubernetes labels"
	}
	return "names as Kubernetes metadata has them, for example team or example.com/team"
}

// MarkdownDescription says what is accepted.
func (c metadataCheck) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateMap checks the keys, or the values that are known.
func (c metadataCheck) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for key, element := range req.ConfigValue.Elements() {
		at := req.Path.AtMapKey(key)
		if !c.values {
			// The server reads the keys of annotations without regard to case.
			if problems := validation.IsQualifiedName(strings.ToLower(key)); len(problems) > 0 {
				resp.Diagnostics.AddAttributeError(at, "This is no key of Kubernetes metadata",
					fmt.Sprintf("The key of %s is refused: %s.", at, strings.Join(problems, "; ")))
			}
			continue
		}
		value, ok := element.(basetypes.StringValue)
		if !ok || value.IsNull() || value.IsUnknown() {
			continue
		}
		if problems := validation.IsValidLabelValue(value.ValueString()); len(problems) > 0 {
			resp.Diagnostics.AddAttributeError(at, "This is no value of a Kubernetes label",
				fmt.Sprintf("The value of %s is %q: %s.", at, value.ValueString(), strings.Join(problems, "; ")))
		}
	}
}

func checkNamespace(at path.Path, text string, diags *diag.Diagnostics) {
	if problems := validation.IsDNS1123Label(text); len(problems) > 0 {
		diags.AddAttributeError(at, "This is no name of a Kubernetes namespace",
			fmt.Sprintf("The value of %s is %q: %s.", at, text, strings.Join(problems, "; ")))
	}
}

func checkObjectName(at path.Path, text string, diags *diag.Diagnostics) {
	if problems := validation.IsDNS1123Subdomain(text); len(problems) > 0 {
		diags.AddAttributeError(at, "This is no name of a Kubernetes object",
			fmt.Sprintf("The value of %s is %q: %s.", at, text, strings.Join(problems, "; ")))
	}
}

// checkPodTemplate checks a pod template as far as the types of Kubernetes tell.
// The CLI validates a configuration again before each apply, so a text that a
// plan does not know is checked before the first write.
func checkPodTemplate(at path.Path, text string, diags *diag.Diagnostics) {
	document, err := flink.ParseDocument(text)
	if err != nil {
		diags.Append(documentError(at, err))
		return
	}
	for _, fault := range defaults.CheckPodTemplate(document) {
		summary := fmt.Sprintf("%s: %s %s", at, fault.Path, fault.Problem)
		detail := fmt.Sprintf("The text of %s is read as a Pod of Kubernetes (core/v1).", at)
		if fault.Advice != "" {
			detail += " " + fault.Advice
		}
		if fault.Severity == flink.Warning {
			diags.AddAttributeWarning(at, summary, detail)
		} else {
			diags.AddAttributeError(at, summary, detail)
		}
	}
}

func checkDocument(at path.Path, text string, diags *diag.Diagnostics) {
	if _, err := flink.ParseDocument(text); err != nil {
		diags.Append(documentError(at, err))
	}
}

// documentError reports a document that cannot be read; the error names the line.
func documentError(at path.Path, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "The text is no YAML or JSON object",
		fmt.Sprintf("The value of %s: %s Check the indentation, or write it with yamlencode({ … }) or jsonencode({ … }).", at, Sentence(err.Error())))
}

func checkMemory(at path.Path, text string, diags *diag.Diagnostics) {
	if _, err := flink.ParseMemory(text); err != nil {
		diags.AddAttributeError(at, "The memory size cannot be read",
			fmt.Sprintf("The value of %s: %s Write it as Flink does (2g, 2048m) or as Kubernetes does (2Gi).", at, Sentence(err.Error())))
	}
}

// checkMemoryAmount checks the memory of requests or limits, which has to be a size and a
// quantity: it is read as both.
func checkMemoryAmount(at path.Path, text string, diags *diag.Diagnostics) {
	_, err := flink.ParseMemory(text)
	if err == nil {
		_, err = flink.ParseQuantity(text)
	}
	if err != nil {
		diags.AddAttributeError(at, "The quantity cannot be read",
			fmt.Sprintf("The value of %s is %q. Write a Kubernetes quantity without a fraction, for example 2Gi or 512Mi: what Flink alone reads, such as 2g, fails here.", at, text))
	}
}

func checkQuantity(at path.Path, text string, diags *diag.Diagnostics) {
	if _, err := flink.ParseQuantity(text); err != nil {
		diags.AddAttributeError(at, "The quantity cannot be read",
			fmt.Sprintf("The value of %s is %q. Write a Kubernetes quantity, for example 500m, 2 or 5Gi.", at, text))
	}
}
