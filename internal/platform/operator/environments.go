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
)

// Environments manages namespaces with what Flink needs in them. It implements
// platform.Environments.
type Environments struct {
	cluster cluster
	options Options
}

var _ platform.Environments = (*Environments)(nil)

// NewEnvironments returns the environments of a cluster.
func NewEnvironments(cluster cluster, options Options) *Environments {
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
	if want.CreateNamespace && kube.HasManager(namespace) {
		observed.NamespaceUID = string(namespace.GetUID())
		if !hasLabels(namespace, want.Labels) {
			observed.Missing = append(observed.Missing, "the configured labels of namespace "+want.Namespace)
		}
	}
	for _, part := range accessOf(want) {
		live, err := e.cluster.Get(ctx, part.kind, part.key())
		switch {
		case isAbsent(err):
			observed.Missing = append(observed.Missing, part.String())
		case err != nil:
			return nil, err
		case !part.isIn(live) || !hasLabels(live, want.Labels):
			observed.Missing = append(observed.Missing, "the configured contents of "+part.String())
		}
	}
	observed.Settings, err = e.keptSettings(ctx, want)
	return observed, err
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
	create := previous == nil
	uid, err := e.applyNamespace(ctx, want, create)
	if err != nil {
		return nil, err
	}
	observed.NamespaceUID = uid
	if create && !want.CreateNamespace {
		if err := e.refuseOther(ctx, want); err != nil {
			return nil, err
		}
	}
	if err := e.applyAccess(ctx, want, create); err != nil {
		if create && !want.CreateNamespace {
			// Nothing that must be remembered: the namespace is not ours, and
			// the next create goes on with what is there.
			return nil, err
		}
		return observed, err
	}
	if observed.Settings, observed.Unkept, err = e.keepSettings(ctx, want); err != nil {
		return observed, err
	}
	if !create {
		return observed, e.prune(ctx, want, *previous)
	}
	if want.CreateNamespace {
		patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:null}}}`, creationAnnotation)
		_, err = e.cluster.MergePatch(ctx, namespaceKind, kube.Key{Name: want.Namespace}, []byte(patch))
	}
	return observed, err
}

// applyNamespace returns the uid of the namespace when it is the environment's
// own.
func (e *Environments) applyNamespace(ctx context.Context, want platform.Environment, create bool) (string, error) {
	if !want.CreateNamespace {
		_, err := e.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace})
		if isAbsent(err) {
			return "", &kube.NamespaceNotFoundError{Ref: kube.Ref{Kind: serviceAccountKind, Key: kube.Key{Namespace: want.Namespace, Name: orElse(want.ServiceAccount, "default")}}}
		}
		return "", err
	}
	namespace := namespaceOf(want)
	var live *unstructured.Unstructured
	var err error
	if create {
		live, err = e.cluster.Create(ctx, namespaceKind, namespace)
		var exists *kube.ExistsError
		if errors.As(err, &exists) && exists.Ours() && exists.Object.GetDeletionTimestamp() == nil &&
			exists.Object.GetAnnotations()[creationAnnotation] == namespace.GetAnnotations()[creationAnnotation] {
			logctx.From(ctx).InfoContext(ctx, "Continuing a create that was interrupted", "namespace", want.Namespace)
			live, err = exists.Object, nil
		}
	} else {
		namespace.SetAnnotations(nil)
		live, err = e.cluster.Apply(ctx, namespaceKind, namespace, kube.ApplyOptions{Force: e.options.ForceConflicts})
	}
	if err != nil {
		return "", err
	}
	return string(live.GetUID()), nil
}

// applyAccess writes the service account, the role and the role binding.
func (e *Environments) applyAccess(ctx context.Context, want platform.Environment, create bool) error {
	for _, part := range accessOf(want) {
		if create {
			_, err := e.cluster.Create(ctx, part.kind, part.object)
			var exists *kube.ExistsError
			if !errors.As(err, &exists) || !exists.Ours() {
				if err != nil {
					return err
				}
				continue
			}
		}
		if _, err := e.cluster.Apply(ctx, part.kind, part.object, kube.ApplyOptions{Force: e.options.ForceConflicts}); err != nil {
			return err
		}
	}
	return nil
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
	for _, part := range accessOf(previous) {
		live, err := e.cluster.Get(ctx, part.kind, part.key())
		if isAbsent(err) || (err == nil && !kube.HasManager(live)) {
			continue
		}
		if err != nil {
			return err
		}
		if err := e.cluster.Delete(ctx, part.kind, part.key(), live.GetUID()); err != nil {
			return err
		}
	}
	return nil
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
	own := want.CreateNamespace && kube.HasManager(namespace)
	if !own && want.ServiceAccount == "" {
		return e.dropSettings(ctx, want)
	}
	if namespace.GetDeletionTimestamp() == nil {
		used, err := e.resources(ctx, want.Namespace)
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return &platform.InUseError{Namespace: want.Namespace, Resources: used}
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
	following, stop := context.WithCancel(ctx)
	defer stop()
	changes := e.cluster.Follow(following, namespaceKind, kube.Key{Name: name})
	var last *unstructured.Unstructured
	for {
		select {
		case change, open := <-changes:
			var denied *kube.DeniedError
			switch {
			case !open:
				<-ctx.Done()
				return namespaceStays(ctx, name, last)
			case errors.As(change.Err, &denied):
				logctx.From(ctx).WarnContext(ctx, "Not waiting until the namespace is gone: namespaces may not be watched", "namespace", name)
				return nil
			case change.Err != nil:
				continue
			case change.Object == nil || change.Object.GetUID() != uid:
				return nil
			}
			last = change.Object
		case <-ctx.Done():
			return namespaceStays(ctx, name, last)
		}
	}
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
