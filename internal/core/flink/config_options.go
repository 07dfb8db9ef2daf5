package flink

import (
	_ "embed"
	"strings"
	"sync"
)

// optionsTable has the type of every public ConfigOption of Flink 1.15 to 2.3
// (flink-core, flink-runtime, flink-streaming-java, flink-kubernetes,
// flink-metrics-core, flink-statebackend-rocksdb and flink-statebackend-forst). It
// is written by `make values record=yes` from what those classes say.
//
// A line has a key, former names included, then its types, each with the first version that has it; "-" is
// a version that does not know the key. An enum and a list have in brackets the
// names that they take, in Flink's spelling.
//
//go:embed config_options.txt
var optionsTable string

// optionType is how Flink reads the text of a configuration value.
type optionType int

const (
	// typeNone is that of a key which a version does not know.
	typeNone optionType = iota
	typeText
	typeMemory
	typeDuration
	typeFloat
	typeDouble
	typeInteger
	typeLong
	typeBoolean
	typeEnum
	typeList
	typeMap
)

var optionTypes = map[string]optionType{
	"-": typeNone, "text": typeText, "memory": typeMemory, "duration": typeDuration, "float": typeFloat, "double": typeDouble, "integer": typeInteger,
	"long": typeLong, "boolean": typeBoolean, "enum": typeEnum, "list": typeList, "map": typeMap,
}

// option is the type of a key in the versions from one on.
type option struct {
	from Version
	kind optionType
	// names are those of an enum, or of the elements of a list of enums.
	names []string
}

// options are the types of each key, the oldest version first.
var options = sync.OnceValue(func() map[string][]option {
	index := map[string][]option{}
	for line := range strings.Lines(optionsTable) {
		key, types, _ := strings.Cut(strings.TrimSpace(line), " ")
		for field := range strings.FieldsSeq(types) {
			from, name, _ := strings.Cut(field, ":")
			version, err := ParseVersion(from)
			if err != nil {
				panic("table of options: " + err.Error())
			}
			name, names, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
			entry := option{from: version, kind: optionTypes[name]}
			if names != "" {
				entry.names = strings.Split(names, ",")
			}
			index[key] = append(index[key], entry)
		}
	}
	return index
})

// ReadByOperator tells whether a key is one of the operator or of its autoscaler, so
// that Flink's version does not matter to it.
func ReadByOperator(key string) bool {
	return strings.HasPrefix(key, operatorPrefix) || strings.HasPrefix(key, autoscalerPrefix)
}

const operatorPrefix = "kubernetes.operator."

// optionOf returns the type of a key in a version of Flink, typeNone where the version
// does not know it. A former name has the type of the key that reads it.
func optionOf(version Version, key string) option {
	types := options()[key]
	for i := len(types) - 1; i >= 0; i-- {
		if version.AtLeast(types[i].from) {
			return types[i]
		}
	}
	return option{}
}

// KnownIn returns the first and the last version of Flink that know a key; nil where none
// does.
func KnownIn(key string) (first, last *Version) {
	for i := range readVersions {
		if optionOf(readVersions[i], key).kind == typeNone {
			continue
		}
		if last = &readVersions[i]; first == nil {
			first = last
		}
	}
	return first, last
}
