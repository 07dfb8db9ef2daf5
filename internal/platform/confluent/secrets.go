package confluent

import (
	"context"
	"net/http"

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

// Secrets are the secrets of the server, which all environments share, and of
// which the server shows no values. A secret that environments map is not deleted.
func (c *Client) Secrets() platform.Objects[platform.Secret] {
	s := &records[platform.Secret, secretSpec, secretStatus]{
		kind:      c.secrets(),
		described: func(s platform.Secret) platform.Described { return s.Described },
		spec: func(_ context.Context, want platform.Secret) (secretSpec, error) {
			return secretSpec{want.Data}, nil
		},
		known: func(is platform.Described, _ secretSpec, status secretStatus) platform.Secret {
			return platform.Secret{Described: is, Version: status.Version, Environments: status.Environments}
		},
	}
	s.refused = func(ctx context.Context, ref platform.Ref, err error) error { return mapped(ctx, s.kind, ref, err) }
	return explained[platform.Secret](s)
}

// secrets are the Secrets as the API has them.
func (c *Client) secrets() kind[secretSpec, secretStatus] {
	return kind[secretSpec, secretStatus]{
		client: c, name: "Secret", in: func(string) []string { return at("secrets") },
		// The values do not come back, and somebody else's secret may have the same keys.
		same:   func(found, sent secretSpec) bool { return len(found.Data) == 0 || sameKeys(found.Data, sent.Data) },
		marked: true,
		hide:   func(sent secretSpec) func(string) string { return hideValues(sent.Data) },
	}
}

func sameKeys(a, b map[string]string) bool {
	for key := range a {
		if _, has := b[key]; !has {
			return false
		}
	}
	return len(a) == len(b)
}

// mapped names the environments for which the server refuses to delete a secret.
func mapped(ctx context.Context, secrets kind[secretSpec, secretStatus], ref platform.Ref, err error) error {
	switch rest.Code(err) {
	case http.StatusConflict, http.StatusBadRequest, http.StatusUnprocessableEntity:
		// Which of them says that it is mapped is not documented.
	default:
		return err
	}
	found, lookup := secrets.get(ctx, ref)
	if lookup != nil || len(found.Status.Environments) == 0 {
		return err
	}
	return used(secrets.name, ref, err, "mapping of environment", found.Status.Environments)
}

// hideValues returns what takes the values of a secret out of a text.
func hideValues(values map[string]string) func(string) string {
	hidden := make(map[string]string, len(values))
	for _, value := range values {
		hidden[value] = "****"
	}
	return flink.ScrubberOf(hidden).Scrub
}

type mappingSpec struct {
	SecretName string `json:"secretName"`
}

// noStatus is that of an object without one.
type noStatus struct{}

// SecretMappings implements platform.SQL: by environment, which secret an
// identifier means there.
func (c *Client) SecretMappings() platform.Objects[platform.SecretMapping] {
	return explained[platform.SecretMapping](&records[platform.SecretMapping, mappingSpec, noStatus]{
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
	})
}
