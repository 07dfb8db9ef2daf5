package topics

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func number(n int64) *int64 { return &n }

func TestCompare(t *testing.T) {
	t.Parallel()
	is := platform.ObservedTopic{
		Name: "orders", ID: "a", Partitions: 3, Replicas: 2,
		Config: map[string]string{"retention.ms": "604800000", "cleanup.policy": "compact,delete", "segment.ms": "5", "min.cleanable.dirty.ratio": "0.5", "preallocate": "true", "compression.type": "gzip"},
	}
	tests := map[string]struct {
		want platform.Topic
		diff []Difference
	}{
		"nothing is asked for": {platform.Topic{}, nil},
		"all is as asked for":  {platform.Topic{Partitions: number(3), Replicas: number(2), Config: map[string]string{"retention.ms": "604800000"}}, nil},
		"other forms of the same": {platform.Topic{Config: map[string]string{
			"retention.ms": " +0604800000", "cleanup.policy": "delete , compact", "min.cleanable.dirty.ratio": "5e-1", "preallocate": "TRUE", "compression.type": "gzip ",
		}}, nil},
		"text is not folded": {
			platform.Topic{Config: map[string]string{"compression.type": "GZIP"}},
			[]Difference{{Path: flink.Path{"config", "compression.type"}, Want: "GZIP", Is: "gzip"}},
		},
		"all is another": {
			platform.Topic{Partitions: number(4), Replicas: number(1), Config: map[string]string{"retention.ms": "1", "cleanup.policy": "compact", "flush.ms": "7", "segment.ms": "5"}},
			[]Difference{
				{Path: flink.Path{"config", "cleanup.policy"}, Want: "compact", Is: "compact,delete"},
				{Path: flink.Path{"config", "flush.ms"}, Want: "7", Absent: true},
				{Path: flink.Path{"config", "retention.ms"}, Want: "1", Is: "604800000"},
				{Path: flink.Path{"partitions"}, Want: "4", Is: "3"},
				{Path: flink.Path{"replicas"}, Want: "1", Is: "2"},
			},
		},
		"what is no number": {
			platform.Topic{Config: map[string]string{"retention.ms": "a week"}},
			[]Difference{{Path: flink.Path{"config", "retention.ms"}, Want: "a week", Is: "604800000"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.diff, Compare(test.want, is)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRemoved(t *testing.T) {
	t.Parallel()
	before := platform.Topic{Config: map[string]string{"retention.ms": "1", "segment.ms": "2", "flush.ms": "3"}}
	want := platform.Topic{Config: map[string]string{"retention.ms": "9", "cleanup.policy": "compact"}}
	if diff := cmp.Diff([]string{"flush.ms", "segment.ms"}, Removed(want, before)); diff != "" {
		t.Error(diff)
	}
	if removed := Removed(want, platform.Topic{}); removed != nil {
		t.Errorf("got %v, want nothing", removed)
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	is := platform.ObservedTopic{Name: "orders", ID: "new", Partitions: 3, Replicas: 2}
	tests := map[string]struct {
		want     platform.Topic
		path     string
		severity flink.Severity
		says     []string
	}{
		"the same":          {platform.Topic{ID: "new", Partitions: number(3), Replicas: number(2)}, "", 0, nil},
		"more partitions":   {platform.Topic{Partitions: number(4)}, "", 0, nil},
		"nothing is said":   {platform.Topic{}, "", 0, nil},
		"fewer partitions":  {platform.Topic{Name: "orders", Partitions: number(2)}, "partitions", flink.Error, []string{"of the topic orders is 3, and 2 is asked for", "Ask for 3 or more"}},
		"more replicas":     {platform.Topic{Name: "orders", Replicas: number(3)}, "replicas", flink.Error, []string{"of the topic orders is 2, and 3 is asked for", "kafka-reassign-partitions.sh", "replicas = 2"}},
		"fewer replicas":    {platform.Topic{Name: "orders", Replicas: number(1)}, "replicas", flink.Error, []string{"of the topic orders is 2, and 1 is asked for"}},
		"another topic":     {platform.Topic{Name: "orders", ID: "old"}, "", flink.Warning, []string{"orders has the id new, and had the id old", "the records of the former one are lost"}},
		"an id of old":      {platform.Topic{Name: "orders", ID: ""}, "", 0, nil},
		"no replicas known": {platform.Topic{Name: "orders", Partitions: number(3)}, "", 0, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := Allowed(test.want, is)
			if test.says == nil {
				if len(found) != 0 {
					t.Errorf("got %v, want nothing", found)
				}
				return
			}
			if len(found) != 1 || found[0].Path.Attribute() != test.path || found[0].Severity != test.severity {
				t.Fatalf("got %v, want one at %q", found, test.path)
			}
			for _, part := range test.says {
				if !strings.Contains(found[0].Detail, part) {
					t.Errorf("%q does not say %q", found[0].Detail, part)
				}
			}
		})
	}
}
