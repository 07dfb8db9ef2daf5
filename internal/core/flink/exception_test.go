package flink

import "testing"

func TestRootOfAStackTrace(t *testing.T) {
	for trace, want := range map[string]string{
		"": "",
		"java.lang.RuntimeException: boom\n\tat x.Y.z(Y.java:1)":                                                                        "boom",
		"org.apache.flink.runtime.JobException: outer\n\tat a\nCaused by: java.io.IOException: inner\n\tat b\nCaused by: a.b.C: root\n": "a.b.C: root",
		"java.util.concurrent.CompletionException: org.apache.flink.util.FlinkException: lost":                                          "FlinkException: lost",
	} {
		if got := RootCause(trace); got != want {
			t.Errorf("RootCause(%q) = %q, want %q", trace, got, want)
		}
	}
}
