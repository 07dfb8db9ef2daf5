package crds

import (
	"context"
	"fmt"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	clientset "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/typed/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// CloudflowGroup is the API group of Cloudflow's kind, and CloudflowVersion its only version.
const (
	CloudflowGroup   = "cloudflow.lightbend.com"
	CloudflowVersion = "v1alpha1"
)

// openTo is an object that keeps what its schema does not say, at its own level alone.
func openTo(of schema) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		s := of(r)
		s.XPreserveUnknownFields = ptr(true)
		return s
	}
}

// The fields of a CloudflowApplication. The configuration of a deployment and of a port mapping has no fields, so an API
// server drops all of it.
var (
	cloudflowMounts = func(nullable bool) schema {
		mounts := list(needing(object(
			field{"name", text, first},
			field{"path", text, first},
			field{"access_mode", text, first},
			field{"pvc_name", text, first},
		), "name", "path", "access_mode"))
		return func(r release) apiextensions.JSONSchemaProps {
			s := mounts(r)
			s.Nullable = nullable
			return s
		}
	}

	cloudflowPorts = list(object(
		field{"name", text, first},
		field{"schema", object(
			field{"fingerprint", text, first},
			field{"schema", text, first},
			field{"name", text, first},
			field{"format", text, first},
		), first},
	))

	cloudflowDeployment = needing(object(
		field{"class_name", text, first},
		field{"config", empty, first},
		field{"image", text, first},
		field{"name", text, first},
		field{"port_mappings", mapOf(needing(object(
			field{"id", text, first},
			field{"config", empty, first},
			field{"cluster", text, first},
		), "id", "config")), first},
		field{"volume_mounts", cloudflowMounts(true), first},
		field{"runtime", text, first},
		field{"streamlet_name", text, first},
		field{"secret_name", text, first},
		field{"endpoint", object(
			field{"app_id", text, first},
			field{"streamlet", text, first},
			field{"container_port", integer, first},
		), first},
		field{"replicas", integer, first},
	), "class_name", "image", "name", "runtime")

	cloudflowStreamlet = object(
		field{"name", text, first},
		field{"descriptor", needing(object(
			field{"attributes", list(object(
				field{"attribute_name", text, first},
				field{"config_path", text, first},
			)), first},
			field{"class_name", text, first},
			field{"config_parameters", list(object(
				field{"key", text, first},
				field{"description", text, first},
				field{"validation_type", text, first},
				field{"validation_pattern", text, first},
				field{"default_value", text, first},
			)), first},
			field{"volume_mounts", cloudflowMounts(false), first},
			field{"inlets", cloudflowPorts, first},
			field{"outlets", cloudflowPorts, first},
			field{"labels", texts, first},
			field{"runtime", text, first},
			field{"description", text, first},
		), "class_name", "runtime"), first},
	)

	cloudflowSpec = openTo(needing(object(
		field{"app_id", text, first},
		field{"app_version", text, first},
		field{"version", text, first},
		field{"library_version", text, first},
		field{"agent_paths", labels, first},
		field{"deployments", func(r release) apiextensions.JSONSchemaProps {
			s := list(cloudflowDeployment)(r)
			s.Default = &apiextensions.JSON{Raw: []byte("[]")}
			return s
		}, first},
		field{"streamlets", list(cloudflowStreamlet), first},
	), "app_id", "deployments", "streamlets"))

	cloudflowStatus = openTo(object(
		field{"app_id", text, first},
		field{"app_version", text, first},
		field{"app_status", text, first},
		field{"app_message", text, first},
		field{"endpoint_statuses", list(object(
			field{"streamlet_name", text, first},
			field{"url", text, first},
		)), first},
		field{"streamlet_statuses", list(object(
			field{"streamlet_name", text, first},
			field{"expected_pod_count", integer, first},
			field{"pod_statuses", list(object(
				field{"name", text, first},
				field{"ready", text, first},
				field{"nr_of_containers_ready", integer, first},
				field{"restarts", integer, first},
				field{"status", text, first},
			)), first},
		)), first},
	))
)

// CloudflowDefinition is the custom resource definition of CloudflowApplication, as Cloudflow 2.3 has it.
func CloudflowDefinition() *apiextensions.CustomResourceDefinition {
	root := object(field{"spec", cloudflowSpec, first}, field{"status", cloudflowStatus, first})(first)
	return &apiextensions.CustomResourceDefinition{
		TypeMeta:   meta.TypeMeta{APIVersion: apiextensions.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
		ObjectMeta: meta.ObjectMeta{Name: "cloudflowapplications." + CloudflowGroup},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group: CloudflowGroup,
			Scope: apiextensions.NamespaceScoped,
			Names: apiextensions.CustomResourceDefinitionNames{
				Kind: "CloudflowApplication", ListKind: "CloudflowApplicationList", Plural: "cloudflowapplications", Singular: "cloudflowapplication",
				ShortNames: []string{"cloudflowapp"},
			},
			Versions: []apiextensions.CustomResourceDefinitionVersion{{
				Name: CloudflowVersion, Served: true, Storage: true,
				Schema:       &apiextensions.CustomResourceValidation{OpenAPIV3Schema: &root},
				Subresources: &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}},
			}},
		},
	}
}

// InstallCloudflow applies the definition of CloudflowApplication, as Install does with those of the operator.
func InstallCloudflow(ctx context.Context, config *rest.Config) error {
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client for custom resource definitions: %w", err)
	}
	definition := CloudflowDefinition()
	if err := apply(ctx, client.CustomResourceDefinitions(), definition); err != nil {
		return fmt.Errorf("applying %s: %w", definition.Name, err)
	}
	return nil
}
