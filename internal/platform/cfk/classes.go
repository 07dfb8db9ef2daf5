package cfk

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// defaultClass is the CMFRestClass that the controller takes of a namespace where a resource
// names none.
const defaultClass = "default"

// classKey is where the CMFRestClass of the environment is.
func (e environments) classKey() kube.Key {
	return kube.Key{Namespace: orDefault(e.client.at.ClassNamespace, e.client.at.Namespace), Name: orDefault(e.client.at.Class, defaultClass)}
}

// class is the CMFRestClass that an environment makes.
func (e environments) class(want *platform.RESTClass) *unstructured.Unstructured {
	rest := map[string]any{"endpoint": want.Endpoint}
	if want.Authentication != "" {
		authentication := map[string]any{"type": want.Authentication}
		how := map[string]any{}
		if want.Secret != "" {
			how["secretRef"] = want.Secret
		}
		if want.Authentication == "oauth" {
			configuration := map[string]any{"tokenEndpointUri": want.TokenURL}
			for field, value := range map[string]string{"scope": want.Scope, "audience": want.Audience} {
				if value != "" {
					configuration[field] = value
				}
			}
			how["configuration"] = configuration
		}
		if want.Authentication == "mtls" {
			authentication["sslClientAuthentication"] = true
		} else {
			authentication[want.Authentication] = how
		}
		rest["authentication"] = authentication
	}
	if want.TLSSecret != "" {
		rest["tls"] = map[string]any{"secretRef": want.TLSSecret}
	}
	key := e.classKey()
	o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"cmfRest": rest}}}
	o.SetAPIVersion(classKind.GroupVersion().String())
	o.SetKind(classKind.Kind)
	o.SetNamespace(key.Namespace)
	o.SetName(key.Name)
	return o
}

// applyClass makes the CMFRestClass of an environment, or changes the one that it has made. What
// an earlier create has left is gone on with; nobody else's is.
func (e environments) applyClass(ctx context.Context, want platform.Environment, previous *platform.Environment) error {
	if want.RESTClass == nil {
		if previous != nil && previous.RESTClass != nil {
			return &platform.ExplainedError{
				Cause: "the CMFRestClass would be left to nobody", Err: fmt.Errorf("the environment has made CMFRestClass %s, which its resources need until they are deleted", e.classKey()),
				Remedy: "Keep confluent.custom_resources.rest_class.endpoint. Nothing was changed.",
			}
		}
		return nil
	}
	live, err := e.client.cluster.Get(ctx, classKind, e.classKey())
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		_, err = e.client.cluster.Create(ctx, classKind, e.class(want.RESTClass))
		return err
	}
	if err != nil {
		return err
	}
	if !kube.HasManager(live) {
		return &platform.ExistsError{Err: fmt.Errorf("CMFRestClass %s exists already, and this provider has not made it: leave rest_class.endpoint out to refer to it", e.classKey())}
	}
	_, err = e.client.cluster.Apply(ctx, classKind, e.class(want.RESTClass), kube.ApplyOptions{Force: true})
	return err
}

// classMissing tells what of the CMFRestClass somebody has changed or deleted.
func (e environments) classMissing(ctx context.Context, want platform.Environment) ([]string, error) {
	if want.RESTClass == nil {
		return nil, nil
	}
	name := fmt.Sprintf("CMFRestClass %s", e.classKey())
	live, err := e.client.cluster.Get(ctx, classKind, e.classKey())
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return []string{name}, nil
	}
	if err != nil {
		return nil, err
	}
	says, _, _ := unstructured.NestedMap(e.class(want.RESTClass).Object, "spec")
	is, _, _ := unstructured.NestedMap(live.Object, "spec")
	if !flink.Equal(flink.Observe(says, is), says) {
		return []string{name}, nil
	}
	return nil, nil
}

// removeClass deletes the CMFRestClass that an environment has made, unless another one in the
// namespace needs it still.
func (e environments) removeClass(ctx context.Context, want platform.Environment) error {
	if want.RESTClass == nil {
		return nil
	}
	key := e.classKey()
	others, err := e.client.cluster.List(ctx, environmentKind, key.Namespace, "")
	if err != nil {
		return err
	}
	for i := range others {
		if orDefault(text(&others[i], "spec", classField, "name"), defaultClass) == key.Name {
			return nil
		}
	}
	live, err := e.client.cluster.Get(ctx, classKind, key)
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent || err == nil && !kube.HasManager(live) {
		return nil
	}
	if err != nil {
		return err
	}
	return e.client.cluster.Delete(ctx, classKind, key, live.GetUID())
}

// classOf names the CMFRestClass of an environment.
func (e environments) classOf(environment *unstructured.Unstructured) kube.Key {
	return kube.Key{
		Namespace: orDefault(text(environment, "spec", classField, "namespace"), e.client.at.Namespace),
		Name:      orDefault(text(environment, "spec", classField, "name"), defaultClass),
	}
}

// foundClass is the CMFRestClass of an environment that is found, where this provider has made
// it; nil for another one.
func (e environments) foundClass(ctx context.Context, environment *unstructured.Unstructured) (*platform.RESTClass, error) {
	live, err := e.client.cluster.Get(ctx, classKind, e.classOf(environment))
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent || err == nil && !kube.HasManager(live) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	at := func(path ...string) string { return text(live, append([]string{"spec", "cmfRest"}, path...)...) }
	out := &platform.RESTClass{Endpoint: at("endpoint"), Authentication: at("authentication", "type"), TLSSecret: at("tls", "secretRef")}
	out.Secret = at("authentication", out.Authentication, "secretRef")
	out.TokenURL = at("authentication", "oauth", "configuration", "tokenEndpointUri")
	out.Scope, out.Audience = at("authentication", "oauth", "configuration", "scope"), at("authentication", "oauth", "configuration", "audience")
	return out, nil
}
