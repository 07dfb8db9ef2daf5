package fko

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// bounds is the range that AutoscalerValidator allows for a key, and the key that
// turns the feature on without which it does not look.
type bounds struct {
	key      string
	min, max float64
	onlyWith string
}

var autoscalerBounds = []bounds{
	{key: "job.autoscaler.scale-down.max-factor", max: math.Inf(1)},
	{key: "job.autoscaler.scale-up.max-factor", max: math.Inf(1)},
	{key: keyUtilizationTarget, max: 1},
	{key: "job.autoscaler.target.utilization.boundary", max: math.Inf(1)},
	{key: "job.autoscaler.memory.gc-pressure.threshold", max: 1},
	{key: "job.autoscaler.memory.heap-usage.threshold", max: 1},
	{key: "job.autoscaler.observed-scalability.coefficient-min", min: 0.01, max: 1, onlyWith: "job.autoscaler.observed-scalability.enabled"},
	{key: "job.autoscaler.scaling.effectiveness.threshold", max: 1, onlyWith: "job.autoscaler.scaling.effectiveness.detection.enabled"},
	{key: "job.autoscaler.memory.tuning.overhead", max: 1, onlyWith: "job.autoscaler.memory.tuning.enabled"},
}

const (
	keyAutoscaler        = "job.autoscaler.enabled"
	keyUtilizationTarget = "job.autoscaler.utilization.target"
	keyUtilizationMax    = "job.autoscaler.utilization.max"
	keyUtilizationMin    = "job.autoscaler.utilization.min"
	keyExcludedPeriods   = "job.autoscaler.excluded.periods"
	keyMetricsWindow     = "job.autoscaler.metrics.window"
	keyReconcileInterval = "kubernetes.operator.reconcile.interval"

	// defaultUtilizationTarget, defaultMetricsWindow and defaultReconcileInterval
	// are the operator's own (AutoScalerOptions, KubernetesOperatorConfigOptions).
	defaultUtilizationTarget = 0.7
	defaultMetricsWindow     = 15 * time.Minute
	defaultReconcileInterval = time.Minute
)

func (d deployment) autoscaled() bool {
	enabled, _ := d.config.Flag(keyAutoscaler)
	return enabled
}

// number reads a decimal key; a value that is no number counts as not given,
// readableValues tells of it.
func (d deployment) number(key string) (float64, bool) {
	text, ok := d.config.Get(key)
	if !ok {
		return 0, false
	}
	return flink.ParseDouble(text)
}

func autoscalerRanges(d deployment) []flink.Finding {
	if !d.autoscaled() {
		return nil
	}
	var findings []flink.Finding
	for _, b := range autoscalerBounds {
		if b.onlyWith != "" {
			if enabled, _ := d.config.Flag(b.onlyWith); !enabled {
				continue
			}
		}
		if value, ok := d.number(b.key); ok && (value < b.min || value > b.max) {
			findings = append(findings, fault(d.keyPath(b.key), outOfRange(b.key, value), rangeAdvice(b.min, b.max))...)
		}
	}
	return findings
}

func outOfRange(key string, value float64) string {
	return fmt.Sprintf("%v is out of range for %s", value, key)
}

func rangeAdvice(low, high float64) string {
	if math.IsInf(high, 1) {
		return fmt.Sprintf("The autoscaler takes %v or more. Change it in flink_configuration.", low)
	}
	return fmt.Sprintf("The autoscaler takes %v to %v. Change it in flink_configuration.", low, high)
}

// autoscalerUtilization checks the bounds on both sides of the target. Without a
// target of the deployment's own the operator's default counts, which the
// operator's configuration may have changed.
func autoscalerUtilization(d deployment) []flink.Finding {
	if !d.autoscaled() {
		return nil
	}
	target, own := d.number(keyUtilizationTarget)
	tell := fault
	if !own {
		target, tell = defaultUtilizationTarget, warning
	}
	var findings []flink.Finding
	if value, ok := d.number(keyUtilizationMax); ok {
		findings = append(findings, utilization(d, keyUtilizationMax, value, target, 1, value > 1, tell)...)
	}
	if value, ok := d.number(keyUtilizationMin); ok {
		findings = append(findings, utilization(d, keyUtilizationMin, value, 0, target, value < 0, tell)...)
	}
	return findings
}

// utilization tells of a value outside its range; beyond the fixed end of the
// range it is wrong whatever the target.
func utilization(d deployment, key string, value, low, high float64, surely bool, tell func(flink.Path, string, string) []flink.Finding) []flink.Finding {
	if low <= value && value <= high {
		return nil
	}
	if surely {
		tell = fault
	}
	return tell(d.keyPath(key), outOfRange(key, value),
		rangeAdvice(low, high)+fmt.Sprintf(" %s stands between the two bounds.", keyUtilizationTarget))
}

// autoscalerWindow: with fewer than two samples in the window nothing is ever
// scaled, so the operator refuses it (validateMetricsWindow). Where the deployment
// gives only one of the two, the other is the operator's default, which the
// operator's configuration may have changed.
func autoscalerWindow(d deployment) []flink.Finding {
	window, ownWindow := d.duration(keyMetricsWindow)
	interval, ownInterval := d.duration(keyReconcileInterval)
	if !d.autoscaled() || !ownWindow && !ownInterval {
		return nil
	}
	at, tell := keyMetricsWindow, fault
	detail := fmt.Sprintf("The operator looks at the job every %s (%s) and needs two looks in a window. Set %s in flink_configuration to at least that.", interval, keyReconcileInterval, keyMetricsWindow)
	switch {
	case !ownWindow:
		window, at, tell = defaultMetricsWindow, keyReconcileInterval, warning
		detail = fmt.Sprintf("The window is %s by default (%s), and the operator refuses one that is shorter than its interval of %s. Set %s in flink_configuration to at least that.", window, keyMetricsWindow, interval, keyMetricsWindow)
	case !ownInterval:
		interval, tell = defaultReconcileInterval, warning
		detail = fmt.Sprintf("The operator looks at the job every %s by default (%s) and refuses a shorter window. Set %s in flink_configuration to at least its interval.", interval, keyReconcileInterval, keyMetricsWindow)
	}
	if window >= interval {
		return nil
	}
	return tell(d.keyPath(at), fmt.Sprintf("A metrics window of %s is too short for the autoscaler", window), detail)
}

func (d deployment) duration(key string) (time.Duration, bool) {
	text, ok := d.config.Get(key)
	if !ok {
		return 0, false
	}
	value, err := flink.ParseDuration(text)
	return value, err == nil
}

var (
	// dailyPeriod is Quartz's DailyCalendar: HH:MM[:SS[:mmm]] twice.
	dailyPeriod = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,3}))?)?-([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,3}))?)?$`)
	// cronField has the characters of a field of a Quartz cron expression.
	cronField = regexp.MustCompile(`^[0-9A-Za-z*/,?#-]+$`)
)

// autoscalerPeriods follows CalendarUtils.validateExcludedPeriods: each period is
// a daily range, a Quartz cron expression, or one of each joined by "&&".
func autoscalerPeriods(d deployment) []flink.Finding {
	if !d.autoscaled() {
		return nil
	}
	periods, _ := d.config.Get(keyExcludedPeriods)
	for period := range strings.SplitSeq(periods, ";") {
		if flink.TrimBlanks(period) == "" || isExcludedPeriod(period) {
			continue
		}
		return fault(d.keyPath(keyExcludedPeriods), fmt.Sprintf("%q is not a period for the autoscaler to rest", flink.TrimBlanks(period)),
			"Write a daily range such as \"9:30-17:00\", a cron expression of Quartz with 6 or 7 fields such as \"* * * ? * 2-6\", or one of each joined by \"&&\"; separate several periods with \";\".")
	}
	return nil
}

func isExcludedPeriod(period string) bool {
	parts := strings.Split(period, "&&")
	if len(parts) > 2 {
		return false
	}
	daily, cron := 0, 0
	for _, part := range parts {
		switch part = strings.TrimSpace(part); {
		case isDailyPeriod(part):
			daily++
		case isCron(part):
			cron++
		}
	}
	return daily <= 1 && cron <= 1 && daily+cron == len(parts)
}

func isCron(text string) bool {
	fields := strings.Fields(text)
	if len(fields) != 6 && len(fields) != 7 {
		return false
	}
	for _, field := range fields {
		if !cronField.MatchString(field) {
			return false
		}
	}
	// Quartz takes a day of the month or a day of the week, the other is "?".
	return (fields[3] == "?") != (fields[5] == "?")
}

// isDailyPeriod reads what Quartz's DailyCalendar reads: two times of one day, the
// first one earlier.
func isDailyPeriod(text string) bool {
	part := dailyPeriod.FindStringSubmatch(text)
	if part == nil {
		return false
	}
	start, okStart := timeOfDay(part[1:5])
	end, okEnd := timeOfDay(part[5:9])
	return okStart && okEnd && start < end
}

// timeOfDay returns the milliseconds since midnight of hours, minutes, seconds and
// milliseconds, of which the last two may be empty.
func timeOfDay(part []string) (int, bool) {
	total := 0
	for i, limit := range []int{24, 60, 60, 1000} {
		value := 0
		for _, digit := range part[i] {
			value = value*10 + int(digit-'0')
		}
		if value >= limit {
			return 0, false
		}
		total = total*limit + value
	}
	return total, true
}
