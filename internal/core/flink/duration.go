package flink

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// durationUnits are the labels of Flink's TimeUtils.TimeUnit.
var durationUnits = map[string]time.Duration{
	"":             time.Millisecond,
	"d":            24 * time.Hour,
	"day":          24 * time.Hour,
	"days":         24 * time.Hour,
	"h":            time.Hour,
	"hour":         time.Hour,
	"hours":        time.Hour,
	"m":            time.Minute,
	"min":          time.Minute,
	"minute":       time.Minute,
	"minutes":      time.Minute,
	"s":            time.Second,
	"sec":          time.Second,
	"secs":         time.Second,
	"second":       time.Second,
	"seconds":      time.Second,
	"ms":           time.Millisecond,
	"milli":        time.Millisecond,
	"millis":       time.Millisecond,
	"millisecond":  time.Millisecond,
	"milliseconds": time.Millisecond,
	"µs":           time.Microsecond,
	"micro":        time.Microsecond,
	"micros":       time.Microsecond,
	"microsecond":  time.Microsecond,
	"microseconds": time.Microsecond,
	"ns":           time.Nanosecond,
	"nano":         time.Nanosecond,
	"nanos":        time.Nanosecond,
	"nanosecond":   time.Nanosecond,
	"nanoseconds":  time.Nanosecond,
}

// ParseDuration returns the duration that the newest Flink's TimeUtils.parseDuration
// reads: digits and a unit ("10 min", "300ms"), or milliseconds without a unit, or an
// ISO-8601 duration of days and smaller units that is not negative ("PT1H30M"), which
// Flink reads since 2.1. Durations beyond the 292 years of time.Duration are an
// error; Flink's own range is that of readDuration.
func ParseDuration(text string) (time.Duration, error) {
	total, fault := readDuration(text, newestDialect)
	switch {
	case fault != "":
		return 0, fmt.Errorf("%q is not a duration: %s; Flink reads for example \"10 min\", \"5 s\" or \"300 ms\"", text, fault)
	case total.Cmp(longestDuration) > 0:
		return 0, fmt.Errorf("%q is longer than 292 years", text)
	}
	return time.Duration(total.Int64()), nil
}

var (
	longestDuration = big.NewInt(math.MaxInt64)
	second          = big.NewInt(int64(time.Second))
)

// readDuration returns the nanoseconds of a duration as a version of Flink reads it, or
// what is wrong with it. The seconds of Java's Duration have 64 bits. Number is what
// Flink reads into 64 bits before 2.0 (Long.parseLong), and any length since.
func readDuration(text string, in dialect) (nanoseconds *big.Int, fault string) {
	number, unit := splitNumber(text)
	if number == "" {
		if !in.isoDurations {
			return nil, "it does not start with a number"
		}
		return readISODuration(text)
	}
	scale, known := durationUnits[unit]
	if !known {
		return nil, fmt.Sprintf("unknown unit %q", unit)
	}
	count, _ := new(big.Int).SetString(number, 10)
	total := new(big.Int).Mul(count, big.NewInt(int64(scale)))
	if !in.longNumbers && !fits(count) || !fits(new(big.Int).Quo(total, second)) {
		return nil, "the number does not fit into 64 bits"
	}
	return total, ""
}

// durationMeaning is equal for durations of one length.
func durationMeaning(nanoseconds *big.Int) string {
	seconds, rest := new(big.Int).QuoRem(nanoseconds, second, new(big.Int))
	return seconds.String() + "s" + rest.String()
}

// isoDuration is the grammar of java.time.Duration.parse.
var isoDuration = regexp.MustCompile(`(?i)^([-+]?)P(?:([-+]?[0-9]+)D)?(T(?:([-+]?[0-9]+)H)?(?:([-+]?[0-9]+)M)?(?:([-+]?[0-9]+)(?:[.,]([0-9]{0,9}))?S)?)?$`)

func readISODuration(text string) (nanoseconds *big.Int, fault string) {
	part := isoDuration.FindStringSubmatch(TrimBlanks(text))
	if len(part) == 0 || strings.EqualFold(part[3], "T") || part[2]+part[3] == "" {
		return nil, "it does not start with a number"
	}
	fraction := ""
	if part[7] != "" {
		sign := ""
		if strings.HasPrefix(part[6], "-") {
			sign = "-"
		}
		fraction = sign + (part[7] + "00000000")[:9]
	}
	total := new(big.Int)
	for _, summand := range []struct {
		number string
		unit   time.Duration
	}{
		{part[2], 24 * time.Hour},
		{part[4], time.Hour},
		{part[5], time.Minute},
		{part[6], time.Second},
		{fraction, time.Nanosecond},
	} {
		if count, ok := new(big.Int).SetString(strings.TrimPrefix(summand.number, "+"), 10); ok {
			total.Add(total, count.Mul(count, big.NewInt(int64(summand.unit))))
		}
		if !fits(new(big.Int).Quo(total, second)) {
			return nil, "the number does not fit into 64 bits"
		}
	}
	if part[1] == "-" {
		total.Neg(total)
	}
	if total.Sign() < 0 {
		return nil, "it is negative"
	}
	return total, ""
}
