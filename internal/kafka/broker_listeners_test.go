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
	// What an error says, and what to do about it; empty for an error of another kind.
	credentials := func(err error) string {
		if refused, ok := errors.AsType[*CredentialsError](err); ok {
			return refused.Error()
		}
		return ""
	}
	listener := func(err error) string {
		if refused, ok := errors.AsType[*ListenerError](err); ok {
			return refused.Error() + " " + refused.Remedy
		}
		return ""
	}
	certificate := func(err error) string {
		if refused, ok := errors.AsType[*CertificateError](err); ok {
			return refused.Error()
		}
		return ""
	}
	tests := map[string]struct {
		server string
		sasl   *SASL
		tls    *TLS
		// kind is that of the error that is expected, nil for none, and says is in it.
		kind func(error) string
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
		"PLAIN, wrong password": {broker.SASL, user(Plain, secret), nil, credentials, "does not accept the credentials (SASL PLAIN): Authentication failed: Invalid username or password."},
		"SCRAM-SHA-256, wrong password": {
			broker.SASL, user(ScramSHA256, secret), nil, credentials, "(SASL SCRAM-SHA-256): Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256.",
		},
		"SCRAM-SHA-512, wrong password": {
			broker.SASL, user(ScramSHA512, secret), nil, credentials, "(SASL SCRAM-SHA-512): Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512.",
		},
		"OAUTHBEARER, wrong secret":    {broker.SASL, bearer(secret), nil, credentials, "The token server at " + tokens + " gives no token: it answers 401 (invalid_client)."},
		"no SASL where it is asked":    {broker.SASL, nil, nil, listener, "Say sasl where the listener asks for SASL"},
		"SASL where it is not asked":   {broker.Open, user(Plain, broker.Password), nil, listener, "does not ask for SASL."},
		"no TLS where it is asked":     {broker.TLS, nil, nil, listener, "asks for TLS."},
		"SASL without TLS":             {broker.SASLTLS, user(Plain, broker.Password), nil, listener, "asks for TLS."},
		"TLS without SASL":             {broker.SASLTLS, nil, trusted(), listener, "Say sasl where the listener asks for SASL"},
		"TLS where it is not asked":    {broker.Open, nil, trusted(), listener, "leave tls out where it does not ask for TLS"},
		"SASL with TLS that is not":    {broker.SASL, user(Plain, broker.Password), trusted(), listener, "Leave tls out"},
		"an unknown authority":         {broker.SASLTLS, user(Plain, broker.Password), &TLS{}, certificate, "is not trusted: x509: certificate signed by unknown authority."},
		"no client certificate":        {broker.TLS, nil, trusted(), certificate, "does not take the client's certificate: tls: bad certificate."},
		"a stranger's certificate":     {broker.TLS, nil, with("stranger"), certificate, "does not take the client's certificate: tls: bad certificate."},
		"a mechanism that is not its":  {broker.SASL, &SASL{Mechanism: ScramSHA256, Username: kafkatest.Limited, Password: broker.Password}, nil, credentials, "SCRAM-SHA-256"},
		"a password of another's user": {broker.SASL, &SASL{Mechanism: Plain, Username: "nobody", Password: secret}, nil, credentials, "Invalid username or password"},
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
			if test.kind == nil {
				if err != nil || len(cluster.ID) != 22 || len(cluster.Brokers) != 1 || cluster.Brokers[0] != test.server {
					t.Errorf("got %+v, %v; want the broker at %s", cluster, err, test.server)
				}
				return
			}
			if text := test.kind(err); text == "" || !strings.Contains(text, test.says) {
				t.Errorf("got %T: %v (%s); want %s", err, err, text, test.says)
			}
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), broker.Password)) {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}
