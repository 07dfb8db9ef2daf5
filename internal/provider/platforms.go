package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/clowder"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/ververica"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Offer is a platform that environment.platform may name.
type Offer struct {
	Rules   platform.Rules
	Connect platform.Connect
}

// offers are the platforms of the provider, connected with what the provider block
// says. The first is that of an environment that names none.
func (c *connections) offers() []Offer {
	return []Offer{
		{operator.Rules{}, func(ctx context.Context) (platform.Platform, error) {
			client, err := c.kubernetes(ctx)
			if err != nil {
				return nil, err
			}
			return operator.New(client, operator.Options{ForceConflicts: c.ForceConflicts}), nil
		}},
		{confluent.Rules{}, func(ctx context.Context) (platform.Platform, error) {
			client, err := c.confluentManager(ctx)
			if err != nil {
				return nil, err
			}
			return client, nil
		}},
		{ververica.Rules{}, func(ctx context.Context) (platform.Platform, error) {
			client, err := c.ververicaPlatform(ctx)
			if err != nil {
				return nil, err
			}
			return client, nil
		}},
		{cloudflow.Rules{}, func(ctx context.Context) (platform.Platform, error) {
			client, err := c.kubernetes(ctx)
			if err != nil {
				return nil, err
			}
			return cloudflow.New(client, operator.Options{ForceConflicts: c.ForceConflicts}), nil
		}},
		{clowder.Rules{}, func(ctx context.Context) (platform.Platform, error) {
			client, err := c.clowderPlatform(ctx)
			if err != nil {
				return nil, err
			}
			return client, nil
		}},
	}
}

// with returns the offers, and others after them or in the place of those with the
// same name.
func with(offers []Offer, others ...Offer) []Offer {
	for _, other := range others {
		at := slices.IndexFunc(offers, func(o Offer) bool { return o.Rules.Name() == other.Rules.Name() })
		if at < 0 {
			offers = append(offers, other)
		} else {
			offers[at] = other
		}
	}
	return offers
}

// known are the rules of the offers.
func known(offers []Offer) platform.Known {
	out := make(platform.Known, len(offers))
	for i, offer := range offers {
		out[i] = offer.Rules
	}
	return out
}

// connections connect to the platforms with what the provider block says. All
// resources share them.
type connections struct {
	Kubernetes     kube.Config
	Confluent      rest.Config
	Ververica      ververica.Config
	ForceConflicts bool
	// Unknown are the attributes of the provider block, for example
	// "kubernetes.host", whose values are not known yet.
	Unknown []string

	mutex     sync.Mutex
	client    *kube.Client
	confluent *confluent.Client
	ververica *ververica.Client
	clowder   *clowder.Platform
	// brokers are the connections to Kafka, by what says where it is.
	brokers    map[string]platform.Topics
	registries map[string]platform.Schemas
	// resources are the connections by custom resources, by the environment.
	resources map[string]platform.ByCustomResources
}

// kubernetes returns the client that all resources share. It is made at the first
// call, and made again after a failure; it contacts nothing itself. An error is a
// *tfkit.UnknownConfigError or says what is wrong with the block.
func (c *connections) kubernetes(ctx context.Context) (*kube.Client, error) {
	if unknown := c.unknown(blockKubernetes); len(unknown) > 0 {
		return nil, &tfkit.UnknownConfigError{Attributes: unknown}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.client == nil {
		client, err := kube.Connect(c.Kubernetes)
		if err != nil {
			return nil, explain(err)
		}
		c.client = client
		logctx.From(ctx).Info("Connecting to Kubernetes", "endpoint", client.Endpoint())
	}
	return c.client, nil
}

// explain says what to do about a configuration with which no client can be made.
func explain(err error) error {
	var config *kube.ConfigError
	if !errors.As(err, &config) {
		return err
	}
	remedy := "Say in the provider block's kubernetes how to reach the cluster, or set KUBECONFIG."
	if config.Attribute != "" {
		remedy = fmt.Sprintf("Correct kubernetes.%s in the provider block.", strings.TrimPrefix(config.Attribute, "kubernetes."))
	}
	return &platform.ExplainedError{Cause: "there is no usable configuration of a Kubernetes cluster", Err: err, Remedy: remedy}
}

// sqlPlatforms are the names of the platforms that run SQL statements.
var sqlPlatforms = []string{confluent.Name}

// sql are the same platforms, connected with what the provider block says.
func (c *connections) sql() map[string]platform.ConnectSQL {
	return map[string]platform.ConnectSQL{
		confluent.Name: func(ctx context.Context) (platform.SQL, error) {
			client, err := c.confluentManager(ctx)
			if err != nil {
				return nil, err
			}
			return client, nil
		},
	}
}

// secretPlatforms are the names of the platforms on which a secret is in an environment.
// On those that run SQL statements all environments share it.
var secretPlatforms = []string{ververica.Name}

// secrets connect to the secrets of both.
func (c *connections) secrets() map[string]platform.ConnectSecrets {
	return map[string]platform.ConnectSecrets{
		confluent.Name: func(ctx context.Context) (platform.Objects[platform.Secret], error) {
			client, err := c.confluentManager(ctx)
			if err != nil {
				return nil, err
			}
			return client.Secrets(), nil
		},
		ververica.Name: func(ctx context.Context) (platform.Objects[platform.Secret], error) {
			client, err := c.ververicaPlatform(ctx)
			if err != nil {
				return nil, err
			}
			return client.Secrets(), nil
		},
	}
}

// confluentManager returns the client of Confluent Manager for Apache Flink, by the
// rules of kubernetes.
func (c *connections) confluentManager(ctx context.Context) (*confluent.Client, error) {
	if unknown := c.unknown(confluent.Name); len(unknown) > 0 {
		return nil, &tfkit.UnknownConfigError{Attributes: unknown}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.confluent == nil {
		client, err := confluent.Connect(c.Confluent, os.Getenv, os.ReadFile)
		if err != nil {
			return nil, err
		}
		c.confluent = client
		logctx.From(ctx).Info("Connecting to Confluent Manager for Apache Flink", "endpoint", client.Endpoint())
	}
	return c.confluent, nil
}

// ververicaPlatform returns the client of Ververica Platform, by the rules of
// kubernetes.
func (c *connections) ververicaPlatform(ctx context.Context) (*ververica.Client, error) {
	if unknown := c.unknown(ververica.Name); len(unknown) > 0 {
		return nil, &tfkit.UnknownConfigError{Attributes: unknown}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.ververica == nil {
		client, err := ververica.Connect(c.Ververica, os.Getenv, os.ReadFile)
		if err != nil {
			return nil, err
		}
		c.ververica = client
		logctx.From(ctx).Info("Connecting to Ververica Platform", "endpoint", client.Endpoint())
	}
	return c.ververica, nil
}

// blockKubernetes is the block of the platforms on Kubernetes, and outside is what is
// about them outside of it.
const blockKubernetes = "kubernetes"

var outside = []string{"force_conflicts", "validate_online"}

// unknown returns the attributes of a block that are not known yet, so that what one
// platform is reached by never keeps another from being reached.
func (c *connections) unknown(block string) []string {
	return slices.DeleteFunc(slices.Clone(c.Unknown), func(attribute string) bool {
		of, _, _ := strings.Cut(attribute, ".")
		if slices.Contains(outside, of) {
			of = blockKubernetes
		}
		return of != block
	})
}
