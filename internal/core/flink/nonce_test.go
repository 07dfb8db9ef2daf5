package flink

import "testing"

func TestRestartNonce(t *testing.T) {
	if nonce := RestartNonce(nil); nonce != nil {
		t.Errorf("RestartNonce(nil) = %d, want none", *nonce)
	}
	if nonce := RestartNonce(map[string]string{}); nonce != nil {
		t.Errorf("RestartNonce of no triggers = %d, want none", *nonce)
	}
	seen := map[int64]string{}
	for name, triggers := range map[string]map[string]string{
		"one":         {"a": "b"},
		"other value": {"a": "c"},
		"other key":   {"b": "b"},
		"two":         {"a": "b", "c": "d"},
		"shifted":     {"a": "bc", "": "d"},
		"joined":      {"ab": "c"},
		"split":       {"a": "bc"},
		"empty":       {"": ""},
	} {
		nonce := RestartNonce(triggers)
		switch {
		case nonce == nil:
			t.Errorf("%s: no nonce", name)
		case *nonce <= 0 || *nonce >= 1<<48:
			t.Errorf("%s: nonce %d is out of range", name, *nonce)
		case seen[*nonce] != "":
			t.Errorf("%s has the nonce of %s", name, seen[*nonce])
		default:
			seen[*nonce] = name
		}
	}
	// The nonce stands in clusters: a provider that computed another one would
	// restart every job.
	if nonce := RestartNonce(map[string]string{"config": "1", "other": "2"}); *nonce != 228022416406912 {
		t.Errorf("the nonce of the same triggers became %d", *nonce)
	}
}
