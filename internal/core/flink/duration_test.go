package flink

import (
	"math"
	"testing"
	"time"
)

// The expectations are what TimeUtils.parseDuration of Flink 2.1 answered; the
// ISO-8601 ones are errors to Flink before 2.1.
func TestParseDuration(t *testing.T) {
	for _, test := range []struct {
		text string
		want time.Duration
	}{
		{"10 min", 10 * time.Minute},
		{"5 s", 5 * time.Second},
		{"300ms", 300 * time.Millisecond},
		{"1 d", 24 * time.Hour},
		{"2 days", 48 * time.Hour},
		{"1 h", time.Hour},
		{"1m", time.Minute},
		{"1 M", time.Minute},
		{"5 Min", 5 * time.Minute},
		{"1 secs", time.Second},
		{"7 micros", 7 * time.Microsecond},
		{"1 µs", time.Microsecond},
		{"9 nanoseconds", 9},
		{"1500", 1500 * time.Millisecond},
		{" 0 ", 0},
		{"106751 d", 106751 * 24 * time.Hour},
		{"PT1H30M", 90 * time.Minute},
		{"pt5s", 5 * time.Second},
		{"P1D", 24 * time.Hour},
		{"P1DT1S", 24*time.Hour + time.Second},
		{"PT1.5S", 1500 * time.Millisecond},
		{"PT1,5S", 1500 * time.Millisecond},
		{"PT0.000000001S", 1},
		{"-PT-5S", 5 * time.Second},
		{"PT1M-0.5S", 59*time.Second + 500*time.Millisecond},
		{"PT1H ", time.Hour},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParseDuration(test.text)
			if err != nil || got != test.want {
				t.Errorf("ParseDuration(%q) = %s, %v, want %s", test.text, got, err, test.want)
			}
		})
	}
}

func TestParseDurationFaults(t *testing.T) {
	for _, text := range []string{
		"", " ", "s", "1.5s", "+5s", "-5 s", "10 mins", "1 hrs", "200000 d", "99999999999999999999 ms",
		"P", "PT", "P1DT", "P1W", "P1Y", "PT1H2H", "PT200000000000H", "PT-200000000000H", "P106751DT24H", "1 μs", "PT-5S", "-PT5S", "PT-0.5S",
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := ParseDuration(text); err == nil {
				t.Errorf("ParseDuration(%q) = %s, want an error", text, got)
			}
		})
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"10 min", "300ms", "1500", "PT1H30M", "-P1DT2.5S", "106751 d", "µs", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseDuration(text)
		if err != nil {
			return
		}
		if got == math.MinInt64 {
			t.Errorf("ParseDuration(%q) overflowed", text)
		}
		if blanks, err := ParseDuration("\t" + text + " "); err != nil || blanks != got {
			t.Errorf("ParseDuration(%q) changes with blanks around it: %s, %v", text, blanks, err)
		}
	})
}
