// Package schemas has the schemas of an environment in a registry. It is what all platforms
// share.
package schemas

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/registry"
)

// typeAvro is the type of schemas that a blueprint can compare.
const typeAvro = "AVRO"

// Schemas are those of one registry. It implements platform.Schemas, and is safe for concurrent
// use.
type Schemas struct {
	where   defaults.SchemaRegistry
	secrets platform.Secrets
	agent   string

	mutex  sync.Mutex
	client *registry.Client
}

var _ platform.Schemas = (*Schemas)(nil)

// New returns the schemas of a registry. Nothing is contacted. agent is the name of the client for the
// registry's logs.
func New(where defaults.SchemaRegistry, secrets platform.Secrets, agent string) *Schemas {
	return &Schemas{where: where, secrets: secrets, agent: agent}
}

// connect reads the credentials and makes the client, which is kept once that has worked.
func (s *Schemas) connect(ctx context.Context) (*registry.Client, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.client != nil {
		return s.client, nil
	}
	config := registry.Config{URL: ptr.Deref(s.where.AdminURL, s.where.URL), Agent: s.agent}
	if s.where.Secret != nil {
		values, err := s.secrets.Secret(ctx, *s.where.Secret)
		if err != nil {
			return nil, fmt.Errorf("the credentials of the schema registry %s cannot be read: %w", config.URL, err)
		}
		config.Username, config.Password, config.Token = string(values["username"]), string(values["password"]), string(values["token"])
		if config.Username == "" && config.Token == "" {
			return nil, fmt.Errorf("the Secret %s has neither the keys username and password nor the key token, which the schema registry %s needs", *s.where.Secret, config.URL)
		}
	}
	if ca := s.where.CA; ca != nil {
		values, err := s.secrets.Secret(ctx, ca.Secret)
		if err != nil {
			return nil, fmt.Errorf("the certificate authorities of the schema registry %s cannot be read: %w", config.URL, err)
		}
		if config.CertificateAuthority = string(values[ca.Key]); config.CertificateAuthority == "" {
			return nil, fmt.Errorf("the Secret %s has no key %s with the certificate authorities of the schema registry %s", ca.Secret, ca.Key, config.URL)
		}
	}
	client, err := registry.Connect(config)
	if err == nil {
		s.client = client
	}
	return client, err
}

// Schema implements platform.Schemas.
func (s *Schemas) Schema(ctx context.Context, subject, version string) (string, error) {
	client, err := s.connect(ctx)
	if err != nil {
		return "", err
	}
	found, err := client.Schema(ctx, subject, version)
	if absent, ok := errors.AsType[*registry.NotFoundError](err); ok {
		return "", &platform.NotFoundError{Kind: "schema", Ref: platform.Ref{Name: strings.TrimSuffix(absent.Subject+" version "+absent.Version, " version ")}}
	}
	if err != nil {
		return "", err
	}
	if found.Type != typeAvro {
		return "", fmt.Errorf("version %d of the subject %s is of the type %s, and a blueprint takes Avro schemas", found.Version, subject, found.Type)
	}
	if len(found.References) > 0 {
		return "", fmt.Errorf("version %d of the subject %s refers to the subject %s, and a blueprint takes schemas that are whole", found.Version, subject, found.References[0].Subject)
	}
	return found.Text, nil
}

// Check implements platform.Schemas.
func (s *Schemas) Check(ctx context.Context, subject, text string) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	verdict, err := client.Check(ctx, subject, text)
	if err != nil {
		return s.refusal(err)
	}
	if verdict.Compatible {
		return nil
	}
	words := verdict.Words
	if len(words) == 0 {
		words = []string{"the schema is not compatible with the versions that the subject has, and the registry does not say why"}
	}
	return &platform.RejectedError{By: s.name(), Message: strings.Join(words, "; ")}
}

// Register implements platform.Schemas.
func (s *Schemas) Register(ctx context.Context, subject, text string) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	_, err = client.Register(ctx, subject, text)
	return s.refusal(err)
}

// refusal is an error by which the registry refuses a schema as *platform.RejectedError.
func (s *Schemas) refusal(err error) error {
	if _, ok := errors.AsType[*registry.IncompatibleError](err); ok {
		return &platform.RejectedError{By: s.name(), Message: flink.Sentence(err.Error())}
	}
	if _, ok := errors.AsType[*registry.InvalidSchemaError](err); ok {
		return &platform.RejectedError{By: s.name(), Message: flink.Sentence(err.Error())}
	}
	return err
}

func (s *Schemas) name() string {
	return "The schema registry " + ptr.Deref(s.where.AdminURL, s.where.URL)
}
