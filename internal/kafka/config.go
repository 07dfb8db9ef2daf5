package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Mechanisms of SASL.
const (
	Plain       = "PLAIN"
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA512 = "SCRAM-SHA-512"
	OAuthBearer = "OAUTHBEARER"
)

// Config says how to reach a cluster.
type Config struct {
	// BootstrapServers are brokers that are asked first, each as host:port.
	BootstrapServers []string
	// SASL is nil for brokers that do not ask who somebody is.
	SASL *SASL
	// TLS is nil for a connection that is not encrypted. The empty one trusts what the
	// machine trusts.
	TLS *TLS
	// Agent is the name of the client for the brokers' logs.
	Agent string
}

// SASL is how a client proves who it is.
type SASL struct {
	// Mechanism is Plain, ScramSHA256, ScramSHA512 or OAuthBearer.
	Mechanism string
	// Username and Password are for all but OAuthBearer.
	Username, Password string
	// TokenURL, ClientID and ClientSecret get the tokens of OAuthBearer, by client
	// credentials (RFC 6749, 4.4); Scope is what for, and may be empty.
	TokenURL, ClientID, ClientSecret, Scope string
}

// Format implements fmt.Formatter: no verb shows a secret.
func (s SASL) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, "SASL "+s.Mechanism) }

// TLS is how a connection is encrypted, in PEM texts.
type TLS struct {
	// CertificateAuthority has the authorities that are trusted, empty for those of the
	// machine.
	CertificateAuthority string
	// Certificate and Key are the client's, both or none.
	Certificate, Key string
}

// Format implements fmt.Formatter: no verb shows a key.
func (TLS) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, "TLS") }

// Connect returns a client, without contacting anybody. An error is a *ConfigError.
func Connect(config Config) (*Client, error) { return connect(config, usual) }

func connect(config Config, t timing, more ...kgo.Opt) (*Client, error) {
	c := &Client{timing: t}
	for _, server := range config.BootstrapServers {
		server = strings.TrimSpace(server)
		if err := checkServer(server); err != nil {
			return nil, err
		}
		c.servers = append(c.servers, server)
	}
	if len(c.servers) == 0 {
		return nil, &ConfigError{"bootstrap_servers", "No broker is named."}
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(c.servers...),
		// The client tries again itself: kgo would not tell whether an answer was lost.
		kgo.RequestRetries(0),
		kgo.RequestTimeoutOverhead(t.silence),
		kgo.DisableClientMetrics(),
	}
	if config.Agent != "" {
		options = append(options, kgo.ClientID(config.Agent))
	}
	secured := (*tls.Config)(nil)
	if config.TLS != nil {
		var err error
		if secured, err = config.TLS.client(); err != nil {
			return nil, err
		}
		c.secured.tls = true
	}
	options = append(options, kgo.Dialer(newDialer(secured, t.silence/2).named))
	if config.SASL != nil {
		mechanism, err := config.SASL.mechanism(secured)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(mechanism))
		c.secured.mechanism = config.SASL.Mechanism
	}
	var err error
	if c.kgo, err = kgo.NewClient(append(options, more...)...); err != nil {
		return nil, &ConfigError{"bootstrap_servers", err.Error()}
	}
	return c, nil
}

// checkServer says what is wrong with the address of a broker. What has an @ in it may
// have a password in it too, and is not shown.
func checkServer(server string) error {
	host, port, err := net.SplitHostPort(server)
	number, notNumber := strconv.Atoi(port)
	switch {
	case strings.Contains(server, "@"):
		return &ConfigError{"bootstrap_servers", "The address of a broker has a user in it; it must be host:port alone."}
	case err != nil || notNumber != nil || number < 1 || number > 65535 || host == "" || strings.ContainsAny(host, "/ "):
		return &ConfigError{"bootstrap_servers", fmt.Sprintf("The address %q of a broker is not of the form host:port.", server)}
	}
	return nil
}

func joined(host string, port int32) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// client is the configuration of a client's side.
func (t TLS) client() (*tls.Config, error) {
	secured := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CertificateAuthority != "" {
		secured.RootCAs = x509.NewCertPool()
		if !secured.RootCAs.AppendCertsFromPEM([]byte(t.CertificateAuthority)) {
			return nil, &ConfigError{"tls.ca", "The certificate authorities are no certificates in PEM form."}
		}
	}
	if t.Certificate != "" || t.Key != "" {
		pair, err := tls.X509KeyPair([]byte(t.Certificate), []byte(t.Key))
		if err != nil {
			return nil, &ConfigError{"tls.client_secret", fmt.Sprintf("The client certificate and its key do not go together: %s.", err)}
		}
		secured.Certificates = []tls.Certificate{pair}
	}
	return secured, nil
}

// mechanism is the one of the library.
func (s SASL) mechanism(secured *tls.Config) (sasl.Mechanism, error) {
	switch s.Mechanism {
	case Plain, ScramSHA256, ScramSHA512:
		if s.Username == "" || s.Password == "" {
			return nil, &ConfigError{"sasl.secret", "There is no user name or no password for SASL " + s.Mechanism + "."}
		}
	}
	switch s.Mechanism {
	case Plain:
		return plain.Auth{User: s.Username, Pass: s.Password}.AsMechanism(), nil
	case ScramSHA256:
		return scram.Auth{User: s.Username, Pass: s.Password}.AsSha256Mechanism(), nil
	case ScramSHA512:
		return scram.Auth{User: s.Username, Pass: s.Password}.AsSha512Mechanism(), nil
	case OAuthBearer:
		return s.tokens(secured)
	}
	return nil, &ConfigError{"sasl.mechanism", fmt.Sprintf("The SASL mechanism %q is none of %s.", s.Mechanism, strings.Join([]string{Plain, ScramSHA256, ScramSHA512, OAuthBearer}, ", "))}
}

// tokenServer reads the URL of the token server.
func tokenServer(text string) error {
	at, err := url.Parse(text)
	switch {
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return &ConfigError{"sasl.token_url", "The URL of the token server must begin with http:// or https:// and have a host."}
	case at.User != nil:
		return &ConfigError{"sasl.token_url", "The URL of the token server has a user in it, which would come into messages and logs."}
	}
	return nil
}
