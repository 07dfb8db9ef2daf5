package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
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

// checkGone checks that neither the demo's folder nor what the demo has started is left.
func checkGone(t *testing.T, on platform, text string) {
	t.Helper()
	if folder := said(t, text, `Everything happens in (\S+), which`); !strings.Contains(folder, "demo-") {
		t.Errorf("the demo works in %s", folder)
	} else if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", folder, err)
	}
	servers := []string{said(t, text, `The API server is https://(\S+)\.`)}
	if on.name == "confluent" {
		servers = append(servers, said(t, text, `The server is http://(\S+)\.`))
	}
	for _, server := range servers {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server)
		if err == nil {
			t.Errorf("%s still answers; closing the connection: %v", server, connection.Close())
		}
	}
}

// claims are what the demo says on each platform, and with which CLI it has to be shown.
var claims = map[string]struct {
	first bool
	own   []string
}{
	"operator": {own: []string{
		`(There is no cluster yet and no kubeconfig\.)`,
		`id += "(operator/flink-quickstart/counter)"`,
		`9/9  (Destroy)`,
		`(2 destroyed\.)`,
		`The configuration is in (examples/quickstart);`,
	}},
	// The other one shows that each CLI has the demo's whole life.
	"confluent": {first: true, own: []string{
		`(There is neither a cluster nor a server yet\.)`,
		`id += "(confluent/quickstart/counter)"`,
		`4/11  (Bring up Confluent Manager)`,
		`10/11  (Add SQL)`,
		`\+ statement += "(INSERT INTO totals )`,
		`(6 added, 0 changed)`,
		`(?s)(The statement is RUNNING\. What the secret holds is not in the state\. The next plan is empty\..*No changes\.)`,
		`11/11  (Destroy)`,
		`(9 destroyed\.)`,
		`The configuration is in (examples/confluent);`,
	}},
}

func TestAccDemo(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, on := range platforms {
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			if claims[on.name].first {
				acctest.FirstCLIOnly(t)
			}
			tellAll(t, on)
		})
	}
}

// tellAll tells the whole story of a platform.
func tellAll(t *testing.T, on platform) {
	t.Helper()
	out := &recorder{}
	if err := demonstrate(t.Context(), &console{out: out}, on, false); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	text := out.String()
	checkGone(t, on, text)
	// The story checks its claims itself; here is that it tells them.
	for _, expression := range append([]string{
		`(a stand-in)\s+of the Flink Kubernetes Operator`,
		`(The job \w+ is RUNNING\.)`,
		`(~ parallelism = 2 -> 4)`,
		`summary  = "#1 create" -> "(#2 savepoint upgrade: job.parallelism 2 -> 4);`,
		`(Warning: The job "counter" will be down while it restarts)`,
		`(The job kept its state\.)`,
		`(No changes\.)`,
		`(The state of "counter" is kept in file:/state/savepoints/savepoint-)`,
		`(Error: The new version of "counter" does not start: the job fails: \S+)`,
		`(asked to fail after 50)\n`,
		`(Rolled\s+back: the previous version)`,
		`(The apply has failed, and the job \w+ is RUNNING\.)`,
	}, claims[on.name].own...) {
		said(t, text, expression)
	}
	// After the upgrade, and after the version that crashes.
	kept := regexp.MustCompile(`status\.savepoint_path:\n\s+(\S+)\n.*restored-from of its apps/v1 Deployment\):\n\s+(\S+)\nThe job kept its state\.`).FindAllStringSubmatch(text, -1)
	if len(kept) != 2 || kept[0][1] != kept[0][2] || kept[1][1] != kept[1][2] || kept[0][1] == kept[1][1] {
		t.Errorf("the job was restored from %q:\n%s", kept, text)
	}
	if strings.Contains(text, "development overrides") {
		t.Errorf("the warning about development overrides is shown:\n%s", text)
	}
}

// TestAccDemoInterrupted interrupts the demo where it has something to clean up.
func TestAccDemoInterrupted(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, on := range platforms {
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			ctx, cancel := context.WithCancel(t.Context())
			out := &recorder{at: "flink_deployment.counter: Creating...", then: cancel}
			if err := demonstrate(ctx, &console{out: out}, on, false); !errors.Is(err, context.Canceled) {
				t.Errorf("got the error %v", err)
			}
			checkGone(t, on, out.String())
		})
	}
}

// TestSQLOfTheExample has what the chapter about SQL looks for in the example, so that it does not look for nothing.
func TestSQLOfTheExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "confluent", sqlFile))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), secretValue) {
		t.Errorf("%s has no %s", sqlFile, secretValue)
	}
}

// TestPlatformOf names the platforms where one is asked for that is none of them.
func TestPlatformOf(t *testing.T) {
	t.Parallel()
	for _, want := range platforms {
		if got, err := platformOf(want.name); err != nil || got.example != want.example {
			t.Errorf("%s gives %+v, %v", want.name, got, err)
		}
	}
	if _, err := platformOf("cloud"); err == nil || err.Error() != `there is no demo of the platform "cloud"; there are operator, confluent` {
		t.Errorf("got the error %v", err)
	}
}
