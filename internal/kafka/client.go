// Package kafka manages the topics of a Kafka cluster by its own protocol. It knows
// neither Flink nor Terraform nor Kubernetes, and every way in which a broker, the network
// or a token server refuses is a typed error. No message has a credential in it.
package kafka

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Client is a connection to one cluster. It is safe for concurrent use.
type Client struct {
	kgo     *kgo.Client
	servers []string
	secured security
	timing  timing
	// answered tells that a broker has answered a request of this client: address,
	// protocol and credentials are right then.
	answered atomic.Bool
}

// security is which kinds of it a client has been given, for messages.
type security struct {
	// mechanism is that of SASL, empty for none.
	mechanism string
	tls       bool
}

// timing says how long things may take.
type timing struct {
	// silence is how long a request is sent anew while no broker answers it.
	silence time.Duration
	// passing is how long a request is sent anew while brokers answer that
	// something is the case that passes, such as the election of a leader.
	passing time.Duration
	// settled is how long a wait for what was written lasts.
	settled time.Duration
	// shortest and longest bound the growing pause between two tries or two looks.
	shortest, longest time.Duration
	// broker is how long a broker may take for a write before it gives up.
	broker time.Duration
}

var usual = timing{
	silence: 10 * time.Second, passing: 30 * time.Second, settled: time.Minute,
	shortest: 25 * time.Millisecond, longest: time.Second, broker: 8 * time.Second,
}

// Close ends the connections. What still waits ends with an error.
func (c *Client) Close() { c.kgo.Close() }

// Cluster is who answers.
type Cluster struct {
	ID string
	// Brokers are the addresses that the brokers give of themselves, as host:port.
	Brokers []string
}

// Ping asks who is there, and so shows that address, protocol and credentials are
// right. It writes nothing. See ask for its errors.
func (c *Client) Ping(ctx context.Context) (Cluster, error) {
	request := kmsg.NewPtrMetadataRequest()
	// None, where nil would be all.
	request.Topics = []kmsg.MetadataRequestTopic{}
	answer, err := ask[*kmsg.MetadataResponse](ctx, c, request)
	if err != nil {
		return Cluster{}, err
	}
	cluster := Cluster{}
	if answer.ClusterID != nil {
		cluster.ID = *answer.ClusterID
	}
	for _, broker := range answer.Brokers {
		cluster.Brokers = append(cluster.Brokers, joined(broker.Host, broker.Port))
	}
	return cluster, nil
}

// pauses are the growing pauses of one wait.
type pauses struct{ next, longest time.Duration }

func (t timing) pauses() *pauses { return &pauses{t.shortest, t.longest} }

// wait pauses, and ends with the context.
func (p *pauses) wait(ctx context.Context) error {
	timer := time.NewTimer(p.next)
	defer timer.Stop()
	p.next = min(2*p.next, p.longest)
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
