// Package ververica is Ververica Platform, self-managed: its REST API as operations of
// a platform. Its facts are those of the vendor's documentation and of its OpenAPI
// files, of the versions 2.13 to 3.1.
package ververica

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Name is the value of environment.platform, and the name of the provider block's
// attribute.
const Name = "ververica"

// product is the platform's name in messages.
const product = vvp.Product

// apiVersion is that of every object of the Application Manager.
const apiVersion = "v1"

// annotationPrefix begins the annotations that the provider keeps for itself.
const annotationPrefix = "flink-terraform.io/"

// Config says how to reach a server.
type Config struct {
	// Config has as Token the one for namespaces themselves, and for what is in those
	// that have none of their own. It may be empty: access control can be switched off,
	// and the Community Edition has none.
	rest.Config
	// Tokens are those for what is in a namespace, by its name.
	Tokens map[string]string
	// FlinkProxyPath is where the server hands requests on to Flink's REST API of a
	// job, with {namespace} and {job}, the id of the server's Job; empty for
	// defaultFlinkProxyPath. No published API has it.
	FlinkProxyPath string
}

const defaultFlinkProxyPath = "/flink-ui/v1/namespaces/{namespace}/jobs/{job}"

// object is one of the API as it is told, so that fields of newer servers survive a
// write. Numbers are json.Number.
type object = flink.Tree

// Collections of a namespace, as paths name them.
const (
	targets         = "deployment-targets"
	deployments     = "deployments"
	sessionClusters = "sessionclusters"
	secretValues    = "secret-values"
)

// key names an object that has a name in its namespace.
type key struct{ namespace, collection, name string }

// Client is a connection to one server, which one provider configuration shares.
type Client struct {
	config Config
	// tokenOf returns the token for what is in a namespace.
	tokenOf func(namespace string) string
	// base is the connection for namespaces themselves, and remembers what is the same
	// for every token.
	base *rest.Client
	// identity tells this client from every other one.
	identity string
	// waits are the groups of the waits for deployments, by namespace.
	waits sync.Map
	// written are the objects that this client has changed, which no list that it has
	// read before tells any more.
	written written.Log[key]

	// notes has one note at a time be written on a deployment target, which is replaced as a
	// whole for it.
	notes sync.Mutex

	// creating are the deployments that this client creates: two of one name have perhaps no object
	// in common that could refuse the second.
	creating sync.Map
	// held are the vvp.Marks of creates that have come to their end and that their callers end, by
	// the platform.Ref.
	held sync.Map

	mutex sync.Mutex
	// connections are those of the tokens that are not base's.
	connections map[string]*rest.Client
}

// Connect returns a client, without contacting the server. What the configuration
// leaves out is taken from environment variables, and from the file that one of these
// names.
func Connect(config Config, lookup func(string) string, read func(string) ([]byte, error)) (*Client, error) {
	config, err := fromVariables(config, lookup, read)
	if err != nil {
		return nil, explain(err)
	}
	if err := config.check(); err != nil {
		return nil, explain(err)
	}
	base, err := rest.Connect(config.Config)
	if err != nil {
		return nil, explain(err)
	}
	return &Client{identity: rand.Text(), config: config, tokenOf: config.tokenOf(lookup), base: base, connections: map[string]*rest.Client{}}, nil
}

// check is a *rest.ConfigError where the path of Flink's REST API names no job.
func (c Config) check() error {
	if strings.HasPrefix(c.FlinkProxyPath, "/") && strings.Contains(c.FlinkProxyPath, "{job}") {
		return nil
	}
	return &rest.ConfigError{
		Attribute: "flink_proxy_path",
		Message:   fmt.Sprintf("The path of Flink's REST API must begin with / and have {job} in it, as %s has.", defaultFlinkProxyPath),
	}
}

// Endpoint is the URL of the server, for messages.
func (c *Client) Endpoint() string { return c.base.Endpoint() }

// admin returns the connection for namespaces themselves, which no token of a namespace
// may create.
func (c *Client) admin() *rest.Client { return c.base }

// in returns the connection for what is in a namespace.
func (c *Client) in(namespace string) *rest.Client {
	token := c.tokenOf(namespace)
	if token == c.config.Token {
		return c.base
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if _, made := c.connections[token]; !made {
		c.connections[token] = c.base.WithToken(token)
	}
	return c.connections[token]
}

// at returns the path of something that is in a namespace.
func at(namespace string, parts ...string) []string {
	return append([]string{"api", "v1", "namespaces", namespace}, parts...)
}

// flinkPath returns the path of something of Flink's REST API of a job, of the server's
// id: for example flinkPath("prod", id, "jobs", "overview").
func (c *Client) flinkPath(namespace, job string, parts ...string) []string {
	var path []string
	for part := range strings.SplitSeq(strings.Trim(c.config.FlinkProxyPath, "/"), "/") {
		path = append(path, strings.NewReplacer("{namespace}", namespace, "{job}", job).Replace(part))
	}
	return append(path, parts...)
}

// do sends a request about what is in a namespace, and reads the answer into a value;
// nil for no interest in it. An answer without a body leaves the value as it is.
// Errors are those of rest.Client.Do.
func (c *Client) do(ctx context.Context, namespace string, request rest.Request, into any) error {
	answer, err := c.in(namespace).Do(ctx, request)
	if err != nil || into == nil || answer.Empty() {
		return err
	}
	return answer.Decode(into)
}

// listed asks for the objects of a collection now; query may be nil.
func (c *Client) listed(ctx context.Context, namespace, collection string, query url.Values) ([]object, error) {
	var all struct {
		Items []object `json:"items"`
	}
	err := c.do(ctx, namespace, rest.Request{Method: http.MethodGet, Path: at(namespace, collection), Query: query}, &all)
	return all.Items, err
}

// items are listed, by name.
func (c *Client) items(ctx context.Context, namespace, collection string) (map[string]object, error) {
	all, err := c.listed(ctx, namespace, collection, nil)
	if err != nil {
		return nil, err
	}
	out := make(map[string]object, len(all))
	for _, item := range all {
		out[text(item, "metadata", "name")] = item
	}
	return out, nil
}

// list returns the objects of a collection by name. It is read once in the life of the
// client: one plan or one apply.
func (c *Client) list(ctx context.Context, namespace, collection string) (map[string]object, error) {
	return rest.Once(ctx, c.in(namespace), namespace+"/"+collection, func(ctx context.Context) (map[string]object, error) {
		return c.items(ctx, namespace, collection)
	})
}

// read returns an object of the list of its collection. What the list does not have,
// and what this client has written, is read singly. The object is shared: who changes
// it copies it.
func (c *Client) read(ctx context.Context, namespace, collection, name string) (object, error) {
	found, err := c.known(ctx, namespace, collection, name)
	return found, c.believed(ctx, key{namespace, collection, name}, err)
}

// known is read, and lookup of what the list does not have.
func (c *Client) known(ctx context.Context, namespace, collection, name string) (object, error) {
	if !c.written.Has(key{namespace, collection, name}) {
		all, err := c.list(ctx, namespace, collection)
		if err != nil && !refusesLists(err) {
			return nil, err
		}
		if found, ok := all[name]; ok {
			return found, nil
		}
	}
	return c.lookup(ctx, namespace, collection, name)
}

// refusesLists tells that a list cannot be read, and an object perhaps can.
func refusesLists(err error) bool {
	switch rest.Code(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return false
}

// get returns an object as the server has it now; *platform.NotFoundError where there is
// none.
func (c *Client) get(ctx context.Context, namespace, collection, name string) (object, error) {
	found, err := c.lookup(ctx, namespace, collection, name)
	return found, c.believed(ctx, key{namespace, collection, name}, err)
}

// lookup is get, with the answer of the server as it is: its 404 may be that of somebody who does
// not know the API.
func (c *Client) lookup(ctx context.Context, namespace, collection, name string) (object, error) {
	var found object
	err := c.do(ctx, namespace, rest.Request{Method: http.MethodGet, Path: at(namespace, collection, name)}, &found)
	return found, err
}

// believed makes *platform.NotFoundError of a 404 for an object, where it is the server's own.
// Every other error stays.
func (c *Client) believed(ctx context.Context, of key, err error) error {
	if rest.Code(err) != http.StatusNotFound {
		return err
	}
	return c.absent(ctx, c.in(of.namespace), &platform.NotFoundError{Kind: kinds[of.collection], Ref: platform.Ref{Namespace: of.namespace, Name: of.name}}, err)
}

// kinds are the kinds of what collections have.
var kinds = map[string]string{
	targets: "DeploymentTarget", deployments: "Deployment", sessionClusters: "SessionCluster", secretValues: "SecretValue",
}

// writes notes that a write of an object begins. What it returns notes that it ends.
func (c *Client) writes(namespace, collection, name string) (ends func()) {
	return c.written.Write(key{namespace, collection, name})
}

// absent tells what does not exist from a server, or a proxy, that does not know its
// path and refuses it so: only what tells its version is believed.
func (c *Client) absent(ctx context.Context, by *rest.Client, missing *platform.NotFoundError, refused error) error {
	// Asked now: what was answered before says nothing of who answers now.
	_, err := by.Do(ctx, rest.Request{Method: http.MethodGet, Path: systemInfo})
	switch {
	case err == nil:
		return missing
	case rest.Code(err) == http.StatusNotFound:
		return fmt.Errorf("%w Its API is not found there at all: the endpoint is that of something else", refused)
	}
	return err
}

// text returns a text inside an object, empty where there is none.
func text(of object, at ...string) string {
	found, _, _ := unstructured.NestedString(of, at...)
	return found
}

// texts returns a map of texts inside an object, such as its labels; values that are
// no texts are left out.
func texts(of object, at ...string) map[string]string {
	found, _, _ := unstructured.NestedFieldNoCopy(of, at...)
	values, _ := found.(map[string]any)
	out := make(map[string]string, len(values))
	for name, value := range values {
		if text, ok := value.(string); ok {
			out[name] = text
		}
	}
	return out
}
