package flink

import (
	"slices"
	"strings"
)

// Reader reads the values of a configuration as a version of Flink does, out of the
// file that the operator writes for it: flink-conf.yaml below Flink 2.0, whose reader
// takes blanks, comments and all but the first line away, and config.yaml from 2.0 on,
// which keeps texts whole. The keys of the operator and of its autoscaler it reads as
// the operator does, out of the resource and with the Flink that is built into the
// operator, whatever the version.
//
// The zero Reader stands for an unknown version: it takes values for the same where all
// versions do that know the key, and refuses what all of them refuse.
type Reader struct{ version *Version }

// ReaderOf returns the Reader of a version; nil is an unknown one.
// A version that the operator does not deploy any more reads as the oldest that it does.
func ReaderOf(version *Version) Reader {
	if version != nil && !version.AtLeast(OldestSupported) {
		version = &OldestSupported
	}
	return Reader{version}
}

// Outcome is whether a value is read.
type Outcome int

const (
	// OutcomeRead is of a value that is read.
	OutcomeRead Outcome = iota
	// OutcomeAbsent is of a value of which the file keeps nothing: the key has its
	// default.
	OutcomeAbsent
	// OutcomeRefused is of a value at which Flink or the operator stops.
	OutcomeRefused
	// OutcomeUnknown is of a key that the reader does not know. Flink ignores it, and
	// only a job that asks for it by itself reads it.
	OutcomeUnknown
)

// Reading is what becomes of a value.
type Reading struct {
	Outcome Outcome
	// Meaning is equal for values of one key that mean the same to Flink.
	Meaning string
	// Expected says what the reader of a refused value expects.
	Expected string
}

// Read returns what a reader makes of a value. For an unknown version that is what the
// newest one does that knows the key, unless another one reads what it refuses.
func (r Reader) Read(key, value string) Reading {
	if ReadByOperator(key) {
		kind := operatorOption(key)
		if kind.kind == typeNone {
			return Reading{Outcome: OutcomeUnknown, Meaning: value}
		}
		return kind.read(key, value, operatorDialect)
	}
	if r.version != nil {
		return readIn(*r.version, key, value)
	}
	reading := Reading{Outcome: OutcomeUnknown, Meaning: value}
	for _, version := range slices.Backward(readVersions) {
		switch said := readIn(version, key, value); {
		case said.Outcome == OutcomeRead || said.Outcome == OutcomeAbsent:
			return said
		case reading.Outcome == OutcomeUnknown:
			reading = said
		}
	}
	return reading
}

// Knows tells whether the reader knows a key. The keys of others, such as those of a job
// or of a metrics reporter, it does not.
func (r Reader) Knows(key string) bool {
	if ReadByOperator(key) {
		return operatorOption(key).kind != typeNone
	}
	if r.version != nil {
		return optionOf(*r.version, key).kind != typeNone
	}
	return options()[key] != nil
}

// Same tells whether a reader makes one thing of two values of a key: sizes of memory
// ("1g", "1024 mb"), durations ("60 s", "1 min"), booleans, numbers, names with several
// spellings, lists and maps, by the type that the key has. The values of unknown keys,
// such as those of a job's own, are the same only when their text is, because nobody but
// the job knows how it reads them. So are values that are refused.
func (r Reader) Same(key, a, b string) bool {
	switch {
	case a == b:
		return true
	case ReadByOperator(key):
		return operatorOption(key).same(key, a, b, operatorDialect)
	case r.version != nil:
		return sameIn(*r.version, key, a, b)
	}
	known := false
	for _, version := range readVersions {
		if optionOf(version, key).kind == typeNone {
			continue
		}
		if known = sameIn(version, key, a, b); !known {
			return false
		}
	}
	return known
}

// SameConfigValue is Same for an unknown version of Flink.
func SameConfigValue(key, a, b string) bool { return Reader{}.Same(key, a, b) }

func readIn(version Version, key, value string) Reading {
	kind := optionOf(version, key)
	if kind.kind == typeNone {
		return Reading{Outcome: OutcomeUnknown, Meaning: value}
	}
	return kind.read(key, value, dialectOf(version))
}

// sameIn compares two values for a version. Where the operator reads the key as well, the
// values have to be one thing to it too.
func sameIn(version Version, key, a, b string) bool {
	kind := optionOf(version, key)
	if !kind.same(key, a, b, dialectOf(version)) {
		return false
	}
	return !operatorToo(key) || kind.same(key, a, b, operatorDialect)
}

// operatorToo tells of keys of which the operator makes the objects of a cluster,
// or by which it decides about an upgrade.
func operatorToo(key string) bool {
	return strings.HasPrefix(key, "kubernetes.") || CanonicalKey(key) == KeyHighAvailability
}

func operatorOption(key string) option {
	if own, known := operatorTypes()[key]; known {
		return own
	}
	return operatorTypes()[CanonicalKey(key)]
}

// dialect is how a version reads texts, whatever their type.
type dialect struct {
	version Version
	// lines tells of flink-conf.yaml (GlobalConfiguration.loadYAMLResource).
	lines bool
	// longNumbers tells that the number of a duration may have more than 64 bits.
	longNumbers bool
	// isoDurations tells that "PT1M" is a duration.
	isoDurations bool
	// yamlCollections tells that lists and maps may be YAML.
	yamlCollections bool
}

// operatorDialect is that of the Flink 1.17 to 1.20 in the operator, which reads the
// resource and no file.
var operatorDialect = dialect{version: Version{1, 20}}

var newestDialect = dialectOf(readVersions[len(readVersions)-1])

func dialectOf(version Version) dialect {
	return dialect{
		version:         version,
		lines:           !version.AtLeast(Version{2, 0}),
		longNumbers:     version.AtLeast(Version{2, 0}),
		isoDurations:    version.AtLeast(Version{2, 1}),
		yamlCollections: version.AtLeast(Version{2, 0}),
	}
}

// readVersions are those that the operator deploys and whose options are known.
var readVersions = []Version{{1, 15}, {1, 16}, {1, 17}, {1, 18}, {1, 19}, {1, 20}, {2, 0}, {2, 1}, {2, 2}, {2, 3}}

// fromFile returns what the file keeps of a value, and whether it keeps anything.
func (d dialect) fromFile(value string) (string, bool) {
	if !d.lines {
		return value, true
	}
	if end := strings.IndexAny(value, "#\r\n"); end >= 0 {
		value = value[:end]
	}
	value = TrimBlanks(value)
	return value, value != ""
}
