package crds

import (
	"fmt"
	"reflect"
	"strings"

	core "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The schemas below come from the Go types of k8s.io/api, the source from which Kubernetes generates the OpenAPI
// definitions that it ships. A test holds the two against each other.
var (
	podSchema        = schemaOf(reflect.TypeFor[core.Pod]())
	objectMetaSchema = schemaOf(reflect.TypeFor[meta.ObjectMeta]())
)

// pod is a pod template: a whole Pod with metadata, spec and status.
func pod(release) apiextensions.JSONSchemaProps { return podSchema }

// objectMeta is the metadata of an object inside of another.
func objectMeta(release) apiextensions.JSONSchemaProps { return objectMetaSchema }

// special are the types whose JSON form differs from their Go form.
var special = map[reflect.Type]schema{
	reflect.TypeFor[resource.Quantity]():  quantity,
	reflect.TypeFor[intstr.IntOrString](): quantity,
	reflect.TypeFor[meta.Time]():          text,
	reflect.TypeFor[meta.MicroTime]():     text,
	reflect.TypeFor[meta.FieldsV1]():      empty,
	reflect.TypeFor[[]byte]():             text,
}

// schemaOf translates a Go type of the Kubernetes API by its JSON tags. It knows the shapes that occur there and
// panics at others, which a test of this package would show first.
func schemaOf(t reflect.Type) apiextensions.JSONSchemaProps {
	if s, ok := special[t]; ok {
		return s(first)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.String:
		return text(first)
	case reflect.Bool:
		return boolean(first)
	case reflect.Int32, reflect.Int64:
		return integer(first)
	case reflect.Slice:
		return list(func(release) apiextensions.JSONSchemaProps { return schemaOf(t.Elem()) })(first)
	case reflect.Map:
		return mapOf(func(release) apiextensions.JSONSchemaProps { return schemaOf(t.Elem()) })(first)
	case reflect.Struct:
		s := empty(first)
		s.Properties = map[string]apiextensions.JSONSchemaProps{}
		addProperties(s.Properties, t)
		return s
	default:
		panic(fmt.Sprintf("the Kubernetes type %s has no schema", t))
	}
}

func addProperties(properties map[string]apiextensions.JSONSchemaProps, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case strings.Contains(options, "inline"):
			addProperties(properties, f.Type)
		case name != "" && name != "-":
			properties[name] = schemaOf(f.Type)
		}
	}
}
