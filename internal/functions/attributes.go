package functions

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// assign fills a model of plain Go values, whose fields have tfsdk tags, from a
// decoded object, and converts numbers, texts and booleans as Terraform does for
// an attribute. Null is nil; attributes that the object leaves out are null.
// Attributes named in others are accepted and left alone. The error names the
// attribute; it is errUnknown when a part that the model takes is unknown.
func assign(object map[string]any, model any, others ...string) error {
	fields := map[string]reflect.Value{}
	collectFields(reflect.ValueOf(model).Elem(), fields)
	return assignFields("", object, fields, others)
}

// collectFields finds the fields of a struct by their tags, those of embedded
// structs too.
func collectFields(model reflect.Value, fields map[string]reflect.Value) {
	for i := range model.NumField() {
		field := model.Type().Field(i)
		if field.Anonymous {
			collectFields(model.Field(i), fields)
			continue
		}
		fields[field.Tag.Get("tfsdk")] = model.Field(i)
	}
}

func assignFields(at string, object map[string]any, fields map[string]reflect.Value, others []string) error {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field, ok := fields[name]
		if !ok && slices.Contains(others, name) {
			continue
		}
		if !ok {
			return fmt.Errorf("there is no attribute %s; there are %s", below(at, name), strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
		if err := assignValue(below(at, name), object[name], field); err != nil {
			return err
		}
	}
	return nil
}

func below(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func assignValue(at string, value any, target reflect.Value) error {
	switch value.(type) {
	case unknown:
		return errUnknown
	case nil:
		return assignNull(at, target)
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return assignValue(at, value, target.Elem())
	case reflect.Struct:
		object, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("the attribute %s is an object", at)
		}
		fields := map[string]reflect.Value{}
		collectFields(target, fields)
		return assignFields(at, object, fields, nil)
	case reflect.Map:
		object, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("the attribute %s is a map", at)
		}
		target.Set(reflect.MakeMap(target.Type()))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			element := reflect.New(target.Type().Elem()).Elem()
			if err := assignValue(fmt.Sprintf("%s[%q]", at, key), object[key], element); err != nil {
				return err
			}
			target.SetMapIndex(reflect.ValueOf(key), element)
		}
		return nil
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			return fmt.Errorf("the attribute %s is a list", at)
		}
		target.Set(reflect.MakeSlice(target.Type(), len(list), len(list)))
		for i := range list {
			if err := assignValue(fmt.Sprintf("%s[%d]", at, i), list[i], target.Index(i)); err != nil {
				return err
			}
		}
		return nil
	default:
		return assignScalar(at, value, target)
	}
}

// assignNull leaves what can be null as it is.
func assignNull(at string, target reflect.Value) error {
	switch target.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return nil
	default:
		return fmt.Errorf("the attribute %s cannot be null", at)
	}
}

// assignScalar converts between texts, numbers and booleans.
func assignScalar(at string, value any, target reflect.Value) error {
	var text string
	switch value := value.(type) {
	case string:
		text = value
	case json.Number:
		text = string(value)
	case bool:
		text = strconv.FormatBool(value)
	}
	_, isBool := value.(bool)
	_, isNumber := value.(json.Number)
	_, isText := value.(string)
	switch target.Kind() {
	case reflect.String:
		if !isText && !isNumber && !isBool {
			return fmt.Errorf("the attribute %s is a text", at)
		}
		target.SetString(text)
	case reflect.Int64:
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || isBool {
			return fmt.Errorf("the attribute %s is a whole number", at)
		}
		target.SetInt(number)
	case reflect.Float64:
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || isBool {
			return fmt.Errorf("the attribute %s is a number", at)
		}
		target.SetFloat(number)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("the attribute %s is true or false", at)
		}
		target.SetBool(text == "true")
	default:
		return fmt.Errorf("the attribute %s has the kind %s, which no attribute has", at, target.Kind())
	}
	return nil
}
