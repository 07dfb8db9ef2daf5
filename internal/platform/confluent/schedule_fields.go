package confluent

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// fieldCheck returns what is wrong with the value of a field, as a clause; empty for
// nothing.
type fieldCheck func(value any) string

// shape are the fields of an object, by name.
type shape map[string]fieldCheck

// retentionFields say which savepoints of a schedule stay: those that any of them keeps.
var retentionFields = shape{
	"keepLast": atLeastOne, "keepWithin": isoDuration, "keepHourly": atLeastOne, "keepDaily": atLeastOne,
	"keepWeekly": atLeastOne, "keepMonthly": atLeastOne, "keepYearly": atLeastOne,
}

// windowFields are those of a time in which no savepoint is taken.
var windowFields = shape{"cronExpression": cron, "durationMinutes": atLeastOne, "timezone": text}

// scheduleFields are those of a schedule. The server has no default for most of them, as
// what the environment says would win with it.
var scheduleFields = shape{
	"cronExpression": cron, "timezone": text, "paused": boolean, "catchUpOnRestart": boolean, "jitterSeconds": notNegative,
	"freshnessThresholdHours": notNegative, "formatType": format, "blackoutWindows": windows, "retention": retention,
}

// scheduleFindings returns what is wrong with a schedule, by the fields of the API: a
// field that it does not have may be one with a typing error, and the server may clean up what
// was to stay.
func scheduleFindings(schedule flink.Document) []flink.Finding {
	problem := scheduleFields.problem(map[string]any(schedule))
	if problem == "" {
		return nil
	}
	return []flink.Finding{{
		Path: flink.Path{savepointSchedule}, Severity: flink.Error, Summary: "The schedule of savepoints is wrong: " + problem,
		Detail: "Its fields are: " + strings.Join(slices.Sorted(maps.Keys(scheduleFields)), ", ") + "; those of retention: " + strings.Join(slices.Sorted(maps.Keys(retentionFields)), ", ") + ".",
	}}
}

// problem is the first that an object has, in the order of its names. What is null says
// nothing, or removes what another layer gave.
func (s shape) problem(object map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		check, known := s[name]
		switch {
		case !known:
			return fmt.Sprintf("there is no field %q", name)
		case object[name] == nil:
			continue
		}
		if problem := check(object[name]); problem != "" {
			return name + " " + problem
		}
	}
	return ""
}

func text(value any) string {
	if said, ok := value.(string); !ok || said == "" {
		return "has to be a text"
	}
	return ""
}

func boolean(value any) string {
	if _, ok := value.(bool); !ok {
		return "has to be true or false"
	}
	return ""
}

func format(value any) string {
	if value != "CANONICAL" && value != "NATIVE" {
		return "has to be CANONICAL or NATIVE"
	}
	return ""
}

// cron checks the number of fields: what they mean is the server's.
func cron(value any) string {
	if said, ok := value.(string); !ok || len(strings.Fields(said)) != 6 {
		return `has to be a cron expression of six fields, from seconds on, for example "0 0 3 * * *"`
	}
	return ""
}

var durationPattern = regexp.MustCompile(`^P(\d+[YMWD])*(T(\d+(\.\d+)?[HMS])+)?$`)

func isoDuration(value any) string {
	if said, ok := value.(string); !ok || said == "P" || !durationPattern.MatchString(said) {
		return "has to be a duration of ISO 8601, for example P7D or PT24H"
	}
	return ""
}

func notNegative(value any) string { return least(0, value) }

func atLeastOne(value any) string { return least(1, value) }

// least checks a whole number, whichever way it was decoded.
func least(least int64, value any) string {
	number, ok := int64(0), false
	switch value := value.(type) {
	case int64:
		number, ok = value, true
	case float64:
		number, ok = int64(value), value == math.Trunc(value)
	case json.Number:
		var err error
		number, err = value.Int64()
		ok = err == nil
	}
	if !ok || number < least {
		return fmt.Sprintf("has to be a whole number, at least %d", least)
	}
	return ""
}

func retention(value any) string {
	rules, ok := value.(map[string]any)
	switch {
	case !ok, len(rules) == 0:
		return "has to say what stays, for example { keepLast = 7 }"
	}
	if problem := retentionFields.problem(rules); problem != "" {
		return "is wrong: " + problem
	}
	return ""
}

func windows(value any) string {
	list, ok := value.([]any)
	if !ok {
		return "has to be a list"
	}
	for _, element := range list {
		window, ok := element.(map[string]any)
		switch problem := windowFields.problem(window); {
		case !ok, window["cronExpression"] == nil:
			return "has to be a list of objects, each with a cronExpression"
		case problem != "":
			return "is wrong: " + problem
		}
	}
	return ""
}
