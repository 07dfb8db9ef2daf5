package flink

import (
	"slices"
	"strconv"
	"strings"
)

// same compares two values by what a version reads from them; one that it refuses is the
// same only as itself.
func (o option) same(key, a, b string, in dialect) bool {
	first := o.read(key, a, in)
	if first.Outcome != OutcomeRead {
		return false
	}
	second := o.read(key, b, in)
	return second.Outcome == OutcomeRead && first.Meaning == second.Meaning
}

// read returns what a version makes of a value by the type of its key.
func (o option) read(key, value string, in dialect) Reading {
	text, kept := in.fromFile(value)
	if !kept {
		return Reading{Outcome: OutcomeAbsent}
	}
	meaning, ok := o.meaning(key, text, in)
	if !ok {
		return Reading{Outcome: OutcomeRefused, Expected: o.expected(key, in)}
	}
	return Reading{Meaning: meaning}
}

func (o option) meaning(key, text string, in dialect) (string, bool) {
	switch o.kind {
	case typeMemory:
		size, err := ParseMemorySize(text)
		return strconv.FormatInt(size, 10), err == nil
	case typeDuration:
		duration, fault := readDuration(text, in)
		if fault != "" {
			return "", false
		}
		return durationMeaning(duration), true
	case typeFloat:
		value, ok := javaFloat(text, 32)
		return floatMeaning(value), ok
	case typeDouble:
		value, ok := javaFloat(text, 64)
		return doubleMeaning(value), ok
	case typeInteger:
		value, ok := javaInteger(text, 32)
		return strconv.FormatInt(value, 10), ok
	case typeLong:
		value, ok := javaInteger(text, 64)
		return strconv.FormatInt(value, 10), ok
	case typeBoolean:
		value, err := parseBoolean(text)
		return strconv.FormatBool(value), err == nil
	case typeEnum:
		return o.named(text)
	case typeList:
		list, ok := readList(text, in)
		if !ok {
			return "", false
		}
		if len(o.names) == 0 {
			return textsMeaning(list), true
		}
		for i, element := range list {
			if list[i], ok = o.named(element); !ok {
				return "", false
			}
		}
		return "[" + strings.Join(list, ",") + "]", true
	case typeMap:
		entries, ok := readMap(text, in)
		return mapMeaning(entries), ok
	case typeText:
		return namedText(key, text, in.version)
	case typeNone:
	}
	return "", false
}

// named returns the name of an enum that a text is
// (ConfigurationUtils.convertToEnum compares in upper case). The names of the
// operator's own enums are not known here.
func (o option) named(text string) (string, bool) {
	if len(o.names) == 0 {
		return strings.ToUpper(text), true
	}
	at := slices.IndexFunc(o.names, func(name string) bool { return strings.EqualFold(name, text) })
	if at < 0 {
		return "", false
	}
	return o.names[at], true
}

// parseBoolean reads what Flink's ConfigurationUtils.convertToBoolean reads.
func parseBoolean(text string) (bool, error) {
	switch strings.ToUpper(text) {
	case "TRUE":
		return true, nil
	case "FALSE":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// expected says what a version expects of the values of a key.
func (o option) expected(key string, in dialect) string {
	switch o.kind {
	case typeMemory:
		return "a memory size such as \"2g\" or \"2048 mb\", not a Kubernetes quantity,"
	case typeDuration:
		return "a duration such as \"10 min\" or \"300 ms\""
	case typeFloat, typeDouble:
		return "a number"
	case typeInteger:
		return "a whole number of 32 bits without a unit"
	case typeLong:
		return "a whole number without a unit"
	case typeBoolean:
		return "true or false"
	case typeEnum:
		return "one of " + strings.Join(o.names, ", ")
	case typeList:
		if len(o.names) > 0 {
			return "a list of " + strings.Join(o.names, ", ") + ", separated by \";\","
		}
		return "a list, its elements separated by \";\","
	case typeMap:
		if in.yamlCollections {
			return "a map such as \"key1:value1,key2:value2\" or \"{key1: value1, key2: value2}\""
		}
		return "a map such as \"key1:value1,key2:value2\""
	case typeText:
		return expectedName(key, in.version)
	case typeNone:
	}
	return ""
}
