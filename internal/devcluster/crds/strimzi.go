package crds

import (
	"context"
	"fmt"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	clientset "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/typed/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// StrimziGroup is the API group of Strimzi's kinds.
const StrimziGroup = "kafka.strimzi.io"

// strimziReleases are the releases of Strimzi whose KafkaTopic can be installed, oldest first.
var strimziReleases = []struct {
	name string
	// versions are served; the first is stored.
	versions []string
	// needsSpec has a resource without a specification refused.
	needsSpec bool
}{
	{name: "0.45", versions: []string{"v1beta2", "v1beta1", "v1alpha1"}},
	{name: "1.2", versions: []string{"v1"}, needsSpec: true},
}

// StrimziVersions lists the releases of Strimzi that TopicDefinition and InstallTopics accept, oldest first.
func StrimziVersions() []string {
	names := make([]string, len(strimziReleases))
	for i, r := range strimziReleases {
		names[i] = r.name
	}
	return names
}

// StoredTopicVersion is the version in which a release of Strimzi has its KafkaTopics stored.
func StoredTopicVersion(release string) (string, error) {
	definition, err := TopicDefinition(release)
	if err != nil {
		return "", err
	}
	return definition.Spec.Versions[0].Name, nil
}

// The fields of a KafkaTopic, in all releases.
var (
	topicSpec = object(
		field{"config", openObject, first},
		field{"partitions", between(1, 0, integer), first},
		field{"replicas", between(1, 32767, integer), first},
		field{"topicName", text, first},
	)

	topicStatus = object(
		field{"conditions", list(object(
			field{"lastTransitionTime", text, first},
			field{"message", text, first},
			field{"reason", text, first},
			field{"status", text, first},
			field{"type", text, first},
		)), first},
		field{"observedGeneration", integer, first},
		field{"replicasChange", object(
			field{"message", text, first},
			field{"sessionId", text, first},
			field{"state", enum("pending", "ongoing"), first},
			field{"targetReplicas", integer, first},
		), first},
		field{"topicId", text, first},
		field{"topicName", text, first},
	)

	topic = object(
		field{"apiVersion", text, first},
		field{"kind", text, first},
		field{"metadata", empty, first},
		field{"spec", topicSpec, first},
		field{"status", topicStatus, first},
	)

	topicColumns = []apiextensions.CustomResourceColumnDefinition{
		{Name: "Cluster", Type: "string", JSONPath: `.metadata.labels.strimzi\.io/cluster`},
		{Name: "Partitions", Type: "integer", JSONPath: ".spec.partitions"},
		{Name: "Replication factor", Type: "integer", JSONPath: ".spec.replicas"},
		{Name: "Ready", Type: "string", JSONPath: `.status.conditions[?(@.type=="Ready")].status`},
	}
)

// openObject is an object that keeps what no schema says.
func openObject(release) apiextensions.JSONSchemaProps {
	return apiextensions.JSONSchemaProps{Type: "object", XPreserveUnknownFields: ptr(true)}
}

// between bounds a number; a most of 0 is none.
func between(least, most float64, number schema) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		s := number(r)
		s.Minimum = &least
		if most != 0 {
			s.Maximum = &most
		}
		return s
	}
}

// TopicDefinition returns the custom resource definition of KafkaTopic as a release of Strimzi has it, see StrimziVersions.
func TopicDefinition(version string) (*apiextensions.CustomResourceDefinition, error) {
	for _, r := range strimziReleases {
		if r.name != version {
			continue
		}
		definition := &apiextensions.CustomResourceDefinition{
			TypeMeta:   meta.TypeMeta{APIVersion: apiextensions.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
			ObjectMeta: meta.ObjectMeta{Name: "kafkatopics." + StrimziGroup, Labels: map[string]string{"app": "strimzi"}},
			Spec: apiextensions.CustomResourceDefinitionSpec{
				Group: StrimziGroup,
				Scope: apiextensions.NamespaceScoped,
				Names: apiextensions.CustomResourceDefinitionNames{
					Kind: "KafkaTopic", ListKind: "KafkaTopicList", Plural: "kafkatopics", Singular: "kafkatopic",
					ShortNames: []string{"kt"}, Categories: []string{"strimzi"},
				},
				Conversion: &apiextensions.CustomResourceConversion{Strategy: apiextensions.NoneConverter},
			},
		}
		root := topic(first)
		if r.needsSpec {
			root.Required = []string{"spec"}
		}
		for i, name := range r.versions {
			definition.Spec.Versions = append(definition.Spec.Versions, apiextensions.CustomResourceDefinitionVersion{
				Name: name, Served: true, Storage: i == 0,
				Schema:                   &apiextensions.CustomResourceValidation{OpenAPIV3Schema: root.DeepCopy()},
				Subresources:             &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}},
				AdditionalPrinterColumns: topicColumns,
			})
		}
		return definition, nil
	}
	return nil, fmt.Errorf("no definition of KafkaTopic for Strimzi %q; there are %s", version, strings.Join(StrimziVersions(), ", "))
}

// InstallTopics applies the definition of KafkaTopic of a release of Strimzi, as Install does with those of the operator.
func InstallTopics(ctx context.Context, config *rest.Config, version string) error {
	definition, err := TopicDefinition(version)
	if err != nil {
		return err
	}
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client for custom resource definitions: %w", err)
	}
	if err := apply(ctx, client.CustomResourceDefinitions(), definition); err != nil {
		return fmt.Errorf("applying %s of Strimzi %s: %w", definition.Name, version, err)
	}
	return nil
}
