package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens gets tokens of a token server for OAUTHBEARER (RFC 7628), and another one
// before the last expires.
type tokens struct {
	config clientcredentials.Config
	http   *http.Client

	mu    sync.Mutex
	token *oauth2.Token
}

// tokens is the mechanism. The token server is trusted by what brokers are.
func (s SASL) tokens(secured *tls.Config) (sasl.Mechanism, error) {
	if err := tokenServer(s.TokenURL); err != nil {
		return nil, err
	}
	if s.ClientID == "" || s.ClientSecret == "" {
		return nil, &ConfigError{"sasl.secret", "There is no client id or no client secret for SASL OAUTHBEARER."}
	}
	network := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 5 * time.Second,
	}
	if secured != nil {
		network.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: secured.RootCAs}
	}
	t := &tokens{
		config: clientcredentials.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, TokenURL: s.TokenURL},
		http:   &http.Client{Transport: network, Timeout: 5 * time.Second},
	}
	if s.Scope != "" {
		t.config.Scopes = []string{s.Scope}
	}
	return oauth.Oauth(t.get), nil
}

// get is a token that is valid. An error is a *tokenError.
func (t *tokens) get(ctx context.Context) (oauth.Auth, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.token.Valid() {
		token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.http))
		if err != nil {
			return oauth.Auth{}, t.refused(err)
		}
		t.token = token
	}
	return oauth.Auth{Token: t.token.AccessToken}, nil
}

// tokenError is a failure of the token server.
type tokenError struct {
	CredentialsError
	// passes tells that the next try may succeed.
	passes bool
}

// refused names why there is no token. The answer of the token server is not shown
// whole: it may repeat what was sent.
func (t *tokens) refused(err error) error {
	failed := &tokenError{CredentialsError{Server: t.config.TokenURL}, true}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	failed.Message = err.Error()
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		failed.Message = fmt.Sprintf("it answers %d", answer.Response.StatusCode)
		if answer.ErrorCode != "" {
			failed.Message += " (" + answer.ErrorCode + ")"
		}
		failed.passes = answer.Response.StatusCode >= http.StatusInternalServerError
	}
	if wrongCertificate(err) {
		failed.passes = false
	}
	return failed
}
