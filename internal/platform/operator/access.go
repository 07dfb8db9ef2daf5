package operator

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// managedByLabel is Kubernetes' recommended label for the tool that manages an
// object.
const managedByLabel = "app.kubernetes.io/managed-by"

// part is one object that an environment needs.
type part struct {
	kind   kube.Kind
	what   string
	object *unstructured.Unstructured
}

func (p part) key() kube.Key {
	return kube.KeyOf(p.object)
}

// String is, for example, "service account flink".
func (p part) String() string { return p.what + " " + p.object.GetName() }

// contents are the top-level fields that matter, beside the metadata.
var contents = []string{"rules", "roleRef", "subjects"}

// lacks returns what a live object lacks of the part.
func (p part) lacks(live *unstructured.Unstructured, labels map[string]string) []string {
	var missing []string
	for _, field := range contents {
		if want, ok := p.object.Object[field]; ok && !reflect.DeepEqual(want, live.Object[field]) {
			missing = append(missing, field+" of "+p.String())
		}
	}
	return append(missing, lacksLabels(live, labels, p.String())...)
}

// accessOf returns the service account with its role and role binding. In
// native mode the JobManager itself makes the pods of its TaskManagers and the
// config maps of high availability, and owns them through its Deployment.
func accessOf(want platform.Environment) []part {
	if want.ServiceAccount == "" {
		return nil
	}
	labels := maps.Clone(want.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[managedByLabel] = kube.FieldManager
	object := func(kind kube.Kind, content map[string]any) *unstructured.Unstructured {
		o := &unstructured.Unstructured{Object: content}
		o.SetAPIVersion(kind.GroupVersion().String())
		o.SetKind(kind.Kind)
		o.SetNamespace(want.Namespace)
		o.SetName(want.ServiceAccount)
		o.SetLabels(labels)
		return o
	}
	return []part{
		{serviceAccountKind, "service account", object(serviceAccountKind, map[string]any{})},
		{roleKind, "role", object(roleKind, map[string]any{"rules": []any{
			rule("", []any{"pods", "configmaps", "services"}, everything),
			rule("apps", []any{"deployments"}, everything),
			rule("apps", []any{"deployments/finalizers"}, []any{"update"}),
		}})},
		{roleBindingKind, "role binding", object(roleBindingKind, map[string]any{
			"roleRef":  map[string]any{"apiGroup": roleKind.Group, "kind": roleKind.Kind, "name": want.ServiceAccount},
			"subjects": []any{map[string]any{"kind": serviceAccountKind.Kind, "name": want.ServiceAccount, "namespace": want.Namespace}},
		})},
	}
}

// lacksLabels returns the labels that an object, named for messages, lacks or has
// with another value.
func lacksLabels(object *unstructured.Unstructured, want map[string]string, what string) []string {
	var missing []string
	live := object.GetLabels()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got, ok := live[key]; !ok || got != want[key] {
			missing = append(missing, fmt.Sprintf("label %s=%s of %s", key, want[key], what))
		}
	}
	return missing
}

// everything are the verbs that Flink's Kubernetes client uses.
var everything = []any{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}

func rule(apiGroup string, resources, verbs []any) map[string]any {
	return map[string]any{"apiGroups": []any{apiGroup}, "resources": resources, "verbs": verbs}
}

// namespaceOf returns the namespace, with the mark of an unfinished create.
func namespaceOf(want platform.Environment) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{}}
	o.SetAPIVersion("v1")
	o.SetKind(namespaceKind.Kind)
	o.SetName(want.Namespace)
	// A label of our own keeps the namespace recognizable: an object of which
	// we apply no field forgets who applied it.
	labels := map[string]string{managedByLabel: kube.FieldManager}
	maps.Copy(labels, want.Labels)
	o.SetLabels(labels)
	return o
}
