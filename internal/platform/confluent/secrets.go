package confluent

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

type secretSpec struct {
	Data map[string]string `json:"data"`
}

type secretStatus struct {
	Version      string   `json:"version"`
	Environments []string `json:"environments"`
}

type secret = object[secretSpec, secretStatus]

// secrets are the secrets, which all environments share. The server shows no
// values.
type secrets struct {
	kind[secretSpec, secretStatus]
}

// Secrets implements platform.SQL.
func (c *Client) Secrets() platform.Objects[platform.Secret] {
	return explained[platform.Secret]{&secrets{kind[secretSpec, secretStatus]{
		client: c, name: "Secret", in: func(string) []string { return at("secrets") },
		// What was sent does not come back, so the keys have to do.
		same: func(found, sent secretSpec) bool { return sameKeys(found.Data, sent.Data) },
	}}}
}

func sameKeys(a, b map[string]string) bool {
	for key := range a {
		if _, has := b[key]; !has {
			return false
		}
	}
	return len(a) == len(b)
}

func secretOf(of secret) platform.Secret {
	return platform.Secret{Described: of.described(""), Version: of.Status.Version, Environments: of.Status.Environments}
}

// Create implements platform.Objects.
func (s *secrets) Create(ctx context.Context, want platform.Secret) (platform.Secret, error) {
	written, err := s.create(ctx, want.Ref, s.object(want.Described, secretSpec{want.Data}))
	return secretOf(written), quiet(err, want.Data)
}

// Await implements platform.Objects: a secret is there at once.
func (s *secrets) Await(_ context.Context, known platform.Secret) (platform.Secret, error) {
	return known, nil
}

// Read implements platform.Objects.
func (s *secrets) Read(ctx context.Context, ref platform.Ref) (platform.Secret, error) {
	found, err := s.read(ctx, ref)
	return secretOf(found), err
}

// Update implements platform.Objects.
func (s *secrets) Update(ctx context.Context, want platform.Secret) (platform.Secret, error) {
	written, err := s.replace(ctx, want.Ref, s.object(want.Described, secretSpec{want.Data}))
	return secretOf(written), quiet(err, want.Data)
}

// Delete implements platform.Objects. A secret that environments map stays.
func (s *secrets) Delete(ctx context.Context, ref platform.Ref) error {
	err := s.remove(ctx, ref)
	code := rest.Code(err)
	if code != http.StatusConflict && code != http.StatusBadRequest && code != http.StatusUnprocessableEntity {
		// Which code says that it is mapped is not documented.
		return err
	}
	found, lookup := s.get(ctx, ref)
	if lookup != nil || len(found.Status.Environments) == 0 {
		return err
	}
	return s.used(ref, err, "mapping of environment", found.Status.Environments)
}

// quiet takes the values of a secret out of what the server says.
func quiet(err error, values map[string]string) error {
	refused, ok := errors.AsType[*rest.StatusError](err)
	if !ok {
		return err
	}
	for _, value := range values {
		if value != "" {
			refused.Message = strings.ReplaceAll(refused.Message, value, "****")
		}
	}
	return err
}

type mappingSpec struct {
	SecretName string `json:"secretName"`
}

// noStatus is that of an object without one.
type noStatus struct{}

// mappings say, by environment, which secret an identifier means there.
type mappings struct{ kind[mappingSpec, noStatus] }

// SecretMappings implements platform.SQL.
func (c *Client) SecretMappings() platform.Objects[platform.SecretMapping] {
	return explained[platform.SecretMapping]{&mappings{kind[mappingSpec, noStatus]{
		client: c, name: "EnvironmentSecretMapping", parent: "Environment",
		in: func(environment string) []string { return at("environments", environment, "secret-mappings") },
	}}}
}

func mappingOf(environment string, of object[mappingSpec, noStatus]) platform.SecretMapping {
	return platform.SecretMapping{Described: of.described(environment), Secret: of.Spec.SecretName}
}

// Create implements platform.Objects.
func (m *mappings) Create(ctx context.Context, want platform.SecretMapping) (platform.SecretMapping, error) {
	written, err := m.create(ctx, want.Ref, m.object(want.Described, mappingSpec{want.Secret}))
	return mappingOf(want.Namespace, written), err
}

// Await implements platform.Objects: a mapping is there at once.
func (m *mappings) Await(_ context.Context, known platform.SecretMapping) (platform.SecretMapping, error) {
	return known, nil
}

// Read implements platform.Objects.
func (m *mappings) Read(ctx context.Context, ref platform.Ref) (platform.SecretMapping, error) {
	found, err := m.read(ctx, ref)
	return mappingOf(ref.Namespace, found), err
}

// Update implements platform.Objects.
func (m *mappings) Update(ctx context.Context, want platform.SecretMapping) (platform.SecretMapping, error) {
	written, err := m.replace(ctx, want.Ref, m.object(want.Described, mappingSpec{want.Secret}))
	return mappingOf(want.Namespace, written), err
}

// Delete implements platform.Objects.
func (m *mappings) Delete(ctx context.Context, ref platform.Ref) error { return m.remove(ctx, ref) }
