package flink

import (
	"math/big"
	"strings"
	"time"
)

// Respelled returns another spelling of a value that the reader refuses, which it reads
// as what was meant, and the version since which Flink reads the value itself; nil where
// no version does. The spelling is "" where none is known.
func (r Reader) Respelled(key, value string) (spelling string, since *Version) {
	reads := func(text string) bool { return r.Read(key, text).Outcome == OutcomeRead }
	if duration := r.meantDuration(key, value); duration != nil {
		for _, spelling := range durationSpellings(duration) {
			if reads(spelling) {
				return spelling, sinceRead(key, value)
			}
		}
	}
	for _, spelling := range []string{TrimBlanks(value), strings.NewReplacer("-", "_", " ", "_").Replace(TrimBlanks(value))} {
		if spelling != value && reads(spelling) {
			return spelling, nil
		}
	}
	return "", nil
}

// meantDuration returns the nanoseconds of a value of a key that is a duration to the
// newest Flink; nil for any other.
func (r Reader) meantDuration(key, value string) *big.Int {
	newest := optionOf(readVersions[len(readVersions)-1], CanonicalKey(key))
	if newest.kind != typeDuration && operatorOption(key).kind != typeDuration {
		return nil
	}
	duration, fault := readDuration(value, newestDialect)
	if fault != "" {
		return nil
	}
	return duration
}

// durationSpellings are those of a duration with a unit, and without.
func durationSpellings(nanoseconds *big.Int) []string {
	var spellings []string
	for _, unit := range []struct {
		size   time.Duration
		suffix string
	}{{time.Hour, " h"}, {time.Minute, " min"}, {time.Second, " s"}, {time.Millisecond, " ms"}, {time.Nanosecond, " ns"}, {time.Millisecond, ""}} {
		if count, rest := new(big.Int).QuoRem(nanoseconds, big.NewInt(int64(unit.size)), new(big.Int)); rest.Sign() == 0 {
			spellings = append(spellings, count.String()+unit.suffix)
		}
	}
	return spellings
}

// sinceRead returns the first version of Flink that reads a value of a key.
func sinceRead(key, value string) *Version {
	if ReadByOperator(key) {
		return nil
	}
	for i, version := range readVersions {
		if readIn(version, key, value).Outcome == OutcomeRead {
			return &readVersions[i]
		}
	}
	return nil
}
