package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// Managers are the field managers that own fields of an object other than its
// status, sorted.
func Managers(obj *unstructured.Unstructured) []string {
	var names []string
	for _, entry := range obj.GetManagedFields() {
		if entry.Subresource == "" {
			names = append(names, entry.Manager)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// HasManager says whether this provider has applied the object.
func HasManager(obj *unstructured.Unstructured) bool {
	return slices.ContainsFunc(obj.GetManagedFields(), func(e metav1.ManagedFieldsEntry) bool {
		return e.Manager == FieldManager && e.Operation == metav1.ManagedFieldsOperationApply && e.Subresource == ""
	})
}

// OwnedFields are the fields of an object that a manager owns, whatever way it
// wrote them; empty when it owns none. Entries that cannot be read count as
// not there.
func OwnedFields(obj *unstructured.Unstructured, manager string) *fieldpath.Set {
	owned := fieldpath.NewSet()
	for _, entry := range obj.GetManagedFields() {
		if entry.Manager != manager || entry.Subresource != "" || entry.FieldsV1 == nil {
			continue
		}
		var set fieldpath.Set
		if err := set.FromJSON(entry.FieldsV1.GetRawReader()); err == nil {
			owned = owned.Union(&set)
		}
	}
	return owned
}

// Owns says whether the set has the field at a path of map keys, or a field
// below it.
func Owns(owned *fieldpath.Set, keys ...string) bool {
	path := make(fieldpath.Path, len(keys))
	for i := range keys {
		path[i] = fieldpath.PathElement{FieldName: &keys[i]}
	}
	if owned.Has(path) {
		return true
	}
	for _, element := range path {
		owned = owned.WithPrefix(element)
	}
	return !owned.Empty()
}

// takeOverAttempts bounds how often an object may change while its fields are
// taken over. An operator writes an object a few times in a row at most.
const takeOverAttempts = 10

// takeOver moves the fields of other managers to our apply entry. An object
// that does not exist has nothing to take over.
func (c *Client) takeOver(ctx context.Context, ref Ref, managers []string) error {
	for attempt := 1; ; attempt++ {
		obj, err := c.Get(ctx, ref.Kind, ref.Key)
		if _, absent := errors.AsType[*NotFoundError](err); absent {
			return nil
		}
		if err != nil {
			return err
		}
		patch, err := takeOverPatch(obj, managers)
		if err != nil {
			return fmt.Errorf("the field managers of %s cannot be read: %w", ref, err)
		}
		if patch == nil {
			return nil
		}
		logctx.From(ctx).InfoContext(ctx, "Taking over fields", "object", ref.String(), "managers", managers)
		op := operation{verb: "patch", ref: ref, write: true, once: true}
		_, err = c.patch(ctx, op, types.JSONPatchType, patch, nil)
		if server, ok := errors.AsType[*ServerError](err); ok && server.Code == http.StatusConflict && attempt < takeOverAttempts {
			if !sleep(ctx, c.timing.backoff.Duration) {
				return interrupted(ctx, op)
			}
			continue // the object has changed since it was read
		}
		return err
	}
}

// takeOverPatch is a JSON patch of managedFields, conditional on the version of
// the object, or nil when there is nothing to move.
func takeOverPatch(obj *unstructured.Unstructured, managers []string) ([]byte, error) {
	obj = &unstructured.Unstructured{Object: map[string]any{"metadata": obj.Object["metadata"]}}
	obj = obj.DeepCopy()
	former := sets.New(managers...)
	former.Delete(FieldManager)
	// csaupgrade moves what was written by update only. What another manager
	// applied is renamed to such an entry, under a name of its own since an
	// update entry of the same manager may be there as well.
	entries := obj.GetManagedFields()
	for i, entry := range entries {
		if former.Has(entry.Manager) && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == "" {
			entries[i].Operation = metav1.ManagedFieldsOperationUpdate
			entries[i].Manager += " (applied)"
			former.Insert(entries[i].Manager)
		}
	}
	obj.SetManagedFields(entries)
	return csaupgrade.UpgradeManagedFieldsPatch(obj, former, FieldManager)
}
