package cfk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// ofSecretLabel marks a Secret that the provider has made for a FlinkSecret of its name.
const ofSecretLabel = "flink-terraform.io/flink-secret"

// secrets are FlinkSecrets, each with the Secret that has its values, under one name. It
// implements platform.Objects.
type secrets struct {
	records[platform.Secret]
}

// Secrets implements platform.ByCustomResources.
func (c *Client) Secrets() platform.Objects[platform.Secret] {
	return told[platform.Secret](&secrets{records[platform.Secret]{
		client: c, kind: secretKind,
		described: func(s platform.Secret) platform.Described { return s.Described },
		spec:      func(s platform.Secret) (map[string]any, error) { return map[string]any{"secretRef": s.Name}, nil },
		known: func(ctx context.Context, is platform.Described, o *unstructured.Unstructured) platform.Secret {
			return platform.Secret{Described: is, Version: c.versionOf(ctx, o), Environments: c.mapping(ctx, is.Name)}
		},
		users:  []user{{mappingKind, "mapping", []string{"spec", "secretRef", "name"}}},
		server: func(client *confluent.Client) platform.Objects[platform.Secret] { return client.Secrets() },
	}})
}

// versionOf is the version of the values of a FlinkSecret: that of its Secret, empty where there
// is none.
func (c *Client) versionOf(ctx context.Context, o *unstructured.Unstructured) string {
	found, err := c.cluster.Get(ctx, plainSecretKind, c.key(text(o, "spec", "secretRef")))
	if err != nil {
		return ""
	}
	return found.GetResourceVersion()
}

// mapping are the environments that map a secret, as far as they do so by custom resources here.
func (c *Client) mapping(ctx context.Context, name string) []string {
	all, err := c.cluster.List(ctx, mappingKind, c.at.Namespace, "")
	if err != nil {
		return nil
	}
	var out []string
	for i := range all {
		if text(&all[i], "spec", "secretRef", "name") == name {
			out = append(out, environmentOf(&all[i]))
		}
	}
	return out
}

// values is the Secret with the values of a FlinkSecret.
func (s *secrets) values(want platform.Secret) *unstructured.Unstructured {
	data := map[string]any{}
	for key, value := range want.Data {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	o := &unstructured.Unstructured{Object: map[string]any{"type": "Opaque", "data": data}}
	o.SetAPIVersion("v1")
	o.SetKind(plainSecretKind.Kind)
	o.SetNamespace(s.client.at.Namespace)
	o.SetName(want.Name)
	o.SetLabels(map[string]string{ofSecretLabel: want.Name})
	return o
}

// Create implements platform.Objects. The values come first: the controller reads them. What a
// create has left that was killed in between is taken over, and nobody else's Secret is.
func (s *secrets) Create(ctx context.Context, want platform.Secret) (platform.Secret, error) {
	if _, err := s.client.cluster.Get(ctx, secretKind, s.client.key(want.Name)); err == nil {
		return s.records.Create(ctx, want)
	}
	if err := s.writeValues(ctx, want); err != nil {
		return want, err
	}
	return s.records.Create(ctx, want)
}

// writeValues writes the Secret of a FlinkSecret, unless it is somebody else's.
func (s *secrets) writeValues(ctx context.Context, want platform.Secret) error {
	live, err := s.client.cluster.Get(ctx, plainSecretKind, s.client.key(want.Name))
	switch _, absent := errors.AsType[*kube.NotFoundError](err); {
	case absent:
	case err != nil:
		return err
	case live.GetLabels()[ofSecretLabel] != want.Name:
		return &platform.ExistsError{Err: fmt.Errorf("%s %s/%s exists already, and this provider has not made it", plainSecretKind.Kind, s.client.at.Namespace, want.Name)}
	}
	_, err = s.client.cluster.Apply(ctx, plainSecretKind, s.values(want), kube.ApplyOptions{Force: true})
	return err
}

// Update implements platform.Objects.
func (s *secrets) Update(ctx context.Context, want, before platform.Secret) (platform.Secret, error) {
	if err := s.writeValues(ctx, want); err != nil {
		return want, err
	}
	return s.records.Update(ctx, want, before)
}

// Await implements platform.Objects. What the server says may repeat what it was sent.
func (s *secrets) Await(ctx context.Context, known platform.Secret) (platform.Secret, error) {
	observed, err := s.records.Await(ctx, known)
	if _, failed := errors.AsType[*platform.RolloutError](err); !failed {
		return observed, err
	}
	found, lookup := s.client.cluster.Get(context.WithoutCancel(ctx), plainSecretKind, s.client.key(known.Name))
	if lookup != nil {
		return observed, withoutValues(err, nil)
	}
	values, lookup := kube.SecretValues(found)
	if lookup != nil {
		return observed, withoutValues(err, nil)
	}
	return observed, withoutValues(err, values)
}

// withoutValues returns a failure without the values of a secret in it; without the server's
// words where the values are not known.
func withoutValues(err error, values map[string][]byte) error {
	failed, is := errors.AsType[*platform.RolloutError](err)
	if !is {
		return err
	}
	told := *failed
	if values == nil {
		told.Summary, told.Detail = server+" does not take the secret", "What it says may have the secret in it, so it is not shown: look at status.cmfSync of the FlinkSecret."
		return &told
	}
	hidden := make(map[string]string, len(values))
	for _, value := range values {
		hidden[string(value)] = "****"
	}
	scrub := flink.ScrubberOf(hidden).Scrub
	told.Summary, told.Detail = scrub(told.Summary), scrub(told.Detail)
	return &told
}

// Delete implements platform.Objects: the Secret goes when the server has forgotten its values.
func (s *secrets) Delete(ctx context.Context, known platform.Secret) error {
	if err := s.records.Delete(ctx, known); err != nil {
		return err
	}
	live, err := s.client.cluster.Get(ctx, plainSecretKind, s.client.key(known.Name))
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent || err == nil && live.GetLabels()[ofSecretLabel] != known.Name {
		return nil
	}
	if err != nil {
		return err
	}
	return s.client.cluster.Delete(ctx, plainSecretKind, s.client.key(known.Name), live.GetUID())
}

// TakeOver implements platform.TakesOver. Nobody can read the values on the server, so they are
// written with the next change of data_wo_version.
func (s *secrets) TakeOver(ctx context.Context, ref platform.Ref) error {
	if _, err := s.client.cluster.Get(ctx, secretKind, s.client.key(ref.Name)); err == nil {
		return s.records.TakeOver(ctx, ref)
	}
	return &platform.ExplainedError{
		Cause: "its values are not known", Err: fmt.Errorf("%s shows the values of no secret, and a FlinkSecret needs a Secret that has them", server),
		Remedy: "Create a FlinkSecret and its Secret, both named " + ref.Name + ", with the present values in the namespace " + s.client.at.Namespace +
			", and apply again; or replace the flink_secret (terraform apply -replace), which the mappings to it have to wait for.",
	}
}
