package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	at := []string{"broker:9092"}
	tests := map[string]struct {
		config          Config
		attribute, says string
	}{
		"no broker":          {Config{}, "bootstrap_servers", "No broker is named."},
		"no port":            {Config{BootstrapServers: []string{"broker"}}, "bootstrap_servers", `The address "broker" of a broker is not of the form host:port.`},
		"a listener's name":  {Config{BootstrapServers: []string{"SASL_SSL://broker:9092"}}, "bootstrap_servers", "not of the form host:port"},
		"no such port":       {Config{BootstrapServers: []string{"broker:99999"}}, "bootstrap_servers", "not of the form host:port"},
		"no host":            {Config{BootstrapServers: []string{":9092"}}, "bootstrap_servers", "not of the form host:port"},
		"a user":             {Config{BootstrapServers: []string{"me:s3cret@broker:9092"}}, "bootstrap_servers", "has a user in it"},
		"another mechanism":  {Config{BootstrapServers: at, SASL: &SASL{Mechanism: "GSSAPI"}}, "sasl.mechanism", `"GSSAPI" is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`},
		"no password":        {Config{BootstrapServers: at, SASL: &SASL{Mechanism: Plain, Username: "me"}}, "sasl.secret", "no user name or no password for SASL PLAIN"},
		"no token server":    {Config{BootstrapServers: at, SASL: &SASL{Mechanism: OAuthBearer, ClientID: "me", ClientSecret: "s3cret"}}, "sasl.token_url", "must begin with http:// or https://"},
		"a user in a URL":    {Config{BootstrapServers: at, SASL: &SASL{Mechanism: OAuthBearer, ClientID: "me", ClientSecret: "s3cret", TokenURL: "https://me:s3cret@tokens"}}, "sasl.token_url", "has a user in it"},
		"no client secret":   {Config{BootstrapServers: at, SASL: &SASL{Mechanism: OAuthBearer, ClientID: "me", TokenURL: "https://tokens"}}, "sasl.secret", "no client id or no client secret"},
		"no authorities":     {Config{BootstrapServers: at, TLS: &TLS{CertificateAuthority: "s3cret"}}, "tls.ca", "no certificates in PEM form"},
		"a key that is none": {Config{BootstrapServers: at, TLS: &TLS{Certificate: "s3cret", Key: "s3cret"}}, "tls.client_secret", "do not go together"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Connect(test.config)
			refused, ok := errors.AsType[*ConfigError](err)
			if !ok {
				t.Fatalf("got %v, want a *ConfigError", err)
			}
			if refused.Attribute != test.attribute || !strings.Contains(refused.Message, test.says) {
				t.Errorf("got %s: %s, want %s: %s", refused.Attribute, refused.Message, test.attribute, test.says)
			}
			if strings.Contains(refused.Error(), "s3cret") {
				t.Errorf("the error shows a secret: %v", refused)
			}
		})
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	config := Config{SASL: &SASL{Mechanism: Plain, Username: "me", Password: "s3cret", ClientSecret: "s3cret"}, TLS: &TLS{Certificate: "s3cret", Key: "s3cret"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{config, &config, config.SASL, *config.SASL, config.TLS, *config.TLS} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "s3cret") || strings.Contains(text, fmt.Sprintf("%x", "s3cret")) {
				t.Errorf("%s of %T shows a secret: %s", verb, value, text)
			}
		}
	}
}

// TestDescribeAsksTwice: the number of requests does not grow with the number of topics.
func TestDescribeAsksTwice(t *testing.T) {
	t.Parallel()
	sent := &requests{}
	client := clientOf(t, fake(t), kgo.WithHooks(sent))
	var names []string
	for i := range 150 {
		name := fmt.Sprintf("topic-%d", i)
		names = append(names, name)
		if i%3 == 0 {
			continue
		}
		if _, err := client.create(t.Context(), NewTopic{Name: name, Partitions: number(1), Config: map[string]string{"retention.ms": "1"}}); err != nil {
			t.Fatal(err)
		}
	}
	before := [2]int{sent.of("Metadata"), sent.of("DescribeConfigs")}
	found, err := client.Describe(t.Context(), names...)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 100 || found["topic-1"].Config["retention.ms"] != "1" || len(found["topic-1"].ID) != 22 {
		t.Errorf("described %d topics, want 100; topic-1 is %+v", len(found), found["topic-1"])
	}
	if after := [2]int{sent.of("Metadata"), sent.of("DescribeConfigs")}; after != [2]int{before[0] + 1, before[1] + 1} {
		t.Errorf("sent %v requests, before it were %v; want one more of each", after, before)
	}
}

// TestAbsenceIsBelieved only when a broker says that a topic is unknown.
func TestAbsenceIsBelieved(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code int16
		want string
	}{
		"unknown":     {kerr.UnknownTopicOrPartition.Code, ""},
		"not allowed": {kerr.TopicAuthorizationFailed.Code, "The Kafka user is not allowed Describe on the topic orders: TOPIC_AUTHORIZATION_FAILED."},
		"not served":  {kerr.UnknownServerError.Code, "Kafka refuses Metadata of the topic orders (UNKNOWN_SERVER_ERROR)"},
		"not now":     {kerr.ReplicaNotAvailable.Code, "Kafka refuses Metadata of the topic orders (REPLICA_NOT_AVAILABLE)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := fake(t)
			client := clientOf(t, cluster)
			cluster.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
				asked := request.(*kmsg.MetadataRequest)
				if len(asked.Topics) == 0 {
					return nil, nil, false
				}
				cluster.KeepControl()
				answer := asked.ResponseKind().(*kmsg.MetadataResponse)
				topic := kmsg.NewMetadataResponseTopic()
				topic.Topic, topic.ErrorCode = asked.Topics[0].Topic, test.code
				answer.Topics = append(answer.Topics, topic)
				return answer, nil, true
			})
			found, err := client.Describe(t.Context(), "orders")
			switch {
			case test.want == "" && (err != nil || len(found) != 0):
				t.Errorf("got %v, %v; want nothing", found, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, %v; want %s", found, err, test.want)
			}
		})
	}
}

// unused is an address at which nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestNobodyAnswers within the time that a client has for it.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	address := unused(t)
	hasty := quick
	hasty.silence = 300 * time.Millisecond
	client := connected(t, hasty, Config{BootstrapServers: []string{address}})
	begin := time.Now()
	_, err := client.Ping(t.Context())
	unreachable, ok := errors.AsType[*UnreachableError](err)
	if !ok || unreachable.Advertised || !strings.Contains(err.Error(), "No Kafka broker answers at "+address+" within 300ms: ") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v, want an *UnreachableError with the cause", err)
	}
	if took := time.Since(begin); took < hasty.silence || took > 10*hasty.silence {
		t.Errorf("it took %s, want about %s", took, hasty.silence)
	}
}

// TestAdvertisedAddress tells brokers that are away from those that give an address of
// themselves which nobody here reaches.
func TestAdvertisedAddress(t *testing.T) {
	t.Parallel()
	cluster := fake(t)
	_, port, err := net.SplitHostPort(cluster.ListenAddrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	hasty := quick
	hasty.silence = 300 * time.Millisecond
	network := dialer(func(ctx context.Context, network, address string) (net.Conn, error) {
		if !strings.HasPrefix(address, "localhost:") {
			return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("no route")}
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	})
	client := connected(t, hasty, Config{BootstrapServers: []string{"localhost:" + port}}, kgo.Dialer(network.named))
	if _, err := client.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = client.create(t.Context(), NewTopic{Name: "orders"})
	if unreachable, ok := errors.AsType[*UnreachableError](err); !ok || !unreachable.Advertised || !strings.Contains(err.Error(), "(advertised.listeners): unable to dial: 127.0.0.1:"+port+": dial tcp: no route.") {
		t.Errorf("got %v, want an *UnreachableError about the addresses that brokers give", err)
	}
}

// TestDeadlineOfTheContext ends the time that brokers have, with what was seen in it.
func TestDeadlineOfTheContext(t *testing.T) {
	t.Parallel()
	slow := quick
	slow.silence = 10 * time.Minute
	client := connected(t, slow, Config{BootstrapServers: []string{unused(t)}})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := client.Describe(ctx, "orders")
	if unreachable, ok := errors.AsType[*UnreachableError](err); !ok || !errors.Is(err, context.DeadlineExceeded) || unreachable.After > 10*time.Second || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v, want an *UnreachableError with the cause, for the deadline", err)
	}
}

// TestContextEndsWaits at once, in each thing that is waited for.
func TestContextEndsWaits(t *testing.T) {
	t.Parallel()
	cause := errors.New("enough")
	ends := func(t *testing.T, began <-chan struct{}, do func(ctx context.Context) error) {
		t.Helper()
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		ended := make(chan error, 1)
		go func() { ended <- do(ctx) }()
		<-began
		cancel(cause)
		select {
		case err := <-ended:
			if !errors.Is(err, cause) {
				t.Errorf("got %v, want the cause of the end", err)
			}
		case <-time.After(time.Minute):
			t.Error("it goes on")
		}
	}
	slow := quick
	slow.silence, slow.passing, slow.settled, slow.longest = 10*time.Minute, time.Hour, time.Hour, 20*time.Millisecond

	t.Run("an answer", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		began := make(chan struct{})
		go func() {
			if connection, err := listener.Accept(); err == nil {
				defer connection.Close()
				close(began)
				<-t.Context().Done()
			}
		}()
		client := connected(t, slow, Config{BootstrapServers: []string{listener.Addr().String()}})
		ends(t, began, func(ctx context.Context) error { _, err := client.Ping(ctx); return err })
	})
	t.Run("what passes", func(t *testing.T) {
		t.Parallel()
		cluster := fake(t)
		began := make(chan struct{})
		tries := 0
		cluster.ControlKey(int16(kmsg.CreateTopics), func(request kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			if tries++; tries == 5 {
				close(began)
			}
			return answered(kerr.NotController.Code)(request)
		})
		client := connected(t, slow, Config{BootstrapServers: cluster.ListenAddrs()})
		ends(t, began, func(ctx context.Context) error { _, err := client.Create(ctx, NewTopic{Name: "orders"}); return err })
	})
	t.Run("a topic", func(t *testing.T) {
		t.Parallel()
		cluster := fake(t)
		began := make(chan struct{})
		looks := 0
		cluster.ControlKey(int16(kmsg.CreateTopics), answered(0))
		cluster.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			if asked := request.(*kmsg.MetadataRequest); len(asked.Topics) == 1 {
				if looks++; looks == 5 {
					close(began)
				}
			}
			return nil, nil, false
		})
		client := connected(t, slow, Config{BootstrapServers: cluster.ListenAddrs()})
		ends(t, began, func(ctx context.Context) error { _, err := client.Create(ctx, NewTopic{Name: "orders"}); return err })
	})
}
