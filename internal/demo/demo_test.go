package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// recorder keeps what the demo says, and calls a function when it says something.
type recorder struct {
	mu   sync.Mutex
	text bytes.Buffer
	at   string
	then func()
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.then != nil && strings.Contains(string(p), r.at) {
		r.then()
		r.then = nil
	}
	return r.text.Write(p)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// said returns the part of what the demo said that the expression has in parentheses.
func said(t *testing.T, text, expression string) string {
	t.Helper()
	found := regexp.MustCompile(expression).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("the demo does not say %s:\n%s", expression, text)
	}
	return found[1]
}

// checkGone checks that neither the demo's folder nor its control plane is left.
func checkGone(t *testing.T, text string) {
	t.Helper()
	if folder := said(t, text, `Everything happens in (\S+), which`); !strings.Contains(folder, "demo-") {
		t.Errorf("the demo works in %s", folder)
	} else if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", folder, err)
	}
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", said(t, text, `The API server is https://(\S+)\.`))
	if err == nil {
		t.Errorf("the control plane still runs; closing the connection: %v", connection.Close())
	}
}

func TestAccDemo(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	out := &recorder{}
	if err := demonstrate(t.Context(), &console{out: out}, false); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	text := out.String()
	checkGone(t, text)
	// The story checks its claims itself; here is that it tells them.
	for _, expression := range []string{
		`(a stand-in)\s+of the Flink Kubernetes Operator`,
		`(The job \w+ is RUNNING\.)`,
		`(~ parallelism = 2 -> 4)`,
		`summary  = "#1 create" -> "(#2 savepoint upgrade: job.parallelism 2 -> 4);`,
		`(Warning: The job "counter" will be down while it restarts)`,
		`(The job kept its state\.)`,
		`(No changes\.)`,
		`(The state of "counter" is kept in file:/state/savepoints/savepoint-)`,
		`8/8  (Destroy)`,
	} {
		said(t, text, expression)
	}
	if restored := said(t, text, `restored-from of its apps/v1 Deployment\):\n\s+(\S+)`); restored != said(t, text, `status\.savepoint_path:\n\s+(\S+)`) {
		t.Errorf("the job was restored from %s:\n%s", restored, text)
	}
	if strings.Contains(text, "development overrides") {
		t.Errorf("the warning about development overrides is shown:\n%s", text)
	}
}

// TestAccDemoInterrupted interrupts the demo where it has something to clean up.
func TestAccDemoInterrupted(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := &recorder{at: "flink_deployment.counter: Creating...", then: cancel}
	if err := demonstrate(ctx, &console{out: out}, false); !errors.Is(err, context.Canceled) {
		t.Errorf("got the error %v", err)
	}
	checkGone(t, out.String())
}
