package flink

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"enrich", "ingest", "out", "volumeMounts"}
	for name, want := range map[string]string{
		"ingset":      "ingest",
		"in-gest":     "ingest",
		"Ingests":     "ingest",
		"ou":          "",
		"OUT":         "out",
		"volumeMuont": "volumeMounts",
		"billing":     "",
		"":            "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) is %q, want %q", name, got, want)
		}
	}
}
