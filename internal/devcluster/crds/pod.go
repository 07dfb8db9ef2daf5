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

// pod is a pod template: a whole Pod with metadata, spec and status.
func pod(r release) apiextensions.JSONSchemaProps { return schemaOf(reflect.TypeFor[core.Pod](), r) }

// objectMeta is the metadata of an object inside of another.
func objectMeta(r release) apiextensions.JSONSchemaProps {
	return schemaOf(reflect.TypeFor[meta.ObjectMeta](), r)
}

// podFields are the fields of Kubernetes types that not every release of the operator knows, by the Go type that has
// them: the definitions of each release were made from the Kubernetes of its time.
var podFields = sinceByField(map[release][]string{
	15: {
		"Container.restartPolicy", "ContainerStatus.allocatedResourcesStatus", "ContainerStatus.stopSignal",
		"ContainerStatus.user", "ContainerStatus.volumeMounts", "EphemeralContainerCommon.restartPolicy",
		"Lifecycle.stopSignal", "LifecycleHandler.sleep", "PersistentVolumeClaimSpec.volumeAttributesClassName",
		"PodAffinityTerm.matchLabelKeys", "PodAffinityTerm.mismatchLabelKeys", "PodCondition.observedGeneration",
		"PodResourceClaim.resourceClaimName", "PodResourceClaim.resourceClaimTemplateName",
		"PodSecurityContext.appArmorProfile", "PodSecurityContext.seLinuxChangePolicy",
		"PodSecurityContext.supplementalGroupsPolicy", "PodSpec.resources", "PodStatus.hostIPs",
		"PodStatus.observedGeneration", "PodStatus.resourceClaimStatuses", "ResourceClaim.request",
		"SecurityContext.appArmorProfile", "VolumeMount.recursiveReadOnly", "VolumeProjection.clusterTrustBundle",
		"VolumeSource.image",
	},
	16: {
		"Container.restartPolicyRules", "EnvVarSource.fileKeyRef", "EphemeralContainerCommon.restartPolicyRules",
		"PodSpec.hostnameOverride", "PodSpec.schedulingGroup", "PodStatus.allocatedResources",
		"PodStatus.extendedResourceClaimStatus", "PodStatus.nodeAllocatableResourceClaimStatuses",
		"PodStatus.resources", "ResourceHealth.message", "VolumeMountStatus.volumeStatus",
		"VolumeProjection.podCertificate",
	},
})

func sinceByField(byRelease map[release][]string) map[string]release {
	since := map[string]release{}
	for r, fields := range byRelease {
		for _, field := range fields {
			since[field] = r
		}
	}
	return since
}

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
func schemaOf(t reflect.Type, r release) apiextensions.JSONSchemaProps {
	if s, ok := special[t]; ok {
		return s(r)
	}
	element := func(r release) apiextensions.JSONSchemaProps { return schemaOf(t.Elem(), r) }
	switch t.Kind() {
	case reflect.Pointer:
		return element(r)
	case reflect.String:
		return text(r)
	case reflect.Bool:
		return boolean(r)
	case reflect.Int32, reflect.Int64:
		return integer(r)
	case reflect.Slice:
		return list(element)(r)
	case reflect.Map:
		return mapOf(element)(r)
	case reflect.Struct:
		s := empty(r)
		s.Properties = map[string]apiextensions.JSONSchemaProps{}
		addProperties(s.Properties, t, r)
		return s
	default:
		panic(fmt.Sprintf("the Kubernetes type %s has no schema", t))
	}
}

func addProperties(properties map[string]apiextensions.JSONSchemaProps, t reflect.Type, r release) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case strings.Contains(options, "inline"):
			addProperties(properties, f.Type, r)
		case name != "" && name != "-" && podFields[t.Name()+"."+name] <= r:
			properties[name] = schemaOf(f.Type, r)
		}
	}
}
