package tfkit

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Encode returns an object with what a struct says, by the same names as
// DecodeValue. Attributes that the struct has no field for are null.
func Encode(ctx context.Context, of tftypes.Type, source any) (tftypes.Value, diag.Diagnostics) {
	encoded, err := encode(ctx, of, reflect.ValueOf(source))
	return encoded, notEncoded(err)
}

// EncodeInto returns an object with other values of the named attributes, those
// that a struct says.
func EncodeInto(ctx context.Context, object tftypes.Value, source any, names ...string) (tftypes.Value, diag.Diagnostics) {
	from := reflect.Indirect(reflect.ValueOf(source))
	values, ok := objectValues(object)
	if !ok {
		return object, notEncoded(fmt.Errorf("a %s is no object", object.Type()))
	}
	values = maps.Clone(values)
	for _, p := range layoutOf(from.Type()) {
		if !slices.Contains(names, p.name) || len(p.within) > 0 {
			continue
		}
		var err error
		if values[p.name], err = encode(ctx, values[p.name].Type(), from.FieldByIndex(p.index)); err != nil {
			return object, notEncoded(fmt.Errorf("%s: %w", p.name, err))
		}
	}
	return tftypes.NewValue(object.Type(), values), nil
}

func notEncoded(err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("The attributes cannot be written", Sentence(err.Error())+" This is a bug in the provider; please report it.")}
}

// encode returns a value of a specification, a struct or a part of a tree, as one
// of Terraform's.
func encode(ctx context.Context, of tftypes.Type, from reflect.Value) (tftypes.Value, error) {
	for from.Kind() == reflect.Pointer || from.Kind() == reflect.Interface {
		from = from.Elem()
	}
	if !from.IsValid() || (from.Kind() == reflect.Map || from.Kind() == reflect.Slice) && from.IsNil() {
		return tftypes.NewValue(of, nil), nil
	}
	if own, ok := from.Interface().(attr.Value); ok {
		return own.ToTerraformValue(ctx)
	}
	switch of := of.(type) {
	case tftypes.List:
		return encodeElements(ctx, of, of.ElementType, from)
	case tftypes.Set:
		return encodeElements(ctx, of, of.ElementType, from)
	case tftypes.Map:
		if from.Kind() != reflect.Map {
			return tftypes.Value{}, fmt.Errorf("a %s is no map", from.Type())
		}
		elements := make(map[string]tftypes.Value, from.Len())
		for _, key := range from.MapKeys() {
			var err error
			if elements[key.String()], err = encode(ctx, of.ElementType, from.MapIndex(key)); err != nil {
				return tftypes.Value{}, err
			}
		}
		return tftypes.NewValue(of, elements), nil
	case tftypes.Object:
		return encodeObject(ctx, of, from)
	default:
		return encodeScalar(of, from)
	}
}

// encodeElements returns the elements of a slice as a list or a set.
func encodeElements(ctx context.Context, of, elementType tftypes.Type, from reflect.Value) (tftypes.Value, error) {
	if from.Kind() != reflect.Slice {
		return tftypes.Value{}, fmt.Errorf("a %s is no list", from.Type())
	}
	elements := make([]tftypes.Value, from.Len())
	for i := range elements {
		var err error
		if elements[i], err = encode(ctx, elementType, from.Index(i)); err != nil {
			return tftypes.Value{}, err
		}
	}
	return tftypes.NewValue(of, elements), nil
}

func encodeObject(ctx context.Context, of tftypes.Object, from reflect.Value) (tftypes.Value, error) {
	values := nullsOf(of)
	put := func(name string, value reflect.Value) (err error) {
		if attribute, ok := of.AttributeTypes[name]; ok {
			values[name], err = encode(ctx, attribute, value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	switch from.Kind() {
	case reflect.Struct:
		return encodeFields(ctx, of, from, values, put)
	case reflect.Map:
		for _, key := range from.MapKeys() {
			if err := put(flink.AttributeName(key.String()), from.MapIndex(key)); err != nil {
				return tftypes.Value{}, err
			}
		}
		return tftypes.NewValue(of, values), nil
	default:
		return tftypes.Value{}, fmt.Errorf("a %s is no object", from.Type())
	}
}

// encodeFields encodes nested objects first, and then what else goes into them.
func encodeFields(ctx context.Context, of tftypes.Object, from reflect.Value, values map[string]tftypes.Value, put func(string, reflect.Value) error) (tftypes.Value, error) {
	fields := layoutOf(from.Type())
	for _, p := range fields {
		if len(p.within) == 0 {
			if err := put(p.name, from.FieldByIndex(p.index)); err != nil {
				return tftypes.Value{}, err
			}
		}
	}
	out := tftypes.NewValue(of, values)
	for _, p := range fields {
		at := append([]string{p.name}, p.within...)
		attribute, ok := typeAt(of, at)
		if len(p.within) == 0 || !ok {
			continue
		}
		value, err := encode(ctx, attribute, from.FieldByIndex(p.index))
		if err != nil {
			return out, err
		}
		out = set(out, value, at)
	}
	return out, nil
}

func nullsOf(of tftypes.Object) map[string]tftypes.Value {
	values := make(map[string]tftypes.Value, len(of.AttributeTypes))
	for name, attribute := range of.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	return values
}

func typeAt(of tftypes.Type, at []string) (tftypes.Type, bool) {
	for _, name := range at {
		object, ok := of.(tftypes.Object)
		if !ok {
			return nil, false
		}
		if of, ok = object.AttributeTypes[name]; !ok {
			return nil, false
		}
	}
	return of, true
}

// set returns an object with a value in it, and makes the nested objects that lead
// there. Null makes none.
func set(object, value tftypes.Value, at []string) tftypes.Value {
	if len(at) == 0 {
		return value
	}
	values, ok := objectValues(object)
	if !ok {
		if value.IsNull() {
			return object
		}
		// typeAt has found the way.
		of, _ := object.Type().(tftypes.Object)
		values = nullsOf(of)
	}
	values = maps.Clone(values)
	values[at[0]] = set(values[at[0]], value, at[1:])
	return tftypes.NewValue(object.Type(), values)
}

// encodeScalar encodes a text, a number, a boolean, or the text of a document.
func encodeScalar(of tftypes.Type, from reflect.Value) (tftypes.Value, error) {
	if of.Is(tftypes.String) && from.Type().ConvertibleTo(document) {
		converted, _ := from.Convert(document).Interface().(flink.Document)
		text, err := flink.FormatDocument(converted)
		return tftypes.NewValue(of, text), err
	}
	text := fmt.Sprint(from.Interface())
	switch {
	case of.Is(tftypes.String):
		return tftypes.NewValue(of, text), nil
	case of.Is(tftypes.Bool) && from.Kind() == reflect.Bool:
		return tftypes.NewValue(of, from.Bool()), nil
	case of.Is(tftypes.Number):
		if number, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven); err == nil {
			return tftypes.NewValue(of, number), nil
		}
	}
	return tftypes.Value{}, fmt.Errorf("a %s is no %s", from.Type(), of)
}
