package cfk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// settingsAnnotation has the settings of an environment, for configurations that did not create
// it.
const settingsAnnotation = "flink-terraform.io/settings"

// The fields of an environment by which it has its say.
var says = []string{"computePoolDefaults", "flinkApplicationDefaults", "statementDefaults"}

// environments implements platform.Environments: a FlinkEnvironment each, and the CMFRestClass
// by which the controller reaches the server, where the environment makes it.
type environments struct{ client *Client }

// Environments implements platform.Platform.
func (c *Client) Environments() platform.Environments { return environments{c} }

func (e environments) ref(name string) platform.Ref {
	return platform.Ref{Namespace: e.client.at.Namespace, Name: name}
}

// object is the custom resource of an environment.
func (e environments) object(want platform.Environment) (*unstructured.Unstructured, error) {
	said, err := confluent.DefaultsOf(want)
	if err != nil {
		return nil, err
	}
	spec := map[string]any{"kubernetesNamespace": want.Namespace}
	if want.Cluster != "" {
		spec["kubernetesClusterName"] = want.Cluster
	}
	for field, value := range said {
		if len(value) == 0 {
			continue
		}
		if spec[field], err = wire(value); err != nil {
			return nil, err
		}
	}
	o := e.client.resource(environmentKind, want.Name, spec)
	o.SetLabels(want.Labels)
	o.SetAnnotations(map[string]string{settingsAnnotation: want.Settings})
	return o, nil
}

// Read implements platform.Environments.
func (e environments) Read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	found, err := e.client.cluster.Get(ctx, environmentKind, e.client.key(want.Name))
	if err != nil {
		return nil, explain(e.absent(err, want.Name))
	}
	o, err := e.object(want)
	if err != nil {
		return nil, err
	}
	observed := &platform.ObservedEnvironment{NamespaceUID: string(found.GetUID()), Missing: []string{}, Settings: new(found.GetAnnotations()[settingsAnnotation])}
	for _, field := range says {
		is, _, _ := unstructured.NestedMap(found.Object, "spec", field)
		shall, _, _ := unstructured.NestedMap(o.Object, "spec", field)
		// What others say beside it is theirs.
		if !flink.Equal(flink.Observe(shall, is), shall) && len(shall) > 0 {
			observed.Missing = append(observed.Missing, field)
		}
	}
	if e.classOf(found) != e.classOf(o) {
		observed.Missing = append(observed.Missing, classField)
	}
	for _, key := range slices.Sorted(maps.Keys(want.Labels)) {
		if value, has := found.GetLabels()[key]; !has || value != want.Labels[key] {
			observed.Missing = append(observed.Missing, fmt.Sprintf("label %s=%s", key, want.Labels[key]))
		}
	}
	missing, err := e.classMissing(ctx, want)
	if err != nil {
		return nil, explain(err)
	}
	observed.Missing = append(observed.Missing, missing...)
	return observed, nil
}

func (e environments) absent(err error, name string) error {
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return &platform.NotFoundError{Kind: environmentKind.Kind, Ref: e.ref(name)}
	}
	return err
}

// Apply implements platform.Environments.
func (e environments) Apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	observed, err := e.apply(ctx, want, previous)
	return observed, explain(err)
}

func (e environments) apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	c := e.client
	found, err := c.cluster.Get(ctx, environmentKind, c.key(want.Name))
	_, absent := errors.AsType[*kube.NotFoundError](err)
	moves := previous != nil && defaults.WayOf(previous.Settings).CustomResources == nil
	switch {
	case err != nil && !absent:
		return nil, err
	case previous == nil && err == nil:
		return nil, &platform.ExistsError{Err: fmt.Errorf("%s %s exists already", environmentKind.Kind, e.ref(want.Name))}
	case previous != nil && !moves && absent:
		return nil, e.absent(err, want.Name)
	case previous != nil && !moves && previous.NamespaceUID != "" && string(found.GetUID()) != previous.NamespaceUID:
		return nil, &platform.OtherObjectError{
			Kind: environmentKind.Kind, Ref: e.ref(want.Name), UID: string(found.GetUID()), Planned: previous.NamespaceUID,
			Created: found.GetCreationTimestamp().UTC().Format("2006-01-02T15:04:05Z"),
		}
	case previous == nil:
		err := c.unknownToServer(ctx, environmentKind.Kind, platform.Ref{Name: want.Name}, func(ctx context.Context, client *confluent.Client) error {
			_, err := client.Environments().Find(ctx, want.Name, "")
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := e.applyClass(ctx, want, previous); err != nil {
		return nil, err
	}
	o, err := e.object(want)
	if err != nil {
		return nil, err
	}
	var written *unstructured.Unstructured
	if absent {
		written, err = c.cluster.Create(ctx, environmentKind, o)
	} else {
		written, err = c.write(ctx, environmentKind, o)
	}
	if err != nil {
		return nil, err
	}
	observed := &platform.ObservedEnvironment{NamespaceUID: string(written.GetUID()), Settings: &want.Settings}
	_, err = c.handedOn(ctx, environmentKind, written)
	return observed, err
}

// insideOf are the kinds of what names an environment, and so keeps it.
var insideOf = []kube.Kind{applicationKind, statementKind, poolKind, mappingKind, databaseKind, catalogKind}

// Delete implements platform.Environments.
func (e environments) Delete(ctx context.Context, want platform.Environment) error {
	c := e.client
	found, err := c.cluster.Get(ctx, environmentKind, c.key(want.Name))
	if err != nil {
		return explain(e.absent(err, want.Name))
	}
	if want.NamespaceUID != "" && string(found.GetUID()) != want.NamespaceUID {
		return &platform.NotFoundError{Kind: environmentKind.Kind, Ref: e.ref(want.Name)}
	}
	var used []string
	for _, kind := range insideOf {
		all, err := c.cluster.List(ctx, kind, c.at.Namespace, "")
		if notServed := (*kube.NotServedError)(nil); errors.As(err, &notServed) {
			continue
		}
		if err != nil {
			return explain(err)
		}
		for i := range all {
			if environmentOf(&all[i]) == want.Name {
				used = append(used, kind.Kind+" "+all[i].GetName())
			}
		}
	}
	if len(used) > 0 {
		return &platform.InUseError{Place: "environment " + want.Name, Resources: used}
	}
	if err := c.remove(ctx, environmentKind, want.Name, "", false); err != nil {
		return explain(err)
	}
	// The controller needs it until then.
	return explain(e.removeClass(ctx, want))
}

// Find implements platform.Environments.
func (e environments) Find(ctx context.Context, name, _ string) (*platform.FoundEnvironment, error) {
	c := e.client
	found, err := c.cluster.Get(ctx, environmentKind, c.key(name))
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return nil, &platform.NoEnvironmentError{Name: name, Looked: []string{fmt.Sprintf("the namespace %s: it has no FlinkEnvironment of this name", c.at.Namespace)}}
	}
	if err != nil {
		return nil, explain(err)
	}
	part := func(field string) flink.Tree {
		value, _, _ := unstructured.NestedMap(found.Object, "spec", field)
		return value
	}
	out := &platform.FoundEnvironment{
		Name: name, Namespace: text(found, "spec", "kubernetesNamespace"), Access: &platform.Access{Labels: found.GetLabels()},
		Settings: found.GetAnnotations()[settingsAnnotation], Cluster: text(found, "spec", "kubernetesClusterName"),
		PoolDefaults: part("computePoolDefaults"), StatementDefaults: part("statementDefaults"),
	}
	if out.RESTClass, err = e.foundClass(ctx, found); err != nil {
		return nil, explain(err)
	}
	if out.Settings != "" {
		return out, nil
	}
	out.Unrecorded = true
	settings := defaults.Settings{Environment: name, CustomResources: &defaults.CustomResources{
		Namespace: c.at.Namespace, PodNamespace: out.Namespace, Class: text(found, "spec", classField, "name"),
	}}
	if namespace := text(found, "spec", classField, "namespace"); namespace != c.at.Namespace {
		settings.CustomResources.ClassNamespace = namespace
	}
	if enforced, ok := part("flinkApplicationDefaults")["spec"].(map[string]any); ok {
		spec, err := flink.SpecOf(enforced)
		if err != nil {
			return nil, err
		}
		settings.Overrides = &defaults.Layer{DeploymentSpec: spec}
	}
	out.Settings, err = settings.Encode()
	return out, err
}

// orDefault is a text, or another one for an empty one.
func orDefault(text, other string) string {
	if strings.TrimSpace(text) == "" {
		return other
	}
	return text
}
