package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// NewTopic is a topic that shall be created.
type NewTopic struct {
	Name string
	// Partitions and Replicas are nil for what the brokers have as default.
	Partitions, Replicas *int
	Config               map[string]string
}

// Create creates a topic and waits until brokers describe it with its partitions, and each
// partition has a leader. An error is an *ExistsError, a *DeniedError, a *RefusedError, an
// *UnsettledError, or one of ask; a topic that was created before the wait for it has
// failed is returned as it was last seen. A create without an answer is looked at: what is there now
// as it was asked for, and was not there before, is what it has made.
func (c *Client) Create(ctx context.Context, want NewTopic) (Topic, error) {
	if err := want.check(); err != nil {
		return Topic{}, err
	}
	there, err := c.topics(ctx, want.Name)
	// What is wrong with a name is said only to who would create it.
	if refused, ok := errors.AsType[*RefusedError](err); err != nil && (!ok || refused.Code != kerr.InvalidTopicException.Message) {
		return Topic{}, err
	}
	if _, exists := there[want.Name]; exists {
		return Topic{}, &ExistsError{want.Name}
	}
	partitions, err := c.create(ctx, want)
	if err != nil {
		return Topic{}, err
	}
	what := "its partitions with leaders"
	if partitions > 0 {
		what = fmt.Sprintf("%d partitions with leaders", partitions)
	}
	return c.await(ctx, want.Name, what, func(topic *Topic) bool {
		return topic != nil && topic.Partitions > 0 && topic.Partitions >= partitions && len(topic.Leaderless) == 0
	})
}

// check refuses what does not fit into a request.
func (t NewTopic) check() error {
	if t.Partitions != nil && (*t.Partitions < 1 || *t.Partitions > 1<<31-1) {
		return &RefusedError{Topic: t.Name, Request: "CreateTopics", Code: kerr.InvalidPartitions.Message, Message: "the number of partitions must be at least 1"}
	}
	if t.Replicas != nil && (*t.Replicas < 1 || *t.Replicas > 1<<15-1) {
		return &RefusedError{Topic: t.Name, Request: "CreateTopics", Code: kerr.InvalidReplicationFactor.Message, Message: "the number of replicas must be between 1 and 32767"}
	}
	return nil
}

func (t NewTopic) request(timeout time.Duration) *kmsg.CreateTopicsRequest {
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = t.Name, -1, -1
	if t.Partitions != nil {
		topic.NumPartitions = int32(*t.Partitions) //nolint:gosec // see check
	}
	if t.Replicas != nil {
		topic.ReplicationFactor = int16(*t.Replicas) //nolint:gosec // see check
	}
	for _, key := range slices.Sorted(maps.Keys(t.Config)) {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		value := t.Config[key]
		config.Name, config.Value = key, &value
		topic.Configs = append(topic.Configs, config)
	}
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics, request.TimeoutMillis = []kmsg.CreateTopicsRequestTopic{topic}, millis(timeout)
	return request
}

// create sends the request until it is answered for certain, and returns how many partitions
// there must be, 0 where nobody says it.
func (c *Client) create(ctx context.Context, want NewTopic) (partitions int, err error) {
	if want.Partitions != nil {
		partitions = *want.Partitions
	}
	request := want.request(c.timing.broker)
	for w := c.write(ctx); ; {
		answer, err := askOnce[*kmsg.CreateTopicsResponse](ctx, c, request)
		var code error
		var refused refusal
		if err == nil {
			if len(answer.Topics) != 1 {
				return 0, &RefusedError{Topic: want.Name, Request: "CreateTopics", Code: "none", Message: "the answer is not about it"}
			}
			told := answer.Topics[0]
			refused = refusal{want.Name, "CreateTopics", "Create", told.ErrorCode, told.ErrorMessage}
			code = kerr.ErrorForCode(told.ErrorCode)
			if code == nil {
				return max(partitions, int(told.NumPartitions)), nil
			}
		}
		ours := w.lost && errors.Is(code, kerr.TopicAlreadyExists)
		if !ours {
			if err := w.again(err, refused); err != nil {
				return 0, err
			}
		}
		if w.lost {
			there, err := c.topics(ctx, want.Name)
			if err != nil {
				return 0, err
			}
			if topic, exists := there[want.Name]; exists {
				if want.like(topic) {
					return partitions, nil
				}
				return 0, &ExistsError{want.Name}
			}
		}
	}
}

// like tells whether a topic is as it was asked for.
func (t NewTopic) like(topic Topic) bool {
	return (t.Partitions == nil || *t.Partitions == topic.Partitions) && (t.Replicas == nil || *t.Replicas == topic.Replicas)
}

// writing is one write that is tried until its outcome is known.
type writing struct {
	//nolint:containedctx // It lives for one write.
	ctx    context.Context
	pauses *pauses
	until  time.Time
	// lost tells that an answer was lost, so that the write may have been carried out.
	lost bool
}

func (c *Client) write(ctx context.Context) *writing {
	return &writing{ctx: ctx, pauses: c.timing.pauses(), until: time.Now().Add(c.timing.passing)}
}

// again pauses before another try, or returns the error with which the write ends. err is
// that of the request, and refused what was answered when there is none.
func (w *writing) again(err error, refused refusal) error {
	lost, isLost := errors.AsType[*lostError](err)
	switch {
	case isLost:
		w.lost = true
		if time.Now().After(w.until) {
			return lost.cause
		}
	case err != nil:
		return err
	case !refused.passes(), time.Now().After(w.until):
		return refused.error()
	case kerr.TypedErrorForCode(refused.code) == kerr.RequestTimedOut:
		// The controller goes on with what a broker no longer waits for.
		w.lost = true
	}
	return w.pauses.wait(w.ctx)
}

func millis(d time.Duration) int32 {
	return int32(d.Milliseconds()) //nolint:gosec // of seconds
}
