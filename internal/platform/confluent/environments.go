package confluent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// firstWithMetadata is the first version whose environments have labels and
// annotations, and may be in other Kubernetes clusters than the server's own.
const firstWithMetadata = "2.3"

// settingsAnnotation has the settings of an environment, for configurations that did
// not create it.
const settingsAnnotation = "flink-terraform.io/settings"

// The fields of an environment by which it has its say.
const (
	applicationDefaults = "flinkApplicationDefaults"
	poolDefaults        = "computePoolDefaults"
	statementDefaults   = "statementDefaults"
)

// environment is what the API takes and gives: flat, and without a kind.
type environment struct {
	Name      string    `json:"name"`
	Metadata  *metadata `json:"metadata,omitempty"`
	Namespace string    `json:"kubernetesNamespace"`
	Cluster   string    `json:"kubernetesClusterName,omitempty"`
	// Applications win over what an application says itself, key by key.
	Applications tree `json:"flinkApplicationDefaults"`
	Pools        tree `json:"computePoolDefaults"`
	Statements   tree `json:"statementDefaults"`
	// Created is the server's.
	Created string `json:"created_time,omitempty"`
}

// identity tells an environment from an earlier one of the name: when it was created,
// to the second, as the answers to several requests may be more or less exact.
func (e environment) identity() string {
	created := e.Created
	if created == "" && e.Metadata != nil {
		created = e.Metadata.Created
	}
	if at := timeOf(created); !at.IsZero() {
		return at.UTC().Format(time.RFC3339)
	}
	return created
}

// says are the parts of an environment by the names of their fields.
func (e environment) says() map[string]tree {
	return map[string]tree{applicationDefaults: e.Applications, poolDefaults: e.Pools, statementDefaults: e.Statements}
}

// environments implements platform.Environments.
type environments struct{ client *Client }

// Environments implements platform.Platform.
func (c *Client) Environments() platform.Environments { return environments{c} }

const environmentKind = "Environment"

// environmentOf returns what is sent of an environment. The overrides of its
// deployments are what the server calls their defaults: those win over what an
// application says.
func environmentOf(want platform.Environment, version string) (environment, error) {
	settings, err := defaults.Decode(want.Settings)
	if err != nil {
		return environment{}, err
	}
	e := environment{
		Name: want.Name, Namespace: want.Namespace, Cluster: want.Cluster,
		Applications: tree{}, Pools: orEmpty(want.PoolDefaults), Statements: orEmpty(want.StatementDefaults),
	}
	if settings.Overrides != nil {
		spec, err := flink.TreeOf(settings.Overrides.DeploymentSpec)
		if err != nil {
			return e, err
		}
		if leaveToProvider(spec); len(spec) > 0 {
			e.Applications = tree{"spec": spec}
		}
	}
	if atLeast(version, firstWithMetadata) {
		e.Metadata = &metadata{Name: want.Name, Labels: want.Labels, Annotations: map[string]string{settingsAnnotation: want.Settings}}
	}
	return e, nil
}

// DefaultsOf is what an environment says to its applications, pools and statements, by the names
// of the fields, for another way to the same server.
func DefaultsOf(want platform.Environment) (map[string]flink.Tree, error) {
	e, err := environmentOf(want, "")
	if err != nil {
		return nil, err
	}
	out := map[string]flink.Tree{}
	for field, value := range e.says() {
		out[field] = flink.Tree(value)
	}
	return out, nil
}

// leaveToProvider takes out of a specification what the server would merge in another
// way than the provider does, and so the provider alone gives to its deployments: pod
// templates, and keys that are removed.
func leaveToProvider(spec flink.Tree) {
	for _, at := range [][]string{{"podTemplate"}, {"jobManager", "podTemplate"}, {"taskManager", "podTemplate"}} {
		unstructured.RemoveNestedField(spec, at...)
	}
	for _, part := range []string{"flinkConfiguration", savepointSchedule} {
		fields, _ := spec[part].(map[string]any)
		maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
	}
	for _, part := range []string{"flinkConfiguration", savepointSchedule, "jobManager", "taskManager"} {
		if inside, ok := spec[part].(map[string]any); ok && len(inside) == 0 {
			delete(spec, part)
		}
	}
}

func orEmpty(t flink.Tree) tree {
	if t == nil {
		return tree{}
	}
	return tree(t)
}

// get returns an environment as the server has it now.
func (e environments) get(ctx context.Context, name string) (environment, error) {
	var found environment
	answer, err := e.client.rest.Do(ctx, rest.Request{Method: http.MethodGet, Path: at("environments", name)})
	if err == nil {
		err = answer.Decode(&found)
	}
	if rest.Code(err) == http.StatusNotFound {
		err = e.client.absent(ctx, &platform.NotFoundError{Kind: environmentKind, Ref: platform.Ref{Name: name}}, err, at("environments"))
	}
	return found, err
}

// Read implements platform.Environments.
func (e environments) Read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	found, err := e.get(ctx, want.Name)
	if err != nil {
		return nil, explain(err)
	}
	observed, err := observedOf(want, found)
	return observed, explain(err)
}

// observedOf returns what there is of an environment, and what of it is missing.
func observedOf(want platform.Environment, found environment) (*platform.ObservedEnvironment, error) {
	version := ""
	if found.Metadata != nil {
		version = firstWithMetadata
	}
	sent, err := environmentOf(want, version)
	if err != nil {
		return nil, err
	}
	observed := &platform.ObservedEnvironment{NamespaceUID: found.identity(), Missing: []string{}}
	is := found.says()
	said := sent.says()
	for _, field := range slices.Sorted(maps.Keys(said)) {
		if !flink.Equal(flink.Tree(said[field]), flink.Tree(is[field])) && len(said[field])+len(is[field]) > 0 {
			observed.Missing = append(observed.Missing, field)
		}
	}
	if found.Metadata == nil {
		return observed, nil
	}
	for _, key := range slices.Sorted(maps.Keys(want.Labels)) {
		if value, has := found.Metadata.Labels[key]; !has || value != want.Labels[key] {
			observed.Missing = append(observed.Missing, fmt.Sprintf("label %s=%s", key, want.Labels[key]))
		}
	}
	// Without the annotation others find nothing, so that is drift.
	observed.Settings = new(found.Metadata.Annotations[settingsAnnotation])
	return observed, nil
}

// Apply implements platform.Environments.
func (e environments) Apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	observed, err := e.apply(ctx, want, previous)
	return observed, explain(err)
}

func (e environments) apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	version, err := e.client.version(ctx)
	if err != nil {
		return nil, err
	}
	if want.Cluster != "" || len(want.Labels) > 0 {
		if err := e.client.require(ctx, "An environment with labels or in another Kubernetes cluster", firstWithMetadata); err != nil {
			return nil, err
		}
	}
	sent, err := environmentOf(want, version)
	if err != nil {
		return nil, err
	}
	if spec, _ := sent.Applications["spec"].(map[string]any); spec[savepointSchedule] != nil {
		if err := e.client.requireSchedules(ctx); err != nil {
			return nil, err
		}
	}
	found, err := e.get(ctx, want.Name)
	_, absent := errors.AsType[*platform.NotFoundError](err)
	switch {
	case err != nil && !absent:
		return nil, err
	case previous == nil && err == nil:
		return nil, &platform.ExistsError{Err: fmt.Errorf("%s %s exists already", environmentKind, want.Name)}
	case previous != nil && absent:
		return nil, err
	case previous != nil && previous.NamespaceUID != "" && found.identity() != previous.NamespaceUID:
		return nil, &platform.OtherObjectError{Kind: environmentKind, Ref: platform.Ref{Name: want.Name}, UID: found.identity(), Planned: previous.NamespaceUID, Created: found.identity()}
	case previous != nil && sent.Metadata != nil && found.Metadata != nil:
		keepOthers(sent.Metadata, *found.Metadata, previous.Labels)
	}
	if err := e.post(ctx, sent); err != nil {
		return nil, err
	}
	// What a read tells is what later reads are compared with.
	written, err := e.get(ctx, want.Name)
	if err != nil {
		return nil, err
	}
	observed := &platform.ObservedEnvironment{NamespaceUID: written.identity()}
	if sent.Metadata == nil {
		observed.Unkept = fmt.Errorf("%s keeps annotations of an environment, which have its settings, from %s on", product, firstWithMetadata)
	} else {
		observed.Settings = &want.Settings
	}
	return observed, nil
}

// keepOthers keeps the labels and annotations that others have given an environment:
// a write replaces all.
func keepOthers(sent *metadata, found metadata, before map[string]string) {
	sent.Labels = beside(found.Labels, before, sent.Labels)
	sent.Annotations = beside(found.Annotations, nil, sent.Annotations)
}

// beside are values beside those of others: without what was said before.
func beside(found, before, now map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, found)
	maps.DeleteFunc(out, func(key, _ string) bool {
		_, said := before[key]
		return said
	})
	maps.Copy(out, now)
	return out
}

// post writes an environment, again after a pause when no answer came: it is replaced
// as a whole.
func (e environments) post(ctx context.Context, sent environment) error {
	for try := 1; ; try++ {
		_, err := e.client.rest.Do(ctx, rest.Request{Method: http.MethodPost, Path: at("environments"), Body: sent})
		if _, unknown := errors.AsType[*rest.UnknownOutcomeError](err); !unknown || try == creations {
			return err
		}
		if pause(ctx, time.Duration(try)*time.Second) != nil {
			return err
		}
	}
}

// inside are the collections of what may run in an environment, by the kinds of it.
var inside = []struct{ kind, collection string }{
	{applicationKind, "applications"},
	{"Statement", "statements"},
	{"ComputePool", "compute-pools"},
	{"EnvironmentSecretMapping", "secret-mappings"},
}

// Delete implements platform.Environments. What the server does with what is inside
// is not documented, so there must be nothing.
func (e environments) Delete(ctx context.Context, want platform.Environment) error {
	found, err := e.get(ctx, want.Name)
	if err != nil {
		return explain(err)
	}
	if want.NamespaceUID != "" && found.identity() != want.NamespaceUID {
		return &platform.NotFoundError{Kind: environmentKind, Ref: platform.Ref{Name: want.Name}}
	}
	var used []string
	for _, of := range inside {
		// Not from the list of this client, which may be older than what it has deleted.
		names, err := e.client.pages(ctx, at("environments", want.Name, of.collection), nil)
		if err != nil && rest.Code(err) != http.StatusNotFound {
			return explain(err)
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			used = append(used, of.kind+" "+name)
		}
	}
	if len(used) > 0 {
		return &platform.InUseError{Place: "environment " + want.Name, Resources: used}
	}
	answer, err := e.client.rest.Do(ctx, rest.Request{Method: http.MethodDelete, Path: at("environments", want.Name)})
	switch {
	case rest.Code(err) == http.StatusNotFound:
		return nil
	case err != nil || answer.Code != http.StatusNotModified:
		return explain(err)
	}
	// Nothing was changed: either it is gone already, or it stays.
	_, err = e.get(ctx, want.Name)
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%s answers that nothing was modified, and %s %s is still there", product, environmentKind, want.Name)
	}
	return explain(err)
}

// Find implements platform.Environments: an environment has one name on the server,
// and leaves its settings in an annotation.
func (e environments) Find(ctx context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	found, err := e.get(ctx, name)
	missing := func(why string) error {
		return &platform.NoEnvironmentError{Name: name, Looked: []string{why}}
	}
	switch _, absent := errors.AsType[*platform.NotFoundError](err); {
	case absent:
		return nil, missing(fmt.Sprintf("%s at %s: it has no environment of this name", product, e.client.Endpoint()))
	case err != nil:
		return nil, explain(err)
	case namespace != "" && found.Namespace != namespace:
		return nil, missing(fmt.Sprintf("%s at %s: the environment is in the Kubernetes namespace %s", product, e.client.Endpoint(), found.Namespace))
	}
	out := &platform.FoundEnvironment{
		Name: name, Namespace: found.Namespace, Access: &platform.Access{},
		Cluster: found.Cluster, PoolDefaults: flink.Tree(found.Pools), StatementDefaults: flink.Tree(found.Statements),
	}
	if found.Metadata != nil {
		out.Access.Labels = found.Metadata.Labels
		out.Settings = found.Metadata.Annotations[settingsAnnotation]
	}
	if out.Settings == "" {
		out.Unrecorded = true
		out.Settings, err = enforcedBy(found)
	}
	return out, explain(err)
}

// enforcedBy are the settings of an environment that has none on record: what it makes
// of all applications.
func enforcedBy(found environment) (string, error) {
	settings := defaults.Settings{Environment: found.Name}
	if enforced, ok := found.Applications["spec"].(map[string]any); ok {
		spec, err := flink.SpecOf(enforced)
		if err != nil {
			return "", err
		}
		settings.Overrides = &defaults.Layer{DeploymentSpec: spec}
	}
	return settings.Encode()
}
