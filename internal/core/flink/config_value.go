package flink

import (
	"strconv"
	"strings"
	"sync"
)

// valueKind is how Flink reads the text of a configuration value.
type valueKind int

const (
	kindText valueKind = iota
	kindMemory
	kindDuration
	kindDecimal
	kindEnum
	kindInteger
	kindBoolean
)

var kinds = sync.OnceValue(func() map[string]valueKind {
	index := map[string]valueKind{}
	for kind, keys := range map[valueKind]string{
		kindMemory:   memoryKeys,
		kindDuration: durationKeys,
		kindDecimal:  decimalKeys,
		kindEnum:     enumKeys,
		kindInteger:  integerKeys,
		kindBoolean:  booleanKeys,
	} {
		for _, key := range strings.Fields(keys) {
			index[key] = kind
		}
	}
	return index
})

// kindOf returns how Flink reads the values of a key; keys that neither Flink nor
// the operator define hold text.
func kindOf(key string) valueKind {
	if kind, known := kinds()[key]; known {
		return kind
	}
	return kinds()[CanonicalKey(key)]
}

// SameConfigValue tells whether Flink reads two values of a key as one: sizes of
// memory ("1g", "1024 mb"), durations ("60 s", "1 min"), booleans, numbers and
// names of enums, by the type that the key has. The values of unknown keys, such
// as those of a job's own, are the same only when their text is, because nobody
// but the job knows how it reads them.
func SameConfigValue(key, a, b string) bool {
	if a == b {
		return true
	}
	a, b = TrimBlanks(a), TrimBlanks(b)
	switch kindOf(key) {
	case kindMemory:
		return same(a, b, ParseMemorySize)
	case kindDuration:
		return same(a, b, ParseDuration)
	case kindDecimal:
		return same(a, b, parseDecimal)
	case kindInteger:
		return same(a, b, parseInteger)
	case kindBoolean:
		return same(a, b, parseBoolean)
	case kindEnum:
		return strings.EqualFold(a, b)
	case kindText:
	}
	return false
}

// same compares two texts by what parse makes of them; a text that cannot be
// read is the same only as itself.
func same[T comparable](a, b string, parse func(string) (T, error)) bool {
	if a == b {
		return true
	}
	first, err := parse(a)
	if err != nil {
		return false
	}
	second, err := parse(b)
	return err == nil && first == second
}

func parseDecimal(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

func parseInteger(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }

// parseBoolean reads what Flink's ConfigurationUtils.convertToBoolean reads.
func parseBoolean(text string) (bool, error) {
	switch {
	case strings.EqualFold(text, "true"):
		return true, nil
	case strings.EqualFold(text, "false"):
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// Expected returns what Flink expects of a key whose value it cannot read, and "" of a
// value that it can.
func Expected(key, value string) string {
	value = TrimBlanks(value)
	var err error
	var expected string
	switch kindOf(key) {
	case kindMemory:
		_, err = ParseMemorySize(value)
		expected = "a memory size such as \"2g\" or \"2048 mb\", not a Kubernetes quantity,"
	case kindDuration:
		_, err = ParseDuration(value)
		expected = "a duration such as \"10 min\" or \"300 ms\""
	case kindDecimal:
		// Java also reads spellings that Go does not, such as "2f".
		_, err = parseDecimal(strings.TrimRight(value, "fFdD"))
		expected = "a number"
	case kindInteger:
		_, err = parseInteger(value)
		expected = "a whole number"
	case kindBoolean:
		_, err = parseBoolean(value)
		expected = "true or false"
	case kindText, kindEnum:
	}
	if err == nil {
		return ""
	}
	return expected
}
