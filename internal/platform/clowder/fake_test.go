package clowder

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// memory is a Store of objects. conflicts is how often a conditional write comes too late.
type memory struct {
	Store

	objects   map[kube.Ref]*unstructured.Unstructured
	version   int
	conflicts int
}

func newMemory(t *testing.T, objects map[kube.Ref]flink.Tree) *memory {
	t.Helper()
	m := &memory{objects: map[kube.Ref]*unstructured.Unstructured{}}
	for ref, tree := range objects {
		object, err := objectOf(ref.Kind, tree)
		if err != nil {
			t.Fatal(err)
		}
		m.put(ref, object)
	}
	return m
}

func (m *memory) put(ref kube.Ref, object *unstructured.Unstructured) {
	m.version++
	object.SetResourceVersion(strconv.Itoa(m.version))
	object.SetNamespace(ref.Key.Namespace)
	object.SetName(ref.Key.Name)
	m.objects[ref] = object
}

func (m *memory) Identity() string { return "test" }

func (m *memory) Get(_ context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	ref := kube.Ref{Kind: kind, Key: key}
	if object, has := m.objects[ref]; has {
		return object.DeepCopy(), nil
	}
	return nil, &kube.NotFoundError{Ref: ref}
}

func (m *memory) List(_ context.Context, kind kube.Kind, namespace, selector string) ([]unstructured.Unstructured, error) {
	picks, err := labels.Parse(selector)
	if err != nil {
		return nil, err
	}
	var out []unstructured.Unstructured
	for ref, object := range m.objects {
		if ref.Kind == kind && (namespace == "" || ref.Key.Namespace == namespace) && picks.Matches(labels.Set(object.GetLabels())) {
			out = append(out, *object.DeepCopy())
		}
	}
	return out, nil
}

func (m *memory) Create(_ context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	ref := kube.Ref{Kind: kind, Key: kube.KeyOf(object)}
	if found, has := m.objects[ref]; has {
		return nil, &kube.ExistsError{Ref: ref, Object: found}
	}
	object = object.DeepCopy()
	object.SetUID(types.UID("uid-" + ref.Key.Name))
	m.put(ref, object)
	return object.DeepCopy(), nil
}

func (m *memory) MergePatch(_ context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	ref := kube.Ref{Kind: kind, Key: key}
	found, has := m.objects[ref]
	if !has {
		return nil, &kube.NotFoundError{Ref: ref}
	}
	metadata, _ := patch["metadata"].(map[string]any)
	if version, said := metadata["resourceVersion"]; said && (m.conflicts > 0 || version != found.GetResourceVersion()) {
		m.conflicts--
		return nil, &kube.ServerError{Ref: ref, Code: http.StatusConflict}
	}
	tree, err := treeOf(found)
	if err != nil {
		return nil, err
	}
	delete(metadata, "resourceVersion")
	next, err := objectOf(kind, merged(tree, flink.Tree(patch)))
	if err != nil {
		return nil, err
	}
	m.put(ref, next)
	return next.DeepCopy(), nil
}

// merged is a JSON merge patch of a tree.
func merged(tree, patch flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range tree {
		out[key] = value
	}
	for key, value := range patch {
		inside, isTree := value.(map[string]any)
		under, _ := out[key].(flink.Tree)
		switch {
		case value == nil:
			delete(out, key)
		case isTree:
			out[key] = merged(under, inside)
		default:
			out[key] = value
		}
	}
	return out
}

func (m *memory) Delete(_ context.Context, kind kube.Kind, key kube.Key, _ types.UID) error {
	delete(m.objects, kube.Ref{Kind: kind, Key: key})
	return nil
}

// Follow tells how an object is now, and nothing after that.
func (m *memory) Follow(ctx context.Context, kind kube.Kind, key kube.Key) <-chan kube.Change {
	out := make(chan kube.Change, 1)
	out <- kube.Change{Object: m.objects[kube.Ref{Kind: kind, Key: key}]}
	go func() {
		<-ctx.Done()
		close(out)
	}()
	return out
}
