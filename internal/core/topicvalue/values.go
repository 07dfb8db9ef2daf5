// Package topicvalue knows what Kafka means by the configuration of a topic.
package topicvalue

import (
	"slices"
	"strconv"
	"strings"
)

// Form is how Kafka reads the text of a configuration value.
type Form int

// The forms.
const (
	Text Form = iota
	Integer
	Decimal
	Boolean
	// List is separated by commas, in any order.
	List
)

// forms are those of the configuration of a topic, as Kafka 4.4 describes it, and of what
// it no longer has since 4.0. What is not here is text.
var forms = map[string]Form{
	"cleanup.policy":                          List,
	"compression.gzip.level":                  Integer,
	"compression.lz4.level":                   Integer,
	"compression.zstd.level":                  Integer,
	"delete.retention.ms":                     Integer,
	"errors.deadletterqueue.group.enable":     Boolean,
	"file.delete.delay.ms":                    Integer,
	"flush.messages":                          Integer,
	"flush.ms":                                Integer,
	"follower.replication.throttled.replicas": List,
	"index.interval.bytes":                    Integer,
	"leader.replication.throttled.replicas":   List,
	"local.retention.bytes":                   Integer,
	"local.retention.ms":                      Integer,
	"max.compaction.lag.ms":                   Integer,
	"max.decompressed.message.bytes":          Integer,
	"max.message.bytes":                       Integer,
	"message.downconversion.enable":           Boolean,
	"message.timestamp.after.max.ms":          Integer,
	"message.timestamp.before.max.ms":         Integer,
	"message.timestamp.difference.max.ms":     Integer,
	"min.cleanable.dirty.ratio":               Decimal,
	"min.compaction.lag.ms":                   Integer,
	"min.insync.replicas":                     Integer,
	"preallocate":                             Boolean,
	"remote.copy.lag.bytes":                   Integer,
	"remote.copy.lag.ms":                      Integer,
	"remote.log.copy.disable":                 Boolean,
	"remote.log.delete.on.disable":            Boolean,
	"remote.storage.enable":                   Boolean,
	"retention.bytes":                         Integer,
	"retention.ms":                            Integer,
	"segment.bytes":                           Integer,
	"segment.index.bytes":                     Integer,
	"segment.jitter.ms":                       Integer,
	"segment.ms":                              Integer,
	"unclean.leader.election.enable":          Boolean,
}

// FormOf is the form of the values of a key of a topic's configuration.
func FormOf(key string) Form { return forms[key] }

// Same tells whether Kafka reads two texts of a configuration value of a topic as the
// same: it takes blanks off their ends, and knows numbers, booleans and lists in several
// forms. Brokers describe a value in one form, whatever it was set in.
func Same(key, a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if a == b {
		return true
	}
	switch forms[key] {
	case Integer:
		return same(a, b, func(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) })
	case Decimal:
		return same(a, b, func(text string) (float64, error) { return strconv.ParseFloat(text, 64) })
	case Boolean:
		return strings.EqualFold(a, b)
	case List:
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
