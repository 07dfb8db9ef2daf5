package functions_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/functions"
)

func TestMemory(t *testing.T) {
	for given, want := range map[string]int64{
		"2g": 2 << 30, "2048m": 2 << 30, "2048 mb": 2 << 30, "2Gi": 2 << 30, "1024": 1024, "0": 0, "64 TB": 64 << 40,
	} {
		got, fault := run(t, functions.NewMemory(), types.StringValue(given))
		if fault != nil || !got.Equal(types.Int64Value(want)) {
			t.Errorf("memory(%q) = %v, %v; want %d", given, got, fault, want)
		}
	}
	for given, want := range map[string]string{
		"":              "neither a Flink memory size",
		"much":          `"much" is neither`,
		"1.5g":          "neither",
		"99999999999tb": "64 bits",
	} {
		_, fault := run(t, functions.NewMemory(), types.StringValue(given))
		wantFault(t, fault, 0, want)
	}
}

func TestDuration(t *testing.T) {
	for given, want := range map[string]string{
		"10 min": "600000", "5s": "5000", "300": "300", "PT1H30M": "5400000", "1500 µs": "1.5", "1 ns": "0.000001", "100000 d": "8640000000000",
	} {
		got, fault := run(t, functions.NewDuration(), types.StringValue(given))
		if fault != nil || !got.Equal(number(t, want)) {
			t.Errorf("duration(%q) = %v, %v; want %s", given, got, fault, want)
		}
	}
	for given, want := range map[string]string{
		"":            "is not a duration",
		"soon":        `"soon" is not a duration`,
		"5 fortnight": `unknown unit "fortnight"`,
		"200000 d":    "longer than 292 years",
		"-PT1S":       "it is negative",
	} {
		_, fault := run(t, functions.NewDuration(), types.StringValue(given))
		wantFault(t, fault, 0, want)
	}
}
