package ververica

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Each namespace is asked with its own token, and namespaces themselves with the one for
// all.
func TestTokens(t *testing.T) {
	client, server := configured(t, Config{Config: rest.Config{Token: "all"}, Tokens: map[string]string{"prod": "of-prod"}},
		map[string]string{"VERVERICA_PLATFORM_TOKEN_PROD": "not-this", "VERVERICA_PLATFORM_TOKEN_PROD_EU": "of-prod-eu", "VERVERICA_PLATFORM_TOKEN": "not-this"}, nil)
	for namespace, want := range map[string]string{"prod": "of-prod", "prod-eu": "of-prod-eu", "test": "all"} {
		server.tokens = nil
		_, _ = client.items(t.Context(), namespace, deployments)
		if diff := cmp.Diff([]string{want}, server.tokens); diff != "" {
			t.Errorf("%s (-want +got):\n%s", namespace, diff)
		}
	}
	if first := client.in("prod"); first != client.in("prod") || client.in("test") != client.admin() {
		t.Error("a token has several connections")
	}
	server.tokens = nil
	_, _ = client.namespaceOf(platform.Environment{Name: "prod", CreateNamespace: true}).get(t.Context())
	_, _ = client.namespaceOf(platform.Environment{Name: "prod"}).get(t.Context())
	if server.tokens[0] != "all" || server.tokens[len(server.tokens)-1] != "of-prod" {
		t.Errorf("the namespace is asked for with %v", server.tokens)
	}
}

func TestConnect(t *testing.T) {
	unreadable := func(string) ([]byte, error) { return nil, errors.New("no such file") }
	for name, test := range map[string]struct {
		config    Config
		variables map[string]string
		endpoint  string
		cause     string
		remedy    string
	}{
		"an endpoint":          {config: Config{Config: rest.Config{Endpoint: "http://a"}}, endpoint: "http://a"},
		"a variable":           {variables: map[string]string{variableURL: "http://b/"}, endpoint: "http://b"},
		"both":                 {config: Config{Config: rest.Config{Endpoint: "http://a"}}, variables: map[string]string{variableURL: "http://b"}, endpoint: "http://a"},
		"nothing":              {cause: "no usable configuration", remedy: variableURL},
		"no URL":               {config: Config{Config: rest.Config{Endpoint: "a"}}, cause: "no usable configuration", remedy: variableURL},
		"an authority":         {config: Config{Config: rest.Config{Endpoint: "http://a", CertificateAuthority: "none"}}, cause: "no usable configuration", remedy: "ververica.ca_certificate"},
		"a file of it":         {config: Config{Config: rest.Config{Endpoint: "http://a"}}, variables: map[string]string{variableAuthority: "/none"}, cause: "no usable configuration", remedy: variableURL},
		"a path without a job": {config: Config{Config: rest.Config{Endpoint: "http://a"}, FlinkProxyPath: "/flink"}, cause: "no usable configuration", remedy: "ververica.flink_proxy_path"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := Connect(test.config, func(name string) string { return test.variables[name] }, unreadable)
			explained, _ := errors.AsType[*platform.ExplainedError](err)
			switch {
			case test.cause == "" && err != nil:
				t.Error(err)
			case test.cause == "" && client.Endpoint() != test.endpoint:
				t.Errorf("the endpoint is %s", client.Endpoint())
			case test.cause != "" && (explained == nil || !strings.Contains(explained.Cause, test.cause) || !strings.Contains(explained.Remedy, test.remedy)):
				t.Errorf("the error is %#v", explained)
			}
		})
	}
}

func TestFlinkPath(t *testing.T) {
	client, _ := following(t, nil)
	if got := strings.Join(client.flinkPath("prod", "id", "jobs", "overview"), "/"); got != "flink-ui/v1/namespaces/prod/jobs/id/jobs/overview" {
		t.Errorf("the path is %s", got)
	}
	client, _ = configured(t, Config{FlinkProxyPath: "/ui/{job}/"}, nil, nil)
	if got := strings.Join(client.flinkPath("prod", "id", "config"), "/"); got != "ui/id/config" {
		t.Errorf("the path is %s", got)
	}
}

func TestVersion(t *testing.T) {
	for build, want := range map[string]struct {
		generation int
		old        bool
	}{
		"2.12.3": {2, true}, "2.13.0": {2, false}, "2.15.1": {2, false}, "2.13.0-SNAPSHOT": {2, false}, "3.1.3": {3, false}, "main-4711": {2, false}, "": {2, false},
	} {
		t.Run(build, func(t *testing.T) {
			client, server := following(t, map[string][]said{asksVersion: once(200, fmt.Sprintf(`{"status":{"revisionInformation":{"buildVersion":%q}}}`, build))})
			for range 2 {
				is, err := client.version(t.Context(), "prod")
				if err != nil || is.build != build || is.generation != want.generation {
					t.Errorf("it is %+v, %v", is, err)
				}
			}
			err := client.require(t.Context(), "test")
			explained, _ := errors.AsType[*platform.ExplainedError](err)
			if (explained != nil) != want.old || explained != nil && !strings.Contains(explained.Error(), "needs Ververica Platform 2.13") {
				t.Errorf("it is required, with %v", err)
			}
			if len(server.tokens) != 1 {
				t.Errorf("the version is asked for %d times", len(server.tokens))
			}
		})
	}
}

// A collection is read once, and what was written since singly.
func TestRead(t *testing.T) {
	const list, single = "GET /api/v1/namespaces/prod/deployments", "GET /api/v1/namespaces/prod/deployments/a"
	client, server := following(t, map[string][]said{
		list:   once(200, `{"items":[{"metadata":{"name":"a","resourceVersion":9007199254740993},"spec":{"newer":{"x":[1]}}}]}`),
		single: once(200, `{"metadata":{"name":"a","resourceVersion":2}}`),
	})
	for range 2 {
		found, err := client.read(t.Context(), "prod", deployments, "a")
		if diff := cmp.Diff(decoded(t, `{"metadata":{"name":"a","resourceVersion":9007199254740993},"spec":{"newer":{"x":[1]}}}`), found); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if server.count(list) != 1 || server.count(single) != 0 {
		t.Errorf("asked for %v", server.requests)
	}
	client.writes("prod", deployments, "a")()
	if _, err := client.read(t.Context(), "prod", deployments, "a"); err != nil || server.count(list) != 1 || server.count(single) != 1 {
		t.Errorf("after a write: asked for %v, %v", server.requests, err)
	}
	_, err := client.read(t.Context(), "prod", deployments, "b")
	if absent, _ := errors.AsType[*platform.NotFoundError](err); absent == nil || absent.Error() != "Deployment prod/b does not exist" {
		t.Errorf("what is not there is %v", err)
	}
}

// A server that refuses its own API so says nothing about an object.
func TestNotItsAPI(t *testing.T) {
	client, _ := following(t, map[string][]said{asksVersion: once(404, "nothing here")})
	_, err := client.get(t.Context(), "prod", deployments, "a")
	explained, _ := errors.AsType[*platform.ExplainedError](explain(err))
	if explained == nil || explained.Cause != "this is not its API" || !strings.Contains(explained.Remedy, "before /api/v1") {
		t.Errorf("the error is %v", err)
	}
}

func TestExplain(t *testing.T) {
	refused := func(code int) error { return &rest.StatusError{Code: code} }
	for name, test := range map[string]struct {
		err           error
		cause, remedy string
	}{
		"401":            {refused(401), "does not accept the credentials", "tokens in the provider block's ververica"},
		"403":            {refused(403), "not allowed", "VERVERICA_PLATFORM_TOKEN_<NAMESPACE>"},
		"400":            {refused(400), "rejects it", "Nothing was changed"},
		"404":            {refused(404), "not its API", "endpoint in the provider block's ververica"},
		"409":            {refused(409), "in conflict", "apply again"},
		"500":            {refused(500), "answers with an error", "Apply again"},
		"unreachable":    {&rest.UnreachableError{Cause: errors.New("refused")}, "cannot be reached", variableURL},
		"a certificate":  {&rest.UnreachableError{Cause: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, "not trusted", "ca_certificate"},
		"another name":   {&rest.UnreachableError{Cause: x509.HostnameError{Certificate: &x509.Certificate{}}}, "not trusted", variableAuthority},
		"unreadable":     {&rest.UnreadableError{Cause: errors.New("<html>")}, "not its API", "endpoint"},
		"an explanation": {&platform.ExplainedError{Cause: "it is so", Err: refused(403), Remedy: "Do that."}, "it is so", "Do that."},
	} {
		explained, _ := errors.AsType[*platform.ExplainedError](explain(test.err))
		if explained == nil || !strings.Contains(explained.Cause, test.cause) || !strings.Contains(explained.Remedy, test.remedy) {
			t.Errorf("%s: %#v", name, explained)
		}
	}
	absent := &platform.NotFoundError{Kind: "Deployment"}
	if got := explain(absent); !errors.Is(got, absent) {
		t.Errorf("what is absent becomes %v", got)
	}
	if explain(nil) != nil {
		t.Error("no error is explained")
	}
}

// A server with a certificate that nobody knows is told from one that is away, at once.
func TestUntrustedServer(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	client, err := Connect(Config{Config: rest.Config{Endpoint: server.URL}}, func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.version(t.Context(), "prod")
	explained, _ := errors.AsType[*platform.ExplainedError](explain(err))
	if explained == nil || explained.Cause != "the server's certificate is not trusted" {
		t.Errorf("the error is %v", err)
	}
}
