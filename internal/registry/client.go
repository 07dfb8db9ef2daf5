// Package registry is a client of a schema registry with Confluent's REST
// interface, for Avro. It knows nothing about Flink or Terraform. Its facts are
// what Confluent Schema Registry 8.3.1, Karapace 6.2.0 and Apicurio Registry 3.3.3
// (ccompat v7) answer; where these are not of one mind is in differences.go.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Config says how to reach a registry. Username and Token exclude each other.
type Config struct {
	// URL is where the interface begins, http:// or https://. That of Apicurio has
	// the path /apis/ccompat/v7.
	URL string
	// Username and Password are those of basic authentication; in Confluent Cloud,
	// an API key and its secret.
	Username, Password string
	// Token is a bearer token.
	Token string
	// CertificateAuthority has, as PEM text, authorities that are trusted beside
	// those of the machine.
	CertificateAuthority string
	// Agent is the name of the client for the registry's logs.
	Agent string
}

// String is the URL: the rest is not to be shown.
func (c Config) String() string { return c.URL }

// GoString is String.
func (c Config) GoString() string { return c.URL }

// Client is a connection to one registry. It is safe for concurrent use.
type Client struct {
	rest *rest.Client
	// hide takes the credentials out of what a registry says.
	hide func(text string) string
	// patience is how long Register tries while a registry cannot say what has
	// become of it.
	patience time.Duration
}

// patience is longer than Karapace takes to find its primary: six seconds after its
// start, measured.
const patience = 10 * time.Second

// Connect returns a client, without contacting the registry. An error is a
// *rest.ConfigError.
func Connect(config Config) (*Client, error) {
	settings := rest.Config{Endpoint: config.URL, Token: config.Token, CertificateAuthority: config.CertificateAuthority, Agent: config.Agent}
	if config.Username != "" || config.Password != "" {
		if config.Token != "" {
			return nil, &rest.ConfigError{Attribute: "token", Message: "There are a user and a token, and the registry takes one of them."}
		}
		settings.Basic = &rest.Basic{Username: config.Username, Password: config.Password}
	}
	connection, err := rest.Connect(settings)
	if err != nil {
		return nil, err
	}
	return &Client{rest: connection, hide: hiding(config.Password, config.Token), patience: patience}, nil
}

// hiding returns what takes secrets out of a text.
func hiding(secrets ...string) func(string) string {
	var pairs []string
	for _, secret := range secrets {
		if secret != "" {
			pairs = append(pairs, secret, "(hidden)")
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// Endpoint is the URL of the registry, for messages.
func (c *Client) Endpoint() string { return c.rest.Endpoint() }

// proposal is the body with a schema. It always has the field, see blank.
type proposal struct {
	Schema string `json:"schema"`
}

// get reads a path.
func (c *Client) get(ctx context.Context, into any, query url.Values, path ...string) error {
	return c.do(ctx, into, rest.Request{Method: http.MethodGet, Path: path, Query: query})
}

// ask posts a schema to a path that changes nothing.
func (c *Client) ask(ctx context.Context, into any, text string, query url.Values, path ...string) error {
	return c.do(ctx, into, rest.Request{Method: http.MethodPost, Path: path, Query: query, Body: proposal{text}, Reads: true})
}

func (c *Client) do(ctx context.Context, into any, request rest.Request) error {
	request.Hide = c.hide
	answer, err := c.rest.Do(ctx, request)
	if err != nil {
		return c.explain(err)
	}
	return answer.Decode(into)
}

// explain adds what the codes mean that every path answers with.
func (c *Client) explain(err error) error {
	refused, ok := errors.AsType[*rest.StatusError](err)
	switch {
	case !ok:
		return err
	case refused.Code == http.StatusUnauthorized, refused.Code == http.StatusForbidden:
		return &AccessError{Code: refused.Code, Err: err}
	}
	return err
}

// subjectOf refuses names that would make another path of a request.
func subjectOf(subject string) error {
	if subject == "" || subject == "." || subject == ".." {
		return fmt.Errorf("%q is no name of a subject", subject)
	}
	return nil
}
