package clowder

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

const (
	// settingsAnnotation has the settings of an environment for others.
	settingsAnnotation = "flink-terraform.io/settings"
	// ownerAnnotation is on a namespace that was made for an environment, with that one's name.
	ownerAnnotation = "flink-terraform.io/environment"
	// unfinishedAnnotation is on what a create has made that has not come to its end.
	unfinishedAnnotation = "flink-terraform.io/unfinished"
)

// environments are ClowdEnvironments. It implements platform.Environments.
type environments struct{ on *Platform }

// Environments implements platform.Platform.
func (p *Platform) Environments() platform.Environments { return environments{p} }

// Find implements platform.Environments.
func (e environments) Find(ctx context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	found, err := e.find(ctx, name, namespace)
	return found, told(err)
}

func (e environments) find(ctx context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	if name == "" {
		return nil, &platform.NoEnvironmentError{Looked: []string{"an environment of this platform goes by its name"}}
	}
	found, err := e.on.cluster.Get(ctx, environmentKind, kube.Key{Name: name})
	if isAbsent(err) {
		return nil, &platform.NoEnvironmentError{Name: name, Looked: []string{"ClowdEnvironment " + name + ": does not exist"}}
	}
	if err != nil {
		return nil, err
	}
	target, _, _ := unstructured.NestedString(found.Object, "spec", "targetNamespace")
	if namespace != "" && target != namespace {
		return nil, &platform.NoEnvironmentError{Name: name, Looked: []string{fmt.Sprintf("ClowdEnvironment %s: its target namespace is %s, not %s", name, target, namespace)}}
	}
	settings, kept := found.GetAnnotations()[settingsAnnotation]
	tree, err := treeOf(found)
	if err != nil {
		return nil, err
	}
	return &platform.FoundEnvironment{
		Name: name, Namespace: target, Settings: settings, Unrecorded: !kept, Access: &platform.Access{Labels: found.GetLabels()},
		Specification: clowd.Said(treeAt(tree, "spec")), CreateNamespace: e.ownsNamespace(ctx, target, name),
	}, nil
}

// ownsNamespace tells whether a namespace was made for an environment.
func (e environments) ownsNamespace(ctx context.Context, namespace, environment string) bool {
	found, err := e.on.cluster.Get(ctx, namespaceKind, kube.Key{Name: namespace})
	return err == nil && found.GetAnnotations()[ownerAnnotation] == environment
}

// Read implements platform.Environments.
func (e environments) Read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	found, err := e.on.cluster.Get(ctx, environmentKind, kube.Key{Name: want.Name})
	if isAbsent(err) {
		return nil, &platform.NotFoundError{Kind: environmentKind.Kind, Ref: platform.Ref{Name: want.Name}}
	}
	if err != nil {
		return nil, told(err)
	}
	observed, err := observedEnvironment(found, want)
	if err != nil {
		return nil, told(err)
	}
	if want.CreateNamespace {
		if _, err := e.on.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace}); isAbsent(err) {
			observed.Missing = append(observed.Missing, "namespace "+want.Namespace)
		} else if err != nil {
			return nil, told(err)
		}
	}
	return observed, nil
}

// observedEnvironment is what a ClowdEnvironment has of an environment.
func observedEnvironment(found *unstructured.Unstructured, want platform.Environment) (*platform.ObservedEnvironment, error) {
	tree, err := treeOf(found)
	if err != nil {
		return nil, err
	}
	out := &platform.ObservedEnvironment{NamespaceUID: string(found.GetUID()), Settings: new(found.GetAnnotations()[settingsAnnotation]), Missing: []string{}}
	for _, path := range clowd.Differs(treeAt(tree, "spec"), specification(want)) {
		out.Missing = append(out.Missing, path+" of ClowdEnvironment "+want.Name)
	}
	labels := found.GetLabels()
	for _, name := range slices.Sorted(maps.Keys(want.Labels)) {
		if value, has := labels[name]; !has || value != want.Labels[name] {
			out.Missing = append(out.Missing, fmt.Sprintf("label %s=%s of ClowdEnvironment %s", name, want.Labels[name], want.Name))
		}
	}
	return out, nil
}

// specification is the spec of the ClowdEnvironment that is wanted.
func specification(want platform.Environment) flink.Tree {
	out := maps.Clone(want.Specification)
	if out == nil {
		out = flink.Tree{}
	}
	out["targetNamespace"] = want.Namespace
	return out
}

// Apply implements platform.Environments.
func (e environments) Apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	if previous != nil {
		observed, err := e.update(ctx, want, *previous)
		return observed, told(err)
	}
	observed, err := e.create(ctx, want)
	return observed, told(err)
}

func (e environments) create(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	if err := e.createNamespace(ctx, want); err != nil {
		return nil, err
	}
	labels := flink.Tree{}
	for name, value := range want.Labels {
		labels[name] = value
	}
	object, err := objectOf(environmentKind, flink.Tree{
		"metadata": flink.Tree{"name": want.Name, "labels": labels, "annotations": flink.Tree{settingsAnnotation: want.Settings, unfinishedAnnotation: "create"}},
		"spec":     specification(want),
	})
	if err != nil {
		return nil, err
	}
	created, err := e.on.cluster.Create(ctx, environmentKind, object)
	if exists := (*kube.ExistsError)(nil); errors.As(err, &exists) {
		if !exists.Ours() || exists.Object.GetAnnotations()[unfinishedAnnotation] == "" {
			return nil, &platform.ExistsError{Err: err, Ours: exists.Ours()}
		}
		// A create that was killed has left it.
		created, err = e.on.cluster.Apply(ctx, environmentKind, object, kube.ApplyOptions{Force: true})
	}
	if err != nil {
		return nil, err
	}
	return e.await(ctx, want, created)
}

// createNamespace creates the namespace where that is the environment's own. One that a create which
// was killed has left is taken over.
func (e environments) createNamespace(ctx context.Context, want platform.Environment) error {
	if !want.CreateNamespace {
		if _, err := e.on.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace}); isAbsent(err) {
			return &platform.ExplainedError{
				Cause: fmt.Sprintf("the namespace %s does not exist", want.Namespace), Err: err, Remedy: "Create it first, or leave clowder.create_namespace out.",
			}
		}
		return nil
	}
	namespace, err := objectOf(namespaceKind, flink.Tree{"metadata": flink.Tree{"name": want.Namespace, "annotations": flink.Tree{ownerAnnotation: want.Name, unfinishedAnnotation: "create"}}})
	if err == nil {
		_, err = e.on.cluster.Create(ctx, namespaceKind, namespace)
	}
	if exists := (*kube.ExistsError)(nil); errors.As(err, &exists) && (!exists.Ours() || exists.Object.GetAnnotations()[unfinishedAnnotation] == "") {
		return &platform.ExplainedError{
			Cause: fmt.Sprintf("the namespace %s exists already", want.Namespace), Err: err, Remedy: "Set clowder.create_namespace = false to use it, or choose another namespace.",
		}
	} else if errors.As(err, &exists) {
		return nil
	}
	return err
}

// await waits until Clowder has reconciled an environment, and ends the create of it.
func (e environments) await(ctx context.Context, want platform.Environment, written *unstructured.Unstructured) (*platform.ObservedEnvironment, error) {
	observed, err := observedEnvironment(written, want)
	if err != nil {
		return nil, err
	}
	waited := e.reconciled(ctx, want.Name)
	// Whatever became of it, it is in the state from now on.
	marks := kube.Patch{}.RemoveAnnotations(unfinishedAnnotation)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if written.GetAnnotations()[unfinishedAnnotation] != "" {
		_, err = e.on.cluster.MergePatch(bounded, environmentKind, kube.Key{Name: want.Name}, marks)
		if err == nil && want.CreateNamespace {
			_, err = e.on.cluster.MergePatch(bounded, namespaceKind, kube.Key{Name: want.Namespace}, marks)
		}
	}
	if waited != nil {
		err = waited
	}
	return observed, err
}

// update writes what has changed.
func (e environments) update(ctx context.Context, want, previous platform.Environment) (*platform.ObservedEnvironment, error) {
	for try := 1; ; try++ {
		found, err := e.on.cluster.Get(ctx, environmentKind, kube.Key{Name: want.Name})
		if err != nil {
			return nil, err
		}
		if planned := previous.NamespaceUID; planned != "" && planned != string(found.GetUID()) {
			return nil, &platform.OtherObjectError{Kind: environmentKind.Kind, Ref: platform.Ref{Name: want.Name}, UID: string(found.GetUID()), Planned: planned}
		}
		if want.CreateNamespace {
			if err := e.putNamespaceBack(ctx, want); err != nil {
				return nil, err
			}
		}
		tree, err := treeOf(found)
		if err != nil {
			return nil, err
		}
		live := flink.Tree{"spec": tree["spec"], "metadata": flink.Tree{"labels": treeAt(tree, "metadata", "labels"), "annotations": treeAt(tree, "metadata", "annotations")}}
		next := flink.Overlay(live, wholeOf(previous), wholeOf(want))
		patch := kube.Patch(flink.MergePatch(live, next))
		if len(patch) > 0 {
			patch.Set(found.GetResourceVersion(), "metadata", "resourceVersion")
			written, err := e.on.cluster.MergePatch(ctx, environmentKind, kube.Key{Name: want.Name}, patch)
			if server := (*kube.ServerError)(nil); errors.As(err, &server) && server.Code == conflict && try < attempts {
				if err := pause(ctx, time.Duration(try)*pauseBefore); err != nil {
					return nil, err
				}
				continue
			}
			if err != nil {
				return nil, err
			}
			found = written
		}
		return e.await(ctx, want, found)
	}
}

// conflict is the code of a write for a version that is not the present one any more.
const conflict = 409

// putNamespaceBack creates a namespace of the environment's own that somebody has deleted.
func (e environments) putNamespaceBack(ctx context.Context, want platform.Environment) error {
	_, err := e.on.cluster.Get(ctx, namespaceKind, kube.Key{Name: want.Namespace})
	if !isAbsent(err) {
		return err
	}
	namespace, err := objectOf(namespaceKind, flink.Tree{"metadata": flink.Tree{"name": want.Namespace}})
	if err == nil {
		_, err = e.on.cluster.Create(ctx, namespaceKind, namespace)
	}
	return err
}

// wholeOf is all that the provider writes of an environment.
func wholeOf(of platform.Environment) flink.Tree {
	labels := flink.Tree{}
	for name, value := range of.Labels {
		labels[name] = value
	}
	out := flink.Tree{"spec": specification(of), "metadata": flink.Tree{"annotations": flink.Tree{settingsAnnotation: of.Settings}}}
	if len(labels) > 0 {
		treeAt(out, "metadata")["labels"] = labels
	}
	return out
}

// Delete implements platform.Environments. Clowder would let an environment go while applications
// use it, and Kafka and the topics with it.
func (e environments) Delete(ctx context.Context, want platform.Environment) error {
	return told(e.delete(ctx, want))
}

func (e environments) delete(ctx context.Context, want platform.Environment) error {
	key := kube.Key{Name: want.Name}
	found, err := e.on.cluster.Get(ctx, environmentKind, key)
	if err != nil && !isAbsent(err) {
		return err
	}
	if err == nil && (want.NamespaceUID == "" || want.NamespaceUID == string(found.GetUID())) {
		users, err := e.users(ctx, want.Name, found)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return &platform.InUseError{Place: "ClowdEnvironment " + want.Name, Resources: users}
		}
		if err := e.on.cluster.Delete(ctx, environmentKind, key, found.GetUID()); err != nil {
			return err
		}
		if err := e.on.awaitGone(ctx, environmentKind, key, found.GetUID()); err != nil {
			return err
		}
	}
	e.on.places.Delete(want.Name)
	if !want.CreateNamespace || !e.ownsNamespace(ctx, want.Namespace, want.Name) {
		return nil
	}
	namespace := kube.Key{Name: want.Namespace}
	live, err := e.on.cluster.Get(ctx, namespaceKind, namespace)
	if err == nil {
		if err = e.on.cluster.Delete(ctx, namespaceKind, namespace, live.GetUID()); err == nil {
			err = e.on.awaitGone(ctx, namespaceKind, namespace, live.GetUID())
		}
	}
	if isAbsent(err) {
		return nil
	}
	return err
}

// users are the applications of an environment. Without the right to look for them in all
// namespaces, those that Clowder knows count.
func (e environments) users(ctx context.Context, name string, environment *unstructured.Unstructured) ([]string, error) {
	all, err := e.on.cluster.List(ctx, appKind, "", "")
	if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
		tree, err := treeOf(environment)
		out := clowd.AppsOf(tree)
		for i := range out {
			out[i] = appKind.Kind + " " + out[i]
		}
		return out, err
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, app := range all {
		if of, _, _ := unstructured.NestedString(app.Object, "spec", "envName"); of == name {
			out = append(out, appKind.Kind+" "+kube.KeyOf(&app).String())
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out, nil
}

// awaitGone waits until an object is not there any more.
func (p *Platform) awaitGone(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error {
	return p.until(ctx, kind, key, func(object *unstructured.Unstructured) bool { return object == nil || object.GetUID() != uid })
}
