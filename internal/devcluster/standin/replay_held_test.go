package standin_test

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// heldBlue is the annotation of a blue/green deployment that keeps the job of blue from coming back.
const heldBlue = "standin.flink/blue-held"

// whileDown reports whether a write was recorded while the job of blue was away. How long a job is away is chance, so
// that it is held there until the operator has seen the write.
func (st step) whileDown() bool {
	return strings.Contains(st.action, "(while blue's job is not RUNNING)")
}

// hold keeps the job of blue, once its pods are lost, from coming back.
func (r *replayer) hold(w *write) {
	r.t.Helper()
	r.annotate(w, map[string]any{heldBlue: "true"})
}

// release lets the job of blue come back when the operator has answered the write.
func (r *replayer) release(w *write) {
	r.t.Helper()
	key := id(w.object)
	r.until(key+" has answered the write", func(seen map[string][]view) bool {
		views := seen[key]
		return len(views) > 0 && views[len(views)-1].Error != ""
	})
	r.annotate(w, map[string]any{heldBlue: nil})
}

func (r *replayer) annotate(w *write, annotations map[string]any) {
	r.t.Helper()
	kind, name := w.object["kind"].(string), at(w.object, "metadata", "name").(string)
	patch, err := json.Marshal(object{"metadata": object{"annotations": annotations}})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.dyn.Resource(kinds[kind]).Namespace(r.namespace).Patch(r.t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		r.t.Fatal(err)
	}
}
