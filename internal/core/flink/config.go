package flink

import (
	"slices"
	"strings"
	"sync"
)

// Configuration keys that rules refer to, in their present names.
const (
	KeyCheckpointDirectory = "execution.checkpointing.dir"
	KeySavepointDirectory  = "execution.checkpointing.savepoint-dir"
	KeyHighAvailability    = "high-availability.type"
	KeyCheckpointInterval  = "execution.checkpointing.interval"
	KeyCheckpointRetention = "execution.checkpointing.externalized-checkpoint-retention"
	// KeySavepointFormat is the operator's, and without it a savepoint is canonical.
	KeySavepointFormat = "kubernetes.operator.savepoint.format.type"
)

// alias is a former name of a key and the Flink versions that read it; nil is
// no bound.
type alias struct {
	present  string
	from, to *Version
}

func (a alias) readBy(version Version) bool {
	return (a.from == nil || version.AtLeast(*a.from)) && (a.to == nil || a.to.AtLeast(version))
}

type aliasIndex struct {
	byFormer  map[string]alias
	byPresent map[string][]string
}

var aliases = sync.OnceValue(func() aliasIndex {
	index := aliasIndex{byFormer: map[string]alias{}, byPresent: map[string][]string{}}
	for line := range strings.Lines(aliasTable) {
		field := strings.Fields(line)
		if len(field) < 2 {
			continue
		}
		entry := alias{present: field[1]}
		for bound := field[2:]; len(bound) >= 2; bound = bound[2:] {
			version, err := ParseVersion(bound[1])
			if err != nil {
				panic("alias table: " + err.Error())
			}
			if bound[0] == "from" {
				entry.from = &version
			} else {
				entry.to = &version
			}
		}
		index.byFormer[field[0]] = entry
		index.byPresent[entry.present] = append(index.byPresent[entry.present], field[0])
	}
	return index
})

// formerAutoscalerPrefix stood before every key of the autoscaler until operator
// 1.7 (AutoScalerOptions.oldOperatorConfigKey), and is still read.
const formerAutoscalerPrefix = "kubernetes.operator.job.autoscaler."

const autoscalerPrefix = "job.autoscaler."

// CanonicalKey returns the present name of a configuration key: a key that Flink
// or the operator still reads under a former name comes back as the name of
// today ("state.checkpoints.dir" as "execution.checkpointing.dir"), any other as
// it is.
func CanonicalKey(key string) string {
	if rest, former := strings.CutPrefix(key, formerAutoscalerPrefix); former {
		key = autoscalerPrefix + rest
	}
	if entry, ok := aliases().byFormer[key]; ok {
		return entry.present
	}
	return key
}

// keyIn is CanonicalKey as one Flink version sees it: a former name whose present
// one the version does not know yet stays a key of its own. Without a version
// all names of a key are one.
func keyIn(version *Version, key string) string {
	if version == nil {
		return CanonicalKey(key)
	}
	if entry, ok := aliases().byFormer[key]; ok && !entry.readBy(*version) {
		return key
	}
	return CanonicalKey(key)
}

// names returns all names of a key in the order in which Flink looks them up: the
// present name first.
func names(key string) []string {
	present := CanonicalKey(key)
	all := append([]string{present}, aliases().byPresent[present]...)
	for _, name := range slices.Clone(all) {
		if rest, ok := strings.CutPrefix(name, autoscalerPrefix); ok {
			all = append(all, formerAutoscalerPrefix+rest)
		}
	}
	return all
}

// Get returns the value of a key under any of its names, the present name first,
// as Flink reads it. A nil value counts as absent.
func (c Configuration) Get(key string) (string, bool) {
	_, value, ok := c.Lookup(key)
	return value, ok
}

// Lookup is Get that also tells under which name the value stands.
func (c Configuration) Lookup(key string) (name, value string, ok bool) {
	for _, name := range names(key) {
		if value := c[name]; value != nil {
			return name, *value, true
		}
	}
	return "", "", false
}

// NameIn returns the name by which a Flink version knows a key, for use in advice.
// Without a version it is the key as it is.
func NameIn(version *Version, key string) string {
	if version == nil {
		return key
	}
	for _, name := range names(key)[1:] {
		if entry, ok := aliases().byFormer[name]; ok && entry.from != nil && !entry.readBy(*version) {
			return name
		}
	}
	return key
}

// RenamedIn returns the first Flink version that knows the present name of a key
// by its former one; nil where all do.
func RenamedIn(former string) *Version { return aliases().byFormer[former].from }

// Flag reads a boolean key; a value that is no boolean counts as not given.
func (c Configuration) Flag(key string) (value, given bool) {
	text, ok := c.Get(key)
	if !ok {
		return false, false
	}
	value, err := parseBoolean(TrimBlanks(text))
	return value, err == nil
}

// CheckpointDirectory returns where checkpoints are written, or "".
func CheckpointDirectory(c Configuration) string { return c.text(KeyCheckpointDirectory) }

// SavepointDirectory returns where savepoints are written by default, or "".
func SavepointDirectory(c Configuration) string { return c.text(KeySavepointDirectory) }

// RetainsOnCancellation tells whether a configuration has Flink keep the checkpoints of
// a job that is cancelled (CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION).
func RetainsOnCancellation(c Configuration) bool {
	return strings.EqualFold(c.text(KeyCheckpointRetention), "RETAIN_ON_CANCELLATION") && CheckpointDirectory(c) != ""
}

// HasHighAvailability tells whether the operator takes the configuration for one that
// keeps metadata from which a lost JobManager recovers. Any high-availability.type does
// but NONE and its older name standalone: other texts are the names of classes, blank
// and padded ones too (HighAvailabilityMode.isHighAvailabilityModeActivated of Flink
// 1.17 and 1.20).
func HasHighAvailability(c Configuration) bool {
	mode, given := c.Get(KeyHighAvailability)
	return given && !strings.EqualFold(mode, "NONE") && !strings.EqualFold(mode, "standalone")
}

func (c Configuration) text(key string) string {
	value, _ := c.Get(key)
	return TrimBlanks(value)
}

// DefaultUpgradeMode returns the safest upgrade mode that the configuration of a
// specification allows: savepoint with a checkpoint and a savepoint directory,
// last-state with a checkpoint directory and high availability, else stateless.
func DefaultUpgradeMode(spec DeploymentSpec) string {
	config := spec.FlinkConfiguration
	switch {
	case CheckpointDirectory(config) == "":
		return UpgradeStateless
	case SavepointDirectory(config) != "":
		return UpgradeSavepoint
	case HasHighAvailability(config):
		return UpgradeLastState
	}
	return UpgradeStateless
}
