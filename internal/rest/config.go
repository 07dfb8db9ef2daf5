package rest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says how to reach a server. At most one of Token, Basic and OAuth is set;
// a client certificate may come with each.
type Config struct {
	// Endpoint is the URL of the server, http:// or https://.
	Endpoint string
	// Token is a bearer token.
	Token string
	Basic *Basic
	OAuth *OAuth
	// Certificate and Key are the client's, as PEM texts.
	Certificate, Key string
	// CertificateAuthority has, as PEM text, authorities that are trusted beside
	// those of the machine.
	CertificateAuthority string
	// ProxyURL is the proxy; empty for those of the environment (HTTPS_PROXY,
	// NO_PROXY).
	ProxyURL string
	// Agent is the name of the client for the server's logs.
	Agent string
}

// Basic is a user with a password (RFC 7617).
type Basic struct{ Username, Password string }

// OAuth gets tokens by client credentials (RFC 6749, 4.4).
type OAuth struct {
	TokenURL, ClientID, ClientSecret string
	Scopes                           []string
	// Audience is sent as the parameter of that name; empty for none.
	Audience string
}

// Connect returns a client, without contacting the server. An error is a
// *ConfigError.
func Connect(config Config) (*Client, error) { return connect(config, usual) }

func connect(config Config, t timing) (*Client, error) {
	endpoint, err := serverURL("endpoint", config.Endpoint)
	if err != nil {
		return nil, err
	}
	network, err := config.network(t)
	if err != nil {
		return nil, err
	}
	c := &Client{endpoint: endpoint, agent: config.Agent, timing: t, outage: &outage{}}
	if c.auth, err = config.authorization(network, t); err != nil {
		return nil, err
	}
	c.network = &transport{next: network, grace: t.grace, slots: make(chan struct{}, atOnce)}
	c.http = c.network.as(c.auth)
	return c, nil
}

// network returns what carries the requests.
func (c Config) network(t timing) (*http.Transport, error) {
	secured := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CertificateAuthority != "" {
		authorities, err := x509.SystemCertPool()
		if err != nil {
			authorities = x509.NewCertPool()
		}
		if !authorities.AppendCertsFromPEM([]byte(c.CertificateAuthority)) {
			return nil, &ConfigError{"ca_certificate", "The certificate authorities are no certificates in PEM form."}
		}
		secured.RootCAs = authorities
	}
	if c.Certificate != "" || c.Key != "" {
		pair, err := tls.X509KeyPair([]byte(c.Certificate), []byte(c.Key))
		if err != nil {
			return nil, &ConfigError{"mtls", fmt.Sprintf("The client certificate and its key do not go together: %s.", err)}
		}
		secured.Certificates = []tls.Certificate{pair}
	}
	proxy := http.ProxyFromEnvironment
	if c.ProxyURL != "" {
		at, err := url.Parse(c.ProxyURL)
		if err != nil || at.Host == "" {
			return nil, &ConfigError{"proxy_url", "The URL of the proxy is none with a scheme and a host, such as http://proxy.example.com:3128."}
		}
		proxy = http.ProxyURL(at)
	}
	return &http.Transport{
		Proxy: proxy, TLSClientConfig: secured, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: time.Minute,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: t.answer,
	}, nil
}

// serverURL reads the URL of a server.
func serverURL(attribute, text string) (*url.URL, error) {
	if text == "" {
		return nil, &ConfigError{attribute, "The URL of the server is not configured."}
	}
	at, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return nil, &ConfigError{attribute, "The URL of the server must begin with http:// or https:// and have a host."}
	case at.User != nil:
		return nil, &ConfigError{attribute, "The URL of the server has a user in it, which would come into messages and logs."}
	case at.RawQuery != "" || at.Fragment != "":
		return nil, &ConfigError{attribute, "The URL of the server has a query or a fragment, to which no path can be added."}
	}
	return at, nil
}
