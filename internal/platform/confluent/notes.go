package confluent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// A note of the operator's rules says where the state of a job is while its
// application is deleted and created again. Of what the server keeps, a Secret alone
// outlives an application, belongs to nothing else and takes no files with it when it
// goes. The note is in an annotation; the values of a Secret are not shown.

// noteAnnotation has the data of a note as JSON.
const noteAnnotation = "flink-terraform.io/note"

func isNote(kind kube.Kind) bool { return kind.Group == "" && kind.Resource == "configmaps" }

// noteRef names the Secret of a note. The newest servers take 45 characters, so it is
// a fingerprint.
func noteRef(key kube.Key) platform.Ref {
	sum := sha256.Sum256([]byte(key.String()))
	return platform.Ref{Name: "flink-note-" + hex.EncodeToString(sum[:10])}
}

// note returns a note as the object that it is in a cluster.
func (a *applications) note(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	found, err := a.client.secrets().get(ctx, noteRef(key))
	if err != nil {
		return nil, meaning(err, "get", kind, key)
	}
	data := map[string]any{}
	if err := json.Unmarshal([]byte(found.Metadata.Annotations[noteAnnotation]), &data); err != nil {
		return nil, missing(kind, key)
	}
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": kind.Kind, "data": data}}
	o.SetNamespace(key.Namespace)
	o.SetName(key.Name)
	o.SetLabels(found.Metadata.Labels)
	return o, nil
}

// writeNote writes a note, over one that is there.
func (a *applications) writeNote(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	key := kube.KeyOf(object)
	text, err := json.Marshal(object.Object["data"])
	if err != nil {
		return nil, err
	}
	secrets, ref := a.client.secrets(), noteRef(key)
	sent := secrets.object(platform.Described{Ref: ref, Labels: object.GetLabels(), Annotations: map[string]string{noteAnnotation: string(text)}},
		secretSpec{Data: map[string]string{"note": "see the annotation " + noteAnnotation}})
	_, err = secrets.replace(ctx, ref, sent)
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		_, err = secrets.create(ctx, ref, sent)
	}
	if err != nil {
		return nil, meaning(err, "write", kind, key)
	}
	return object, nil
}

// noted names where a note is, for messages.
func noted(key kube.Key) string { return "the Secret " + noteRef(key).Name + " of " + product }
