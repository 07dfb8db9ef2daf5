package operator

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// creationAnnotation marks an object whose create has not come to its end, with
// the fingerprint of what was to be created. A create that was killed before it
// could record anything is known by it.
const creationAnnotation = "flink-terraform.io/creation"

// updateAnnotation marks an object whose update is being waited for, with the
// update's action. An update that was killed before it could record anything is
// known by it.
const updateAnnotation = "flink-terraform.io/update"

// isMarked tells whether the end of a create or an update is still to come.
func isMarked(object *unstructured.Unstructured) bool {
	annotations := object.GetAnnotations()
	return annotations[creationAnnotation] != "" || annotations[updateAnnotation] != ""
}

// annotate notes on an object to send what is to be waited for.
func annotate(object *unstructured.Unstructured, name, value string) {
	annotations := map[string]string{name: value}
	maps.Copy(annotations, object.GetAnnotations())
	object.SetAnnotations(annotations)
}

// defaultRestPort is Flink's rest.port.
const defaultRestPort = 8081

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
	text, err := json.Marshal([]any{want.Spec, want.Labels, want.Annotations})
	if err != nil {
		return "", fmt.Errorf("encode specification: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// observe returns an object in the terms of all platforms. Its specification is
// what runs: that of an object which the operator has rolled back is the last
// stable one, though the object keeps the other.
func observe(object *unstructured.Unstructured) (*platform.Observed, error) {
	spec, err := specTree(object)
	if err != nil {
		return nil, err
	}
	ref := platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()}
	status := StatusOf(object)
	if status.rolledBack() {
		spec = lastStable(object, spec)
	}
	annotations := object.GetAnnotations()
	unfinished := planner.Action(annotations[updateAnnotation])
	// The marks of a re-creation are still to be removed when its job runs.
	_, recreated := annotations[recreationAnnotation]
	replaces := strings.Fields(annotations[replacesAnnotation])
	delete(annotations, creationAnnotation)
	delete(annotations, recreationAnnotation)
	delete(annotations, replacesAnnotation)
	delete(annotations, updateAnnotation)
	return &platform.Observed{
		Ref:         ref,
		UID:         status.UID,
		Replaces:    replaces,
		Generation:  status.Generation,
		Labels:      object.GetLabels(),
		Annotations: annotations,
		Spec:        spec,
		Status:      status.Flink(restURL(ref, spec)),
		RolledOut:   isRolledOut(status, spec) && (!recreated || steadyState(spec) == Suspended),
		Deleting:    status.Deleting,
		Unfinished:  unfinished,
	}, nil
}

// specTree returns the live specification, with the numbers of a Tree.
func specTree(object *unstructured.Unstructured) (flink.Tree, error) {
	spec, ok := object.Object["spec"].(map[string]any)
	if !ok {
		return flink.Tree{}, nil
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("encode specification: %w", err)
	}
	return flink.ParseTree(text)
}

// isRolledOut applies the rules for the end of a rollout to one status.
func isRolledOut(status Status, spec flink.Tree) bool {
	want := steadyState(spec)
	if want == Suspended && !status.Deployed {
		// Created as suspended: the operator gives no sign.
		return true
	}
	verdict := NewJudge(Target{Generation: status.Generation, Want: want, SessionJob: isSessionJob(spec)}).See(time.Time{}, status)
	return verdict.Progress == Done
}

// steadyState is what a specification ends in.
func steadyState(spec flink.Tree) Want {
	job, ok := spec["job"].(map[string]any)
	switch {
	case !ok:
		return SessionReady
	case job["state"] == flink.JobSuspended:
		return Suspended
	}
	return Running
}

// restURL is where the JobManager answers inside the cluster, empty for a
// session job: only its session cluster knows.
func restURL(ref platform.Ref, spec flink.Tree) string {
	if isSessionJob(spec) {
		return ""
	}
	return fmt.Sprintf("http://%s.%s:%d", restService(ref), ref.Namespace, restPort(spec))
}

// restService is the name of the JobManager's service, which Flink derives from
// the cluster id.
func restService(ref platform.Ref) string { return ref.Name + "-rest" }

func restPort(spec flink.Tree) int {
	if text, ok := setting(spec, "rest.port"); ok {
		if port, err := strconv.Atoi(text); err == nil {
			return port
		}
	}
	return defaultRestPort
}

// setting looks a configuration key up in a live specification.
func setting(spec flink.Tree, key string) (string, bool) {
	value, ok := flink.Flatten(spec["flinkConfiguration"])[key]
	return value, ok
}

func keyOf(ref platform.Ref) kube.Key { return kube.Key{Namespace: ref.Namespace, Name: ref.Name} }
