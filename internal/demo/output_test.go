package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuiet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ output, want string }{
		"without colors": {
			"\nWarning: Provider development overrides are in effect\n\nThe following provider development overrides are set in the CLI\nconfiguration:\n" +
				" - flink-terraform/flink in /x\n\nThe behavior may not match\npublished\nreleases.\nflink_deployment.counter: Refreshing...\n",
			"flink_deployment.counter: Refreshing...\n",
		},
		"in a box": {
			"\x1b[33m╷\x1b[0m\x1b[0m\n\x1b[33m│\x1b[0m \x1b[0m\x1b[1m\x1b[33mWarning: \x1b[0m\x1b[0m\x1b[1mProvider development overrides are in effect\x1b[0m\n" +
				"\x1b[33m│\x1b[0m \x1b[0m\n\x1b[33m│\x1b[0m published releases.\n\x1b[33m╵\x1b[0m\x1b[0m\nnext\n",
			"next\n",
		},
		"another warning": {"╷\n│ Warning: The job will be down\n╵\n\nnext\n", "╷\n│ Warning: The job will be down\n╵\n\nnext\n"},
		"a warning that does not end": {
			"Warning: Provider development overrides are in effect\n" + strings.Repeat("text\n", longestWarning) + "next\n",
			"next\n",
		},
		"empty lines": {"a\n\n\nb\n\n", "a\n\n\nb\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			q := &quiet{next: func(line string) { got.WriteString(line) }}
			for line := range strings.Lines(test.output) {
				q.line(line)
			}
			q.flush()
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Errorf("the output differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	plan := `Terraform will perform the following actions:

  # flink_deployment.counter will be created
  + resource "flink_deployment" "counter" {
      + effective_spec = jsonencode(
            {
              + image = "flink:1.20"
              + job   = {
                  + parallelism = 2
                }
            }
        )
      + name           = "counter"
      + pod_template   = <<-EOT
            "spec":
              "containers": []
        EOT
      + rollout        = {
          + action = "create"
        }
    }

  # flink_environment.quickstart will be created
  + resource "flink_environment" "quickstart" {
      + name = "quickstart"
    }
`
	want := `  # flink_deployment.counter will be created
  + resource "flink_deployment" "counter" {
      + effective_spec = jsonencode(
            … 6 lines
        )
      + name           = "counter"
      + pod_template   = <<-EOT
            … 2 lines
        EOT
      + rollout        = {
          + action = "create"
        }
    }
`
	if diff := cmp.Diff(want, fold(plan, "flink_deployment.counter", "rollout")); diff != "" {
		t.Errorf("the folded plan differs (-want +got):\n%s", diff)
	}
	colored := strings.ReplaceAll(plan, "+ ", "\x1b[32m+\x1b[0m\x1b[0m ")
	if diff := cmp.Diff(want, escapes.ReplaceAllString(fold(colored, "flink_deployment.counter", "rollout"), "")); diff != "" {
		t.Errorf("the folded plan with colors differs (-want +got):\n%s", diff)
	}
}

func TestLineWriter(t *testing.T) {
	t.Parallel()
	var got []string
	w := &lineWriter{line: func(line string) { got = append(got, line) }}
	for _, part := range []string{"one\ntw", "o\n", "\nthree"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("got %d, %v", n, err)
		}
	}
	w.flush()
	w.flush()
	if diff := cmp.Diff([]string{"one\n", "two\n", "\n", "three\n"}, got); diff != "" {
		t.Errorf("the lines differ (-want +got):\n%s", diff)
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"time=2026-01-01T00:00:00Z level=INFO msg=\"building etcd (once)\" folder=/x\n": "building etcd (once)",
		"level=INFO msg=ready endpoint=x\n":                                             "ready",
		"go: downloading x\n":                                                           "go: downloading x",
	} {
		if got := message(line); got != want {
			t.Errorf("%q gives %q, want %q", line, got, want)
		}
	}
}

func TestLatestRestored(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ answer, want, wantError string }{
		"a savepoint": {
			answer: `{"counts":{},"latest":{"restored":{"id":7,"restore_timestamp":1,"is_savepoint":true,"external_path":"file:/state/savepoints/savepoint-1"}}}`,
			want:   "file:/state/savepoints/savepoint-1",
		},
		"a checkpoint": {answer: `{"latest":{"restored":{"is_savepoint":false,"external_path":"file:/c"}}}`, wantError: "from a checkpoint (file:/c)"},
		"nothing":      {answer: `{"latest":{"restored":null}}`, wantError: "restored from nothing"},
		"no JSON":      {answer: `<html>`, wantError: "reading the JobManager's answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := latestRestored([]byte(test.answer))
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if (err != nil) != (test.wantError != "") || err != nil && !strings.Contains(err.Error(), test.wantError) {
				t.Errorf("got the error %v, want %q", err, test.wantError)
			}
		})
	}
}
