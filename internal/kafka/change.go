package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/topicvalue"
)

// AddPartitions gives a topic as many partitions as total says, and waits until they have
// leaders. A topic that has them already is left alone; Kafka takes none away, and refuses a
// smaller number. An error is a *NotFoundError, a *DeniedError, a *RefusedError, an
// *UnsettledError, or one of ask.
func (c *Client) AddPartitions(ctx context.Context, name string, total int) (Topic, error) {
	for w := c.write(ctx); ; {
		there, err := c.topics(ctx, name)
		if err != nil {
			return Topic{}, err
		}
		topic, exists := there[name]
		if !exists {
			return Topic{}, &NotFoundError{name}
		}
		// Kafka refuses the number that a topic has.
		if topic.Partitions == total {
			break
		}
		refused, err := c.addPartitions(ctx, name, total)
		if err == nil && refused.code == 0 {
			break
		}
		if w.lost && refused.code == kerr.InvalidPartitions.Code {
			// The request without an answer may have been carried out after the look.
			w.lost = false
			continue
		}
		if err := w.again(err, refused); err != nil {
			return Topic{}, err
		}
	}
	return c.await(ctx, name, fmt.Sprintf("%d partitions with leaders", total), func(topic *Topic) bool {
		return topic != nil && topic.Partitions >= total && len(topic.Leaderless) == 0
	})
}

func (c *Client) addPartitions(ctx context.Context, name string, total int) (refusal, error) {
	topic := kmsg.NewCreatePartitionsRequestTopic()
	topic.Topic = name
	if total < 1 || total > 1<<31-1 {
		return refusal{}, &RefusedError{Topic: name, Request: "CreatePartitions", Code: kerr.InvalidPartitions.Message, Message: "the number of partitions must be at least 1"}
	}
	topic.Count = int32(total)
	request := kmsg.NewPtrCreatePartitionsRequest()
	request.Topics, request.TimeoutMillis = []kmsg.CreatePartitionsRequestTopic{topic}, millis(c.timing.broker)
	answer, err := askOnce[*kmsg.CreatePartitionsResponse](ctx, c, request)
	if err != nil || len(answer.Topics) == 0 {
		return refusal{}, err
	}
	told := answer.Topics[0]
	return refusal{name, "CreatePartitions", "Alter", told.ErrorCode, told.ErrorMessage}, nil
}

// AlterConfig sets values of a topic and takes others back to the brokers' default, and
// waits until brokers describe it so. Values of which neither speaks stay. An error is a
// *NotFoundError, a *DeniedError, a *RefusedError, an *UnsettledError, or one of ask; after
// the first three nothing was changed.
func (c *Client) AlterConfig(ctx context.Context, name string, set map[string]string, remove []string) (Topic, error) {
	there, err := c.Describe(ctx, name)
	if err != nil {
		return Topic{}, err
	}
	before, exists := there[name]
	switch {
	case !exists:
		return Topic{}, &NotFoundError{name}
	case len(set) == 0 && len(remove) == 0:
		return before, nil
	}
	if err := c.alterConfig(ctx, name, set, remove); err != nil {
		return before, err
	}
	return c.await(ctx, name, "the new configuration", func(topic *Topic) bool {
		if topic == nil {
			return false
		}
		for key, value := range set {
			is, own := topic.Config[key]
			was, hadOwn := before.Config[key]
			// A value in another form than it was set in is that of the brokers for it.
			if !own || !topicvalue.Same(key, is, value) && hadOwn && is == was {
				return false
			}
		}
		return !slices.ContainsFunc(remove, func(key string) bool { _, own := topic.Config[key]; return own })
	})
}

func (c *Client) alterConfig(ctx context.Context, name string, set map[string]string, remove []string) error {
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, name
	for _, key := range slices.Sorted(maps.Keys(set)) {
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		value := set[key]
		config.Name, config.Op, config.Value = key, kmsg.IncrementalAlterConfigOpSet, &value
		resource.Configs = append(resource.Configs, config)
	}
	for _, key := range distinct(remove) {
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		config.Name, config.Op = key, kmsg.IncrementalAlterConfigOpDelete
		resource.Configs = append(resource.Configs, config)
	}
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = []kmsg.IncrementalAlterConfigsRequestResource{resource}
	// Carried out twice it is as good as once.
	return c.repeat(ctx, func() ([]refusal, error) {
		answer, err := ask[*kmsg.IncrementalAlterConfigsResponse](ctx, c, request)
		if err != nil {
			return nil, err
		}
		var refused []refusal
		for _, told := range answer.Resources {
			if told.ErrorCode != 0 {
				refused = append(refused, refusal{name, "IncrementalAlterConfigs", "AlterConfigs", told.ErrorCode, told.ErrorMessage})
			}
		}
		return refused, nil
	})
}

// Delete deletes a topic with its data and waits until it is gone. One that is not there is
// gone. id is that of the topic that is meant, empty for any: another one of that name
// stays, with an *OtherTopicError. Other errors are a *DeniedError, a *RefusedError, an
// *UnsettledError, or one of ask.
func (c *Client) Delete(ctx context.Context, name, id string) error {
	there, err := c.topics(ctx, name)
	if err != nil {
		return err
	}
	topic, exists := there[name]
	switch {
	case !exists:
		return nil
	case id != "" && topic.ID != "" && topic.ID != id:
		return &OtherTopicError{Topic: name, ID: topic.ID, Meant: id}
	}
	if err := c.delete(ctx, topic); err != nil {
		return err
	}
	_, err = c.await(ctx, name, "that it is gone", func(seen *Topic) bool { return seen == nil || seen.ID != topic.ID })
	return err
}

// delete sends the request until its outcome is known. The topic is named by its id where
// brokers have ids, so that no other one is deleted in its place.
func (c *Client) delete(ctx context.Context, topic Topic) error {
	request := kmsg.NewPtrDeleteTopicsRequest()
	request.TimeoutMillis = millis(c.timing.broker)
	// Brokers before 2.8 read the names alone.
	request.TopicNames = []string{topic.Name}
	by := kmsg.NewDeleteTopicsRequestTopic()
	if id, err := base64.RawURLEncoding.DecodeString(topic.ID); err == nil && len(id) == len(by.TopicID) {
		copy(by.TopicID[:], id)
	} else {
		by.Topic = &topic.Name
	}
	request.Topics = []kmsg.DeleteTopicsRequestTopic{by}
	for w := c.write(ctx); ; {
		answer, err := askOnce[*kmsg.DeleteTopicsResponse](ctx, c, request)
		refused := refusal{}
		if err == nil {
			if len(answer.Topics) == 0 || answer.Topics[0].ErrorCode == 0 {
				return nil
			}
			told := answer.Topics[0]
			refused = refusal{topic.Name, "DeleteTopics", "Delete", told.ErrorCode, told.ErrorMessage}
			// Somebody else, or a try whose answer was lost, has deleted it.
			if _, gone := errors.AsType[*NotFoundError](refused.error()); gone {
				return nil
			}
		}
		if err := w.again(err, refused); err != nil {
			return err
		}
	}
}
