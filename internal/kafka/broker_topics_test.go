//go:build e2e

package kafka

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-terraform/terraform-provider-flink/internal/kafka/kafkatest"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/topicvalue"
)

// broker is the real one, and a client that may do everything.
func realBroker(t *testing.T) (kafkatest.Broker, *Client) {
	t.Helper()
	broker := kafkatest.Find(t)
	return broker, connected(t, usual, Config{BootstrapServers: []string{broker.Open}})
}

// TestBrokerTopicLife: what is written is to be seen at once, as often as it is written.
func TestBrokerTopicLife(t *testing.T) {
	t.Parallel()
	_, client := realBroker(t)
	ids := map[string]bool{}
	for range 3 {
		created, err := client.Create(t.Context(), NewTopic{Name: "life", Partitions: number(2), Replicas: number(1), Config: map[string]string{"retention.ms": "1000", "cleanup.policy": "compact, delete"}})
		if err != nil {
			t.Fatal(err)
		}
		if ids[created.ID] || len(created.ID) != 22 || created.Partitions != 2 || created.Replicas != 1 || !maps.Equal(created.Config, map[string]string{"retention.ms": "1000", "cleanup.policy": "compact,delete"}) {
			t.Fatalf("created %+v, after %v", created, ids)
		}
		ids[created.ID] = true
		altered, err := client.AlterConfig(t.Context(), "life", map[string]string{"retention.ms": "+5", "segment.ms": "7"}, []string{"cleanup.policy", "flush.ms"})
		if err != nil || !maps.Equal(altered.Config, map[string]string{"retention.ms": "5", "segment.ms": "7"}) {
			t.Fatalf("altered to %+v, %v", altered, err)
		}
		for _, total := range []int{4, 4} {
			if grown, err := client.AddPartitions(t.Context(), "life", total); err != nil || grown.Partitions != total || grown.ID != created.ID {
				t.Fatalf("grown to %+v, %v; want %d partitions", grown, err, total)
			}
		}
		if err := client.Delete(t.Context(), "life", "AAAAAAAAAAAAAAAAAAAAAQ"); !strings.Contains(fmt.Sprint(err), "The Kafka topic life has the id "+created.ID) {
			t.Fatalf("deleting another topic of this name gives %v", err)
		}
		if found, err := client.Describe(t.Context(), "life"); err != nil || len(found) != 1 {
			t.Fatalf("described %v, %v; want the topic, which was not meant", found, err)
		}
		for range 2 {
			if err := client.Delete(t.Context(), "life", created.ID); err != nil {
				t.Fatal(err)
			}
		}
		if found, err := client.Describe(t.Context(), "life"); err != nil || len(found) != 0 {
			t.Fatalf("described %v, %v; want nothing", found, err)
		}
	}
}

// TestBrokerDefaults: what is not said is the broker's, and not the topic's own.
func TestBrokerDefaults(t *testing.T) {
	t.Parallel()
	_, client := realBroker(t)
	created, err := client.Create(t.Context(), NewTopic{Name: "defaults"})
	if err != nil || created.Partitions != 1 || created.Replicas != 1 || len(created.Config) != 0 {
		t.Errorf("got %+v, %v; want a partition, a replica, and no configuration (min.insync.replicas is the cluster's)", created, err)
	}
}

// TestBrokerRefuses with its own words.
func TestBrokerRefuses(t *testing.T) {
	t.Parallel()
	_, client := realBroker(t)
	if _, err := client.Create(t.Context(), NewTopic{Name: "refused.1", Partitions: number(3)}); err != nil {
		t.Fatal(err)
	}
	create := func(topic NewTopic) func() error {
		return func() error { _, err := client.Create(t.Context(), topic); return err }
	}
	config := func(key, value string) func() error {
		return create(NewTopic{Name: "refused-config", Config: map[string]string{key: value}})
	}
	alter := func(topic, key, value string) func() error {
		return func() error {
			_, err := client.AlterConfig(t.Context(), topic, map[string]string{key: value}, nil)
			return err
		}
	}
	partitions := func(topic string, total int) func() error {
		return func() error { _, err := client.AddPartitions(t.Context(), topic, total); return err }
	}
	tests := map[string]struct {
		do   func() error
		want string
	}{
		"a topic that exists":  {create(NewTopic{Name: "refused.1"}), "The Kafka topic refused.1 exists already."},
		"names that collide":   {create(NewTopic{Name: "refused_1"}), "(INVALID_TOPIC_EXCEPTION): Topic 'refused_1' collides with existing topic: refused.1."},
		"a blank in a name":    {create(NewTopic{Name: "a b"}), "(INVALID_TOPIC_EXCEPTION): Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'."},
		"dots as a name":       {create(NewTopic{Name: ".."}), "(INVALID_TOPIC_EXCEPTION): Topic name is invalid: '..' is not allowed."},
		"no name":              {create(NewTopic{}), "(INVALID_TOPIC_EXCEPTION): Topic name is invalid: the empty string is not allowed."},
		"a long name":          {create(NewTopic{Name: strings.Repeat("n", 250)}), "(INVALID_TOPIC_EXCEPTION): Topic name is invalid: the length of"},
		"replicas":             {create(NewTopic{Name: "refused-new", Replicas: number(3)}), "(INVALID_REPLICATION_FACTOR): Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered"},
		"no replicas":          {create(NewTopic{Name: "refused-new", Replicas: number(0)}), "(INVALID_REPLICATION_FACTOR): the number of replicas must be between 1 and 32767."},
		"no partitions":        {create(NewTopic{Name: "refused-new", Partitions: number(0)}), "(INVALID_PARTITIONS): the number of partitions must be at least 1."},
		"too many partitions":  {create(NewTopic{Name: "refused-new", Partitions: number(20000)}), "(POLICY_VIOLATION): Excessively large number of partitions per request."},
		"an unknown key":       {config("nonsense", "1"), "(INVALID_CONFIG): Unknown topic config name: nonsense."},
		"a value":              {config("retention.ms", "forever"), "(INVALID_CONFIG): Invalid value forever for configuration retention.ms: Not a number of type LONG."},
		"an empty value":       {config("retention.ms", ""), "(INVALID_CONFIG): Invalid value  for configuration retention.ms: Not a number of type LONG."},
		"a value of a list":    {config("cleanup.policy", "shred"), "(INVALID_CONFIG): Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete."},
		"another unknown key":  {alter("refused.1", "nonsense", "1"), "(INVALID_CONFIG): Unknown topic config name: nonsense."},
		"another value":        {alter("refused.1", "retention.ms", "-5"), "(INVALID_CONFIG): Invalid value -5 for configuration retention.ms: Value must be at least -1."},
		"an absent topic":      {alter("absent", "retention.ms", "5"), "The Kafka topic absent does not exist."},
		"fewer partitions":     {partitions("refused.1", 2), "(INVALID_PARTITIONS): The topic refused.1 currently has 3 partition(s); 2 would not be an increase."},
		"partitions of nobody": {partitions("absent", 2), "The Kafka topic absent does not exist."},
	}
	t.Run("all", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if err := test.do(); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
			})
		}
	})
	found, err := client.Describe(t.Context(), "refused.1", "refused_1", "refused-new", "refused-config")
	if err != nil || len(found) != 1 || found["refused.1"].Partitions != 3 || len(found["refused.1"].Config) != 0 {
		t.Errorf("described %v, %v; want what was there before alone", found, err)
	}
}

// TestBrokerHides: what a user may not see is never absent.
func TestBrokerHides(t *testing.T) {
	t.Parallel()
	broker, admin := realBroker(t)
	limited := connected(t, usual, Config{BootstrapServers: []string{broker.SASL}, SASL: &SASL{Mechanism: ScramSHA512, Username: kafkatest.Limited, Password: broker.Password}})
	for _, name := range []string{"hidden", "shown", "shown-more", "bare"} {
		if _, err := admin.Create(t.Context(), NewTopic{Name: name, Config: map[string]string{"retention.ms": "5"}}); err != nil {
			t.Fatal(err)
		}
	}
	broker.Allow(t, "shown", kadm.OpDescribe, kadm.OpDescribeConfigs)
	broker.Allow(t, "bare", kadm.OpDescribe)
	describe := func(names ...string) error {
		_, err := limited.Describe(t.Context(), names...)
		return err
	}
	create := func(name string) error {
		_, err := limited.Create(t.Context(), NewTopic{Name: name})
		return err
	}
	if found, err := limited.Describe(t.Context(), "shown", "shown-not"); err != nil || len(found) != 1 || found["shown"].Config["retention.ms"] != "5" {
		t.Errorf("described %v, %v; want the topic that is there", found, err)
	}
	alter := func(name string) error {
		_, err := limited.AlterConfig(t.Context(), name, map[string]string{"retention.ms": "7"}, nil)
		return err
	}
	grow := func(name string) error {
		_, err := limited.AddPartitions(t.Context(), name, 7)
		return err
	}
	for name, test := range map[string]struct {
		err       error
		operation string
		topics    []string
	}{
		"one of two":         {describe("shown", "hidden"), "Describe", []string{"hidden"}},
		"none, one absent":   {describe("hidden", "absent"), "Describe", []string{"absent", "hidden"}},
		"its configuration":  {describe("bare"), "DescribeConfigs", []string{"bare"}},
		"create a hidden":    {create("hidden"), "Describe", []string{"hidden"}},
		"create":             {create("shown-not"), "Create", []string{"shown-not"}},
		"alter":              {alter("shown"), "AlterConfigs", []string{"shown"}},
		"add partitions":     {grow("shown"), "Alter", []string{"shown"}},
		"delete":             {limited.Delete(t.Context(), "shown", ""), "Delete", []string{"shown"}},
		"delete what is not": {limited.Delete(t.Context(), "absent", ""), "Describe", []string{"absent"}},
	} {
		if denied, ok := errors.AsType[*DeniedError](test.err); !ok || denied.Operation != test.operation || !slices.Equal(denied.Topics, test.topics) {
			t.Errorf("%s: got %v, want that %s is missing on %v", name, test.err, test.operation, test.topics)
		}
	}
	if found, err := admin.Describe(t.Context(), "hidden", "shown", "shown-more", "bare"); err != nil || len(found) != 4 || found["shown"].Partitions != 1 || found["shown"].Config["retention.ms"] != "5" {
		t.Errorf("described %v, %v; want all as they were", found, err)
	}
}

// TestBrokerReadsValues holds the forms of values to what the broker makes of them.
func TestBrokerReadsValues(t *testing.T) {
	t.Parallel()
	_, client := realBroker(t)
	if _, err := client.Create(t.Context(), NewTopic{Name: "values"}); err != nil {
		t.Fatal(err)
	}
	for key, values := range map[string][]string{
		"retention.ms":              {" 604800000 ", "+5", "007"},
		"max.message.bytes":         {"0001048588"},
		"min.cleanable.dirty.ratio": {" 5e-1", ".50"},
		"preallocate":               {" TRUE "},
		"cleanup.policy":            {"delete , compact", "compact,compact", ""},
		"compression.type":          {" gzip"},

		"leader.replication.throttled.replicas": {" 0:1 , 1:1"},
	} {
		for _, value := range values {
			altered, err := client.AlterConfig(t.Context(), "values", map[string]string{key: value}, nil)
			if is, own := altered.Config[key]; err != nil || !own || !topicvalue.Same(key, value, is) {
				t.Errorf("%s set to %q is %q, which is another value here; %v", key, value, is, err)
			}
		}
	}
	request := kmsg.NewPtrDescribeConfigsRequest()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, "values"
	request.Resources = append(request.Resources, resource)
	answer, err := ask[*kmsg.DescribeConfigsResponse](t.Context(), client, request)
	if err != nil || len(answer.Resources) != 1 || len(answer.Resources[0].Configs) < 30 {
		t.Fatalf("got %+v, %v; want all keys of a topic", answer, err)
	}
	read := map[kmsg.ConfigType]topicvalue.Form{
		kmsg.ConfigTypeBoolean: topicvalue.Boolean, kmsg.ConfigTypeInt: topicvalue.Integer, kmsg.ConfigTypeLong: topicvalue.Integer, kmsg.ConfigTypeShort: topicvalue.Integer,
		kmsg.ConfigTypeDouble: topicvalue.Decimal, kmsg.ConfigTypeList: topicvalue.List, kmsg.ConfigTypeString: topicvalue.Text,
	}
	for _, config := range answer.Resources[0].Configs {
		if want, known := read[config.ConfigType]; !known || topicvalue.FormOf(config.Name) != want {
			t.Errorf("%s is of the type %v, and is read as the form %d here", config.Name, config.ConfigType, topicvalue.FormOf(config.Name))
		}
	}
}
