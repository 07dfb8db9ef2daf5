package standin

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

const (
	group      = "flink.apache.org"
	apiVersion = "v1beta1"
)

var (
	deployments = schema.GroupVersionResource{Group: group, Version: apiVersion, Resource: "flinkdeployments"}
	sessionJobs = schema.GroupVersionResource{Group: group, Version: apiVersion, Resource: "flinksessionjobs"}
	snapshots   = schema.GroupVersionResource{Group: group, Version: apiVersion, Resource: "flinkstatesnapshots"}
	blueGreens  = schema.GroupVersionResource{Group: group, Version: apiVersion, Resource: "flinkbluegreendeployments"}

	appsDeployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	pods            = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	endpoints       = schema.GroupVersionResource{Version: "v1", Resource: "endpoints"}
	services        = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	ingresses       = schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}
	events          = schema.GroupVersionResource{Version: "v1", Resource: "events"}
)

const namespaceTerminating = corev1.NamespaceTerminatingCause

// api is the stand-in's access to the apiserver. Objects are read afresh for
// each pass, so that no cache can be behind a write.
type api struct {
	dyn dynamic.Interface
}

func (a *api) get(ctx context.Context, gvr schema.GroupVersionResource, key types.NamespacedName) (*unstructured.Unstructured, error) {
	obj, err := a.dyn.Resource(gvr).Namespace(key.Namespace).Get(ctx, key.Name, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("get %s %s: %w", gvr.Resource, key, err)
	}
	return obj, nil
}

// writeStatus replaces the status of obj and returns the object as stored. A
// conflict means that spec or metadata moved on meanwhile; the status belongs to
// the stand-in alone, so it is written onto the newer object.
func (a *api) writeStatus(ctx context.Context, gvr schema.GroupVersionResource, obj *unstructured.Unstructured, content map[string]any) (*unstructured.Unstructured, error) {
	client := a.dyn.Resource(gvr).Namespace(obj.GetNamespace())
	for {
		next := obj.DeepCopy()
		next.Object["status"] = content
		stored, err := client.UpdateStatus(ctx, next, metav1.UpdateOptions{})
		if err == nil {
			return stored, nil
		}
		if !apierrors.IsConflict(err) {
			return nil, fmt.Errorf("write status of %s %s: %w", gvr.Resource, obj.GetName(), err)
		}
		newer, err := a.get(ctx, gvr, types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetName()})
		if err != nil {
			return nil, err
		}
		if newer.GetUID() != obj.GetUID() {
			return nil, errGone
		}
		obj = newer
	}
}

// patch sends a JSON merge patch.
func (a *api) patch(ctx context.Context, gvr schema.GroupVersionResource, key types.NamespacedName, patch any, subresources ...string) (*unstructured.Unstructured, error) {
	raw, err := json.Marshal(patch)
	if err != nil {
		return nil, fmt.Errorf("encode patch of %s %s: %w", gvr.Resource, key, err)
	}
	obj, err := a.dyn.Resource(gvr).Namespace(key.Namespace).Patch(ctx, key.Name, types.MergePatchType, raw, metav1.PatchOptions{}, subresources...)
	if err != nil {
		return nil, fmt.Errorf("patch %s %s: %w", gvr.Resource, key, err)
	}
	return obj, nil
}

func (a *api) create(ctx context.Context, gvr schema.GroupVersionResource, obj map[string]any) (*unstructured.Unstructured, error) {
	u := &unstructured.Unstructured{Object: obj}
	stored, err := a.dyn.Resource(gvr).Namespace(u.GetNamespace()).Create(ctx, u, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("create %s %s: %w", gvr.Resource, u.GetName(), err)
	}
	return stored, nil
}

// put creates obj, or replaces the one of this name as a whole.
func (a *api) put(ctx context.Context, gvr schema.GroupVersionResource, obj map[string]any) error {
	u := &unstructured.Unstructured{Object: obj}
	client := a.dyn.Resource(gvr).Namespace(u.GetNamespace())
	for {
		_, err := client.Create(ctx, u, metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			return describe(err, "create", gvr, u)
		}
		current, err := client.Get(ctx, u.GetName(), metav1.GetOptions{})
		if err == nil {
			next := u.DeepCopy()
			next.SetResourceVersion(current.GetResourceVersion())
			_, err = client.Update(ctx, next, metav1.UpdateOptions{})
		}
		if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return describe(err, "replace", gvr, u)
		}
	}
}

func describe(err error, verb string, gvr schema.GroupVersionResource, obj *unstructured.Unstructured) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s %s: %w", verb, gvr.Resource, obj.GetName(), err)
}

// remove deletes an object at once; it is no error when there is none.
func (a *api) remove(ctx context.Context, gvr schema.GroupVersionResource, key types.NamespacedName) error {
	now, background := int64(0), metav1.DeletePropagationBackground
	err := a.dyn.Resource(gvr).Namespace(key.Namespace).Delete(ctx, key.Name, metav1.DeleteOptions{GracePeriodSeconds: &now, PropagationPolicy: &background})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete %s %s: %w", gvr.Resource, key, err)
	}
	return nil
}

// setFinalizers replaces the finalizers in a request of its own, guarded by the
// resource version, together with changes to the spec if there are any.
func (a *api) setFinalizers(ctx context.Context, gvr schema.GroupVersionResource, obj *unstructured.Unstructured, finalizers []string, specChanges map[string]any) error {
	patch := map[string]any{"metadata": map[string]any{"finalizers": finalizers, "resourceVersion": obj.GetResourceVersion()}}
	if len(specChanges) > 0 {
		patch["spec"] = specChanges
	}
	_, err := a.patch(ctx, gvr, types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetName()}, patch)
	return err
}

func finalizer(gvr schema.GroupVersionResource) string {
	return gvr.GroupResource().String() + "/finalizer"
}

func (a *api) list(ctx context.Context, gvr schema.GroupVersionResource, namespace string) ([]unstructured.Unstructured, error) {
	list, err := a.dyn.Resource(gvr).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", gvr.Resource, err)
	}
	return list.Items, nil
}
