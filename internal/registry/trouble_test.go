package registry

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/registry/registrytest"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// secret is in the credentials of these tests and must be in no error.
const secret = "p1anted-secret"

const (
	subjects = "subjects/orders-value"
	lookUp   = "POST " + subjects
	post     = "POST " + subjects + "/versions"
)

// No schema is registered twice, whatever becomes of an answer, and none that may be
// there is taken for refused.
func TestRegisterInTrouble(t *testing.T) {
	t.Parallel()
	unsettled := func(err error) bool { _, ok := errors.AsType[*UnsettledError](err); return ok }
	for name, test := range map[string]struct {
		trouble registrytest.Trouble
		// asks are the requests.
		asks  []string
		fails func(error) bool
		// has is how many versions there are afterwards.
		has int
	}{
		"no trouble":             {registrytest.Trouble{Method: "none"}, []string{lookUp, post}, nil, 1},
		"the answer is lost":     {registrytest.Trouble{Registering: true, Loses: true, Times: 1}, []string{lookUp, post, lookUp}, nil, 1},
		"the request is lost":    {registrytest.Trouble{Registering: true, Drops: true, Times: 1}, []string{lookUp, post, lookUp, post}, nil, 1},
		"no primary at first":    {registrytest.NotPrimary(2), []string{lookUp, post, lookUp, post, lookUp, post}, nil, 1},
		"no primary":             {registrytest.NotPrimary(0), nil, unsettled, 0},
		"a busy registry":        {registrytest.Trouble{Registering: true, Code: http.StatusTooManyRequests, Times: 1}, []string{lookUp, post, post}, nil, 1},
		"the look is lost":       {registrytest.Trouble{Method: http.MethodPost, Drops: true, Times: 1}, []string{lookUp, lookUp, post}, nil, 1},
		"it is refused":          {registrytest.Trouble{Registering: true, Code: http.StatusForbidden, Number: 40301}, []string{lookUp, post}, func(err error) bool { _, ok := errors.AsType[*AccessError](err); return ok }, 0},
		"what answers is no one": {registrytest.Trouble{Code: http.StatusNotFound}, []string{lookUp}, func(err error) bool { _, ok := errors.AsType[*ForeignError](err); return ok }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := registrytest.New(registrytest.Confluent)
			server.Make(test.trouble)
			client := connected(t, Config{URL: server.Start(t)})
			client.patience = time.Second
			made, err := client.Register(t.Context(), "orders-value", base)
			if (err != nil) != (test.fails != nil) || err != nil && !test.fails(err) {
				t.Errorf("the error is %v", err)
			}
			if err == nil && (made.Version != 1 || made.Already) {
				t.Errorf("it is %+v", made)
			}
			if asks := server.Requests(); test.asks != nil && !slices.Equal(asks, test.asks) {
				t.Errorf("it asks %q", asks)
			}
			server.End()
			if has := server.Versions("orders-value"); len(has) != test.has {
				t.Errorf("there are %d versions", len(has))
			}
		})
	}
}

// A schema that Karapace cannot read is said to be that, though a lookup fails of it.
func TestRegisterInvalid(t *testing.T) {
	t.Parallel()
	server := registrytest.New(registrytest.Karapace)
	server.Have(t, "orders-value", base)
	_, err := connected(t, Config{URL: server.Start(t)}).Register(t.Context(), "orders-value", `{"type":"rec"}`)
	if _, ok := errors.AsType[*InvalidSchemaError](err); !ok {
		t.Errorf("it is %v", err)
	}
}

// The end of the context ends everything but a request to register on its way.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble registrytest.Trouble
		does    func(context.Context, *Client) error
	}{
		"a read": {registrytest.Trouble{Method: http.MethodGet}, func(ctx context.Context, c *Client) error {
			_, err := c.Schema(ctx, "orders-value", Latest)
			return err
		}},
		"a level":   {registrytest.Trouble{Path: "config"}, func(ctx context.Context, c *Client) error { _, err := c.Compatibility(ctx, "orders-value"); return err }},
		"a compare": {registrytest.Trouble{Path: "compatibility"}, func(ctx context.Context, c *Client) error { _, err := c.Check(ctx, "orders-value", base); return err }},
		"a lookup": {registrytest.Trouble{Path: subjects}, func(ctx context.Context, c *Client) error {
			_, err := c.Register(ctx, "orders-value", base)
			return err
		}},
		"a pause": {registrytest.Trouble{Registering: true, Code: http.StatusInternalServerError}, func(ctx context.Context, c *Client) error {
			c.patience = time.Hour
			_, err := c.Register(ctx, "orders-value", base)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := registrytest.New(registrytest.Confluent)
			ctx, cancel := context.WithCancelCause(t.Context())
			stopped := errors.New("the user stops it")
			var ended time.Time
			test.trouble.Hangs = test.trouble.Code == 0
			test.trouble.Then = func() {
				if ended.IsZero() {
					ended = time.Now()
					cancel(stopped)
				}
			}
			server.Make(test.trouble)
			err := test.does(ctx, connected(t, Config{URL: server.Start(t)}))
			if !errors.Is(err, stopped) || time.Since(ended) > 5*time.Second {
				t.Errorf("after %s it is %v", time.Since(ended), err)
			}
		})
	}
}

// Credentials are refused once, and shown in no error.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		demand func(*registrytest.Server)
		good   Config
	}{
		"a user":  {func(s *registrytest.Server) { s.Demand("alice", secret) }, Config{Username: "alice", Password: secret}},
		"a token": {func(s *registrytest.Server) { s.DemandToken(secret) }, Config{Token: secret}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := registrytest.New(registrytest.Karapace)
			test.demand(server)
			test.good.URL = server.Start(t)
			for _, shown := range []string{fmt.Sprint(test.good), fmt.Sprintf("%+v %#v", test.good, &test.good), fmt.Sprintf("%+v", connected(t, test.good))} {
				if strings.Contains(shown, secret) {
					t.Errorf("it is shown: %s", shown)
				}
			}
			if _, err := connected(t, test.good).Register(t.Context(), "orders-value", base); err != nil {
				t.Error(err)
			}
			server.Requests()
			bad := connected(t, Config{URL: test.good.URL, Username: "bob", Password: secret + "-old"})
			_, err := bad.Check(t.Context(), "orders-value", base)
			refused, ok := errors.AsType[*AccessError](err)
			if !ok || refused.Code != http.StatusUnauthorized || len(server.Requests()) != 1 {
				t.Errorf("they are refused as %v", err)
			}
			server.Make(registrytest.Trouble{Code: http.StatusForbidden, Text: "alice:" + secret + " may not"})
			if _, err := connected(t, test.good).Schema(t.Context(), "orders-value", Latest); err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "may not") {
				t.Errorf("what is not allowed is %v", err)
			}
		})
	}
	for _, config := range []Config{{}, {URL: "https://a", Username: "alice", Token: secret}, {URL: "https://alice:" + secret + "@a"}, {URL: "https://a", CertificateAuthority: "/etc/ca.pem"}} {
		_, err := Connect(config)
		if _, ok := errors.AsType[*rest.ConfigError](err); !ok || strings.Contains(err.Error(), secret) {
			t.Errorf("%+v: %v", config, err)
		}
	}
}

// What is no name or no version is not asked for: it would be another path.
func TestNotAsked(t *testing.T) {
	t.Parallel()
	server := registrytest.New(registrytest.Confluent)
	client := connected(t, Config{URL: server.Start(t)})
	for _, name := range []string{"", ".", ".."} {
		_, reading := client.Schema(t.Context(), name, Latest)
		_, checking := client.Check(t.Context(), name, base)
		_, registering := client.Register(t.Context(), name, base)
		_, ruling := client.Compatibility(t.Context(), name)
		for _, err := range []error{reading, checking, registering, ruling} {
			if err == nil {
				t.Errorf("%q is a name", name)
			}
		}
	}
	for _, version := range []string{"", "0", "-1", "1.5", "newest", "../1"} {
		if _, err := client.Schema(t.Context(), "orders-value", version); err == nil {
			t.Errorf("%q is a version", version)
		}
	}
	if asks := server.Requests(); len(asks) > 0 {
		t.Errorf("it asks %q", asks)
	}
}

// A registry that does not know defaultToGlobal is asked for the global level.
func TestCompatibilityOfOldRegistry(t *testing.T) {
	t.Parallel()
	server := registrytest.New(registrytest.Confluent)
	server.Make(registrytest.Trouble{Path: "config/", Code: http.StatusNotFound, Number: 40408})
	server.SetLevel("", "FULL")
	if level, err := connected(t, Config{URL: server.Start(t)}).Compatibility(t.Context(), "orders-value"); err != nil || level != "FULL" {
		t.Errorf("it is %q: %v", level, err)
	}
}

// Who has no registry's certificate is not reached, and who is none is told from one.
func TestNoRegistry(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(registrytest.New(registrytest.Confluent))
	t.Cleanup(secure.Close)
	_, err := connected(t, Config{URL: secure.URL}).Compatibility(t.Context(), "orders-value")
	if _, ok := errors.AsType[*rest.UnreachableError](err); !ok {
		t.Errorf("a certificate of nobody is %v", err)
	}
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}))
	if level, err := connected(t, Config{URL: secure.URL, CertificateAuthority: authority}).Compatibility(t.Context(), "orders-value"); err != nil || level != "BACKWARD" {
		t.Errorf("with its authority: %q, %v", level, err)
	}

	// Apicurio without the path of its interface.
	other := httptest.NewServer(registrytest.New(registrytest.Apicurio))
	t.Cleanup(other.Close)
	client := connected(t, Config{URL: other.URL})
	_, reading := client.Schema(t.Context(), "orders-value", Latest)
	_, checking := client.Check(t.Context(), "orders-value", base)
	_, registering := client.Register(t.Context(), "orders-value", base)
	_, ruling := client.Compatibility(t.Context(), "orders-value")
	for _, err := range []error{reading, checking, registering, ruling} {
		if _, ok := errors.AsType[*ForeignError](err); !ok {
			t.Errorf("no registry is %v", err)
		}
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	t.Cleanup(page.Close)
	_, err = connected(t, Config{URL: page.URL}).Schema(t.Context(), "orders-value", Latest)
	if _, ok := errors.AsType[*rest.UnreadableError](err); !ok {
		t.Errorf("a page is %v", err)
	}
}
