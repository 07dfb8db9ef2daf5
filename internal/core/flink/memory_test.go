package flink

import (
	"strings"
	"testing"
)

// The expectations are what ResourceConfigUtils.parseResourceMemoryString and
// MemorySize.parse of operator 1.7.0 answered.
func TestParseMemory(t *testing.T) {
	const gib = 1 << 30
	for _, test := range []struct {
		text string
		want int64
	}{
		{"2g", 2 * gib},
		{"2048m", 2 * gib},
		{"2048 MB", 2 * gib},
		{" 2GB ", 2 * gib},
		{"1 gibibytes", gib},
		{"1024 mebibytes", gib},
		{"1048576 kibibytes", gib},
		{"1t", 1024 * gib},
		{"2048", 2048},
		{"2048b", 2048},
		{"2048 bytes", 2048},
		{"0", 0},
		{"9223372036854775807", 9223372036854775807},
		{"2Gi", 2 * gib},
		{"2gi", 2 * gib},
		{"2 Gi", 2 * gib},
		{"2GiB", 2 * gib},
		{"2Ki", 2048},
		{"100M", 100 << 20},
		{"+2Gi", 2 * gib},
		{"5.Gi", 5 * gib},
		{"1e9", 1000000000},
		{"1E9", 1000000000},
		// Too large for Flink's terabytes, the operator takes it for Kubernetes' ones.
		{"8388608t", 8388608000000000000},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParseMemory(test.text)
			if err != nil || got != test.want {
				t.Errorf("ParseMemory(%q) = %d, %v, want %d", test.text, got, err, test.want)
			}
		})
	}
}

func TestParseMemoryFaults(t *testing.T) {
	for _, text := range []string{
		"", " ", "g", "1.5Gi", "1.5g", "1.5 GiB", ".5Gi", "0.5", "2048.0", "12e", "1Ei", "16Ei", "1e30",
		"-1Gi", "-1", "0x10", "1.5k", "2e3Ki", "1_000Mi", "2 gigabytes", "9223372036854775808",
		"1\u00a0g", "1e1000000000", strings.Repeat("9", 100) + "Gi",
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := ParseMemory(text); err == nil {
				t.Errorf("ParseMemory(%q) = %d, want an error", text, got)
			} else if !strings.Contains(err.Error(), "memory size") {
				t.Errorf("ParseMemory(%q): error %q does not say what is expected", text, err)
			}
		})
	}
}

func FuzzParseMemory(f *testing.F) {
	for _, text := range []string{"2g", "2048 mb", "2Gi", "1e9", "-1Gi", "1.5Gi", "9223372036854775807t", "", "µ", "1e1000000000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := ParseMemory(text)
		if err != nil {
			return
		}
		if size < 0 {
			t.Errorf("ParseMemory(%q) = %d, which is negative", text, size)
		}
		if blanks, err := ParseMemory("  " + text + "\t"); err != nil || blanks != size {
			t.Errorf("ParseMemory(%q) changes with blanks around it: %d, %v", text, blanks, err)
		}
	})
}

func TestParseQuantity(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"2Gi": 2 << 30, "2G": 2e9, "0": 0, "1e3": 1000, ".5k": 500} {
		if got, err := ParseQuantity(text); err != nil || got.Value() != want {
			t.Errorf("%s is %s, %v", text, got.String(), err)
		}
	}
	// apimachinery 0.37 reads the first ones as 0, fabric8 6.13 reads none of them.
	for _, text := range []string{"Gi", "m", "", "+", "1 Gi", "1e1000"} {
		if got, err := ParseQuantity(text); err == nil {
			t.Errorf("%q is %s", text, got.String())
		}
	}
}
