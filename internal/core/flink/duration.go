package flink

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
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

// ParseDuration returns the duration that Flink's TimeUtils.parseDuration reads:
// digits and a unit ("10 min", "300ms"), or milliseconds without a unit, or an
// ISO-8601 duration of days and smaller units ("PT1H30M"), which Flink reads
// since 2.1. Durations beyond the 292 years of time.Duration are an error, as
// they are for Flink.
func ParseDuration(text string) (time.Duration, error) {
	number, unit := splitNumber(text)
	if number == "" {
		return parseISODuration(text)
	}
	scale, known := durationUnits[unit]
	if !known {
		return 0, fmt.Errorf("%q is not a duration: unknown unit %q; Flink reads for example \"10 min\", \"5 s\" or \"300 ms\"", text, unit)
	}
	total, ok := multiply(number, scale)
	if !ok {
		return 0, fmt.Errorf("%q is longer than 292 years", text)
	}
	return total, nil
}

// isoDuration is the grammar of java.time.Duration.parse.
var isoDuration = regexp.MustCompile(`(?i)^([-+]?)P(?:([-+]?[0-9]+)D)?(T(?:([-+]?[0-9]+)H)?(?:([-+]?[0-9]+)M)?(?:([-+]?[0-9]+)(?:[.,]([0-9]{0,9}))?S)?)?$`)

func parseISODuration(text string) (time.Duration, error) {
	part := isoDuration.FindStringSubmatch(TrimBlanks(text))
	if len(part) == 0 || strings.EqualFold(part[3], "T") || part[2]+part[3] == "" {
		return 0, fmt.Errorf("%q is not a duration; Flink reads for example \"10 min\", \"5 s\" or \"300 ms\"", text)
	}
	nanoseconds := ""
	if part[7] != "" {
		sign := ""
		if strings.HasPrefix(part[6], "-") {
			sign = "-"
		}
		nanoseconds = sign + (part[7] + "00000000")[:9]
	}
	var total time.Duration
	for _, summand := range []struct {
		number string
		unit   time.Duration
	}{
		{part[2], 24 * time.Hour},
		{part[4], time.Hour},
		{part[5], time.Minute},
		{part[6], time.Second},
		{nanoseconds, time.Nanosecond},
	} {
		if summand.number == "" {
			continue
		}
		value, ok := multiply(summand.number, summand.unit)
		if ok {
			total, ok = add(total, value)
		}
		if !ok {
			return 0, fmt.Errorf("%q is longer than 292 years", text)
		}
	}
	if part[1] == "-" {
		total = -total
	}
	return total, nil
}

// multiply returns a decimal number of units, and whether it fits.
func multiply(number string, unit time.Duration) (time.Duration, bool) {
	count, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, false
	}
	limit := math.MaxInt64 / int64(unit)
	return time.Duration(count) * unit, -limit <= count && count <= limit
}

func add(a, b time.Duration) (time.Duration, bool) {
	sum := a + b
	return sum, (sum >= a) == (b >= 0)
}
