package cloudflow

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// environments are namespaces as on the operator of Flink, with what Cloudflow has in one.
type environments struct {
	platform.Environments
	apps applications
}

// extra is an object that an environment has beside its namespace.
type extra struct {
	kind   kube.Kind
	what   string
	object *unstructured.Unstructured
}

// extras are what an environment has beside its namespace.
func extras(want platform.Environment) []extra {
	settings := &unstructured.Unstructured{Object: map[string]any{"data": map[string]any{
		operatorNamespaceEntry: orElse(want.OperatorNamespace, core.OperatorNamespace), kafkaClusterEntry: want.KafkaCluster,
	}}}
	settings.SetAPIVersion("v1")
	settings.SetKind(configMapKind.Kind)
	settings.SetNamespace(want.Namespace)
	settings.SetName(settingsMap)
	out := []extra{{configMapKind, "config map", settings}}
	if want.Logback != "" {
		out = append(out, extra{secretKind, "secret", plainSecret(want.Namespace, core.LoggingSecret, map[string]string{core.LoggingKey: want.Logback})})
	}
	for i := range out {
		labels := map[string]string{core.ManagedByLabel: kube.FieldManager}
		for key, value := range want.Labels {
			labels[key] = value
		}
		out[i].object.SetLabels(labels)
	}
	return out
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// Read implements platform.Environments.
func (e environments) Read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	observed, err := e.Environments.Read(ctx, want)
	if err != nil {
		return observed, err
	}
	for _, part := range extras(want) {
		live, err := e.apps.cluster.Get(ctx, part.kind, kube.KeyOf(part.object))
		switch {
		case isAbsent(err):
			observed.Missing = append(observed.Missing, part.what+" "+part.object.GetName())
		case err != nil:
			return nil, explain(err)
		case !same(part.object.Object["data"], live.Object["data"]):
			observed.Missing = append(observed.Missing, "data of "+part.what+" "+part.object.GetName())
		}
	}
	return observed, nil
}

// same compares values as they come from a cluster.
func same(want, live any) bool {
	a, _ := want.(map[string]any)
	b, _ := live.(map[string]any)
	for key, value := range a {
		if b[key] != value {
			return false
		}
	}
	return true
}

// Apply implements platform.Environments. Which protocol Cloudflow speaks is asked before anything is written.
func (e environments) Apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	if err := e.apps.speaks(ctx, orElse(want.OperatorNamespace, core.OperatorNamespace)); err != nil {
		return nil, explain(err)
	}
	observed, err := e.Environments.Apply(ctx, want, previous)
	if err != nil {
		return observed, err
	}
	for _, part := range extras(want) {
		if _, err := e.apps.cluster.Apply(ctx, part.kind, part.object, kube.ApplyOptions{Force: true}); err != nil {
			return observed, explain(err)
		}
	}
	if previous != nil && previous.Logback != "" && want.Logback == "" {
		return observed, explain(e.drop(ctx, secretKind, kube.Key{Namespace: want.Namespace, Name: core.LoggingSecret}))
	}
	return observed, nil
}

// drop deletes an object of ours.
func (e environments) drop(ctx context.Context, kind kube.Kind, key kube.Key) error {
	live, err := e.apps.cluster.Get(ctx, kind, key)
	if isAbsent(err) || err == nil && !kube.HasManager(live) {
		return nil
	}
	if err != nil {
		return err
	}
	return e.apps.cluster.Delete(ctx, kind, key, live.GetUID())
}

// Delete implements platform.Environments.
func (e environments) Delete(ctx context.Context, want platform.Environment) error {
	apps, err := e.apps.cluster.List(ctx, applicationKind, want.Namespace, "")
	if err != nil && !isUnserved(err) {
		return explain(err)
	}
	var used []string
	for _, app := range apps {
		used = append(used, core.Kind+" "+app.GetName())
	}
	if len(used) > 0 {
		return &platform.InUseError{Place: fmt.Sprintf("namespace %s", want.Namespace), Resources: used}
	}
	if err := e.Environments.Delete(ctx, want); err != nil {
		return err
	}
	// In a namespace that stays, nothing of the environment stays.
	var failed []error
	for _, part := range extras(want) {
		failed = append(failed, explain(e.drop(ctx, part.kind, kube.KeyOf(part.object))))
	}
	return errors.Join(failed...)
}

// Find implements platform.Environments.
func (e environments) Find(ctx context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	found, err := e.Environments.Find(ctx, name, namespace)
	if err != nil {
		return found, err
	}
	said, err := e.apps.settingsIn(ctx, found.Namespace)
	if err != nil {
		return nil, explain(err)
	}
	if said.operatorNamespace != core.OperatorNamespace {
		found.OperatorNamespace = said.operatorNamespace
	}
	found.KafkaCluster = said.kafkaCluster
	secret, values, err := e.apps.secretOf(ctx, found.Namespace, core.LoggingSecret)
	if err != nil {
		return nil, explain(err)
	}
	if secret != nil && kube.HasManager(secret) {
		found.Logback = values[core.LoggingKey]
	}
	return found, nil
}
