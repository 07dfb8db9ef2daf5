package flink

import (
	"slices"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for _, test := range []struct {
		text                         string
		want                         Version
		known, supported, deprecated bool
	}{
		{"v1_13", Version{1, 13}, true, false, true},
		{"v1_15", Version{1, 15}, true, true, true},
		{"v1_18", Version{1, 18}, true, true, true},
		{"v1_19", Version{1, 19}, true, true, false},
		{"v2_0", Version{2, 0}, true, true, false},
		{"v2_4", Version{2, 4}, true, true, false},
		{"v2_5", Version{2, 5}, false, true, false},
		{"v1_21", Version{1, 21}, false, true, false},
		{"v1_2", Version{1, 2}, false, false, true},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParseVersion(test.text)
			if err != nil || got != test.want || got.String() != test.text {
				t.Fatalf("ParseVersion = %v, %v, want %v", got, err, test.want)
			}
			if got.Known() != test.known || got.AtLeast(OldestSupported) != test.supported || got.Deprecated() != test.deprecated {
				t.Errorf("known %v, supported %v, deprecated %v", got.Known(), got.AtLeast(OldestSupported), got.Deprecated())
			}
		})
	}
	for _, text := range []string{"", "1.20", "v1.20", "v1_", "v_20", "1_20", "v1_20_1", "V1_20", "v99999_1"} {
		if got, err := ParseVersion(text); err == nil {
			t.Errorf("ParseVersion(%q) = %v, want an error", text, got)
		}
	}
	if !slices.IsSortedFunc(KnownVersions, Version.Compare) {
		t.Error("KnownVersions are not sorted")
	}
}
