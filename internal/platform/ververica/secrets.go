package ververica

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// secretKind is the kind of a secret's value. Servers write it in upper case or not.
const secretKind = "PLAIN"

// secretKey is the key of the one value of a secret in platform.Secret.Data.
const secretKey = "value"

// secrets implements platform.Objects: the secret values of namespaces, which the server
// never shows. Its version of the object tells that somebody has changed one.
type secrets struct{ client *Client }

// Secrets are the secrets in environments.
func (c *Client) Secrets() platform.Objects[platform.Secret] { return secrets{c} }

func secretOf(ref platform.Ref) key { return key{ref.Namespace, secretValues, ref.Name} }

// hidden takes the value of a secret out of a text.
func hidden(want platform.Secret) func(string) string {
	return flink.ScrubberOf(map[string]string{want.Data[secretKey]: "****"}).Scrub
}

// known is a secret as the server tells of it.
func knownSecret(ref platform.Ref, found object) platform.Secret {
	metadata, _ := found["metadata"].(object)
	return platform.Secret{
		Described: platform.Described{Ref: ref, Labels: texts(found, "metadata", "labels"), Annotations: theirs(texts(found, "metadata", "annotations"))},
		Version:   fmt.Sprint(metadata["resourceVersion"]),
	}
}

// specOfSecret is what is sent of a secret's value.
func specOfSecret(want platform.Secret) object {
	return object{"kind": secretKind, "value": want.Data[secretKey]}
}

// Create implements platform.Objects.
func (s secrets) Create(ctx context.Context, want platform.Secret) (platform.Secret, error) {
	created, err := s.client.create(ctx, secretOf(want.Ref), object{
		"kind": kinds[secretValues], "apiVersion": apiVersion, "spec": specOfSecret(want),
		"metadata": object{"name": want.Name, "namespace": want.Namespace, "labels": treeOf(want.Labels), "annotations": treeOf(want.Annotations)},
	}, hidden(want))
	if err != nil {
		return want, explain(err)
	}
	return knownSecret(want.Ref, created), nil
}

// Await implements platform.Objects.
func (s secrets) Await(_ context.Context, known platform.Secret) (platform.Secret, error) {
	return known, nil
}

// Read implements platform.Objects.
func (s secrets) Read(ctx context.Context, ref platform.Ref) (platform.Secret, error) {
	found, err := s.client.read(ctx, ref.Namespace, secretValues, ref.Name)
	return knownSecret(ref, found), explain(err)
}

// Update implements platform.Objects. A patch creates nothing, unlike a PUT.
func (s secrets) Update(ctx context.Context, want, before platform.Secret) (platform.Secret, error) {
	defer s.client.written.Write(secretOf(want.Ref))()
	found, err := s.client.get(ctx, want.Namespace, secretValues, want.Name)
	if err != nil {
		return want, explain(err)
	}
	labels, annotations := treeOf(texts(found, "metadata", "labels")), treeOf(texts(found, "metadata", "annotations"))
	patch := object{"spec": specOfSecret(want)}
	metadata := flink.MergePatch(
		object{"labels": labels, "annotations": annotations},
		object{
			"labels":      flink.Overlay(labels, treeOf(before.Labels), treeOf(want.Labels)),
			"annotations": unmarked(flink.Overlay(annotations, treeOf(before.Annotations), treeOf(want.Annotations))),
		})
	if len(metadata) > 0 {
		patch["metadata"] = metadata
	}
	var changed object
	err = s.client.do(ctx, want.Namespace, rest.Request{
		Method: http.MethodPatch, Path: at(want.Namespace, secretValues, want.Name), Body: patch, Merges: true, Hide: hidden(want),
	}, &changed)
	if err == nil && changed == nil {
		changed, err = s.client.get(ctx, want.Namespace, secretValues, want.Name)
	}
	if err != nil {
		return want, explain(err)
	}
	return knownSecret(want.Ref, changed), nil
}

// Delete implements platform.Objects.
func (s secrets) Delete(ctx context.Context, known platform.Secret) error {
	defer s.client.written.Write(secretOf(known.Ref))()
	err := s.client.do(ctx, known.Namespace, rest.Request{Method: http.MethodDelete, Path: at(known.Namespace, secretValues, known.Name)}, nil)
	if rest.Code(err) == http.StatusNotFound {
		missing := &platform.NotFoundError{Kind: kinds[secretValues], Ref: known.Ref}
		if err = s.client.absent(ctx, s.client.in(known.Namespace), missing, err); errors.Is(err, missing) {
			return nil
		}
	}
	return explain(err)
}
