// Package confluent is Confluent Manager for Apache Flink (CMF): its REST API as
// operations of a platform. Its facts are those of the vendor's OpenAPI file and
// documentation, of the versions 2.1 to 2.5.
package confluent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Name is the value of environment.platform, and the name of the provider block's
// attribute.
const Name = "confluent"

// product is the platform's name in messages.
const product = "Confluent Manager for Apache Flink"

// apiVersion is that of every object.
const apiVersion = "cmf.confluent.io/v1"

// Client is a connection to one server, which one provider configuration shares.
type Client struct {
	rest *rest.Client
	// identity tells this client from every other one.
	identity string
	// written are the objects that this client has changed, which no list that it
	// has read before tells any more.
	written written.Log[writtenKey]
	// waits are the groups of the waits for objects, by the path of their collection.
	waits sync.Map
	// savepoints are those that this client has asked for.
	savepoints savepoints
}

// Connect returns a client, without contacting the server. What the configuration
// leaves out is taken from environment variables, and from the files that these
// name.
func Connect(config rest.Config, lookup func(string) string, read func(string) ([]byte, error)) (*Client, error) {
	config, err := fromVariables(config, lookup, read)
	if err != nil {
		return nil, explain(err)
	}
	connection, err := rest.Connect(config)
	if err != nil {
		return nil, explain(err)
	}
	return &Client{rest: connection, identity: rand.Text()}, nil
}

// Endpoint is the URL of the server, for messages.
func (c *Client) Endpoint() string { return c.rest.Endpoint() }

// root is where the API is below the endpoint.
var root = []string{"cmf", "api", "v1"}

// at returns the path of something in the API.
func at(parts ...string) []string { return append(root[:len(root):len(root)], parts...) }

// pageSize is how many objects are asked for at once.
const pageSize = 100

// listing are the objects of a collection by name.
type listing map[string]json.RawMessage

// list returns a collection, which is read once in the life of the client: one
// plan or one apply.
func (c *Client) list(ctx context.Context, path []string) (listing, error) {
	return rest.Once(ctx, c.rest, strings.Join(path, "/"), func(ctx context.Context) (listing, error) {
		return c.pages(ctx, path, nil)
	})
}

// serves is an error unless a collection can be read now.
func (c *Client) serves(ctx context.Context, path []string) error {
	_, err := c.rest.Do(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: url.Values{"page": {"0"}, "size": {"1"}}})
	return err
}

// absent tells what does not exist from a server, or a proxy, that does not know its
// path and refuses it so: only what serves one of the collections is believed.
func (c *Client) absent(ctx context.Context, missing *platform.NotFoundError, refused error, collections ...[]string) error {
	var err error
	for _, collection := range collections {
		// Asked now: what was answered before says nothing of who answers now.
		if err = c.serves(ctx, collection); rest.Code(err) != http.StatusNotFound {
			break
		}
	}
	switch {
	case err == nil:
		return missing
	case rest.Code(err) == http.StatusNotFound:
		return fmt.Errorf("%w Its API is not found there at all: the endpoint is that of something else", refused)
	}
	return err
}

// pages reads a collection page by page, those of its objects that a query asks
// for.
func (c *Client) pages(ctx context.Context, path []string, query url.Values) (listing, error) {
	all, _, err := c.counted(ctx, path, query)
	return all, err
}

// counted is pages, and tells how many there were.
func (c *Client) counted(ctx context.Context, path []string, query url.Values) (all listing, count int, err error) {
	all = listing{}
	for number := 0; ; number++ {
		asked := url.Values{"page": {strconv.Itoa(number)}, "size": {strconv.Itoa(pageSize)}}
		for name, values := range query {
			asked[name] = values
		}
		answer, err := c.rest.Do(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: asked})
		if err != nil {
			return nil, number, err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			// The server may give less than what is asked for; then this says how many.
			Pageable struct {
				Size int `json:"size"`
			} `json:"pageable"`
		}
		if err := answer.Decode(&page); err != nil {
			return nil, number, err
		}
		for _, item := range page.Items {
			name, err := nameOf(item)
			if err != nil {
				return nil, number, fmt.Errorf("read page %d of %s: %w", number, strings.Join(path, "/"), err)
			}
			all[name] = item
		}
		if len(page.Items) == 0 || len(page.Items) < page.Pageable.Size {
			return all, number + 1, nil
		}
	}
}

// nameOf returns the name of an object. That of an environment may stand outside
// of its metadata, where it was before 2.3.
func nameOf(object json.RawMessage) (string, error) {
	var named struct {
		Name     string `json:"name"`
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(object, &named); err != nil {
		return "", err
	}
	if named.Metadata.Name != "" {
		return named.Metadata.Name, nil
	}
	return named.Name, nil
}
