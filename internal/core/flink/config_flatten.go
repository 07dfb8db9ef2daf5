package flink

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Flatten returns a flinkConfiguration, which may be nested since operator 1.13,
// with dotted keys and text values, as the operator does (ConfigObjectNode.asFlatMap
// of operator 1.16.1): the items of a list are joined by ";", an empty list and an
// empty object are nothing. Of two spellings of one key the later wins in the order
// of the keys, in which an API server hands objects out. Nulls are left out: those of an
// object of a cluster NullsAsText has made texts before, as the operator does.
func Flatten(value any) map[string]string {
	flat := map[string]string{}
	switch value := value.(type) {
	case map[string]any:
		flattenInto(flat, "", value)
	case Configuration:
		for key, text := range value {
			if text != nil {
				flat[key] = *text
			}
		}
	case map[string]string:
		maps.Copy(flat, value)
	}
	return flat
}

func flattenInto(flat map[string]string, prefix string, object map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name := key
		if prefix != "" {
			name = prefix + "." + key
		}
		switch value := object[key].(type) {
		case nil:
		case map[string]any:
			flattenInto(flat, name, value)
		case []any:
			if len(value) > 0 {
				flat[name] = joined(value)
			}
		case string:
			flat[name] = value
		default:
			flat[name] = jacksonText(value)
		}
	}
}

func joined(list []any) string {
	parts := make([]string, 0, len(list))
	for _, item := range list {
		parts = append(parts, jacksonText(item))
	}
	return strings.Join(parts, ";")
}

// NullsAsText replaces null by the text "null" in a flinkConfiguration of a cluster, as
// the operator reads it since 1.13 (JsonNode.asText of Jackson); before, the definition
// of the resource took texts alone.
func NullsAsText(configuration any) {
	object, _ := configuration.(map[string]any)
	for key, value := range object {
		if value == nil {
			object[key] = "null"
			continue
		}
		NullsAsText(value)
	}
}

// jacksonText is JsonNode.asText of Jackson: null has the text "null", objects and
// lists have the empty one, and a number with a fraction or an exponent is written as
// Java does.
func jacksonText(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case json.Number:
		return jacksonNumber(value.String())
	case float64:
		// An API server hands a whole number out without a fraction.
		if text, err := json.Marshal(value); err == nil {
			return jacksonNumber(string(text))
		}
	}
	return scalarText(value)
}

func jacksonNumber(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		if text == "-0" {
			return "0"
		}
		return text
	}
	// What is out of range is infinite to both languages.
	number, _ := strconv.ParseFloat(text, 64)
	return javaDouble(number)
}

// javaDouble is Double.toString of Java. Before Java 19 that has some more digits than
// needed for a few numbers, such as 1e23 (JDK-4511638).
func javaDouble(number float64) string {
	switch size := math.Abs(number); {
	case math.IsInf(number, 1):
		return "Infinity"
	case math.IsInf(number, -1):
		return "-Infinity"
	case size == 0, 1e-3 <= size && size < 1e7:
		text := strconv.FormatFloat(number, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	text := strconv.FormatFloat(number, 'e', -1, 64)
	if !strings.Contains(text, ".") {
		text = strconv.FormatFloat(number, 'e', 1, 64)
	}
	digits, exponent, _ := strings.Cut(text, "e")
	power, _ := strconv.Atoi(exponent)
	return digits + "E" + strconv.Itoa(power)
}

// scalarText is the text of a scalar as it stands in a document: containers have none.
func scalarText(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case map[string]any, []any:
		return ""
	}
	return fmt.Sprint(value)
}
