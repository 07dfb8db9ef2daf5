package crds

import (
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// schema makes the schema of one field for a release.
type schema func(release) apiextensions.JSONSchemaProps

// field is one row of the table: a field and the first release that has it.
type field struct {
	name   string
	schema schema
	since  release
}

// value is one value of an enumeration and the first release that has it.
type value struct {
	name  string
	since release
}

// always is a value of every release.
func always(name string) value { return value{name, first} }

var (
	text    = scalar("string")
	integer = scalar("integer")
	number  = scalar("number")
	boolean = scalar("boolean")
	texts   = list(text)
	labels  = mapOf(text)
	empty   = object()
)

func scalar(kind string) schema {
	return func(release) apiextensions.JSONSchemaProps { return apiextensions.JSONSchemaProps{Type: kind} }
}

func object(fields ...field) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		s := apiextensions.JSONSchemaProps{Type: "object"}
		for _, f := range fields {
			if f.since > r {
				continue
			}
			if s.Properties == nil {
				s.Properties = map[string]apiextensions.JSONSchemaProps{}
			}
			s.Properties[f.name] = f.schema(r)
		}
		return s
	}
}

func list(items schema) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		item := items(r)
		return apiextensions.JSONSchemaProps{Type: "array", Items: &apiextensions.JSONSchemaPropsOrArray{Schema: &item}}
	}
}

func mapOf(values schema) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		item := values(r)
		return apiextensions.JSONSchemaProps{
			Type:                 "object",
			AdditionalProperties: &apiextensions.JSONSchemaPropsOrBool{Allows: true, Schema: &item},
		}
	}
}

func enum(names ...string) schema {
	values := make([]value, len(names))
	for i, name := range names {
		values[i] = always(name)
	}
	return enumOf(values...)
}

func enumOf(values ...value) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		s := apiextensions.JSONSchemaProps{Type: "string"}
		for _, v := range values {
			if v.since <= r {
				s.Enum = append(s.Enum, apiextensions.JSON{Raw: []byte(`"` + v.name + `"`)})
			}
		}
		return s
	}
}

// quantity is a number with an optional unit, as in resource.Quantity.
func quantity(release) apiextensions.JSONSchemaProps {
	return apiextensions.JSONSchemaProps{
		XIntOrString: true,
		AnyOf:        []apiextensions.JSONSchemaProps{{Type: "integer"}, {Type: "string"}},
	}
}

// anything takes any value, of any type.
func anything(release) apiextensions.JSONSchemaProps {
	preserve := true
	return apiextensions.JSONSchemaProps{XPreserveUnknownFields: &preserve}
}

// changed is one schema before a release and another from it on.
func changed(before schema, in release, after schema) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		if r < in {
			return before(r)
		}
		return after(r)
	}
}
