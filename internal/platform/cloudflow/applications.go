package cloudflow

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// applications are the CloudflowApplications of a cluster with their Secrets.
type applications struct{ cluster operator.Store }

// locks has a mutex for each application that this process writes: its streamlets share one object.
var locks sync.Map

func (a applications) lock(namespace, app string) func() {
	held, _ := locks.LoadOrStore([3]string{a.cluster.Identity(), namespace, app}, &sync.Mutex{})
	mutex, _ := held.(*sync.Mutex)
	mutex.Lock()
	return mutex.Unlock
}

func isAbsent(err error) bool {
	var absent *kube.NotFoundError
	return errors.As(err, &absent)
}

// isUnserved tells that the cluster does not know the kind, so that nothing of it is there.
func isUnserved(err error) bool {
	var unserved *kube.NotServedError
	return errors.As(err, &unserved)
}

// located is a streamlet that an application has.
type located struct {
	app   *unstructured.Unstructured
	entry core.Entry
}

func specOf(app *unstructured.Unstructured) map[string]any {
	spec, _ := app.Object["spec"].(map[string]any)
	return spec
}

// find returns the streamlet whose deployment has a name; nil where no application has one.
func (a applications) find(ctx context.Context, ref platform.Ref) (*located, error) {
	all, err := a.cluster.List(ctx, applicationKind, ref.Namespace, "")
	if err != nil {
		return nil, err
	}
	for i := range all {
		if entry, has := core.Entries(specOf(&all[i]))[ref.Name]; has {
			return &located{&all[i], entry}, nil
		}
	}
	return nil, nil
}

// known is find from the list of the namespace, which one process reads once. The name of a deployment begins with that of
// its application.
func (a applications) known(ctx context.Context, ref platform.Ref) (*located, error) {
	for i, letter := range ref.Name {
		if letter != '-' {
			continue
		}
		app, err := a.cluster.Find(ctx, applicationKind, kube.Key{Namespace: ref.Namespace, Name: ref.Name[:i]})
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if entry, has := core.Entries(specOf(app))[ref.Name]; has {
			return &located{app, entry}, nil
		}
	}
	return nil, nil
}

// mostTries bounds how often somebody else's write may come between the look at an application and the write of it.
const mostTries = 20

// edit changes the specification of an application, and creates one that is not there. It returns the object, and the
// specification that it had; nil for one that is new. The caller has the application's lock.
func (a applications) edit(ctx context.Context, namespace, app string, change func(spec map[string]any)) (now *unstructured.Unstructured, before map[string]any, err error) {
	key := kube.Key{Namespace: namespace, Name: app}
	for try := 1; ; try++ {
		now, err = a.cluster.Get(ctx, applicationKind, key)
		switch {
		case isAbsent(err):
			spec := core.NewSpec(app)
			change(spec)
			now, err = a.cluster.Create(ctx, applicationKind, objectOf(key, spec))
			if exists := (*kube.ExistsError)(nil); errors.As(err, &exists) && try < mostTries {
				continue
			}
			return now, nil, err
		case err != nil:
			return nil, nil, err
		}
		before = runtime.DeepCopyJSON(specOf(now))
		spec := runtime.DeepCopyJSON(before)
		change(spec)
		patch := kube.Patch{}.Set(string(now.GetUID()), "metadata", "uid").Set(now.GetResourceVersion(), "metadata", "resourceVersion")
		labeled := true
		for label, value := range core.Labels(app) {
			if now.GetLabels()[label] != value {
				labeled = false
				patch = patch.Set(value, "metadata", "labels", label)
			}
		}
		if labeled && reflect.DeepEqual(before, spec) {
			return now, before, nil
		}
		for _, field := range []string{"deployments", "streamlets"} {
			patch = patch.Set(spec[field], "spec", field)
		}
		now, err = a.cluster.MergePatch(ctx, applicationKind, key, patch)
		var changed *kube.ServerError
		if !errors.As(err, &changed) || changed.Code != http.StatusConflict || try == mostTries {
			return now, before, err
		}
		if err := pause(ctx, time.Duration(try)*conflictPause); err != nil {
			return nil, nil, err
		}
	}
}

// conflictPause is the first pause after a conflict.
const conflictPause = 10 * time.Millisecond

func pause(ctx context.Context, long time.Duration) error {
	select {
	case <-time.After(long):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func objectOf(key kube.Key, spec map[string]any) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetAPIVersion(core.Group + "/" + core.Version)
	object.SetKind(core.Kind)
	object.SetNamespace(key.Namespace)
	object.SetName(key.Name)
	object.SetLabels(core.Labels(key.Name))
	return object
}

// ownerOf is the reference by which what belongs to an application goes with it.
func ownerOf(app *unstructured.Unstructured) []any {
	return []any{map[string]any{
		"apiVersion": core.Group + "/" + core.Version, "kind": core.Kind, "name": app.GetName(), "uid": string(app.GetUID()),
		"controller": true, "blockOwnerDeletion": true,
	}}
}

// own has what is in a namespace belong to an application.
func (a applications) own(ctx context.Context, app *unstructured.Unstructured, kind kube.Kind, name string) error {
	_, err := a.cluster.MergePatch(ctx, kind, kube.Key{Namespace: app.GetNamespace(), Name: name}, kube.Patch{}.Set(ownerOf(app), "metadata", "ownerReferences"))
	if isAbsent(err) {
		return nil
	}
	return err
}

// remove takes a streamlet out of its application, and with the last one the application. The caller has the lock.
func (a applications) remove(ctx context.Context, namespace, app, streamlet string) error {
	key := kube.Key{Namespace: namespace, Name: app}
	live, err := a.cluster.Get(ctx, applicationKind, key)
	if isAbsent(err) || isUnserved(err) {
		return a.dropLeftovers(ctx, namespace, app)
	}
	if err != nil {
		return err
	}
	topics := core.Topics(specOf(live))
	if core.Remove(runtime.DeepCopyJSON(specOf(live)), streamlet) {
		now, _, err := a.edit(ctx, namespace, app, func(spec map[string]any) { core.Remove(spec, streamlet) })
		if err != nil {
			return err
		}
		return a.dropTopics(ctx, namespace, app, topics, core.Topics(specOf(now)))
	}
	if err := a.cluster.Delete(ctx, applicationKind, key, live.GetUID()); err != nil {
		return err
	}
	if err := a.awaitGone(ctx, applicationKind, key, live.GetUID()); err != nil {
		return err
	}
	return a.dropLeftovers(ctx, namespace, app)
}

// awaitGone waits until an object with a uid is not there any more.
func (a applications) awaitGone(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error {
	for change := range a.cluster.Follow(ctx, kind, key) {
		if change.Err != nil {
			if denied := (*kube.DeniedError)(nil); errors.As(change.Err, &denied) {
				return change.Err
			}
			continue
		}
		if change.Object == nil || uid != "" && change.Object.GetUID() != uid {
			return nil
		}
	}
	return ctx.Err()
}
