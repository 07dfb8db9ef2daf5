package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// await looks at a topic until it is as it shall be, nil standing for a topic that is not
// there, and returns it. Brokers that are away for a while only make the wait longer. An
// error is an *UnsettledError, a *DeniedError, a *CredentialsError, a *ListenerError, a
// *CertificateError, or the context's own.
func (c *Client) await(ctx context.Context, name, what string, done func(*Topic) bool) (Topic, error) {
	until := time.Now().Add(c.timing.settled)
	for pauses := c.timing.pauses(); ; {
		found, err := c.Describe(ctx, name)
		topic, there := found[name]
		switch {
		case err == nil && there && done(&topic):
			return topic, nil
		case err == nil && !there && done(nil):
			return Topic{Name: name}, nil
		case ctx.Err() != nil:
			return topic, interrupted(ctx, name, what)
		case err != nil && !outage(err):
			return Topic{}, err
		}
		if time.Now().After(until) {
			return topic, &UnsettledError{Topic: name, Wait: what, Seen: seen(topic, there), After: c.timing.settled, Err: err}
		}
		if pauses.wait(ctx) != nil {
			return topic, interrupted(ctx, name, what)
		}
	}
}

func interrupted(ctx context.Context, name, what string) error {
	return fmt.Errorf("the topic %s was changed, and the wait until Kafka shows %s was interrupted: %w", name, what, context.Cause(ctx))
}

// outage tells that brokers cannot answer now.
func outage(err error) bool {
	if _, silent := errors.AsType[*UnreachableError](err); silent {
		return true
	}
	refused, ok := errors.AsType[*RefusedError](err)
	return ok && strings.HasSuffix(refused.Code, "NOT_AVAILABLE")
}

// seen says of a topic what waits look at.
func seen(topic Topic, there bool) string {
	switch {
	case !there:
		return "it is not there"
	case len(topic.Leaderless) > 0:
		return fmt.Sprintf("it has %d partitions, and those without a leader are %s", topic.Partitions, strings.Trim(fmt.Sprint(topic.Leaderless), "[]"))
	}
	return fmt.Sprintf("it has %d partitions and the configuration %v", topic.Partitions, topic.Config)
}
