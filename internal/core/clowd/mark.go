package clowd

import (
	"encoding/json"
	"maps"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// AnnotationMark is in the metadata of an entry and has its Mark. Clowder copies it to the
// Deployment, so that tells which version of the entry Clowder has taken up. An annotation of
// the ClowdApp would come to all of its Deployments.
const AnnotationMark = "flink-terraform.io/streamlet"

// AnnotationRestart is on the pods and has the restart nonce.
const AnnotationRestart = "flink-terraform.io/restart"

// Phase is how far a change has come.
type Phase string

const (
	// PhaseStop waits until no pod of the version before is left.
	PhaseStop Phase = "stop"
	// PhaseStart waits until the job runs, or is stopped as it shall be.
	PhaseStart Phase = "start"
)

// Mark is what has to be known of an entry beside what Clowder reads of it.
type Mark struct {
	// UID tells the entry from another one that had its name: an entry has no uid.
	UID string `json:"uid"`
	// Revision counts the writes of the provider.
	Revision int64 `json:"revision"`
	// Said is the specification that was written, without the values of the pods'
	// annotations, which are in the entry.
	Said flink.Tree `json:"said"`
	// Labels and Annotations are those of the deployment.
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	// Action is that of a change whose end has not come, empty for none, and Phase how far it
	// has come.
	Action string `json:"action,omitempty"`
	Phase  Phase  `json:"phase,omitempty"`
	// Fresh tells that the job starts without the checkpoints of the one before.
	Fresh bool `json:"fresh,omitempty"`
	// Creating tells that no state may have the entry yet, and By which process creates it.
	Creating bool   `json:"creating,omitempty"`
	By       string `json:"by,omitempty"`
	// Ran tells that the job was ever seen running.
	Ran bool `json:"ran,omitempty"`
}

// MarkOf reads the mark of an entry; false where it has none that can be read: somebody else
// has written it.
func MarkOf(entry flink.Tree) (Mark, bool) {
	var mark Mark
	text := textAt(entry, "metadata", "annotations", AnnotationMark)
	if text == "" {
		return mark, false
	}
	said := struct {
		*Mark
		Said json.RawMessage `json:"said"`
	}{Mark: &mark}
	if json.Unmarshal([]byte(text), &said) != nil || mark.UID == "" {
		return Mark{}, false
	}
	var err error
	mark.Said, err = flink.ParseTree(said.Said)
	return mark, err == nil
}

// String is the text of AnnotationMark.
func (m Mark) String() string {
	// What was decoded from JSON or is a text always has a JSON form.
	text, _ := json.Marshal(m)
	return string(text)
}

// Unfinished tells whether a change has not come to its end.
func (m Mark) Unfinished() bool { return m.Action != "" }

// Wrote is m with the specification, labels and annotations that it goes with.
func (m Mark) Wrote(spec flink.DeploymentSpec, labels, annotations map[string]string) (Mark, error) {
	whole, err := flink.TreeOf(spec)
	if err != nil {
		return m, err
	}
	m.Said, m.Labels, m.Annotations = withoutValues(whole), labels, annotations
	return m, nil
}

// withoutValues is a specification without the values of its pods' annotations: the document
// of a streamlet is among them.
func withoutValues(spec flink.Tree) flink.Tree {
	annotations := treeAt(spec, "podTemplate", "metadata", "annotations")
	if len(annotations) == 0 {
		return spec
	}
	out, names := clone(spec), flink.Tree{}
	for name := range annotations {
		names[name] = ""
	}
	put(out, names, "podTemplate", "metadata", "annotations")
	return out
}

// withValues is what withoutValues was made of, as far as the pods still have the annotations.
func withValues(said, entry flink.Tree) flink.Tree {
	names := treeAt(said, "podTemplate", "metadata", "annotations")
	if len(names) == 0 {
		return said
	}
	live, values := treeAt(entry, "podSpec", "metadata", "annotations"), flink.Tree{}
	for name := range names {
		if value, has := live[name]; has {
			values[name] = value
		}
	}
	out := clone(said)
	put(out, values, "podTemplate", "metadata", "annotations")
	return out
}

// Into is an entry with the mark, and with the annotations of the deployment.
func (m Mark) Into(entry flink.Tree) flink.Tree {
	out := clone(entry)
	annotations := maps.Clone(treeAt(out, "metadata", "annotations"))
	if annotations == nil {
		annotations = flink.Tree{}
	}
	for name, value := range m.Annotations {
		annotations[name] = value
	}
	annotations[AnnotationMark] = m.String()
	put(out, annotations, "metadata", "annotations")
	return out
}
