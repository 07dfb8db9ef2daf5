package topicvalue

import "testing"

func TestSameValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key, a, b string
		want      bool
	}{
		{"retention.ms", "604800000", "604800000", true},
		{"retention.ms", " +0604800000 ", "604800000", true},
		{"retention.ms", "604800000", "604800001", false},
		{"retention.ms", "6.048e8", "604800000", false},
		{"retention.ms", "", "0", false},
		{"retention.ms", "-1", "1", false},
		{"min.cleanable.dirty.ratio", "5e-1", ".50", true},
		{"min.cleanable.dirty.ratio", "0.5", "0.6", false},
		{"preallocate", "TRUE", "true", true},
		{"preallocate", "1", "true", false},
		{"cleanup.policy", "delete , compact", "compact,delete", true},
		{"cleanup.policy", "compact,compact", "compact", true},
		{"cleanup.policy", "", " , ", true},
		{"cleanup.policy", "compact", "compact,delete", false},
		{"compression.type", " gzip", "gzip", true},
		{"compression.type", "GZIP", "gzip", false},
		{"unknown.to.everybody", "1", "1.0", false},
		{"unknown.to.everybody", "a ", "a", true},
	}
	for _, test := range tests {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			if got := Same(test.key, pair[0], pair[1]); got != test.want {
				t.Errorf("%s: %q and %q are the same: %t, want %t", test.key, pair[0], pair[1], got, test.want)
			}
		}
	}
}
