package provider

import (
	"bytes"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// same tells whether two values are encoded alike. Equal values always are: the
// CLI encodes attributes and keys in their order.
func same(a, b *tfprotov6.DynamicValue) bool {
	return a != nil && b != nil && len(a.MsgPack) > 0 && bytes.Equal(a.MsgPack, b.MsgPack)
}

// isNull tells whether a value is left out or null.
func isNull(value *tfprotov6.DynamicValue) bool {
	if value == nil {
		return true
	}
	null, err := value.IsNull()
	return err == nil && null
}

// both decodes a configuration and the plan for it.
func both(of shortcut, config, plan *tfprotov6.DynamicValue) (configured, planned tftypes.Value, err error) {
	if isNull(config) {
		return configured, planned, tftypes.NewAttributePath().NewErrorf("no configuration")
	}
	if configured, err = config.Unmarshal(of.Values()); err == nil {
		planned, err = plan.Unmarshal(of.Values())
	}
	return configured, planned, err
}

func encoded(of shortcut, value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	out, err := tfprotov6.NewDynamicValue(of.Values(), value)
	return &out, err
}

// fits tells whether the JSON text of a state is one of a type's values.
func fits(text []byte, of tftypes.Type) bool {
	var value map[string]any
	return json.Unmarshal(text, &value) == nil && value != nil && valueFits(value, of)
}

func valueFits(value any, of tftypes.Type) bool {
	if value == nil {
		return true
	}
	switch of := of.(type) {
	case tftypes.Object:
		values, ok := value.(map[string]any)
		for name, field := range values {
			if at, has := of.AttributeTypes[name]; !has || !valueFits(field, at) {
				return false
			}
		}
		return ok
	case tftypes.Map:
		values, ok := value.(map[string]any)
		for _, element := range values {
			ok = ok && valueFits(element, of.ElementType)
		}
		return ok
	case tftypes.List:
		return elementsFit(value, of.ElementType)
	case tftypes.Set:
		return elementsFit(value, of.ElementType)
	}
	switch value.(type) {
	case string:
		return of.Is(tftypes.String)
	case bool:
		return of.Is(tftypes.Bool)
	case float64:
		return of.Is(tftypes.Number)
	default:
		return false
	}
}

func elementsFit(value any, of tftypes.Type) bool {
	values, ok := value.([]any)
	for _, element := range values {
		ok = ok && valueFits(element, of)
	}
	return ok
}

// said returns diagnostics in the words of the protocol.
func said(diags diag.Diagnostics) []*tfprotov6.Diagnostic {
	var out []*tfprotov6.Diagnostic
	for _, d := range diags {
		next := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: d.Summary(), Detail: d.Detail()}
		if d.Severity() == diag.SeverityWarning {
			next.Severity = tfprotov6.DiagnosticSeverityWarning
		}
		if placed, ok := d.(diag.DiagnosticWithPath); ok {
			next.Attribute = tftypes.NewAttributePathWithSteps(steps(placed.Path()))
		}
		out = append(out, next)
	}
	return out
}

func steps(of path.Path) []tftypes.AttributePathStep {
	var out []tftypes.AttributePathStep
	for _, step := range of.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			out = append(out, tftypes.AttributeName(step))
		case path.PathStepElementKeyString:
			out = append(out, tftypes.ElementKeyString(step))
		case path.PathStepElementKeyInt:
			out = append(out, tftypes.ElementKeyInt(step))
		}
	}
	return out
}
