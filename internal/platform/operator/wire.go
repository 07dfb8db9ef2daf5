package operator

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// patchOf begins a patch of the object that has the uid, or of whichever has the
// name when that is empty.
func patchOf(uid types.UID) kube.Patch {
	if uid == "" {
		return kube.Patch{}
	}
	return kube.Patch{}.Set(string(uid), "metadata", "uid")
}

// orNil returns a text for a patch, nil for an empty one, which removes the field.
func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// objectOf returns the object of a kind to send.
func objectOf(kind kube.Kind, want platform.Deployment) (*unstructured.Unstructured, error) {
	spec, err := flink.TreeOf(want.Spec)
	if err != nil {
		return nil, err
	}
	metadata := map[string]any{"namespace": want.Namespace, "name": want.Name}
	if len(want.Labels) > 0 {
		metadata["labels"] = anyMap(want.Labels)
	}
	if len(want.Annotations) > 0 {
		metadata["annotations"] = anyMap(want.Annotations)
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/" + version,
		"kind":       kind.Kind,
		"metadata":   metadata,
		"spec":       toWire(spec),
	}}, nil
}

func anyMap(values map[string]string) map[string]any {
	out := make(map[string]any, len(values))
	for key, value := range values {
		out[key] = value
	}
	return out
}

// toWire replaces json.Number by int64 and float64, the only numbers that
// unstructured objects may hold.
func toWire(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = toWire(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = toWire(item)
		}
		return out
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return value
}

// fingerprint identifies what is to be created.
func fingerprint(want platform.Deployment) (string, error) {
	return fingerprintOf(want.Spec, want.Labels, want.Annotations)
}

// fingerprintOf identifies what consists of some parts.
func fingerprintOf(parts ...any) (string, error) {
	text, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("encode what is to be created: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// EnforcedField is where in an object its Store may put what it has the operator run
// beside the specification. No cluster has such a field.
const EnforcedField = "enforced"

// observe returns an object in the terms of all platforms. Its specification is
// what runs: that of an object which the operator has rolled back is the last
// stable one, though the object keeps the other.
func observe(object *unstructured.Unstructured) (*platform.Observed, error) {
	status := fko.StatusOf(object)
	spec, err := fko.RunningSpec(object, status)
	if err != nil {
		return nil, err
	}
	ref := platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()}
	annotations := object.GetAnnotations()
	unfinished := unfinishedOn(annotations)
	// The marks of a re-creation are still to be removed when its job runs.
	configured, recreated := annotations[recreationAnnotation]
	if recreated {
		spec = fko.WithPath(spec, configured)
	}
	replaces := strings.Fields(annotations[replacesAnnotation])
	var written flink.Tree
	if unfinished != "" {
		written = writtenOn(object, spec, "spec")
	}
	for _, mark := range append([]string{recreationAnnotation, replacesAnnotation}, unfinishedMarks...) {
		delete(annotations, mark)
	}
	enforced, err := flink.TreeOf(object.Object[EnforcedField])
	if err != nil {
		return nil, err
	}
	return &platform.Observed{
		Ref:         ref,
		UID:         status.UID,
		Replaces:    replaces,
		Generation:  status.Generation,
		Labels:      object.GetLabels(),
		Annotations: annotations,
		Spec:        spec,
		Enforced:    enforced,
		Status:      status.Flink(restURL(ref, spec)),
		RolledOut:   fko.IsRolledOut(status, spec) && (!recreated || fko.SteadyState(spec) == fko.Suspended),
		Unfinished:  unfinished,
		Written:     written,
	}, nil
}

// unfinishedOn is what the annotations of an object say is still to be seen to its
// end. An object that a state has and that is still being created is one that
// was created in the place of another.
func unfinishedOn(annotations map[string]string) planner.Action {
	_, recreated := annotations[recreationAnnotation]
	switch {
	case annotations[updateAnnotation] != "":
		return planner.Action(annotations[updateAnnotation])
	case annotations[creationAnnotation] == "":
		return ""
	case recreated:
		return planner.ActionRecreate
	}
	return planner.ActionCreate
}

// writtenOn returns of the specification at a path of an object, and of its labels
// and annotations, what this provider has said, without what it fills in by
// itself.
func writtenOn(object *unstructured.Unstructured, spec flink.Tree, at ...string) flink.Tree {
	owned := kube.OwnedFields(object, kube.FieldManager)
	out, _ := prune(spec, owned, at...).(map[string]any)
	if out == nil {
		return nil
	}
	delete(out, restartNonce)
	if job, ok := out["job"].(map[string]any); ok {
		delete(job, redeployNonce)
		delete(job, triggerNonce)
	}
	metadata := flink.Tree{}
	for name, values := range map[string]map[string]string{"labels": object.GetLabels(), "annotations": object.GetAnnotations()} {
		part := flink.Tree{}
		for key, value := range values {
			if !strings.HasPrefix(key, markPrefix) && kube.Owns(owned, "metadata", name, key) {
				part[key] = value
			}
		}
		if len(part) > 0 {
			metadata[name] = part
		}
	}
	if len(metadata) > 0 {
		out["metadata"] = metadata
	}
	return out
}

// restURL is where the JobManager answers inside the cluster, empty for a
// session job: only its session cluster knows.
func restURL(ref platform.Ref, spec flink.Tree) string {
	if fko.IsSessionJob(spec) {
		return ""
	}
	return fmt.Sprintf("http://%s.%s:%d", restService(ref), ref.Namespace, flink.RestPort(spec))
}

// restService is the name of the JobManager's service, which Flink derives from
// the cluster id.
func restService(ref platform.Ref) string { return ref.Name + "-rest" }

// setting looks a configuration key up in a live specification.
func setting(spec flink.Tree, key string) (string, bool) {
	value, ok := flink.Flatten(spec["flinkConfiguration"])[key]
	return value, ok
}

func keyOf(ref platform.Ref) kube.Key { return kube.Key{Namespace: ref.Namespace, Name: ref.Name} }
