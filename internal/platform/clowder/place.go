package clowder

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// noPlaceError says that nothing tells where the applications of an environment are.
type noPlaceError struct{ environment string }

func (e *noPlaceError) Error() string {
	return fmt.Sprintf("there is no ClowdEnvironment %s with a target namespace, and no ClowdApp that names it", e.environment)
}

// namespace is where the applications of an environment are: the target namespace of the
// ClowdEnvironment, which knows it before Clowder has looked at it. Where somebody has deleted
// that, its applications are looked for.
func (p *Platform) namespace(ctx context.Context, environment string) (string, error) {
	if known, has := p.places.Load(environment); has {
		name, _ := known.(string)
		return name, nil
	}
	found, err := p.cluster.Read(ctx, environmentKind, kube.Key{Name: environment})
	if err != nil && !isAbsent(err) {
		return "", err
	}
	name := ""
	if err == nil {
		name, _, _ = unstructured.NestedString(found.Object, "spec", "targetNamespace")
		if name == "" {
			name, _, _ = unstructured.NestedString(found.Object, "status", "targetNamespace")
		}
	}
	if name == "" {
		all, err := p.cluster.List(ctx, appKind, "", platform.ApplicationLabel)
		if err != nil {
			return "", err
		}
		for _, app := range all {
			if of, _, _ := unstructured.NestedString(app.Object, "spec", "envName"); of == environment {
				name = app.GetNamespace()
				break
			}
		}
	}
	if name == "" {
		return "", &noPlaceError{environment}
	}
	p.places.Store(environment, name)
	return name, nil
}

// placed is where something is to be written.
type placed struct {
	clowd.Place
	key kube.Key
}

// placeOf is the place of a deployment by its labels, which say where its name parts.
func (p *Platform) placeOf(ctx context.Context, want platform.Deployment) (placed, error) {
	app, entry := want.Labels[platform.ApplicationLabel], want.Labels[platform.StreamletLabel]
	out := placed{Place: clowd.Place{App: app, Entry: entry}}
	if app == "" || entry == "" || out.Deployment() != want.Name {
		return out, fmt.Errorf("the deployment %s is none of a stream application, and Clowder runs nothing else for this provider", want.Ref)
	}
	namespace, err := p.namespace(ctx, want.Namespace)
	if missing := (*noPlaceError)(nil); errors.As(err, &missing) {
		return out, &platform.ExplainedError{
			Cause: fmt.Sprintf("the ClowdEnvironment %s does not exist", want.Namespace), Err: err,
			Remedy: "Create it first, as a flink_environment with platform = \"clowder\" does, or correct its name.",
		}
	}
	out.key = kube.Key{Namespace: namespace, Name: app}
	return out, err
}

// located is an entry that exists.
type located struct {
	placed
	app   flink.Tree
	entry flink.Tree
	mark  clowd.Mark
}

// looker reads an object: Store.Get as it is now, or Store.Find from a list that one process reads
// once.
type looker func(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)

// locate finds the entry of a deployment. Names have hyphens, so each beginning of the name may
// be that of the ClowdApp; the mark of the provider tells.
func (p *Platform) locate(ctx context.Context, look looker, ref platform.Ref) (located, error) {
	absent := &platform.NotFoundError{Kind: appKind.Kind, Ref: ref}
	namespace, err := p.namespace(ctx, ref.Namespace)
	if missing := (*noPlaceError)(nil); errors.As(err, &missing) {
		return located{}, absent
	}
	if err != nil {
		return located{}, err
	}
	for i, letter := range ref.Name {
		if letter != '-' {
			continue
		}
		place := clowd.Place{App: ref.Name[:i], Entry: ref.Name[i+1:]}
		key := kube.Key{Namespace: namespace, Name: place.App}
		if place.App == "" || place.Entry == "" || strings.HasSuffix(place.App, "-") {
			continue
		}
		found, err := look(ctx, appKind, key)
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return located{}, err
		}
		app, err := treeOf(found)
		if err != nil {
			return located{}, err
		}
		entry, has := clowd.EntryOf(app, place.Entry)
		mark, marked := clowd.MarkOf(entry)
		if has && marked && textAt(app, "spec", "envName") == ref.Namespace && treeAt(app, "metadata")["deletionTimestamp"] == nil {
			return located{placed{place, key}, app, entry, mark}, nil
		}
	}
	return located{}, absent
}
