package clowd

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

// Group and Version are those of Clowder's kinds.
const (
	Group   = "cloud.redhat.com"
	Version = "v1alpha1"
)

var (
	apps         = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "clowdapps"}
	environments = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "clowdenvironments"}
)

// Definitions are the custom resource definitions of Clowder that a stream application needs.
func Definitions() []*apiextensions.CustomResourceDefinition {
	return []*apiextensions.CustomResourceDefinition{
		definition("ClowdApp", "clowdapps", "app", apiextensions.NamespaceScoped, reflect.TypeFor[clowdApp]()),
		definition("ClowdEnvironment", "clowdenvironments", "env", apiextensions.ClusterScoped, reflect.TypeFor[clowdEnvironment]()),
	}
}

// Install applies the definitions, and returns when the apiserver serves their kinds.
func Install(ctx context.Context, config *rest.Config) error {
	return crds.InstallAll(ctx, config, Definitions()...)
}

func definition(kind, plural, short string, scope apiextensions.ResourceScope, of reflect.Type) *apiextensions.CustomResourceDefinition {
	root := schemaOf(of)
	return &apiextensions.CustomResourceDefinition{
		TypeMeta:   meta.TypeMeta{APIVersion: apiextensions.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
		ObjectMeta: meta.ObjectMeta{Name: plural + "." + Group},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group: Group, Scope: scope,
			Names: apiextensions.CustomResourceDefinitionNames{Kind: kind, ListKind: kind + "List", Plural: plural, Singular: strings.ToLower(kind), ShortNames: []string{short}},
			Versions: []apiextensions.CustomResourceDefinitionVersion{{
				Name: Version, Served: true, Storage: true,
				Schema:       &apiextensions.CustomResourceValidation{OpenAPIV3Schema: &root},
				Subresources: &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}},
			}},
		},
	}
}

// schemaOf is the schema of one of the types of this package.
func schemaOf(of reflect.Type) apiextensions.JSONSchemaProps {
	switch of.Kind() {
	case reflect.Pointer:
		return schemaOf(of.Elem())
	case reflect.String:
		return apiextensions.JSONSchemaProps{Type: "string"}
	case reflect.Bool:
		return apiextensions.JSONSchemaProps{Type: "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		out := apiextensions.JSONSchemaProps{Type: "integer"}
		if of.Kind() != reflect.Int {
			out.Format = of.Kind().String()
		}
		return out
	case reflect.Slice:
		items := schemaOf(of.Elem())
		return apiextensions.JSONSchemaProps{Type: "array", Items: &apiextensions.JSONSchemaPropsOrArray{Schema: &items}}
	case reflect.Map:
		if of.Elem().Kind() == reflect.Interface {
			return open("object")
		}
		values := schemaOf(of.Elem())
		return apiextensions.JSONSchemaProps{Type: "object", AdditionalProperties: &apiextensions.JSONSchemaPropsOrBool{Allows: true, Schema: &values}}
	case reflect.Struct:
		out := apiextensions.JSONSchemaProps{Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{}}
		properties(&out, of)
		if len(out.Properties) == 0 {
			out.Properties = nil
		}
		return out
	default:
		panic(fmt.Sprintf("the type %s has no schema", of))
	}
}

// open is a schema that keeps what it does not say.
func open(kind string) apiextensions.JSONSchemaProps {
	keep := true
	out := apiextensions.JSONSchemaProps{Type: kind, XPreserveUnknownFields: &keep}
	if kind == "array" {
		out.XPreserveUnknownFields = nil
		items := open("object")
		out.Items = &apiextensions.JSONSchemaPropsOrArray{Schema: &items}
	}
	return out
}

func properties(into *apiextensions.JSONSchemaProps, of reflect.Type) {
	for i := range of.NumField() {
		f := of.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "" && f.Anonymous:
			properties(into, f.Type)
			continue
		case name == "":
			continue
		}
		property := fieldSchema(f)
		tagged(&property, f.Tag)
		if !strings.Contains(options, "omitempty") {
			into.Required = append(into.Required, name)
		}
		into.Properties[name] = property
	}
}

// fieldSchema is the schema of a field.
func fieldSchema(f reflect.StructField) apiextensions.JSONSchemaProps {
	if f.Tag.Get("opaque") == "" {
		return schemaOf(f.Type)
	}
	switch kind := f.Type.Kind(); kind {
	case reflect.Slice:
		if f.Type.Elem().Kind() == reflect.String {
			return schemaOf(f.Type)
		}
		return open("array")
	case reflect.String, reflect.Int64:
		return schemaOf(f.Type)
	default:
		if f.Tag.Get("json") == "metadata,omitempty" {
			return apiextensions.JSONSchemaProps{Type: "object"}
		}
		return open("object")
	}
}

// tagged puts what the tags of a field say into its schema.
func tagged(into *apiextensions.JSONSchemaProps, tag reflect.StructTag) {
	if values, has := tag.Lookup("enum"); has {
		for value := range strings.SplitSeq(values, ",") {
			if into.Type == "string" {
				value = strconv.Quote(value)
			}
			into.Enum = append(into.Enum, apiextensions.JSON{Raw: []byte(value)})
		}
	}
	if into.Type == "array" {
		into.Items.Schema.Pattern = tag.Get("pattern")
	} else {
		into.Pattern = tag.Get("pattern")
	}
	if format, has := tag.Lookup("format"); has {
		into.Format = format
	}
	if least, most, has := strings.Cut(tag.Get("length"), ","); has {
		into.MinLength, into.MaxLength = whole(least), whole(most)
	}
	into.Minimum, into.Maximum = fraction(tag.Get("min")), fraction(tag.Get("max"))
}

func whole(text string) *int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == 0 {
		return nil
	}
	return &n
}

func fraction(text string) *float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &n
}
