package rest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// secret is in every credential of these tests and must be in no log and no error.
const secret = "p1anted-secret"

// issuer is a token server whose tokens are good until they are revoked.
type issuer struct {
	*httptest.Server
	issued   atomic.Int32
	validFor time.Duration
	refuses  bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{validFor: time.Hour}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, password, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		if i.refuses || id != "terraform" || password != secret || r.FormValue("scope") != "cmf all" || r.FormValue("audience") != "cmf" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s"}`, secret)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": i.token(i.issued.Add(1)), "token_type": "Bearer", "expires_in": int(i.validFor.Seconds())})
	}))
	t.Cleanup(i.Close)
	return i
}

func (*issuer) token(n int32) string { return fmt.Sprintf("%s-%d", secret, n) }

func (i *issuer) config() *OAuth {
	return &OAuth{TokenURL: i.URL, ClientID: "terraform", ClientSecret: secret, Scopes: []string{"cmf", "all"}, Audience: "cmf"}
}

// demanding is a server that takes one Authorization only.
func demanding(t *testing.T, want func() string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != want() {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestCredentials(t *testing.T) {
	var log bytes.Buffer
	ctx := logctx.With(t.Context(), slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	get := Request{Method: http.MethodGet, Path: []string{"things"}}

	t.Run("fixed", func(t *testing.T) {
		for want, config := range map[string]Config{
			"Bearer " + secret:                   {Token: secret},
			"Basic YWxpY2U6cDFhbnRlZC1zZWNyZXQ=": {Basic: &Basic{"alice", secret}},
			"":                                   {},
		} {
			config.Endpoint = demanding(t, func() string { return want }).URL
			if _, err := clientOf(t, config).Do(ctx, get); err != nil {
				t.Errorf("%q: %s", want, err)
			}
		}
		_, err := clientOf(t, Config{Endpoint: demanding(t, func() string { return "Bearer b" }).URL, Token: secret}).Do(ctx, get)
		if Code(err) != http.StatusUnauthorized {
			t.Errorf("a wrong token gives %v", err)
		}
	})

	t.Run("of several tokens", func(t *testing.T) {
		first := clientOf(t, Config{Endpoint: demanding(t, func() string { return "Bearer a" }).URL, Token: "a"})
		for token, code := range map[string]int{"a": 0, "b": http.StatusUnauthorized, "": http.StatusUnauthorized} {
			other := first.WithToken(token)
			if _, err := other.Do(ctx, get); Code(err) != code {
				t.Errorf("the token %q gives %v", token, err)
			}
			read := func(context.Context) (string, error) { return token, nil }
			if known, err := Once(ctx, other, "whose", read); err != nil || known != token {
				t.Errorf("%q knows what %q has read: %v", token, known, err)
			}
		}
		if _, err := first.Do(ctx, get); err != nil {
			t.Errorf("the first token is not its own any more: %v", err)
		}
	})

	t.Run("tokens are renewed", func(t *testing.T) {
		i := newIssuer(t)
		revoked := int32(0)
		server := demanding(t, func() string { return "Bearer " + i.token(max(i.issued.Load(), revoked)) })
		client := clientOf(t, Config{Endpoint: server.URL, OAuth: i.config()})
		for range 3 {
			if _, err := client.Do(ctx, get); err != nil {
				t.Fatal(err)
			}
		}
		if i.issued.Load() != 1 {
			t.Errorf("%d tokens for three requests", i.issued.Load())
		}
		revoked = 2 // The server does not take the token any more, though its time is not over.
		if _, err := client.Do(ctx, Request{Method: http.MethodPost}); err != nil || i.issued.Load() != 2 {
			t.Errorf("%d tokens after one was revoked, %v", i.issued.Load(), err)
		}
		i.validFor = time.Second // Less than a token is trusted before its end.
		revoked = 3
		for range 2 {
			if _, err := client.Do(ctx, get); err != nil {
				t.Fatal(err)
			}
		}
		if i.issued.Load() != 4 {
			t.Errorf("%d tokens, the last of them short-lived", i.issued.Load())
		}
	})

	t.Run("no token", func(t *testing.T) {
		i := newIssuer(t)
		i.refuses = true
		server := demanding(t, func() string { return "" })
		_, err := clientOf(t, Config{Endpoint: server.URL, OAuth: i.config()}).Do(ctx, get)
		refused, ok := errors.AsType[*CredentialsError](err)
		if !ok || refused.Message != "it answers 401 (invalid_client)" || refused.Server != i.URL {
			t.Errorf("got %v", err)
		}
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("the error shows the secret: %s", err)
		}
	})

	if !strings.Contains(log.String(), `"request_id"`) || !strings.Contains(log.String(), `"took"`) || strings.Contains(log.String(), secret) || strings.Contains(log.String(), "YWxp") {
		t.Errorf("the log is\n%s", &log)
	}
}

// A server with a certificate of its own authority takes only clients with one.
func TestCertificates(t *testing.T) {
	t.Parallel()
	client, key := certificate(t)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(client))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	server.StartTLS()
	defer server.Close()
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	for name, test := range map[string]struct {
		config Config
		want   string
	}{
		"both":           {Config{CertificateAuthority: authority, Certificate: client, Key: key}, ""},
		"no authority":   {Config{Certificate: client, Key: key}, "failed to verify certificate"},
		"no certificate": {Config{CertificateAuthority: authority}, "certificate required"},
	} {
		test.config.Endpoint = server.URL
		began := time.Now()
		_, err := clientOf(t, test.config).Do(t.Context(), Request{Method: http.MethodGet})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// certificate makes a client certificate that is its own authority.
func certificate(t *testing.T) (text, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

func TestProxy(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked.Store(r.URL.String()) }))
	defer proxy.Close()
	client := clientOf(t, Config{Endpoint: "http://cmf.invalid/base/", ProxyURL: proxy.URL})
	if _, err := client.Do(t.Context(), Request{Method: http.MethodGet, Path: []string{"a", "b/c"}}); err != nil {
		t.Fatal(err)
	}
	if asked.Load() != "http://cmf.invalid/base/a/b%2Fc" {
		t.Errorf("the proxy was asked for %v", asked.Load())
	}
}

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]Config{
		"endpoint":        {},
		"endpoint ":       {Endpoint: "cmf.example.com"},
		"endpoint  ":      {Endpoint: "https://user:" + secret + "@cmf.example.com"},
		"endpoint   ":     {Endpoint: "https://cmf.example.com?a=b"},
		"ca_certificate":  {Endpoint: "https://a", CertificateAuthority: "/etc/ca.pem"},
		"mtls":            {Endpoint: "https://a", Certificate: "c", Key: secret},
		"proxy_url":       {Endpoint: "https://a", ProxyURL: "proxy"},
		"oauth.token_url": {Endpoint: "https://a", OAuth: &OAuth{TokenURL: "idp"}},
	} {
		_, err := Connect(config)
		refused, ok := errors.AsType[*ConfigError](err)
		if !ok || refused.Attribute != strings.TrimSpace(want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := Connect(Config{Endpoint: "https://a/"}); err != nil {
		t.Error(err)
	}
}

// An answer that is no JSON is told from one of the API.
func TestDecode(t *testing.T) {
	t.Parallel()
	endpoint, _ := serving(t, answer{code: 200, body: "<html>"}, answer{code: 200, body: `{"n": 12345678901234567890}`}, answer{code: 204})
	client := clientOf(t, Config{Endpoint: endpoint})
	get := func() *Answer {
		got, err := client.Do(context.WithoutCancel(t.Context()), Request{Method: http.MethodGet, Path: []string{"page"}})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	var decoded map[string]any
	err := get().Decode(&decoded)
	if _, ok := errors.AsType[*UnreadableError](err); !ok || !strings.Contains(err.Error(), "GET page") {
		t.Errorf("got %v", err)
	}
	if err := get().Decode(&decoded); err != nil || fmt.Sprint(decoded["n"]) != "12345678901234567890" {
		t.Errorf("got %v, %v", decoded, err)
	}
	if !get().Empty() {
		t.Error("there is a body")
	}
}
