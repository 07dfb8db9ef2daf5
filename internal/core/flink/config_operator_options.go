package flink

import (
	_ "embed"
	"strings"
	"sync"
)

// operatorOptionsTable has the type of each option of the operators 1.7.0 to 1.16.1 and of
// their autoscaler (KubernetesOperatorConfigOptions, KubernetesOperatorMetricOptions,
// AutoScalerOptions), former names beside the present ones. A line has a key and its
// type, of an enum with the names that it takes in brackets. The former prefix of the
// autoscaler's keys is not written out. The types are those that `make values` asks the
// operators for; options of an autoscaler that is not published have theirs from its
// source.
//
//go:embed config_operator_options.txt
var operatorOptionsTable string

// operatorTypes are the types of the keys of the operator and of its autoscaler.
var operatorTypes = sync.OnceValue(func() map[string]option {
	index := map[string]option{}
	for line := range strings.Lines(operatorOptionsTable) {
		key, field, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, names, _ := strings.Cut(strings.TrimSuffix(field, ")"), "(")
		entry := option{kind: optionTypes[name]}
		if entry.kind == typeNone {
			panic("table of the operator's options: " + line)
		}
		if names != "" {
			entry.names = strings.Split(names, ",")
		}
		index[key] = entry
	}
	return index
})
