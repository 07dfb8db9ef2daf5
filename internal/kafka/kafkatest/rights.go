package kafkatest

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Limited is the name of the user who may do nothing but what Allow says.
const Limited = "limited"

// Allow grants the limited user operations on the topics whose names begin so, as long as the
// broker is there: each test has names of its own.
func (b Broker) Allow(t *testing.T, prefix string, operations ...kadm.ACLOperation) {
	t.Helper()
	connection, err := kgo.NewClient(kgo.SeedBrokers(b.Open))
	if err != nil {
		t.Fatal(err)
	}
	client := kadm.NewClient(connection)
	t.Cleanup(client.Close)
	rights := kadm.NewACLs().Topics(prefix).ResourcePatternType(kadm.ACLPatternPrefixed).Allow("User:" + Limited).AllowHosts("*").Operations(operations...)
	created, err := client.CreateACLs(t.Context(), rights)
	for _, result := range created {
		if err == nil {
			err = result.Err
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	// Brokers begin to keep to a right some time after it was granted.
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		described, err := client.DescribeACLs(t.Context(), rights)
		known := 0
		for _, result := range described {
			known += len(result.Described)
		}
		switch {
		case err != nil:
			t.Fatal(err)
		case known >= len(operations):
			return
		case time.Now().After(end):
			t.Fatalf("the broker knows %d of %d rights on %s", known, len(operations), prefix)
		}
	}
}
