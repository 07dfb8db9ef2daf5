package confluent

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// An application has no generation and no field managers. Both are kept in
// annotations, which the server gives back as they are.
const (
	// generationAnnotation is the generation that the operator's object has when the
	// operator has taken up the specification that was written last, and when that
	// was.
	generationAnnotation = "flink-terraform.io/generation"
	// ownedAnnotation are the fields that this provider has said, as Kubernetes
	// writes a set of them. What others say beside stays.
	ownedAnnotation = "flink-terraform.io/owned"
)

// otherManager is the field manager of what this provider has not said.
const otherManager = "another client of " + product

// tree is a decoded object, with int64 and float64 as its numbers.
type tree map[string]any

// UnmarshalJSON implements json.Unmarshaler.
func (t *tree) UnmarshalJSON(text []byte) error {
	if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		return nil
	}
	return utiljson.Unmarshal(text, (*map[string]any)(t))
}

// objectOf returns an application as the object that the server makes of it.
func objectOf(environment string, a object[tree, tree]) *unstructured.Unstructured {
	annotations := maps.Clone(a.Metadata.Annotations)
	owned, ours := annotations[ownedAnnotation]
	written := generationOf(annotations[generationAnnotation])
	delete(annotations, ownedAnnotation)
	delete(annotations, generationAnnotation)

	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "flink.apache.org/v1beta1", "kind": applicationKind,
		"metadata": map[string]any{},
		"spec":     map[string]any(a.Spec),
	}}
	if a.Status != nil {
		o.Object["status"] = withReconciled(map[string]any(a.Status), a.Spec)
	}
	o.SetNamespace(environment)
	o.SetName(a.Metadata.Name)
	// A server that tells neither of an application leaves one for another: it is the
	// one of that name.
	o.SetUID(types.UID(cmp.Or(a.Metadata.UID, a.Metadata.Created, a.Metadata.Name)))
	created := timeOf(a.Metadata.Created)
	o.SetCreationTimestamp(metav1.NewTime(created))
	switch state, _, _ := unstructured.NestedString(o.Object, "status", "lifecycleState"); state {
	case lifecycleDeleting, lifecycleDeleted:
		o.SetDeletionTimestamp(new(metav1.NewTime(created)))
	}
	if len(a.Metadata.Labels) > 0 {
		o.SetLabels(a.Metadata.Labels)
	}
	if len(annotations) > 0 {
		o.SetAnnotations(annotations)
	}
	o.SetGeneration(written.reached(o))
	o.SetManagedFields(managers(o, owned, ours))
	if enforced := enforcedOn(o); len(enforced) > 0 {
		o.Object[operator.EnforcedField] = enforced
	}
	return o
}

// Lifecycle states of an application that is on its way out.
const (
	lifecycleDeleting = "DELETING"
	lifecycleDeleted  = "DELETED"
)

// generation is a generation that was written, and when.
type generation struct {
	number int64
	at     time.Time
}

// generationOf reads a generation. Without one, nothing was written.
func generationOf(text string) generation {
	number, at, _ := strings.Cut(text, "@")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return generation{}
	}
	// Without a time it counts as old.
	when, _ := time.Parse(time.RFC3339, at)
	return generation{n, when}
}

func (g generation) String() string {
	return strconv.FormatInt(g.number, 10) + "@" + g.at.UTC().Format(time.RFC3339)
}

// takenUpWithin is how long the operator may take until it looks at a change of an
// object, of which it is told at once.
const takenUpWithin = 30 * time.Second

// reached is the generation of an object: the one that was written, until the
// operator has taken that up. A change that the environment wins over never makes
// another generation, so after a while it is enough that the operator runs what was
// written.
func (g generation) reached(o *unstructured.Unstructured) int64 {
	observed := fko.StatusOf(o).Observed
	if g.number <= observed || time.Since(g.at) > takenUpWithin && runs(o) {
		return observed
	}
	return g.number
}

// withReconciled returns a status with the specification that the operator has taken
// up last and the one that was stable last, where the server leaves out these two
// texts, as in the answers that its command line tool is tested with. Without them
// nothing tells that anything was deployed. A job that has an id counts as one that
// has run, so that nobody takes its state for none.
func withReconciled(status map[string]any, spec tree) map[string]any {
	told, _, _ := unstructured.NestedString(status, "reconciliationStatus", "lastReconciledSpec")
	state, _, _ := unstructured.NestedString(status, "reconciliationStatus", "state")
	if told != "" || state == "" {
		return status
	}
	text, err := json.Marshal(map[string]any{"spec": map[string]any(spec), "resource_metadata": map[string]any{"metadata": map[string]any{"generation": status["observedGeneration"]}}})
	if err != nil {
		return status
	}
	reconciled := map[string]any{"state": state, "lastReconciledSpec": string(text)}
	if id, _, _ := unstructured.NestedString(status, "jobStatus", "jobId"); id != "" {
		reconciled["lastStableSpec"] = string(text)
	}
	out := maps.Clone(status)
	out["reconciliationStatus"] = reconciled
	return out
}

// applicationOf returns what is sent of an object.
func applicationOf(o *unstructured.Unstructured) object[tree, tree] {
	spec, _ := o.Object["spec"].(map[string]any)
	annotations := map[string]string{generationAnnotation: generation{o.GetGeneration(), time.Now()}.String()}
	if kube.HasManager(o) {
		// A set of field names can always be written.
		text, _ := kube.OwnedFields(o, kube.FieldManager).ToJSON()
		annotations[ownedAnnotation] = string(text)
	}
	maps.Copy(annotations, o.GetAnnotations())
	return object[tree, tree]{
		APIVersion: apiVersion, Kind: applicationKind,
		Metadata: metadata{Name: o.GetName(), Labels: o.GetLabels(), Annotations: annotations},
		Spec:     spec,
	}
}

// managers are the records of who has said what of an object: this provider what it
// has noted, and others the rest.
func managers(o *unstructured.Unstructured, owned string, ours bool) []metav1.ManagedFieldsEntry {
	all := fieldsOf(o)
	if !ours {
		return []metav1.ManagedFieldsEntry{entryOf(otherManager, o, all)}
	}
	own := fieldpath.NewSet()
	if err := own.FromJSON(strings.NewReader(owned)); err != nil {
		own = all
	}
	entries := []metav1.ManagedFieldsEntry{entryOf(kube.FieldManager, o, own)}
	if rest := all.Difference(own); !rest.Empty() {
		entries = append(entries, entryOf(otherManager, o, rest))
	}
	return entries
}

// entryOf is the record that a manager has said some fields.
func entryOf(manager string, o *unstructured.Unstructured, fields *fieldpath.Set) metav1.ManagedFieldsEntry {
	text, _ := fields.ToJSON()
	return metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationApply, APIVersion: o.GetAPIVersion(),
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(string(text)),
	}
}
