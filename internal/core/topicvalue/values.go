// Package topicvalue knows what Kafka means by the configuration of a topic.
package topicvalue

import (
	"slices"
	"strconv"
	"strings"
)

// form is how Kafka reads the text of a configuration value.
type form int

const (
	text form = iota
	integer
	decimal
	boolean
	// list is separated by commas, in any order.
	list
)

// forms are those of the configuration of a topic, as Kafka 4.4 describes it, and of what
// it no longer has since 4.0. What is not here is text.
var forms = map[string]form{
	"cleanup.policy":                          list,
	"compression.gzip.level":                  integer,
	"compression.lz4.level":                   integer,
	"compression.zstd.level":                  integer,
	"delete.retention.ms":                     integer,
	"errors.deadletterqueue.group.enable":     boolean,
	"file.delete.delay.ms":                    integer,
	"flush.messages":                          integer,
	"flush.ms":                                integer,
	"follower.replication.throttled.replicas": list,
	"index.interval.bytes":                    integer,
	"leader.replication.throttled.replicas":   list,
	"local.retention.bytes":                   integer,
	"local.retention.ms":                      integer,
	"max.compaction.lag.ms":                   integer,
	"max.decompressed.message.bytes":          integer,
	"max.message.bytes":                       integer,
	"message.downconversion.enable":           boolean,
	"message.timestamp.after.max.ms":          integer,
	"message.timestamp.before.max.ms":         integer,
	"message.timestamp.difference.max.ms":     integer,
	"min.cleanable.dirty.ratio":               decimal,
	"min.compaction.lag.ms":                   integer,
	"min.insync.replicas":                     integer,
	"preallocate":                             boolean,
	"remote.copy.lag.bytes":                   integer,
	"remote.copy.lag.ms":                      integer,
	"remote.log.copy.disable":                 boolean,
	"remote.log.delete.on.disable":            boolean,
	"remote.storage.enable":                   boolean,
	"retention.bytes":                         integer,
	"retention.ms":                            integer,
	"segment.bytes":                           integer,
	"segment.index.bytes":                     integer,
	"segment.jitter.ms":                       integer,
	"segment.ms":                              integer,
	"unclean.leader.election.enable":          boolean,
}

// Same tells whether Kafka reads two texts of a configuration value of a topic as the
// same: it takes blanks off their ends, and knows numbers, booleans and lists in several
// forms. Brokers describe a value in one form, whatever it was set in.
func Same(key, a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if a == b {
		return true
	}
	switch forms[key] {
	case integer:
		return same(a, b, func(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) })
	case decimal:
		return same(a, b, func(text string) (float64, error) { return strconv.ParseFloat(text, 64) })
	case boolean:
		return strings.EqualFold(a, b)
	case list:
		return slices.Equal(items(a), items(b))
	default:
		return false
	}
}

// same compares what two texts are read as.
func same[N comparable](a, b string, read func(string) (N, error)) bool {
	left, leftErr := read(a)
	right, rightErr := read(b)
	return leftErr == nil && rightErr == nil && left == right
}

// items are the items of a list, each once and sorted.
func items(text string) []string {
	var out []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
