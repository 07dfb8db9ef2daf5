package kafka

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// TestLostAnswers breaks the connection with a write, which then was carried out or not.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	orders := NewTopic{Name: "orders", Partitions: number(3), Replicas: number(1)}
	for name, before := range map[string]bool{"before it is sent": true, "after it is carried out": false} {
		t.Run("create "+name, func(t *testing.T) {
			t.Parallel()
			// The client library tries again by itself on a connection that has been in use.
			cut := &cut{key: int16(kmsg.CreateTopics), before: before, spares: 1}
			client := clientOf(t, fake(t), kgo.Dialer(cut.dial))
			if _, err := client.Create(t.Context(), NewTopic{Name: "another"}); err != nil {
				t.Fatal(err)
			}
			topic, err := client.Create(t.Context(), orders)
			if err != nil || topic.Partitions != 3 || !cut.done.Load() {
				t.Errorf("got %+v, %v; want the topic, after the connection was cut (%t)", topic, err, cut.done.Load())
			}
		})
		t.Run("partitions "+name, func(t *testing.T) {
			t.Parallel()
			cut := &cut{key: int16(kmsg.CreatePartitions), before: before}
			client := clientOf(t, fake(t), kgo.Dialer(cut.dial))
			if _, err := client.Create(t.Context(), orders); err != nil {
				t.Fatal(err)
			}
			topic, err := client.AddPartitions(t.Context(), "orders", 5)
			if err != nil || topic.Partitions != 5 || !cut.done.Load() {
				t.Errorf("got %+v, %v; want five partitions, after the connection was cut (%t)", topic, err, cut.done.Load())
			}
		})
		t.Run("configuration "+name, func(t *testing.T) {
			t.Parallel()
			cut := &cut{key: int16(kmsg.IncrementalAlterConfigs), before: before}
			client := clientOf(t, fake(t), kgo.Dialer(cut.dial))
			if _, err := client.Create(t.Context(), orders); err != nil {
				t.Fatal(err)
			}
			topic, err := client.AlterConfig(t.Context(), "orders", map[string]string{"retention.ms": "5"}, nil)
			if err != nil || topic.Config["retention.ms"] != "5" || !cut.done.Load() {
				t.Errorf("got %+v, %v; want the value, after the connection was cut (%t)", topic, err, cut.done.Load())
			}
		})
		t.Run("delete "+name, func(t *testing.T) {
			t.Parallel()
			cut := &cut{key: int16(kmsg.DeleteTopics), before: before}
			client := clientOf(t, fake(t), kgo.Dialer(cut.dial))
			topic, err := client.Create(t.Context(), orders)
			if err != nil {
				t.Fatal(err)
			}
			if err := client.Delete(t.Context(), "orders", topic.ID); err != nil || !cut.done.Load() {
				t.Errorf("got %v; want no error, after the connection was cut (%t)", err, cut.done.Load())
			}
			if found, err := client.Describe(t.Context(), "orders"); err != nil || len(found) != 0 {
				t.Errorf("got %v, %v; want nothing", found, err)
			}
		})
	}
}

// TestLostCreateMeetsAnother: what another one has created while an answer was lost is not
// what this create has made.
func TestLostCreateMeetsAnother(t *testing.T) {
	t.Parallel()
	cluster := fake(t)
	other := clientOf(t, cluster)
	var failed error
	cut := &cut{key: int16(kmsg.CreateTopics), before: true, then: func() {
		_, failed = other.Create(context.WithoutCancel(t.Context()), NewTopic{Name: "orders", Partitions: number(7)})
	}}
	client := clientOf(t, cluster, kgo.Dialer(cut.dial))
	_, err := client.Create(t.Context(), NewTopic{Name: "orders", Partitions: number(3)})
	if _, exists := errors.AsType[*ExistsError](err); !exists || failed != nil {
		t.Errorf("got %v (the other create: %v), want an *ExistsError", err, failed)
	}
}

// TestLatePartitions: what was sent without an answer is carried out after the look at it.
func TestLatePartitions(t *testing.T) {
	t.Parallel()
	for total, want := range map[int]string{5: "", 7: "Kafka refuses CreatePartitions of the topic orders (INVALID_PARTITIONS)"} {
		t.Run(strconv.Itoa(total), func(t *testing.T) {
			t.Parallel()
			cluster := fake(t)
			late := clientOf(t, cluster)
			if _, err := late.Create(t.Context(), NewTopic{Name: "orders", Partitions: number(3)}); err != nil {
				t.Fatal(err)
			}
			var times atomic.Int32
			var grown atomic.Bool
			var failed error
			client := clientOf(t, cluster, kgo.Dialer(tapped(func(key int16) {
				if key == int16(kmsg.CreatePartitions) && times.Add(1) == 2 {
					_, failed = late.addPartitions(context.WithoutCancel(t.Context()), "orders", total)
					grown.Store(true)
				}
			})))
			cluster.ControlKey(int16(kmsg.CreatePartitions), func(request kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				code := kerr.RequestTimedOut.Code
				switch {
				case grown.Load():
					// A fake takes the number that there is, and Kafka does not.
					code = kerr.InvalidPartitions.Code
				case times.Load() == 2:
					return nil, nil, false
				}
				answer := request.ResponseKind().(*kmsg.CreatePartitionsResponse)
				topic := kmsg.NewCreatePartitionsResponseTopic()
				topic.Topic, topic.ErrorCode = "orders", code
				answer.Topics = append(answer.Topics, topic)
				return answer, nil, true
			})
			topic, err := client.AddPartitions(t.Context(), "orders", 5)
			if failed != nil || want == "" && (err != nil || topic.Partitions != 5) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("got %+v, %v (the late one: %v), want %q", topic, err, failed, want)
			}
		})
	}
}

// TestOlderBroker is one that has neither ids of topics nor deletes them by id.
func TestOlderBroker(t *testing.T) {
	t.Parallel()
	cluster := fake(t, kfake.MaxVersions(kversion.V2_4_0()))
	client := clientOf(t, cluster)
	topic, err := client.Create(t.Context(), NewTopic{Name: "orders", Partitions: number(3), Config: map[string]string{"retention.ms": "5"}})
	if err != nil || topic.ID != "" || topic.Partitions != 3 || topic.Config["retention.ms"] != "5" {
		t.Fatalf("created %+v, %v", topic, err)
	}
	if topic, err = client.AlterConfig(t.Context(), "orders", map[string]string{"retention.ms": "7"}, nil); err != nil || topic.Config["retention.ms"] != "7" {
		t.Errorf("altered to %+v, %v", topic, err)
	}
	if err := client.Delete(t.Context(), "orders", ""); err != nil {
		t.Error(err)
	}
	if found, err := client.Describe(t.Context(), "orders"); err != nil || len(found) != 0 {
		t.Errorf("described %v, %v; want nothing", found, err)
	}
}

// TestCreateLooksBefore: a topic that was there is not what a create has made, however it is.
func TestCreateLooksBefore(t *testing.T) {
	t.Parallel()
	cluster := fake(t)
	sent := &requests{}
	client := clientOf(t, cluster, kgo.WithHooks(sent))
	want := NewTopic{Name: "orders", Partitions: number(3)}
	if _, err := client.Create(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	_, err := client.Create(t.Context(), want)
	if _, exists := errors.AsType[*ExistsError](err); !exists || sent.of("CreateTopics") != 1 {
		t.Errorf("got %v after %d requests, want an *ExistsError without another request", err, sent.of("CreateTopics"))
	}
}

// TestWhatPasses is tried again, for a while.
func TestWhatPasses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code  *kerr.Error
		times int32
		want  string
		sent  int32
	}{
		"an election":           {kerr.NotController, 3, "", 4},
		"a slow controller":     {kerr.RequestTimedOut, 2, "", 3},
		"a quota":               {kerr.ThrottlingQuotaExceeded, 1, "", 2},
		"no end of an election": {kerr.NotController, 1 << 30, "Kafka refuses CreateTopics of the topic orders (NOT_CONTROLLER)", 0},
		"a policy":              {kerr.PolicyViolation, 1, "Kafka refuses CreateTopics of the topic orders (POLICY_VIOLATION)", 1},
		"a right":               {kerr.ClusterAuthorizationFailed, 1, "The Kafka user is not allowed Create on the topic orders: CLUSTER_AUTHORIZATION_FAILED.", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := fake(t)
			var sent atomic.Int32
			cluster.ControlKey(int16(kmsg.CreateTopics), func(request kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				if sent.Add(1) > test.times {
					return nil, nil, false
				}
				return answered(test.code.Code)(request)
			})
			_, err := clientOf(t, cluster).Create(t.Context(), NewTopic{Name: "orders", Partitions: number(3)})
			switch {
			case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			case test.sent != 0 && sent.Load() != test.sent:
				t.Errorf("the request was sent %d times, want %d", sent.Load(), test.sent)
			case test.sent == 0 && sent.Load() < 5:
				t.Errorf("the request was sent %d times only", sent.Load())
			}
		})
	}
}

// TestTimedOutCreate: what a broker no longer waited for may be made after the look at it.
func TestTimedOutCreate(t *testing.T) {
	t.Parallel()
	cluster := fake(t)
	late := clientOf(t, cluster)
	var times atomic.Int32
	var failed error
	client := clientOf(t, cluster, kgo.Dialer(tapped(func(key int16) {
		if key == int16(kmsg.CreateTopics) && times.Add(1) == 2 {
			_, failed = late.create(context.WithoutCancel(t.Context()), NewTopic{Name: "orders", Partitions: number(3)})
		}
	})))
	cluster.ControlKey(int16(kmsg.CreateTopics), answered(kerr.RequestTimedOut.Code))
	topic, err := client.Create(t.Context(), NewTopic{Name: "orders", Partitions: number(3)})
	if err != nil || failed != nil || topic.Partitions != 3 || times.Load() != 2 {
		t.Errorf("got %+v, %v after %d requests (the late one: %v), want the topic after two", topic, err, times.Load(), failed)
	}
}

// TestWaitsForLeaders: a topic without leaders is not there yet.
func TestWaitsForLeaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		looks int
		want  string
	}{
		"for a while": {3, ""},
		"forever":     {1 << 30, "Kafka has accepted the change of the topic orders, and 2s later it does not show 3 partitions with leaders: it has 3 partitions, and those without a leader are 1."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := fake(t)
			looks := 0
			cluster.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
				asked := request.(*kmsg.MetadataRequest)
				if len(asked.Topics) == 0 {
					return nil, nil, false
				}
				cluster.KeepControl()
				// The first look is the one before the create.
				if looks++; looks == 1 || looks > test.looks+1 {
					return nil, nil, false
				}
				answer := asked.ResponseKind().(*kmsg.MetadataResponse)
				topic := kmsg.NewMetadataResponseTopic()
				topic.Topic = asked.Topics[0].Topic
				for i := range int32(3) {
					partition := kmsg.NewMetadataResponseTopicPartition()
					partition.Partition, partition.Replicas = i, []int32{0}
					if i == 1 {
						partition.Leader, partition.ErrorCode = -1, kerr.LeaderNotAvailable.Code
					}
					topic.Partitions = append(topic.Partitions, partition)
				}
				answer.Topics = append(answer.Topics, topic)
				return answer, nil, true
			})
			_, err := clientOf(t, cluster).Create(t.Context(), NewTopic{Name: "orders", Partitions: number(3)})
			if test.want == "" && (err != nil || looks < test.looks+2) || test.want != "" && (err == nil || err.Error() != test.want) {
				t.Errorf("got %v after %d looks, want %q", err, looks, test.want)
			}
		})
	}
}
