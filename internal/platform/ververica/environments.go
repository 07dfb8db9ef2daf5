package ververica

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// environments implements platform.Environments: an environment is a namespace of the
// platform with a deployment target, and its say in the deployment defaults there.
type environments struct{ client *Client }

// Environments implements platform.Platform.
func (c *Client) Environments() platform.Environments { return environments{c} }

// Read implements platform.Environments. The environment is its deployment target: one
// that is gone from a namespace of its own is missed, and put back.
func (e environments) Read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	observed, err := e.read(ctx, want)
	if err != nil {
		return nil, explain(err)
	}
	return observed, nil
}

func (e environments) read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	observed := &platform.ObservedEnvironment{Missing: []string{}}
	if want.CreateNamespace || len(want.RoleBindings) > 0 {
		found, err := e.client.namespaceOf(want).present(ctx)
		if err != nil {
			return nil, err
		}
		observed.Missing = missingRoles(want, found)
	}
	target, err := e.target(ctx, want)
	switch {
	case isAbsent(err) && want.CreateNamespace:
		observed.NamespaceUID = want.NamespaceUID
		observed.Missing = append(observed.Missing, "deployment target "+want.DeploymentTarget)
	case err != nil:
		return nil, err
	default:
		observed.NamespaceUID = text(target, "metadata", "id")
		observed.Missing = append(observed.Missing, missingLabels(want, target)...)
		// Without the annotation others find nothing, so that is drift.
		observed.Settings = new(texts(target, "metadata", "annotations")[settingsAnnotation])
	}
	missing, err := e.missingDefaults(ctx, want)
	observed.Missing = append(observed.Missing, missing...)
	return observed, err
}

// missingRoles are the roles whose members are not those of the environment.
func missingRoles(want platform.Environment, found object) []string {
	out := []string{}
	is := membersOf(found)
	for _, role := range slices.Sorted(maps.Keys(want.RoleBindings)) {
		if !slices.Equal(slices.Sorted(slices.Values(want.RoleBindings[role])), is[role]) {
			out = append(out, fmt.Sprintf("role %s of namespace %s", role, want.Name))
		}
	}
	return out
}

// missingLabels are the labels that the deployment target does not have.
func missingLabels(want platform.Environment, target object) []string {
	var out []string
	is := texts(target, "metadata", "labels")
	for _, name := range slices.Sorted(maps.Keys(want.Labels)) {
		if value, has := is[name]; !has || value != want.Labels[name] {
			out = append(out, fmt.Sprintf("label %s=%s of deployment target %s", name, want.Labels[name], want.DeploymentTarget))
		}
	}
	return out
}

// Apply implements platform.Environments. The settings are written last, so that what
// was said before is known until it is taken back.
func (e environments) Apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	if err := e.check(ctx, want); err != nil {
		return nil, explain(err)
	}
	write := e.create
	if previous != nil {
		write = func(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
			return e.update(ctx, want, *previous)
		}
	}
	observed, err := write(ctx, want)
	return observed, explain(err)
}

// check refuses what the server cannot do, before anything is written.
func (e environments) check(ctx context.Context, want platform.Environment) error {
	if err := e.client.require(ctx, want.Name); err != nil {
		return err
	}
	is, err := e.client.version(ctx, want.Name)
	if err != nil || is.generation < generation3 || !want.CreateNamespace {
		return err
	}
	return &platform.ExplainedError{
		Cause:  "the server does not let others create namespaces",
		Err:    fmt.Errorf("in %s %s a namespace belongs to a workspace, and no published API creates one", product, is.build),
		Remedy: "Create the namespace in the platform, and set ververica = { create_namespace = false }.",
	}
}

// create creates the environment. What it returns beside an error exists already.
func (e environments) create(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	var observed *platform.ObservedEnvironment
	namespace := e.client.namespaceOf(want)
	if want.CreateNamespace {
		if err := namespace.create(ctx, want.RoleBindings); err != nil {
			return nil, err
		}
		observed = &platform.ObservedEnvironment{Missing: []string{}}
	} else {
		found, err := e.target(ctx, want)
		if err == nil {
			return nil, exists(targetKey(want), found)
		}
		if !isAbsent(err) {
			return nil, err
		}
		if err := namespace.bind(ctx, nil, want.RoleBindings); err != nil {
			return nil, err
		}
	}
	target, err := e.createTarget(ctx, want)
	if err == nil {
		return appliedAs(want, target), e.sayDefaults(ctx, want, platform.Environment{})
	}
	if want.CreateNamespace && namespace.delete(ctx) == nil {
		observed = nil
		if rest.Code(err) == http.StatusForbidden {
			err = withoutRole(err)
		}
	}
	return observed, err
}

// withoutRole is the error of a create that may make a namespace and nothing in it.
func withoutRole(err error) error {
	return &platform.ExplainedError{
		Cause: "in a namespace that is just created nobody has a role", Err: err,
		Remedy: "The namespace was deleted again. Say in ververica.role_bindings who owns it, among them whoever the provider acts as, also by a group or by everybody: " +
			"ververica = { role_bindings = { owner = [\"system:authenticated\"] } }.",
	}
}

// appliedAs is an environment that was just written.
func appliedAs(want platform.Environment, target object) *platform.ObservedEnvironment {
	return &platform.ObservedEnvironment{NamespaceUID: text(target, "metadata", "id"), Missing: []string{}, Settings: &want.Settings}
}

func (e environments) update(ctx context.Context, want, previous platform.Environment) (*platform.ObservedEnvironment, error) {
	namespace := e.client.namespaceOf(want)
	if want.CreateNamespace {
		if _, err := namespace.present(ctx); err != nil {
			return nil, err
		}
	}
	target, err := e.target(ctx, want)
	absent := isAbsent(err) && want.CreateNamespace
	switch uid := text(target, "metadata", "id"); {
	case err != nil && !absent:
		return nil, err
	case !absent && previous.NamespaceUID != "" && uid != previous.NamespaceUID:
		return nil, &platform.OtherObjectError{
			Kind: kinds[targets], Ref: platform.Ref{Namespace: want.Name, Name: want.DeploymentTarget},
			UID: uid, Planned: previous.NamespaceUID, Created: text(target, "metadata", "createdAt"),
		}
	}
	if err := namespace.bind(ctx, previous.RoleBindings, want.RoleBindings); err != nil {
		return nil, err
	}
	if err := e.sayDefaults(ctx, want, previous); err != nil {
		return nil, err
	}
	if absent {
		target, err = e.createTarget(ctx, want)
	} else {
		err = e.writeTarget(ctx, target, want, previous)
	}
	if err != nil {
		return nil, err
	}
	return appliedAs(want, target), nil
}

// inside are the collections of what may run in a namespace.
var inside = []string{deployments, sessionClusters}

// used is a *platform.InUseError while there is something in the namespace.
func (e environments) used(ctx context.Context, of platform.Environment) error {
	var resources []string
	for _, collection := range inside {
		names, err := e.client.items(ctx, of.Name, collection)
		if err != nil && rest.Code(err) != http.StatusNotFound {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			resources = append(resources, kinds[collection]+" "+name)
		}
	}
	if len(resources) == 0 {
		return nil
	}
	return &platform.InUseError{Place: "namespace " + of.Name, Resources: resources}
}

// Delete implements platform.Environments. A namespace that is deleted takes along what
// is in it, so there must be nothing.
func (e environments) Delete(ctx context.Context, want platform.Environment) error {
	return explain(e.delete(ctx, want))
}

func (e environments) delete(ctx context.Context, want platform.Environment) error {
	target, err := e.target(ctx, want)
	absent := isAbsent(err)
	if err != nil && (!absent || !want.CreateNamespace) {
		return err
	}
	if !absent && want.NamespaceUID != "" && text(target, "metadata", "id") != want.NamespaceUID {
		return &platform.NotFoundError{Kind: kinds[targets], Ref: platform.Ref{Namespace: want.Name, Name: want.DeploymentTarget}}
	}
	if err := e.used(ctx, want); err != nil {
		return err
	}
	if !absent {
		says := want
		says.Settings = ""
		if err := e.sayDefaults(ctx, says, want); err != nil {
			return err
		}
		if err := e.deleteTarget(ctx, want); err != nil {
			return err
		}
	}
	if !want.CreateNamespace {
		return nil
	}
	return e.client.namespaceOf(want).delete(ctx)
}

// Find implements platform.Environments: an environment goes by the name of its
// namespace, and leaves its settings at its deployment target.
func (e environments) Find(ctx context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	all, err := e.client.items(ctx, name, targets)
	where := fmt.Sprintf("%s at %s", product, e.client.Endpoint())
	missing := func(why string) error {
		return &platform.NoEnvironmentError{Name: name, Looked: []string{where + ": " + why}}
	}
	if rest.Code(err) == http.StatusNotFound {
		err = e.client.absent(ctx, e.client.in(name), &platform.NotFoundError{Kind: namespaceKind, Ref: platform.Ref{Name: name}}, err)
	}
	if isAbsent(err) {
		return nil, missing("it has no namespace of this name")
	}
	if err != nil {
		return nil, explain(err)
	}
	own := map[string]object{}
	for target, found := range all {
		if texts(found, "metadata", "annotations")[settingsAnnotation] != "" {
			own[target] = found
		}
	}
	unrecorded := len(own) == 0
	if unrecorded {
		own = all
	}
	names := slices.Sorted(maps.Keys(own))
	switch {
	case len(names) == 0:
		return nil, missing("the namespace has no deployment target")
	case len(names) > 1:
		return nil, missing("the namespace has several deployment targets, " + strings.Join(names, " and ") + ", and nothing tells which is that of the environment")
	}
	found, err := foundIn(name, own[names[0]], unrecorded)
	switch {
	case err != nil:
		return nil, explain(err)
	case found.Namespace == "":
		return nil, missing("the deployment target " + names[0] + " names no Kubernetes namespace, so it is that of the server")
	case namespace != "" && found.Namespace != namespace:
		return nil, missing("the environment is in the Kubernetes namespace " + found.Namespace)
	}
	return found, nil
}

// foundIn returns an environment by its deployment target.
func foundIn(name string, target object, unrecorded bool) (*platform.FoundEnvironment, error) {
	annotations := texts(target, "metadata", "annotations")
	found := &platform.FoundEnvironment{
		Name: name, Namespace: text(target, "spec", "kubernetes", "namespace"), Settings: annotations[settingsAnnotation], Unrecorded: unrecorded,
		Access: &platform.Access{Labels: texts(target, "metadata", "labels")}, DeploymentTarget: text(target, "metadata", "name"),
		CreateNamespace: annotations[namespaceAnnotation] == namespaceCreated,
	}
	if !unrecorded {
		return found, nil
	}
	var err error
	found.Settings, err = defaults.Settings{Environment: name}.Encode()
	return found, err
}
