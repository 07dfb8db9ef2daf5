//go:build e2e

package kafka

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/kafka/kafkatest"
)

// secret is a wrong password.
const secret = "s3cret-of-nobody"

// TestBrokerTakes each mechanism, and says of each mistake what it is.
func TestBrokerTakes(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Find(t)
	tokens := kafkatest.TokenServer(t)
	user := func(mechanism, password string) *SASL {
		return &SASL{Mechanism: mechanism, Username: "admin", Password: password}
	}
	bearer := func(clientSecret string) *SASL {
		return &SASL{Mechanism: OAuthBearer, ClientID: "admin", ClientSecret: clientSecret, TokenURL: tokens, Scope: "kafka"}
	}
	trusted := func() *TLS { return &TLS{CertificateAuthority: broker.File(t, "ca.pem")} }
	with := func(name string) *TLS {
		return &TLS{CertificateAuthority: broker.File(t, "ca.pem"), Certificate: broker.File(t, name+".pem"), Key: broker.File(t, name+".key")}
	}
	tests := map[string]struct {
		server string
		sasl   *SASL
		tls    *TLS
		// want is of the type of the error that is expected, nil for none, says is in its text
		// or in its remedy.
		want error
		says string
	}{
		"nothing":               {server: broker.Open},
		"PLAIN":                 {server: broker.SASL, sasl: user(Plain, broker.Password)},
		"SCRAM-SHA-256":         {server: broker.SASL, sasl: user(ScramSHA256, broker.Password)},
		"SCRAM-SHA-512":         {server: broker.SASL, sasl: user(ScramSHA512, broker.Password)},
		"OAUTHBEARER":           {server: broker.SASL, sasl: bearer(kafkatest.ClientSecret)},
		"a client certificate":  {server: broker.TLS, tls: with("client")},
		"PLAIN over TLS":        {server: broker.SASLTLS, sasl: user(Plain, broker.Password), tls: trusted()},
		"OAUTHBEARER over TLS":  {server: broker.SASLTLS, sasl: bearer(kafkatest.ClientSecret), tls: trusted()},
		"PLAIN, wrong password": {broker.SASL, user(Plain, secret), nil, &CredentialsError{}, "does not accept the credentials (SASL PLAIN): Authentication failed: Invalid username or password."},
		"SCRAM-SHA-256, wrong password": {
			broker.SASL, user(ScramSHA256, secret), nil, &CredentialsError{}, "(SASL SCRAM-SHA-256): Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256.",
		},
		"SCRAM-SHA-512, wrong password": {
			broker.SASL, user(ScramSHA512, secret), nil, &CredentialsError{}, "(SASL SCRAM-SHA-512): Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512.",
		},
		"OAUTHBEARER, wrong secret":    {broker.SASL, bearer(secret), nil, &CredentialsError{}, "The token server at " + tokens + " gives no token: it answers 401 (invalid_client)."},
		"no SASL where it is asked":    {broker.SASL, nil, nil, &ListenerError{}, "Say sasl where the listener asks for SASL"},
		"SASL where it is not asked":   {broker.Open, user(Plain, broker.Password), nil, &ListenerError{}, "does not ask for SASL."},
		"no TLS where it is asked":     {broker.TLS, nil, nil, &ListenerError{}, "asks for TLS."},
		"SASL without TLS":             {broker.SASLTLS, user(Plain, broker.Password), nil, &ListenerError{}, "asks for TLS."},
		"TLS without SASL":             {broker.SASLTLS, nil, trusted(), &ListenerError{}, "Say sasl where the listener asks for SASL"},
		"TLS where it is not asked":    {broker.Open, nil, trusted(), &ListenerError{}, "leave tls out where it does not ask for TLS"},
		"SASL with TLS that is not":    {broker.SASL, user(Plain, broker.Password), trusted(), &ListenerError{}, "Leave tls out"},
		"an unknown authority":         {broker.SASLTLS, user(Plain, broker.Password), &TLS{}, &CertificateError{}, "is not trusted: x509: certificate signed by unknown authority."},
		"no client certificate":        {broker.TLS, nil, trusted(), &CertificateError{}, "does not take the client's certificate: tls: bad certificate."},
		"a stranger's certificate":     {broker.TLS, nil, with("stranger"), &CertificateError{}, "does not take the client's certificate: tls: bad certificate."},
		"a mechanism that is not its":  {broker.SASL, &SASL{Mechanism: ScramSHA256, Username: kafkatest.Limited, Password: broker.Password}, nil, &CredentialsError{}, "SCRAM-SHA-256"},
		"a password of another's user": {broker.SASL, &SASL{Mechanism: Plain, Username: "nobody", Password: secret}, nil, &CredentialsError{}, "Invalid username or password"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := connected(t, usual, Config{BootstrapServers: []string{test.server}, SASL: test.sasl, TLS: test.tls})
			begin := time.Now()
			cluster, err := client.Ping(t.Context())
			if took := time.Since(begin); took > 8*time.Second {
				t.Errorf("it took %s, as if the client had tried in vain", took)
			}
			if test.want == nil {
				if err != nil || len(cluster.ID) != 22 || len(cluster.Brokers) != 1 || cluster.Brokers[0] != test.server {
					t.Errorf("got %+v, %v; want the broker at %s", cluster, err, test.server)
				}
				return
			}
			text := ""
			switch test.want.(type) {
			case *CredentialsError:
				if refused, ok := errors.AsType[*CredentialsError](err); ok {
					text = refused.Error()
				}
			case *ListenerError:
				if refused, ok := errors.AsType[*ListenerError](err); ok {
					text = refused.Error() + " " + refused.Remedy
				}
			case *CertificateError:
				if refused, ok := errors.AsType[*CertificateError](err); ok {
					text = refused.Error()
				}
			}
			if !strings.Contains(text, test.says) || text == "" {
				t.Errorf("got %T: %v; want %T: %s", err, err, test.want, test.says)
			}
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), broker.Password)) {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}
