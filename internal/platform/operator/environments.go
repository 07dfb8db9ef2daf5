package operator

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// Environments manages namespaces with what Flink needs in them. It implements
// platform.Environments.
type Environments struct {
	cluster Store
	options Options
}

var _ platform.Environments = (*Environments)(nil)

// NewEnvironments returns the environments of a cluster.
func NewEnvironments(cluster Store, options Options) *Environments {
	return &Environments{cluster: cluster, options: options}
}

// Read returns what exists of an environment.
func (e *Environments) Read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	namespace, err := e.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace})
	if isAbsent(err) {
		return nil, &platform.NotFoundError{Kind: namespaceKind.Kind, Ref: platform.Ref{Name: want.Namespace}}
	}
	if err != nil {
		return nil, err
	}
	observed := &platform.ObservedEnvironment{}
	if ownsNamespace(want, namespace) {
		observed.NamespaceUID = string(namespace.GetUID())
		observed.Missing = lacksLabels(namespace, want.Labels, "namespace "+want.Namespace)
	}
	for _, part := range accessOf(want) {
		live, err := e.cluster.Get(ctx, part.kind, part.key())
		switch {
		case isAbsent(err):
			observed.Missing = append(observed.Missing, part.String())
		case err != nil:
			return nil, err
		default:
			observed.Missing = append(observed.Missing, part.lacks(live, want.Labels)...)
		}
	}
	observed.Settings, err = e.keptSettings(ctx, want)
	return observed, err
}

// ownsNamespace tells whether a namespace is the environment's own: the one that
// it is known to have created, or for want of that knowledge one that this
// provider has written. Somebody who changes all that the provider has written
// takes the trace of it away.
func ownsNamespace(want platform.Environment, namespace *unstructured.Unstructured) bool {
	if want.CreateNamespace && want.NamespaceUID != "" {
		return string(namespace.GetUID()) == want.NamespaceUID
	}
	return want.CreateNamespace && kube.HasManager(namespace)
}

func isAbsent(err error) bool {
	var absent *kube.NotFoundError
	return errors.As(err, &absent)
}

// Apply creates or updates the namespace, the service account, the role and role
// binding, and the settings. With create it refuses what is there already, except
// what an interrupted create left. Beside an error it returns what exists by then.
func (e *Environments) Apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	observed := &platform.ObservedEnvironment{}
	if previous != nil {
		var err error
		if observed.NamespaceUID, err = e.applyNamespace(ctx, want, *previous); err != nil {
			return nil, err
		}
		if err := e.furnish(ctx, want, false, observed); err != nil {
			return observed, err
		}
		return observed, e.prune(ctx, want, *previous)
	}
	mark := newCreation(e.cluster, "environment")
	if !want.CreateNamespace {
		inherited, err := e.begin(ctx, want, mark)
		if err != nil {
			return nil, err
		}
		if err := e.furnish(ctx, want, true, observed); err != nil {
			// Nothing that must be remembered: the namespace is not ours, and
			// the next create goes on with what is there.
			return nil, errors.Join(err, e.giveUp(ctx, want))
		}
		if inherited {
			// What was patched is not what is applied.
			_, err = e.cluster.MergePatch(ctx, configMapKind, settingsKey(want.Name, want.Namespace), kube.Patch{}.RemoveAnnotations(unfinishedMarks...))
		}
		return observed, err
	}
	namespace, err := e.createNamespace(ctx, want, mark)
	if err != nil {
		return nil, err
	}
	observed.NamespaceUID = string(namespace.GetUID())
	err = e.furnish(ctx, want, true, observed)
	// Whatever became of it, it is in the state from now on.
	_, unmarked := e.cluster.MergePatch(ctx, namespaceKind, kube.Key{Name: want.Namespace}, patchOf(namespace.GetUID()).RemoveAnnotations(unfinishedMarks...))
	if err == nil {
		err = unmarked
	}
	return observed, err
}

// furnish writes what an environment has in its namespace.
func (e *Environments) furnish(ctx context.Context, want platform.Environment, create bool, observed *platform.ObservedEnvironment) error {
	err := e.applyAccess(ctx, want, create)
	if err == nil {
		observed.Settings, observed.Unkept, err = e.keepSettings(ctx, want)
	}
	return err
}

// createNamespace creates the namespace of an environment.
func (e *Environments) createNamespace(ctx context.Context, want platform.Environment, mark creation) (*unstructured.Unstructured, error) {
	namespace := namespaceOf(want)
	annotate(namespace, creationAnnotation, mark.String())
	created, err := e.cluster.Create(ctx, namespaceKind, namespace)
	var exists *kube.ExistsError
	if errors.As(err, &exists) {
		return mark.inherit(ctx, e.cluster, exists, mark.begins)
	}
	return created, err
}

// applyNamespace writes the namespace that an environment has, and returns its
// uid when it is the environment's own.
func (e *Environments) applyNamespace(ctx context.Context, want, previous platform.Environment) (string, error) {
	if previous.NamespaceUID != "" {
		live, err := e.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace})
		if err != nil {
			return "", err
		}
		if err := checkSame(namespaceKind, platform.Ref{Name: want.Namespace}, live, previous.NamespaceUID); err != nil {
			return "", err
		}
	}
	if !want.CreateNamespace {
		return "", e.hasNamespace(ctx, want)
	}
	namespace := namespaceOf(want)
	namespace.SetUID(types.UID(previous.NamespaceUID))
	live, err := e.apply(ctx, namespaceKind, namespace)
	if err != nil {
		return "", err
	}
	return string(live.GetUID()), nil
}

// hasNamespace looks for a namespace that must exist.
func (e *Environments) hasNamespace(ctx context.Context, want platform.Environment) error {
	_, err := e.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace})
	if isAbsent(err) {
		return &kube.NamespaceNotFoundError{Ref: kube.Ref{Kind: serviceAccountKind, Key: kube.Key{Namespace: want.Namespace, Name: orElse(want.ServiceAccount, "default")}}}
	}
	return err
}

// applyAccess writes the service account, the role and the role binding.
func (e *Environments) applyAccess(ctx context.Context, want platform.Environment, create bool) error {
	for _, part := range accessOf(want) {
		_, err := e.cluster.Create(ctx, part.kind, part.object)
		var exists *kube.ExistsError
		switch {
		case err == nil:
			continue
		case !errors.As(err, &exists), create && !exists.Ours():
			return err
		}
		// The state does not know the uid: what is seen is what is written.
		part.object.SetUID(exists.Object.GetUID())
		if _, err := e.apply(ctx, part.kind, part.object); err != nil {
			return err
		}
	}
	return nil
}

// apply writes an object. What somebody has changed by hand is drift, which it
// puts back.
func (e *Environments) apply(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return applyOver(ctx, e.cluster, kind, object, kube.ApplyOptions{Force: e.options.ForceConflicts}, func() (*unstructured.Unstructured, error) {
		return e.cluster.Get(ctx, kind, kube.KeyOf(object))
	})
}

// prune deletes the access that the environment had under another service
// account, and its settings under another name. Other environments may share the
// namespace; what is theirs stays.
func (e *Environments) prune(ctx context.Context, want, previous platform.Environment) error {
	if previous.Name != want.Name {
		if err := e.dropSettings(ctx, previous); err != nil {
			return err
		}
	}
	if previous.ServiceAccount == want.ServiceAccount {
		return nil
	}
	return e.deleteAccess(ctx, previous)
}

// Delete removes what Apply created and waits until it is gone.
func (e *Environments) Delete(ctx context.Context, want platform.Environment) error {
	namespace, err := e.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace})
	if isAbsent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	own := ownsNamespace(want, namespace)
	if want.CreateNamespace && want.NamespaceUID != "" && !own {
		// The environment's has gone with all that was in it.
		return nil
	}
	if !own && want.ServiceAccount == "" {
		return e.dropSettings(ctx, want)
	}
	if namespace.GetDeletionTimestamp() == nil {
		used, err := e.resources(ctx, want.Namespace)
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return &platform.InUseError{Place: "namespace " + want.Namespace, Resources: used}
		}
	}
	if own {
		return e.deleteNamespace(ctx, want.Namespace, namespace.GetUID())
	}
	if err := e.deleteAccess(ctx, want); err != nil {
		return err
	}
	return e.dropSettings(ctx, want)
}

// deleteAccess deletes the binding first, so that nobody has rights that have
// no owner.
func (e *Environments) deleteAccess(ctx context.Context, want platform.Environment) error {
	parts := accessOf(want)
	for i := len(parts) - 1; i >= 0; i-- {
		part := parts[i]
		live, err := e.cluster.Get(ctx, part.kind, part.key())
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return err
		}
		if !kube.HasManager(live) {
			logctx.From(ctx).InfoContext(ctx, "Not deleting what others made", "object", part.String())
			continue
		}
		if err := e.cluster.Delete(ctx, part.kind, part.key(), live.GetUID()); err != nil {
			return err
		}
	}
	return nil
}

// resources names the Flink resources of a namespace that must go before it.
func (e *Environments) resources(ctx context.Context, namespace string) ([]string, error) {
	var names []string
	for _, kind := range []kube.Kind{blueGreenKind, deploymentKind, sessionJobKind, snapshotKind} {
		objects, err := e.cluster.List(ctx, kind, namespace, "")
		var notServed *kube.NotServedError
		if errors.As(err, &notServed) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range objects {
			if kind != snapshotKind || needsJob(&objects[i]) {
				names = append(names, kind.Kind+" "+objects[i].GetName())
			}
		}
	}
	return names, nil
}

// needsJob tells whether the operator would ask the job to dispose of the
// savepoint when the snapshot is deleted, and so keep the snapshot, and its
// namespace, for ever when the job is gone. Snapshots that only record a
// savepoint go with the namespace.
func needsJob(snapshot *unstructured.Unstructured) bool {
	savepoint, ok, _ := unstructured.NestedMap(snapshot.Object, "spec", "savepoint")
	if !ok || savepoint["disposeOnDelete"] == false {
		return false
	}
	state, _, _ := unstructured.NestedString(snapshot.Object, "status", "state")
	return state == "COMPLETED" || state == "IN_PROGRESS"
}

// deleteNamespace deletes the namespace and waits until it is gone.
func (e *Environments) deleteNamespace(ctx context.Context, name string, uid types.UID) error {
	if err := e.cluster.Delete(ctx, namespaceKind, kube.Key{Name: name}, uid); err != nil && !isAbsent(err) {
		return err
	}
	var last *unstructured.Unstructured
	err := watch.Wait[kube.Change]{Trouble: unhealing, See: func(change kube.Change) bool {
		if change.Object == nil || change.Object.GetUID() != uid {
			return true
		}
		last = change.Object
		return false
	}}.Until(ctx, following(e.cluster, namespaceKind, kube.Key{Name: name}))
	if err != nil && unhealing(err) == nil {
		return namespaceStays(ctx, name, last)
	}
	if err != nil {
		logctx.From(ctx).WarnContext(ctx, "Not waiting until the namespace is gone: namespaces may not be watched", "namespace", name)
	}
	return nil
}

// namespaceStays explains a namespace that is not gone in time, in the words of
// the namespace controller.
func namespaceStays(ctx context.Context, name string, last *unstructured.Unstructured) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	var lines []string
	if last != nil {
		conditions, _, _ := unstructured.NestedSlice(last.Object, "status", "conditions")
		for _, item := range conditions {
			if c, _ := item.(map[string]any); c["status"] == "True" {
				lines = append(lines, line(fmt.Sprint(c["type"]), fmt.Sprint(c["message"])))
			}
		}
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The namespace %q is not gone in time", name),
		Detail: joinLines("The namespace was deleted and still exists.", joinLines(lines...),
			"Kubernetes goes on deleting it. Look at what is left, and destroy again to wait on."),
	}
}
