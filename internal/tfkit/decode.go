package tfkit

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Types returns the type of an attribute, nil for none. DecodeValue needs it for
// the fields that keep the framework's own values.
type Types func(attribute string) attr.Type

// TypesOf returns the types of a schema's attributes.
func TypesOf[A interface{ GetType() attr.Type }](attributes map[string]A) Types {
	types := make(map[string]attr.Type, len(attributes))
	for name, attribute := range attributes {
		types[name] = attribute.GetType()
	}
	return func(name string) attr.Type { return types[name] }
}

// Decode decodes a plan into a struct, as DecodeValue does: ask Known before
// drawing a conclusion from a null. A configuration decodes as tfsdk.Plan(config),
// a state as tfsdk.Plan(state).
func Decode(ctx context.Context, plan tfsdk.Plan, target any) diag.Diagnostics {
	attributes := plan.Schema.GetAttributes()
	_, diags := DecodeValue(ctx, plan.Raw, func(name string) attr.Type {
		if attribute, ok := attributes[name]; ok {
			return attribute.GetType()
		}
		return nil
	}, target)
	return diags
}

// DecodeValue fills a struct from an object by the names of its attributes (see
// layout), and texts of documents from YAML or JSON. Null is nil. What is unknown
// becomes nil too, and so does a map or list with an unknown element; the paths of
// all that is unknown are returned.
//
// It goes by the value alone. The framework's Get walks the schema for every field
// and checks every name by an expression that it compiles anew.
func DecodeValue(ctx context.Context, raw tftypes.Value, types Types, target any) (unknown path.Paths, diags diag.Diagnostics) {
	d := decoder{ctx: ctx, types: types}
	d.value(raw, reflect.ValueOf(target).Elem(), nil)
	return d.unknown, d.diags
}

// DecodeAny is DecodeValue of an object that Terraform has not converted to the
// type of a resource: numbers, texts and booleans are converted here, attributes
// that it leaves out are null, and one that the type does not have is an error.
// Attributes that the struct has no field for are left alone.
func DecodeAny(ctx context.Context, raw tftypes.Value, of tftypes.Object, target any) (unknown path.Paths, diags diag.Diagnostics) {
	d := decoder{ctx: ctx}
	d.value(raw, reflect.ValueOf(target).Elem(), of)
	return d.unknown, d.diags
}

type decoder struct {
	ctx     context.Context //nolint:containedctx // It lives for one call.
	types   Types
	at      []step
	unknown path.Paths
	diags   diag.Diagnostics
}

// step is one of a path. Paths of the framework copy themselves with every step,
// and most are never asked for.
type step struct {
	name  string
	index int
	kind  stepKind
}

type stepKind int

const (
	attributeStep stepKind = iota
	keyStep
	indexStep
)

func (d *decoder) path() path.Path {
	out := path.Empty()
	for _, s := range d.at {
		switch s.kind {
		case keyStep:
			out = out.AtMapKey(s.name)
		case indexStep:
			out = out.AtListIndex(s.index)
		default:
			out = out.AtName(s.name)
		}
	}
	return out
}

// below decodes what is a step further down.
func (d *decoder) below(s step, raw tftypes.Value, into reflect.Value, of tftypes.Type) {
	d.at = append(d.at, s)
	d.value(raw, into, of)
	d.at = d.at[:len(d.at)-1]
}

func (d *decoder) wrong(expected string) {
	d.diags.AddAttributeError(d.path(), "The value has a wrong type", fmt.Sprintf("Another type is expected: the attribute %s %s.", d.path(), expected))
}

var document = reflect.TypeFor[flink.Document]()

// value decodes a value. of is the type that it shall have, nil where it has it.
func (d *decoder) value(raw tftypes.Value, into reflect.Value, of tftypes.Type) {
	kind := into.Kind()
	switch {
	case !raw.IsKnown():
		d.unknown.Append(d.path())
		return
	case raw.IsNull():
		if kind != reflect.Pointer && kind != reflect.Map && kind != reflect.Slice && len(d.at) > 0 {
			d.wrong("cannot be null")
		}
		return
	case kind == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(raw, into.Elem(), of)
		return
	case into.Type() == document:
		d.document(raw, into)
		return
	}
	unknown := len(d.unknown)
	switch kind {
	case reflect.Struct:
		d.object(raw, into, of)
		return
	case reflect.Map:
		d.mapping(raw, into, of)
	case reflect.Slice:
		d.list(raw, into, of)
	default:
		if expected := scalar(raw, into); expected != "" {
			d.wrong(expected)
		}
	}
	if len(d.unknown) > unknown {
		into.SetZero()
	}
}

func (d *decoder) object(raw tftypes.Value, into reflect.Value, of tftypes.Type) {
	var values map[string]tftypes.Value
	if raw.As(&values) != nil {
		d.wrong("is an object")
		return
	}
	types, converts := of.(tftypes.Object)
	if converts {
		d.misnamed(values, types, into)
	}
	for _, p := range layoutOf(into.Type()) {
		value, has := values[p.name]
		if !has || converts && types.AttributeTypes[p.name] == nil {
			continue
		}
		if p.framework {
			d.framework(p, value, into.FieldByIndex(p.index))
			continue
		}
		d.within(p.within, step{name: p.name}, value, into.FieldByIndex(p.index), types.AttributeTypes[p.name])
	}
}

// within decodes an attribute of nested objects. The field of the outer attribute
// tells what is wrong or unknown about them.
func (d *decoder) within(names []string, at step, raw tftypes.Value, into reflect.Value, of tftypes.Type) {
	if len(names) == 0 {
		d.below(at, raw, into, of)
		return
	}
	var values map[string]tftypes.Value
	if !raw.IsKnown() || raw.IsNull() || raw.As(&values) != nil {
		return
	}
	value, has := values[names[0]]
	if !has {
		return
	}
	if types, ok := of.(tftypes.Object); ok {
		of = types.AttributeTypes[names[0]]
	}
	d.at = append(d.at, at)
	d.within(names[1:], step{name: names[0]}, value, into, of)
	d.at = d.at[:len(d.at)-1]
}

// misnamed reports attributes that a type does not have.
func (d *decoder) misnamed(values map[string]tftypes.Value, of tftypes.Object, into reflect.Value) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if of.AttributeTypes[name] != nil {
			continue
		}
		taken := slices.DeleteFunc(AttributesOf(into.Interface()), func(name string) bool { return of.AttributeTypes[name] == nil })
		d.at = append(d.at, step{name: name})
		d.diags.AddAttributeError(d.path(), "There is no such attribute",
			fmt.Sprintf("there is no attribute %s; there are %s", d.path(), strings.Join(taken, ", ")))
		d.at = d.at[:len(d.at)-1]
	}
}

// framework decodes into a value of the framework, by the type of the attribute,
// which is one of the outermost object.
func (d *decoder) framework(p place, raw tftypes.Value, into reflect.Value) {
	of := d.types(p.name)
	if of == nil {
		return
	}
	if !raw.IsFullyKnown() {
		d.unknown.Append(path.Root(p.name))
	}
	value, err := of.ValueFromTerraform(d.ctx, nullUnknown(raw))
	if err == nil && !reflect.TypeOf(value).AssignableTo(into.Type()) {
		err = fmt.Errorf("a %T is no %s", value, into.Type())
	}
	if err != nil {
		d.diags.AddAttributeError(path.Root(p.name), "The value has a wrong type", Sentence(err.Error()))
		return
	}
	into.Set(reflect.ValueOf(value))
}

func (d *decoder) document(raw tftypes.Value, into reflect.Value) {
	text, ok := textOf(raw)
	if !ok {
		d.wrong("is a text")
		return
	}
	parsed, err := flink.ParseDocument(text)
	if err != nil {
		d.diags.Append(documentError(d.path(), err))
		return
	}
	into.Set(reflect.ValueOf(parsed))
}

func (d *decoder) mapping(raw tftypes.Value, into reflect.Value, of tftypes.Type) {
	var values map[string]tftypes.Value
	if raw.As(&values) != nil {
		d.wrong("is a map")
		return
	}
	if elements, ok := of.(tftypes.Map); ok {
		of = elements.ElementType
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(values)))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		element := reflect.New(into.Type().Elem()).Elem()
		d.below(step{name: key, kind: keyStep}, values[key], element, of)
		into.SetMapIndex(reflect.ValueOf(key), element)
	}
}

func (d *decoder) list(raw tftypes.Value, into reflect.Value, of tftypes.Type) {
	var values []tftypes.Value
	if raw.As(&values) != nil {
		d.wrong("is a list")
		return
	}
	if elements, ok := of.(tftypes.List); ok {
		of = elements.ElementType
	}
	into.Set(reflect.MakeSlice(into.Type(), len(values), len(values)))
	for i, value := range values {
		d.below(step{index: i, kind: indexStep}, value, into.Index(i), of)
	}
}

// scalar decodes a text, a number or a boolean, and converts between them as
// Terraform does. It returns what is expected where that cannot be.
func scalar(raw tftypes.Value, into reflect.Value) (expected string) {
	if text, ok := into.Addr().Interface().(*string); ok && raw.Type().Is(tftypes.String) && raw.As(text) == nil {
		return ""
	}
	text, ok := textOf(raw)
	isBool := raw.Type().Is(tftypes.Bool)
	switch into.Kind() {
	case reflect.String:
		if !ok {
			return "is a text"
		}
		into.SetString(text)
	case reflect.Int64:
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || isBool {
			return "is a whole number"
		}
		into.SetInt(number)
	case reflect.Float64:
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || isBool {
			return "is a number"
		}
		into.SetFloat(number)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return "is true or false"
		}
		into.SetBool(text == "true")
	default:
		return fmt.Sprintf("has no value in a %s", into.Type())
	}
	return ""
}

// textOf returns a text, a number or a boolean as text.
func textOf(raw tftypes.Value) (text string, ok bool) {
	var err error
	switch of := raw.Type(); {
	case of.Is(tftypes.String):
		err = raw.As(&text)
	case of.Is(tftypes.Number):
		var number big.Float
		err = raw.As(&number)
		text = number.Text('f', -1)
	case of.Is(tftypes.Bool):
		var truth bool
		err = raw.As(&truth)
		text = strconv.FormatBool(truth)
	default:
		return "", false
	}
	return text, err == nil
}
