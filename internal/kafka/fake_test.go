package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// quick hardly pauses, and gives up after a moment.
var quick = timing{
	silence: 2 * time.Second, passing: 500 * time.Millisecond, settled: 2 * time.Second,
	shortest: time.Millisecond, longest: 5 * time.Millisecond, broker: time.Second,
}

// fake is a broker in this process. It is here for what the client does with answers, and
// with those that do not come: what Kafka itself answers is tested against the real one.
func fake(t *testing.T, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append(options, kfake.NumBrokers(1))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

func connected(t *testing.T, timing timing, config Config, more ...kgo.Opt) *Client {
	t.Helper()
	client, err := connect(config, timing, more...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func clientOf(t *testing.T, cluster *kfake.Cluster, more ...kgo.Opt) *Client {
	t.Helper()
	return connected(t, quick, Config{BootstrapServers: cluster.ListenAddrs()}, more...)
}

// requests counts what is sent to brokers, by kind.
type requests struct {
	mu    sync.Mutex
	count map[string]int
}

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (r *requests) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == nil {
		r.count = map[string]int{}
	}
	r.count[kmsg.NameForKey(key)]++
}

func (r *requests) of(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count[name]
}

// cut is a network in which the connection breaks with one request of a kind: before it
// is sent, or when it was answered and the answer is on its way.
type cut struct {
	key    int16
	before bool
	// spares is how many requests of the kind pass before that one.
	spares int32
	// then is called when it breaks.
	then func()

	passed atomic.Int32
	done   atomic.Bool
}

func (c *cut) dial(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &cutConnection{Conn: connection, cut: c}, nil
}

type cutConnection struct {
	net.Conn

	cut *cut
	// breaks tells that the next answer is lost.
	breaks atomic.Bool
}

// Write implements net.Conn. The client writes each request at once, its kind after its length.
func (c *cutConnection) Write(request []byte) (int, error) {
	if len(request) >= 6 && int16(binary.BigEndian.Uint16(request[4:])) == c.cut.key && c.cut.passed.Add(1) > c.cut.spares && c.cut.done.CompareAndSwap(false, true) {
		if c.cut.before {
			_ = c.Close()
			c.cut.happened()
			return 0, io.ErrClosedPipe
		}
		c.breaks.Store(true)
	}
	return c.Conn.Write(request)
}

// Read implements net.Conn.
func (c *cutConnection) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if err == nil && c.breaks.Load() {
		_ = c.Close()
		c.cut.happened()
		return 0, io.EOF
	}
	return n, err
}

func (c *cut) happened() {
	if c.then != nil {
		c.then()
	}
}

// tapped is a network that tells the kind of each request before it is sent.
func tapped(tell func(key int16)) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return tap{connection, tell}, err
	}
}

type tap struct {
	net.Conn

	tell func(key int16)
}

// Write implements net.Conn.
func (t tap) Write(request []byte) (int, error) {
	if len(request) >= 6 {
		t.tell(int16(binary.BigEndian.Uint16(request[4:])))
	}
	return t.Conn.Write(request)
}

func number(n int) *int { return &n }

// answered is a code with words as a fake answers it to a create.
func answered(code int16) func(kmsg.Request) (kmsg.Response, error, bool) {
	return func(request kmsg.Request) (kmsg.Response, error, bool) {
		create, ok := request.(*kmsg.CreateTopicsRequest)
		if !ok {
			return nil, errors.New("this is no create"), true
		}
		answer, ok := create.ResponseKind().(*kmsg.CreateTopicsResponse)
		if !ok {
			return nil, errors.New("this is not answered as a create"), true
		}
		topic := kmsg.NewCreateTopicsResponseTopic()
		topic.Topic, topic.ErrorCode = create.Topics[0].Topic, code
		answer.Topics = append(answer.Topics, topic)
		return answer, nil, true
	}
}
