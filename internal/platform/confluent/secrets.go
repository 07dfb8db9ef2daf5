package confluent

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
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

// secrets are the secrets, of which the server shows no values.
type secrets struct {
	records[platform.Secret, secretSpec, secretStatus]
}

// Secrets implements platform.SQL: the secrets, which all environments share. A
// secret that environments map is not deleted.
func (c *Client) Secrets() platform.Objects[platform.Secret] {
	s := &secrets{records[platform.Secret, secretSpec, secretStatus]{
		kind: kind[secretSpec, secretStatus]{
			client: c, name: "Secret", in: func(string) []string { return at("secrets") },
			// What was sent does not come back, so the keys have to do.
			same: func(found, sent secretSpec) bool { return sameKeys(found.Data, sent.Data) },
		},
		described: func(s platform.Secret) platform.Described { return s.Described },
		spec: func(_ context.Context, want platform.Secret) (secretSpec, error) {
			return secretSpec{want.Data}, nil
		},
		known: func(is platform.Described, _ secretSpec, status secretStatus) platform.Secret {
			return platform.Secret{Described: is, Version: status.Version, Environments: status.Environments}
		},
	}}
	s.refused = s.mapped
	return explained[platform.Secret]{s}
}

func sameKeys(a, b map[string]string) bool {
	for key := range a {
		if _, has := b[key]; !has {
			return false
		}
	}
	return len(a) == len(b)
}

// Create implements platform.Objects.
func (s *secrets) Create(ctx context.Context, want platform.Secret) (platform.Secret, error) {
	known, err := s.records.Create(ctx, want)
	return known, quiet(err, want.Data)
}

// Update implements platform.Objects.
func (s *secrets) Update(ctx context.Context, want platform.Secret) (platform.Secret, error) {
	known, err := s.records.Update(ctx, want)
	return known, quiet(err, want.Data)
}

// mapped names the environments for which the server refuses to delete a secret.
func (s *secrets) mapped(ctx context.Context, ref platform.Ref, err error) error {
	switch rest.Code(err) {
	case http.StatusConflict, http.StatusBadRequest, http.StatusUnprocessableEntity:
		// Which of them says that it is mapped is not documented.
	default:
		return err
	}
	found, lookup := s.get(ctx, ref)
	if lookup != nil || len(found.Status.Environments) == 0 {
		return err
	}
	return used(s.name, ref, err, "mapping of environment", found.Status.Environments)
}

// quiet takes the values of a secret out of what the server says.
func quiet(err error, values map[string]string) error {
	refused, ok := errors.AsType[*rest.StatusError](err)
	if !ok {
		return err
	}
	hidden := make(map[string]string, len(values))
	for _, value := range values {
		hidden[value] = "****"
	}
	refused.Message = flink.ScrubberOf(hidden).Scrub(withoutBegun(refused.Message, values))
	return err
}

// cut ends a message of which the client has kept the beginning only.
const cut = " …"

// withoutBegun takes away a secret in whose midst a message was cut.
func withoutBegun(message string, values map[string]string) string {
	text, wasCut := strings.CutSuffix(message, cut)
	if !wasCut {
		return message
	}
	for _, value := range values {
		for size := len(value) - 1; size > 0; size-- {
			if rest, begun := strings.CutSuffix(text, value[:size]); begun {
				return rest + cut
			}
		}
	}
	return message
}

type mappingSpec struct {
	SecretName string `json:"secretName"`
}

// noStatus is that of an object without one.
type noStatus struct{}

// SecretMappings implements platform.SQL: by environment, which secret an
// identifier means there.
func (c *Client) SecretMappings() platform.Objects[platform.SecretMapping] {
	return explained[platform.SecretMapping]{&records[platform.SecretMapping, mappingSpec, noStatus]{
		kind: kind[mappingSpec, noStatus]{
			client: c, name: "EnvironmentSecretMapping", parent: "Environment",
			in: func(environment string) []string { return at("environments", environment, "secret-mappings") },
		},
		described: func(m platform.SecretMapping) platform.Described { return m.Described },
		spec: func(_ context.Context, want platform.SecretMapping) (mappingSpec, error) {
			return mappingSpec{want.Secret}, nil
		},
		known: func(is platform.Described, spec mappingSpec, _ noStatus) platform.SecretMapping {
			return platform.SecretMapping{Described: is, Secret: spec.SecretName}
		},
	}}
}
