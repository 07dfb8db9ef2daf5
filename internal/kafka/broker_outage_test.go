//go:build e2e

package kafka

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-terraform/terraform-provider-flink/internal/kafka/kafkatest"
)

// These tests end the broker that all share: they run alone.

// patient waits for a broker that a busy machine starts.
var patient = func() timing {
	t := usual
	t.silence, t.passing, t.settled = 2*time.Minute, 2*time.Minute, 4*time.Minute
	return t
}()

// answers calls a function with the first answer of a kind, before the client sees it.
type answers struct {
	key  int16
	then func()
	done atomic.Bool
}

// OnBrokerRead implements kgo.HookBrokerRead.
func (a *answers) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, err error) {
	if key == a.key && err == nil && a.done.CompareAndSwap(false, true) {
		a.then()
	}
}

// TestBrokerDiesInWaits: the broker is killed when it has answered a write, and somebody
// waits for what was written; it comes back after the client has asked in vain.
func TestBrokerDiesInWaits(t *testing.T) {
	broker := kafkatest.Find(t)
	for name, test := range map[string]struct {
		key int16
		do  func(ctx context.Context, client *Client, name string) (Topic, error)
	}{
		"create": {int16(kmsg.CreateTopics), func(ctx context.Context, client *Client, name string) (Topic, error) {
			return client.Create(ctx, NewTopic{Name: name, Partitions: number(5)})
		}},
		"partitions": {int16(kmsg.CreatePartitions), func(ctx context.Context, client *Client, name string) (Topic, error) {
			if _, err := client.Create(ctx, NewTopic{Name: name, Partitions: number(2)}); err != nil {
				return Topic{}, err
			}
			return client.AddPartitions(ctx, name, 5)
		}},
		"delete": {int16(kmsg.DeleteTopics), func(ctx context.Context, client *Client, name string) (Topic, error) {
			if _, err := client.Create(ctx, NewTopic{Name: name, Partitions: number(2)}); err != nil {
				return Topic{}, err
			}
			return Topic{}, client.Delete(ctx, name, "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			topic := "dies-in-" + name
			var restart func()
			var vain atomic.Int32
			hook := &answers{key: test.key, then: func() { restart = broker.Kill(t) }}
			client := connected(t, patient, Config{BootstrapServers: []string{broker.Open}}, kgo.WithHooks(hook, refusals(func() {
				// The broker stays away until it was asked for again a few times.
				if vain.Add(1) == 5 {
					restart()
				}
			})))
			begin := time.Now()
			last, err := test.do(t.Context(), client, topic)
			if err != nil || !hook.done.Load() || vain.Load() < 5 {
				t.Fatalf("got %+v, %v; the broker was killed: %t, asked in vain: %d", last, err, hook.done.Load(), vain.Load())
			}
			t.Logf("done after %s", time.Since(begin))
			found, err := client.Describe(t.Context(), topic)
			if err != nil || (name == "delete") != (len(found) == 0) || name != "delete" && found[topic].Partitions != 5 {
				t.Errorf("described %+v, %v", found, err)
			}
		})
	}
}

// TestBrokerDiesInCreates: the broker is killed before it gets a create, or when it has carried
// it out and nobody has heard of it. What it was before is found, or made.
func TestBrokerDiesInCreates(t *testing.T) {
	broker := kafkatest.Find(t)
	for name, before := range map[string]bool{"before": true, "after": false} {
		t.Run(name, func(t *testing.T) {
			topic := "dies-" + name
			cut := &cut{key: int16(kmsg.CreateTopics), before: before, then: func() { broker.Kill(t)() }}
			client := connected(t, patient, Config{BootstrapServers: []string{broker.Open}}, kgo.Dialer(cut.dial))
			begin := time.Now()
			created, err := client.Create(t.Context(), NewTopic{Name: topic, Partitions: number(5), Replicas: number(1)})
			if err != nil || created.Partitions != 5 || !cut.done.Load() {
				t.Errorf("got %+v, %v; the broker was killed: %t", created, err, cut.done.Load())
			}
			t.Logf("done after %s", time.Since(begin))
		})
	}
}

// refusals is called with each connection that cannot be opened.
type refusals func()

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (r refusals) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		r()
	}
}

// TestBrokerStaysAway: the error comes within the time, and the context ends it earlier.
func TestBrokerStaysAway(t *testing.T) {
	broker := kafkatest.Find(t)
	client := connected(t, usual, Config{BootstrapServers: []string{broker.Open}})
	if _, err := client.Create(t.Context(), NewTopic{Name: "stays"}); err != nil {
		t.Fatal(err)
	}
	restart := broker.Kill(t)
	begin := time.Now()
	_, err := client.Describe(t.Context(), "stays")
	if _, unreachable := errors.AsType[*UnreachableError](err); !unreachable || time.Since(begin) > usual.silence+2*time.Second {
		t.Errorf("got %v after %s, want an *UnreachableError after %s", err, time.Since(begin), usual.silence)
	}
	short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	begin = time.Now()
	_, err = client.Describe(short, "stays")
	if unreachable, ok := errors.AsType[*UnreachableError](err); !ok || unreachable.Advertised || !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 2*time.Second {
		t.Errorf("got %v after %s, want an *UnreachableError after 500ms", err, time.Since(begin))
	}
	restart()
	for {
		found, err := client.Describe(t.Context(), "stays")
		if err == nil {
			if len(found) != 1 {
				t.Errorf("described %v by a broker that has come back, want the topic", found)
			}
			return
		}
		if _, unreachable := errors.AsType[*UnreachableError](err); !unreachable || t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}
