package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// ApplyOptions are the choices of a server-side apply.
type ApplyOptions struct {
	// Force takes fields that others own with other values.
	Force bool
	// DryRun asks what the object would become; nothing is stored.
	DryRun bool
	// Probe asks once: the answer is wanted now or not at all, and nothing that
	// may pass is waited for.
	Probe bool
	// TakeOver are field managers whose fields become ours first, so that
	// what the applied object leaves out is removed. It has no effect on a
	// dry run, which must not write.
	TakeOver []string
}

// unborn is a version that no object has: every write to etcd makes a revision,
// and the first one is the second. For an apply with a version the server
// compares it with that of the object, if there is one (apiserver, registry
// store Update), so that an apply with this one can only create.
const unborn = "1"

// createAttempts bounds how often an object may go between the refusal to create
// it and the look at it.
const createAttempts = 3

// Create applies an object that must not exist yet. It does not adopt: an
// object that is there is an *ExistsError, whoever made it. Of several calls
// for one object at the same time, from whatever processes, one succeeds.
func (c *Client) Create(ctx context.Context, kind Kind, obj *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	ref := Ref{kind, KeyOf(obj)}
	for attempt := 1; ; attempt++ {
		created, err := c.apply(ctx, kind, obj, ApplyOptions{}, unborn)
		if !isRefusal(err) {
			return created, err
		}
		found, getErr := c.get(ctx, kind, ref.Key, true)
		if getErr == nil {
			return nil, &ExistsError{Ref: ref, Managers: Managers(found), Object: found}
		}
		if _, absent := errors.AsType[*NotFoundError](getErr); !absent {
			return nil, getErr
		}
		if attempt == createAttempts {
			return nil, err
		}
	}
}

// isRefusal tells whether an apply was refused for what an object is at present:
// its version, or the fields that others own.
func isRefusal(err error) bool {
	if server, ok := errors.AsType[*ServerError](err); ok {
		return server.Code == http.StatusConflict
	}
	_, fields := errors.AsType[*ConflictError](err)
	return fields
}

// Apply makes the fields of obj ours with their values, and removes those that
// were ours and are not in obj. When obj has a uid, an object of that name with
// another one, or none, is a *NotFoundError.
func (c *Client) Apply(ctx context.Context, kind Kind, obj *unstructured.Unstructured, o ApplyOptions) (*unstructured.Unstructured, error) {
	return c.apply(ctx, kind, obj, o, "")
}

// apply is Apply to one version of an object, or to whichever it has.
func (c *Client) apply(ctx context.Context, kind Kind, obj *unstructured.Unstructured, o ApplyOptions, version string) (*unstructured.Unstructured, error) {
	ref := Ref{kind, KeyOf(obj)}
	if len(o.TakeOver) > 0 && !o.DryRun {
		if err := c.takeOver(ctx, ref, o.TakeOver); err != nil {
			return nil, err
		}
	}
	applied := obj.DeepCopy()
	applied.SetAPIVersion(kind.apiVersion())
	applied.SetKind(kind.Kind)
	// The server refuses a patch that carries the one and would take the other
	// for a condition on the version.
	applied.SetManagedFields(nil)
	applied.SetResourceVersion(version)
	body, err := json.Marshal(applied.Object)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written as JSON: %w", ref, err)
	}
	op := operation{verb: "apply", ref: ref, write: true, awaitKind: true, dry: o.DryRun, probe: o.Probe, once: version != ""}
	return c.patch(ctx, op, types.ApplyPatchType, body, func(r *rest.Request) *rest.Request {
		r = r.Param("force", strconv.FormatBool(o.Force))
		if o.DryRun {
			r = r.Param("dryRun", metav1.DryRunAll)
		}
		return r
	})
}

// MergePatch changes single fields. With a metadata.resourceVersion in it the
// patch is meant for that version alone: a later one is a *ServerError with code
// 409, at once. With a metadata.uid it is meant for that object alone.
func (c *Client) MergePatch(ctx context.Context, kind Kind, key Key, patch Patch) (*unstructured.Unstructured, error) {
	ref := Ref{kind, key}
	body, err := json.Marshal(patch)
	if err != nil {
		return nil, fmt.Errorf("the patch of %s cannot be written as JSON: %w", ref, err)
	}
	op := operation{verb: "patch", ref: ref, write: true, once: patch.isConditional()}
	return c.patch(ctx, op, types.MergePatchType, body, nil)
}

// patch sends a patch, strictly validated: without that the server would drop
// fields that its schema does not have in silence.
func (c *Client) patch(ctx context.Context, op operation, kind types.PatchType, body []byte, with func(*rest.Request) *rest.Request) (*unstructured.Unstructured, error) {
	var obj *unstructured.Unstructured
	if !op.dry {
		c.written.note(op.ref, "")
	}
	err := c.do(ctx, op, func(ctx context.Context) (err error) {
		request := c.rest.Patch(kind).AbsPath(path(op.ref.Kind, op.ref.Key)...).
			Param("fieldManager", FieldManager).
			Param("fieldValidation", metav1.FieldValidationStrict).
			Body(body)
		if with != nil {
			request = with(request)
		}
		obj, err = c.object(ctx, request)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !op.dry {
		c.written.note(op.ref, obj.GetResourceVersion())
	}
	return obj, nil
}

// Delete deletes the object that has the uid, or whichever has the name when
// the uid is empty. Its dependents are deleted after it (background
// propagation). That it is gone already, or replaced by another, is no error.
// The object may stay for as long as it has finalizers.
func (c *Client) Delete(ctx context.Context, kind Kind, key Key, uid types.UID) error {
	ref := Ref{kind, key}
	policy := metav1.DeletePropagationBackground
	options := metav1.DeleteOptions{
		TypeMeta:          metav1.TypeMeta{Kind: "DeleteOptions", APIVersion: "v1"},
		PropagationPolicy: &policy,
	}
	if uid != "" {
		options.Preconditions = &metav1.Preconditions{UID: &uid}
	}
	body, err := json.Marshal(options)
	if err != nil {
		return fmt.Errorf("the options to delete %s cannot be written as JSON: %w", ref, err)
	}
	c.written.note(ref, "")
	err = c.do(ctx, operation{verb: "delete", ref: ref, write: true}, func(ctx context.Context) error {
		return c.rest.Delete().AbsPath(path(kind, key)...).MaxRetries(0).SetHeader("Content-Type", "application/json").Body(body).Do(ctx).Error()
	})
	if _, absent := errors.AsType[*NotFoundError](err); absent {
		logctx.From(ctx).InfoContext(ctx, "The object to delete is gone already", "object", ref.String())
		return nil
	}
	return err
}

// KeyOf is where an object is.
func KeyOf(obj *unstructured.Unstructured) Key {
	return Key{Namespace: obj.GetNamespace(), Name: obj.GetName()}
}
