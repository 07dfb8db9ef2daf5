package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// authorization gives requests their credentials.
type authorization interface {
	// apply adds the credentials to a request.
	apply(req *http.Request) error
	// renew drops the credentials that a request was refused with, and tells
	// whether others are to be had.
	renew(refused *http.Request) bool
}

// authorization returns the one that the configuration names.
func (c Config) authorization(network http.RoundTripper, t timing) (authorization, error) {
	switch {
	case c.OAuth != nil:
		return newTokens(*c.OAuth, network, t)
	case c.Basic != nil:
		return fixed(func(req *http.Request) { req.SetBasicAuth(c.Basic.Username, c.Basic.Password) }), nil
	}
	return bearer(c.Token), nil
}

// bearer is a bearer token, empty for no credentials.
func bearer(token string) fixed {
	return func(req *http.Request) {
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
	}
}

// fixed are credentials that stay the same.
type fixed func(*http.Request)

func (f fixed) apply(req *http.Request) error {
	f(req)
	return nil
}

func (fixed) renew(*http.Request) bool { return false }

// tokens gets tokens of a token server, and another one before the last expires.
type tokens struct {
	config clientcredentials.Config
	http   *http.Client

	mu    sync.Mutex
	token *oauth2.Token
}

func newTokens(config OAuth, network http.RoundTripper, t timing) (*tokens, error) {
	if _, err := serverURL("oauth.token_url", config.TokenURL); err != nil {
		return nil, err
	}
	retrying := retryablehttp.NewClient()
	retrying.HTTPClient = &http.Client{Transport: network}
	retrying.RetryMax, retrying.RetryWaitMin, retrying.RetryWaitMax, retrying.Logger = t.tries-1, t.shortest, t.longest, nil
	retrying.ErrorHandler = retryablehttp.PassthroughErrorHandler
	exchange := clientcredentials.Config{ClientID: config.ClientID, ClientSecret: config.ClientSecret, TokenURL: config.TokenURL, Scopes: config.Scopes}
	if config.Audience != "" {
		exchange.EndpointParams = url.Values{"audience": {config.Audience}}
	}
	return &tokens{config: exchange, http: retrying.StandardClient()}, nil
}

func (t *tokens) apply(req *http.Request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.token.Valid() {
		token, err := t.config.Token(context.WithValue(req.Context(), oauth2.HTTPClient, t.http))
		if err != nil {
			return t.refused(req.Context(), err)
		}
		t.token = token
	}
	t.token.SetAuthHeader(req)
	return nil
}

// refused names why there is no token. The answer of the token server is not
// shown whole: it may repeat what was sent.
func (t *tokens) refused(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	text := rootCause(err).Error()
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		text = fmt.Sprintf("it answers %d", answer.Response.StatusCode)
		if answer.ErrorCode != "" {
			text += " (" + answer.ErrorCode + ")"
		}
	}
	return &CredentialsError{Server: t.config.TokenURL, Message: text}
}

func (t *tokens) renew(refused *http.Request) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != nil && t.token.Type()+" "+t.token.AccessToken == refused.Header.Get("Authorization") {
		t.token = nil
	}
	return true
}
