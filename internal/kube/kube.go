// Package kube talks to a Kubernetes API server: it resolves the connection,
// reads through a list cache, writes by server-side apply and follows objects
// through shared watches. It knows nothing about Flink or Terraform: kinds are
// given by the caller, and everything that can go wrong is a typed error.
package kube

import (
	"crypto/rand"
	"net/http"
	"sync"

	"golang.org/x/sync/singleflight"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// FieldManager is the name under which every write owns its fields
// (https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers).
const FieldManager = "terraform-provider-flink"

// Kind is a kind of object and the place where the API server serves it. Kinds
// are fixed by the caller, and nothing is discovered but which of them is served
// (Client.Served), so a custom resource definition that is installed later needs no
// cache to be invalidated.
type Kind struct {
	schema.GroupVersionResource
	Kind string // for example "FlinkDeployment"
}

// apiVersion is the value of the field of that name in objects of the kind.
func (k Kind) apiVersion() string { return k.GroupVersion().String() }

// Key names an object of a kind. Namespace is empty for cluster-wide kinds.
type Key struct{ Namespace, Name string }

// String is "namespace/name", or the name alone for cluster-wide objects.
func (k Key) String() string {
	if k.Namespace == "" {
		return k.Name
	}
	return k.Namespace + "/" + k.Name
}

// Ref is an object as error messages name it.
type Ref struct {
	Kind Kind
	Key  Key
}

// String is for example "FlinkDeployment flink-prod/orders".
func (r Ref) String() string {
	if r.Key.Name == "" && r.Key.Namespace != "" {
		return r.Kind.Kind + " objects in namespace " + r.Key.Namespace
	}
	if r.Key.Name == "" {
		return r.Kind.Kind + " objects"
	}
	return r.Kind.Kind + " " + r.Key.String()
}

// Client is a connection to one API server. It is safe for concurrent use, and
// one per provider configuration is meant to be shared by everything.
type Client struct {
	config   *rest.Config
	http     *http.Client
	rest     rest.Interface
	dynamic  dynamic.Interface
	endpoint string
	identity string
	timing   timing

	counter   requestCounter
	clock     serverClock
	outage    outage
	unserved  unservedKinds
	served    servedKinds
	schemas   servedSchemas
	written   writtenObjects
	admission admission
	lists     listCache
	hubs      hubs
}

// Endpoint is the URL of the API server, for messages.
func (c *Client) Endpoint() string { return c.endpoint }

// Identity tells this client from every other one, in this process and others.
// It is random, and as good as a name of the provider's process.
func (c *Client) Identity() string { return c.identity }

// Requests counts the requests sent so far by verb and resource, for example
// "list flinkdeployments". Retries count too.
func (c *Client) Requests() map[string]int { return c.counter.snapshot() }

// newClient makes a client of a resolved configuration, without contacting the
// server. All requests share one transport, hence one HTTP/2 connection.
func newClient(config *rest.Config, t timing) (*Client, error) {
	c := &Client{timing: t, endpoint: config.Host, identity: rand.Text()}
	config = dynamic.ConfigFor(config)
	config.GroupVersion = nil
	config.APIPath = "/unused" // every request gives its absolute path
	// The server's priority and fairness protects it better than a limit that
	// each client guesses; client-go's default would stretch the refresh of
	// 200 objects over 40 seconds.
	config.QPS = -1
	config.WarningHandlerWithContext = warnings{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &transport{next: next, counter: &c.counter, clock: &c.clock}
	})
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	if config.ExecProvider != nil {
		// client-go runs the program inside the transport that it returns.
		httpClient.Transport = &interruptible{next: httpClient.Transport}
	}
	restClient, err := rest.UnversionedRESTClientForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	c.config, c.http, c.rest, c.dynamic = config, httpClient, restClient, dynamic.New(restClient)
	c.lists.pages = map[listScope]*listing{}
	c.lists.denied = map[listScope]bool{}
	c.hubs.running = map[listScope]*hub{}
	return c, nil
}

// listScope is what one list or watch request covers.
type listScope struct {
	kind      Kind
	namespace string
}

// writtenObjects remembers the objects that this client has written, with the
// newest resource version that a write has returned. An object's earlier
// versions, from the list cache or from a watch that lags, are not shown for
// it any more.
type writtenObjects struct {
	mu       sync.Mutex
	versions map[Ref]string
}

// note marks the object as written. An empty version keeps what is known: a
// write that fails may still have arrived.
func (w *writtenObjects) note(ref Ref, version string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.versions == nil {
		w.versions = map[Ref]string{}
	}
	if known, ok := w.versions[ref]; !ok || olderVersion(known, version) {
		w.versions[ref] = version
	}
}

// get returns the newest version written, and whether there was a write.
func (w *writtenObjects) get(ref Ref) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	version, ok := w.versions[ref]
	return version, ok
}

// flights shares one running request between callers that want the same.
type flights = singleflight.Group
