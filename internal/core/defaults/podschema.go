package defaults

import (
	"errors"
	"fmt"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// podSchema tells strategicpatch how the fields of a Pod are merged. Unlike the
// schema it wraps, it accepts fields that this version of core/v1 does not
// know: their objects are merged key by key and their lists replaced. It also
// remembers where it was asked last, because the errors of strategicpatch show
// the content of a template, which may be confidential, but not the place.
type podSchema struct {
	known *strategicpatch.PatchMetaFromStruct
	path  string
	last  *lookup
}

// lookup is the list or object that strategicpatch merges.
type lookup struct{ path, key string }

var podType = strategicpatch.PatchMetaFromStruct{T: reflect.TypeFor[corev1.Pod]()}

func newPodSchema() podSchema {
	return podSchema{known: &podType, last: &lookup{}}
}

// LookupPatchMetadataForStruct returns the schema of the object under key.
func (s podSchema) LookupPatchMetadataForStruct(key string) (strategicpatch.LookupPatchMeta, strategicpatch.PatchMeta, error) {
	if s.known == nil {
		return s.below(key, nil, strategicpatch.PatchMeta{}), strategicpatch.PatchMeta{}, nil
	}
	child, meta, err := s.known.LookupPatchMetadataForStruct(key)
	if err != nil {
		child, meta = nil, strategicpatch.PatchMeta{}
	}
	return s.below(key, child, meta), meta, nil
}

// LookupPatchMetadataForSlice returns the schema of the elements of the list
// under key, and how it is merged.
func (s podSchema) LookupPatchMetadataForSlice(key string) (strategicpatch.LookupPatchMeta, strategicpatch.PatchMeta, error) {
	if s.known == nil {
		return s.below(key, nil, strategicpatch.PatchMeta{}), strategicpatch.PatchMeta{}, nil
	}
	child, meta, err := s.known.LookupPatchMetadataForSlice(key)
	if err != nil {
		child, meta = nil, strategicpatch.PatchMeta{}
	}
	return s.below(key, child, meta), meta, nil
}

// Name returns the path, which strategicpatch uses in errors only.
func (s podSchema) Name() string { return s.path }

func (s podSchema) below(key string, child strategicpatch.LookupPatchMeta, meta strategicpatch.PatchMeta) podSchema {
	path := key
	if s.path != "" {
		path = s.path + "." + key
	}
	*s.last = lookup{path: path, key: meta.GetPatchMergeKey()}
	next := podSchema{path: path, last: s.last}
	if known, ok := child.(strategicpatch.PatchMetaFromStruct); ok && known.T.Kind() != reflect.Map {
		next.known = &known
	}
	return next
}

// explain says what strategicpatch could not merge, without showing it.
func (s podSchema) explain() error {
	switch {
	case s.last.key != "":
		return fmt.Errorf("%s cannot be merged: every element needs %q, by which Kubernetes tells the elements apart, and a directive must be one of $patch: replace or $patch: delete", s.last.path, s.last.key)
	case s.last.path != "":
		return fmt.Errorf("%s cannot be merged: its parts have different types in the two templates, or it has an unknown directive", s.last.path)
	default:
		return errors.New("the templates cannot be merged: they have an unknown directive")
	}
}
