package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Checks are what a resource's schema asks of a configuration. They ask in one
// walk; the framework goes to each value from the top, several times over.
type Checks struct {
	schema schema.Schema
	checks []check
}

// check is what the schema asks of one attribute.
type check struct {
	name      string
	at        path.Path
	attribute schema.Attribute
	of        attr.Type
	// nullPasses tells that there is nothing to say of an attribute that is left out: no validator
	// asks then what else the configuration has.
	nullPasses bool
	// inside are the checks of an object's attributes.
	inside []check
	// elements are the checks of the attributes of each object in a map. Their paths have no key:
	// what they find is for the framework to say.
	elements []check
	// beyond tells that a value of the attribute is for the framework to check.
	beyond bool
}

// ChecksOf returns the checks of a schema.
func ChecksOf(ctx context.Context, of schema.Schema) Checks {
	return Checks{of, checksOf(ctx, of.Attributes, path.Empty())}
}

func checksOf(ctx context.Context, attributes map[string]schema.Attribute, above path.Path) []check {
	checks := make([]check, 0, len(attributes))
	for name, attribute := range attributes {
		c := check{name: name, at: above.AtName(name), attribute: attribute, of: attribute.GetType()}
		c.beyond = attribute.IsWriteOnly() || attribute.IsComputed() && !attribute.IsOptional() || attribute.GetDeprecationMessage() != ""
		switch nested := attribute.(type) {
		case schema.SingleNestedAttribute:
			c.inside = checksOf(ctx, nested.Attributes, c.at)
		case schema.MapNestedAttribute:
			c.elements = checksOf(ctx, nested.NestedObject.Attributes, c.at.AtMapKey(""))
			c.beyond = c.beyond || len(nested.NestedObject.Validators) > 0
		case schema.NestedAttribute:
			c.beyond = true
		}
		null, err := c.of.ValueFromTerraform(ctx, tftypes.NewValue(c.of.TerraformType(ctx), nil))
		c.nullPasses = err == nil && !attribute.IsRequired() && c.silent(ctx, null, tfsdk.Config{})
		checks = append(checks, c)
	}
	return checks
}

// Pass tells that the framework has nothing to say of a configuration. False means
// that the framework has to be asked.
func (c Checks) Pass(ctx context.Context, raw tftypes.Value) bool {
	return len(c.schema.Blocks) == 0 && c.schema.DeprecationMessage == "" &&
		pass(ctx, c.checks, raw, tfsdk.Config{Schema: c.schema, Raw: raw})
}

func pass(ctx context.Context, checks []check, object tftypes.Value, config tfsdk.Config) bool {
	values, ok := objectValues(object)
	if !ok {
		return false
	}
	for _, c := range checks {
		if !c.pass(ctx, values[c.name], config) {
			return false
		}
	}
	return true
}

func (c check) pass(ctx context.Context, raw tftypes.Value, config tfsdk.Config) bool {
	if raw.IsNull() {
		return c.nullPasses
	}
	value, err := c.of.ValueFromTerraform(ctx, raw)
	if err != nil || c.beyond || !c.silent(ctx, value, config) {
		return false
	}
	if len(c.elements) > 0 && raw.IsKnown() {
		return passEach(ctx, c.elements, raw, config)
	}
	return len(c.inside) == 0 || !raw.IsKnown() || pass(ctx, c.inside, raw, config)
}

// passEach checks the objects in a map.
func passEach(ctx context.Context, checks []check, raw tftypes.Value, config tfsdk.Config) bool {
	elements := map[string]tftypes.Value{}
	if raw.As(&elements) != nil {
		return false
	}
	for _, element := range elements {
		if element.IsKnown() && !pass(ctx, checks, element, config) {
			return false
		}
	}
	return true
}

// silent tells that no validator of the attribute has something to say of a value.
func (c check) silent(ctx context.Context, of attr.Value, config tfsdk.Config) bool {
	switch attribute := c.attribute.(type) {
	case interface{ StringValidators() []validator.String }:
		return silent(ctx, c, of, config, attribute.StringValidators(), validator.String.ValidateString)
	case interface{ BoolValidators() []validator.Bool }:
		return silent(ctx, c, of, config, attribute.BoolValidators(), validator.Bool.ValidateBool)
	case interface{ Int64Validators() []validator.Int64 }:
		return silent(ctx, c, of, config, attribute.Int64Validators(), validator.Int64.ValidateInt64)
	case interface{ Float64Validators() []validator.Float64 }:
		return silent(ctx, c, of, config, attribute.Float64Validators(), validator.Float64.ValidateFloat64)
	case interface{ ListValidators() []validator.List }:
		return silent(ctx, c, of, config, attribute.ListValidators(), validator.List.ValidateList)
	case interface{ MapValidators() []validator.Map }:
		return silent(ctx, c, of, config, attribute.MapValidators(), validator.Map.ValidateMap)
	case interface{ ObjectValidators() []validator.Object }:
		object, ok := of.(basetypes.ObjectValuable)
		if !ok {
			return false
		}
		value, diags := object.ToObjectValue(ctx)
		return len(diags) == 0 && silent(ctx, c, value, config, attribute.ObjectValidators(), validator.Object.ValidateObject)
	default:
		return false
	}
}

// silent tells that a value is of the kind that the validators of an attribute
// check, and that none of them has something to say of it.
func silent[Validator any, Value attr.Value, Request interface {
	~struct {
		Path               path.Path
		PathExpression     path.Expression
		Config             tfsdk.Config
		ConfigValue        Value
		ClientCapabilities validator.ValidateSchemaClientCapabilities
	}
}, Response interface {
	~struct{ Diagnostics diag.Diagnostics }
}](ctx context.Context, c check, of attr.Value, config tfsdk.Config, validators []Validator, validate func(Validator, context.Context, Request, *Response)) bool {
	value, ok := of.(Value)
	var resp Response
	for _, v := range validators {
		validate(v, ctx, Request{Path: c.at, PathExpression: c.at.Expression(), Config: config, ConfigValue: value}, &resp)
	}
	return ok && len(struct{ Diagnostics diag.Diagnostics }(resp).Diagnostics) == 0
}
