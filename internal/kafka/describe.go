package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Topic is a topic as the brokers describe it.
type Topic struct {
	Name string
	// ID tells one topic from another of the same name, in the form in which Kafka prints
	// it (22 characters).
	ID         string
	Partitions int
	// Replicas is the smallest number that a partition has.
	Replicas int
	// Leaderless are the partitions without a leader: nobody can read or write them now.
	Leaderless []int
	// Config are the topic's own values, without those of brokers and defaults.
	Config map[string]string
}

// Describe returns those of the topics that there are, by name, with one request for all
// topics and one for their configurations. A topic is absent only when a broker that was
// asked for it by name says that it is unknown: of one that the user may not see, the
// error is a *DeniedError. See ask for the others.
func (c *Client) Describe(ctx context.Context, names ...string) (map[string]Topic, error) {
	found, err := c.topics(ctx, names...)
	if err != nil || len(found) == 0 {
		return found, err
	}
	return found, c.configs(ctx, found)
}

// topics is Describe without configurations.
func (c *Client) topics(ctx context.Context, names ...string) (map[string]Topic, error) {
	found := make(map[string]Topic, len(names))
	if len(names) == 0 {
		return found, nil
	}
	// Asked for itself, and not through a cache: what has just been written is to be seen.
	request := kmsg.NewPtrMetadataRequest()
	for _, name := range distinct(names) {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		request.Topics = append(request.Topics, topic)
	}
	err := c.repeat(ctx, func() ([]refusal, error) {
		answer, err := ask[*kmsg.MetadataResponse](ctx, c, request)
		if err != nil {
			return nil, err
		}
		clear(found)
		var refused []refusal
		for i := range answer.Topics {
			topic := &answer.Topics[i]
			if topic.Topic == nil {
				continue
			}
			name := *topic.Topic
			switch code := kerr.ErrorForCode(topic.ErrorCode); {
			case code == nil, errors.Is(code, kerr.LeaderNotAvailable):
				found[name] = described(name, topic)
			case errors.Is(code, kerr.UnknownTopicOrPartition):
			default:
				refused = append(refused, refusal{name, "Metadata", "Describe", topic.ErrorCode, nil})
			}
		}
		return refused, nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func described(name string, topic *kmsg.MetadataResponseTopic) Topic {
	out := Topic{Name: name, ID: printed(topic.TopicID), Partitions: len(topic.Partitions), Config: map[string]string{}}
	for i := range topic.Partitions {
		partition := &topic.Partitions[i]
		if count := len(partition.Replicas); i == 0 || count < out.Replicas {
			out.Replicas = count
		}
		if partition.Leader < 0 {
			out.Leaderless = append(out.Leaderless, int(partition.Partition))
		}
	}
	slices.Sort(out.Leaderless)
	return out
}

// configs fills in the configurations of topics. One that is gone by now is taken out.
func (c *Client) configs(ctx context.Context, found map[string]Topic) error {
	request := kmsg.NewPtrDescribeConfigsRequest()
	for name := range found {
		resource := kmsg.NewDescribeConfigsRequestResource()
		resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, name
		request.Resources = append(request.Resources, resource)
	}
	return c.repeat(ctx, func() ([]refusal, error) {
		answer, err := ask[*kmsg.DescribeConfigsResponse](ctx, c, request)
		if err != nil {
			return nil, err
		}
		var refused []refusal
		for i := range answer.Resources {
			resource := &answer.Resources[i]
			switch code := kerr.ErrorForCode(resource.ErrorCode); {
			case code == nil:
				if topic, there := found[resource.ResourceName]; there {
					topic.Config = own(resource.Configs)
					found[resource.ResourceName] = topic
				}
			case errors.Is(code, kerr.UnknownTopicOrPartition):
				delete(found, resource.ResourceName)
			default:
				refused = append(refused, refusal{resource.ResourceName, "DescribeConfigs", "DescribeConfigs", resource.ErrorCode, resource.ErrorMessage})
			}
		}
		return refused, nil
	})
}

// own are the values that are a topic's own. Every new cluster also has values of the
// source DYNAMIC_DEFAULT_BROKER_CONFIG, which are nobody's wish for a topic.
func own(described []kmsg.DescribeConfigsResponseResourceConfig) map[string]string {
	values := map[string]string{}
	for _, config := range described {
		if config.Source == kmsg.ConfigSourceDynamicTopicConfig && config.Value != nil {
			values[config.Name] = *config.Value
		}
	}
	return values
}

// refusal is an error code in an answer.
type refusal struct {
	topic, request, operation string
	code                      int16
	message                   *string
}

// passes tells that the code is that of something that is over soon.
func (r refusal) passes() bool {
	return slices.Contains(passing, kerr.TypedErrorForCode(r.code))
}

// passing are the codes that mean: not now, or not here.
var passing = []*kerr.Error{
	kerr.NotController, kerr.LeaderNotAvailable, kerr.NotLeaderForPartition, kerr.CoordinatorLoadInProgress,
	kerr.CoordinatorNotAvailable, kerr.BrokerNotAvailable, kerr.ReplicaNotAvailable, kerr.NetworkException,
	kerr.RequestTimedOut, kerr.ThrottlingQuotaExceeded, kerr.KafkaStorageError,
}

// error is the refusal as one of this package's errors.
func (r refusal) error() error {
	code := kerr.TypedErrorForCode(r.code)
	message := code.Description
	if r.message != nil && *r.message != "" {
		message = *r.message
	}
	switch code {
	case kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed:
		if message == code.Description {
			message = code.Message
		}
		return &DeniedError{Topics: []string{r.topic}, Operation: r.operation, Message: message}
	case kerr.UnknownTopicOrPartition, kerr.UnknownTopicID:
		return &NotFoundError{Topic: r.topic}
	case kerr.TopicAlreadyExists:
		return &ExistsError{Topic: r.topic}
	}
	return &RefusedError{Topic: r.topic, Request: r.request, Code: code.Message, Message: message}
}

// repeat tries until an answer has no refusal that passes, or its time is over. The
// error of several topics that the user may not see names all of them.
func (c *Client) repeat(ctx context.Context, try func() ([]refusal, error)) error {
	until := time.Now().Add(c.timing.passing)
	for pauses := c.timing.pauses(); ; {
		refused, err := try()
		if err != nil || len(refused) == 0 {
			return err
		}
		lasting := slices.DeleteFunc(slices.Clone(refused), refusal.passes)
		if len(lasting) > 0 {
			return joinedRefusals(lasting)
		}
		if time.Now().After(until) {
			return joinedRefusals(refused)
		}
		if err := pauses.wait(ctx); err != nil {
			return err
		}
	}
}

func joinedRefusals(refused []refusal) error {
	slices.SortFunc(refused, func(a, b refusal) int {
		switch {
		case a.topic < b.topic:
			return -1
		case a.topic > b.topic:
			return 1
		}
		return 0
	})
	first := refused[0].error()
	denied, ok := errors.AsType[*DeniedError](first)
	if !ok {
		return first
	}
	for _, other := range refused[1:] {
		if more, ok := errors.AsType[*DeniedError](other.error()); ok {
			denied.Topics = append(denied.Topics, more.Topics...)
		}
	}
	return denied
}

// printed is an id in the form in which Kafka prints it; empty for brokers without ids.
func printed(id [16]byte) string {
	if id == [16]byte{} {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(id[:])
}

func distinct(names []string) []string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
