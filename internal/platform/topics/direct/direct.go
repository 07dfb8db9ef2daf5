// Package direct manages the topics of an environment by the Kafka protocol.
package direct

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kafka"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics"
)

// Topics are the topics of one environment. Its errors are the platform's.
type Topics struct {
	kafka   *defaults.Kafka
	secrets platform.Secrets
	// agent is the name of the client for the brokers' logs.
	agent string

	mu     sync.Mutex
	client *kafka.Client
}

var _ platform.Topics = (*Topics)(nil)

// New returns the topics of an environment. It contacts nobody: the Secrets are read, and
// the brokers asked, when something is wanted of them.
func New(kafka *defaults.Kafka, secrets platform.Secrets) *Topics {
	return &Topics{kafka: kafka, secrets: secrets, agent: "terraform-provider-flink"}
}

// Close ends the connections to the brokers.
func (t *Topics) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.client != nil {
		t.client.Close()
		t.client = nil
	}
}

// connected is the client, which is made once.
func (t *Topics) connected(ctx context.Context) (*kafka.Client, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.client != nil {
		return t.client, nil
	}
	config, err := t.config(ctx)
	if err != nil {
		return nil, err
	}
	t.client, err = kafka.Connect(config)
	return t.client, err
}

// Ready implements platform.Topics: brokers answer, and take the credentials. Whether they
// allow a topic to be made is not known before one is.
func (t *Topics) Ready(ctx context.Context) error {
	client, err := t.connected(ctx)
	if err == nil {
		_, err = client.Ping(ctx)
	}
	return t.explain(err)
}

// Read implements platform.Topics, with two requests for all topics.
func (t *Topics) Read(ctx context.Context, wanted []platform.Topic) (map[string]platform.ObservedTopic, error) {
	client, err := t.connected(ctx)
	if err != nil {
		return nil, t.explain(err)
	}
	names := make([]string, len(wanted))
	for i, topic := range wanted {
		names[i] = topic.Name
	}
	found, err := client.Describe(ctx, names...)
	if err != nil {
		return nil, t.explain(err)
	}
	observed := make(map[string]platform.ObservedTopic, len(found))
	for name, topic := range found {
		observed[name] = observe(topic)
	}
	return observed, nil
}

// Create implements platform.Topics.
func (t *Topics) Create(ctx context.Context, want platform.Topic) (platform.ObservedTopic, error) {
	client, err := t.connected(ctx)
	if err != nil {
		return platform.ObservedTopic{}, t.explain(err)
	}
	// Of a topic that was created and is not yet as it shall be, both are told.
	created, err := client.Create(ctx, kafka.NewTopic{Name: want.Name, Partitions: count(want.Partitions), Replicas: count(want.Replicas), Config: want.Config})
	return observe(created), t.explain(err)
}

// Update implements platform.Topics. The configuration is changed before the partitions, which
// cannot be taken back.
func (t *Topics) Update(ctx context.Context, want, before platform.Topic) (platform.ObservedTopic, error) {
	client, err := t.connected(ctx)
	if err != nil {
		return platform.ObservedTopic{}, t.explain(err)
	}
	found, err := client.Describe(ctx, want.Name)
	if err != nil {
		return platform.ObservedTopic{}, t.explain(err)
	}
	topic, there := found[want.Name]
	if !there {
		return platform.ObservedTopic{}, t.explain(&kafka.NotFoundError{Topic: want.Name})
	}
	is := observe(topic)
	if err := refused(want, is); err != nil {
		return is, err
	}
	set, more := map[string]string{}, false
	for _, difference := range topics.Compare(want, is) {
		switch difference.Path[0] {
		case "config":
			set[difference.Path[1]] = difference.Want
		case "partitions":
			more = true
		}
	}
	var remove []string
	for _, key := range topics.Removed(want, before) {
		if _, own := is.Config[key]; own {
			remove = append(remove, key)
		}
	}
	if len(set) > 0 || len(remove) > 0 {
		if topic, err = client.AlterConfig(ctx, want.Name, set, remove); err != nil {
			return is, t.explain(err)
		}
	}
	if more {
		if topic, err = client.AddPartitions(ctx, want.Name, int(*want.Partitions)); err != nil {
			return observe(topic), t.explain(err)
		}
	}
	return observe(topic), nil
}

// refused is the error of a change that Kafka cannot make, or of one that was meant for another
// topic of this name.
func refused(want platform.Topic, is platform.ObservedTopic) error {
	if want.ID != "" && is.ID != "" && want.ID != is.ID {
		return &platform.OtherObjectError{Kind: kind, Ref: platform.Ref{Name: want.Name}, UID: is.ID, Planned: want.ID}
	}
	for _, finding := range topics.Allowed(want, is) {
		if finding.Severity == flink.Error {
			return &platform.FieldsError{
				Err:    errors.New(finding.Summary + ": " + finding.Detail),
				Fields: []platform.Field{{Path: finding.Path, Summary: finding.Summary, Detail: finding.Detail}},
			}
		}
	}
	return nil
}

// Delete implements platform.Topics. With retain there is nothing to remove: nothing else
// stands for the topic.
func (t *Topics) Delete(ctx context.Context, known platform.Topic, retain bool) error {
	if retain {
		return nil
	}
	client, err := t.connected(ctx)
	if err == nil {
		err = client.Delete(ctx, known.Name, known.ID)
	}
	return t.explain(err)
}

func observe(topic kafka.Topic) platform.ObservedTopic {
	observed := platform.ObservedTopic{
		Name: topic.Name, ID: topic.ID, Partitions: int64(topic.Partitions), Replicas: int64(topic.Replicas), Config: topic.Config,
	}
	if len(topic.Leaderless) > 0 {
		observed.Problem = fmt.Sprintf("nobody can read or write the partitions %s: they have no leader", strings.Trim(fmt.Sprint(topic.Leaderless), "[]"))
	}
	return observed
}

func count(wanted *int64) *int {
	if wanted == nil {
		return nil
	}
	number := int(*wanted)
	return &number
}
