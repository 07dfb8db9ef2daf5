// Package functions are the provider's functions, provider::flink::….
package functions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// numberPrecision is the precision of Terraform's numbers, in bits.
const numberPrecision = 512

// unknown stands in decoded values for what is not known yet.
type unknown struct{}

// errUnknown tells that a result cannot be known yet.
var errUnknown = errors.New("not known yet")

// decode returns a value of any type as decoded JSON: objects and maps are
// map[string]any, lists, sets and tuples []any, numbers json.Number; and unknown
// where a value is.
func decode(ctx context.Context, value attr.Value) (any, error) {
	raw, err := value.ToTerraformValue(ctx)
	if err != nil {
		return nil, err
	}
	return decodeRaw(raw)
}

func decodeRaw(raw tftypes.Value) (any, error) {
	switch {
	case !raw.IsKnown():
		return unknown{}, nil
	case raw.IsNull():
		return nil, nil
	}
	switch typ := raw.Type(); {
	case typ.Is(tftypes.String):
		return decodeAs[string](raw)
	case typ.Is(tftypes.Bool):
		return decodeAs[bool](raw)
	case typ.Is(tftypes.Number):
		number, err := decodeAs[*big.Float](raw)
		if err != nil {
			return nil, err
		}
		return json.Number(number.Text('f', -1)), nil
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		fields, err := decodeAs[map[string]tftypes.Value](raw)
		if err != nil {
			return nil, err
		}
		out := make(map[string]any, len(fields))
		for name, field := range fields {
			if out[name], err = decodeRaw(field); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		elements, err := decodeAs[[]tftypes.Value](raw)
		if err != nil {
			return nil, err
		}
		out := make([]any, len(elements))
		for i, element := range elements {
			if out[i], err = decodeRaw(element); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

func decodeAs[T any](raw tftypes.Value) (T, error) {
	var out T
	err := raw.As(&out)
	return out, err
}

// knownThroughout tells whether a decoded value is known to its last leaf.
func knownThroughout(value any) bool {
	switch value := value.(type) {
	case unknown:
		return false
	case map[string]any:
		for _, child := range value {
			if !knownThroughout(child) {
				return false
			}
		}
	case []any:
		for _, child := range value {
			if !knownThroughout(child) {
				return false
			}
		}
	}
	return true
}

// encode returns decoded JSON as a value: objects and tuples, whose parts may
// have any type.
func encode(ctx context.Context, value any) (attr.Value, error) {
	switch value := value.(type) {
	case nil:
		return types.DynamicNull(), nil
	case string:
		return types.StringValue(value), nil
	case bool:
		return types.BoolValue(value), nil
	case json.Number:
		number, _, err := big.ParseFloat(string(value), 10, numberPrecision, big.ToNearestEven)
		if err != nil {
			return nil, fmt.Errorf("the number %s is too large for Terraform: %w", value, err)
		}
		return types.NumberValue(number), nil
	case map[string]any:
		fields := make(map[string]attr.Value, len(value))
		fieldTypes := make(map[string]attr.Type, len(value))
		for name, child := range value {
			field, err := encode(ctx, child)
			if err != nil {
				return nil, err
			}
			fields[name], fieldTypes[name] = field, field.Type(ctx)
		}
		return types.ObjectValueMust(fieldTypes, fields), nil
	case []any:
		elements := make([]attr.Value, len(value))
		elementTypes := make([]attr.Type, len(value))
		for i, child := range value {
			element, err := encode(ctx, child)
			if err != nil {
				return nil, err
			}
			elements[i], elementTypes[i] = element, element.Type(ctx)
		}
		return types.TupleValueMust(elementTypes, elements), nil
	default:
		return nil, fmt.Errorf("a %T has no counterpart in Terraform", value)
	}
}
