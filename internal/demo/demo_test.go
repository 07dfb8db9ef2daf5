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
	"slices"
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
func checkGone(t *testing.T, told tale, text string) {
	t.Helper()
	if folder := said(t, text, `Everything happens in (\S+), which`); !strings.Contains(folder, "demo-") {
		t.Errorf("the demo works in %s", folder)
	} else if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", folder, err)
	}
	servers := []string{said(t, text, `The API server is https://(\S+)\.`)}
	if told.platform != "operator" {
		servers = append(servers, said(t, text, `The server is http://(\S+)\.`))
	}
	for _, server := range servers {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server)
		if err == nil {
			t.Errorf("%s still answers; closing the connection: %v", server, connection.Close())
		}
	}
}

// claims are what the demo says in each tale, and with which CLI it has to be shown.
var claims = map[string]struct {
	first bool
	own   []string
	// begins is what the CLI says when there is something to clean up.
	begins string
}{
	"operator": {begins: "flink_deployment.counter: Creating...", own: []string{
		`(There is no cluster yet and no kubeconfig\.)`,
		`id += "(operator/flink-quickstart/counter)"`,
		`9/9  (Destroy)`,
		`(2 destroyed\.)`,
		`The configuration is in (examples/quickstart);`,
	}},
	// The other one shows that each CLI has the demo's whole life.
	"confluent": {first: true, begins: "flink_deployment.counter: Creating...", own: []string{
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
	"ververica": {first: true, begins: "flink_deployment.counter: Creating...", own: []string{
		`(There is neither a cluster nor a server yet\.)`,
		`id += "(ververica/quickstart/counter)"`,
		`4/11  (Bring up Ververica Platform)`,
		`Deployment quickstart/counter is (RUNNING, job \S+)\n`,
		`10/11  (Add a second job)`,
		`"s3\.secret-key" = "(\$\{STORE_SECRET_KEY\})"`,
		`(3 added, 0 changed)`,
		`(?s)from the attribute location:\n    (file:/state/savepoints/savepoint-\S+)\n`,
		`(?s)(What the secret holds is not in the state\. The next plan is empty\..*No changes\.)`,
		`11/11  (Destroy)`,
		`(The state of "counter-copy" is kept in file:/state/savepoints/savepoint-)`,
		`(6 destroyed\.)`,
		`The configuration is in (examples/ververica);`,
	}},
	"payments": {first: true, begins: "flink_stream_application.payments: Creating...", own: []string{
		`(There is neither a cluster nor a broker yet\.)`,
		`\+ deployment_ids = \{\n\s+\+ "count"  = "(operator/flink-payments/payments-count)"`,
		`(5/11  Apply: the topics, then the jobs)`,
		`(?s)diagram, which Mermaid draws:\n\n(flowchart LR\n  s0\["count)`,
		`(payment-lines            4\n    payment-lines\.rejected   1)`,
		`FlinkDeployment flink-payments/payments-ingest lifecycle (STABLE), JobManager READY, job RUNNING`,
		`"streamlet": "(count)"`,
		`(?s)Change one streamlet.*(- parallelism = 2\n    \+ parallelism = 4)`,
		`"#1 create" -> "(#2 savepoint upgrade: parallelism 2 -> 4);`,
		`(Warning: The job "payments-count" will be down while it restarts)`,
		`so of the same generation: (payments-ingest, payments-score-blue)\.`,
		`"#1 create" -> "(#2 blue green: image \S+:2\.1\.0 -> \S+:2\.2\.0); green starts from a savepoint of blue`,
		`(green is active, and blue is gone\.)`,
		`(Error: The new version of "payments-count" does not stay up)`,
		`(Rolled\s+back: the previous version)`,
		`(All three jobs are RUNNING\.)`,
		`so of the same generation: (payments-ingest, payments-score-green)\.`,
		`so of the same generation: (payments-ingest, payments-count, payments-score-green)\.`,
		`enrich is (operator/flink-payments/payments-count), with the same job as before\.`,
		`(?s)The next plan is empty\..*(No changes\.).*11/11`,
		`(The state of "payments-count" is kept in s3:)`,
		`(?s)2 destroyed\..*(scored                   2\n)`,
		`The configuration is in (examples/scenarios/payments);`,
	}},
}

// ofJob are what the story of a job says on each platform.
var ofJob = []string{
	`(The job [\w-]+ is RUNNING\.)`,
	`(~ parallelism = 2 -> 4)`,
	`summary  = "#1 create" -> "(#2 savepoint upgrade: job.parallelism 2 -> 4);`,
	`(Warning: The job "counter" will be down while it restarts)`,
	`(The job kept its state\.)`,
	`(No changes\.)`,
	`(The state of "counter" is kept in file:/state/savepoints/savepoint-)`,
	`(Error: The new version of "counter" does not (?:start|work): (?:the job fails: )?\S+)`,
	`(asked to fail after 50)\n`,
	`(Rolled\s+back: the previous version)`,
	`(The apply has failed, and the job [\w-]+ is RUNNING\.)`,
}

func TestAccDemo(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, told := range tales {
		t.Run(told.name(), func(t *testing.T) {
			t.Parallel()
			if claims[told.name()].first {
				acctest.FirstCLIOnly(t)
			}
			tellAll(t, told)
		})
	}
}

// tellAll tells a whole tale.
func tellAll(t *testing.T, told tale) {
	t.Helper()
	out := &recorder{}
	if err := demonstrate(t.Context(), &console{out: out}, told, false); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	text := out.String()
	checkGone(t, told, text)
	// The story checks its claims itself; here is that it tells them.
	claimed := append([]string{`(a stand-in)\s+of the Flink Kubernetes Operator`}, claims[told.name()].own...)
	// After the upgrade, and after the version that crashes.
	kept := regexp.MustCompile(`status\.savepoint_path:\n\s+(\S+)\n.*:\n\s+(\S+)\nThe job kept its state\.`).FindAllStringSubmatch(text, -1)
	if told.story == storyOfJob {
		claimed = append(claimed, ofJob...)
		if len(kept) != 2 || kept[0][1] != kept[0][2] || kept[1][1] != kept[1][2] || kept[0][1] == kept[1][1] {
			t.Errorf("the job was restored from %q:\n%s", kept, text)
		}
	}
	for _, expression := range claimed {
		said(t, text, expression)
	}
	if strings.Contains(text, "development overrides") {
		t.Errorf("the warning about development overrides is shown:\n%s", text)
	}
}

// TestAccDemoInterrupted interrupts the demo where it has something to clean up.
func TestAccDemoInterrupted(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, told := range tales {
		t.Run(told.name(), func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			ctx, cancel := context.WithCancel(t.Context())
			out := &recorder{at: claims[told.name()].begins, then: cancel}
			if err := demonstrate(ctx, &console{out: out}, told, false); !errors.Is(err, context.Canceled) {
				t.Errorf("got the error %v", err)
			}
			checkGone(t, told, out.String())
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

// TestSecretOfTheExample has what the chapter about a second job looks for in the example.
func TestSecretOfTheExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "ververica", copyFile))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), storeKey) {
		t.Errorf("%s has no %s", copyFile, storeKey)
	}
}

// TestEditsOfTheExample has each change of the story of payments in the example, so that the configuration with which the
// story ends is the example's.
func TestEditsOfTheExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "scenarios", "payments", mainFile))
	if err != nil {
		t.Fatal(err)
	}
	c := &cli{folder: t.TempDir()}
	file := filepath.Join(c.folder, mainFile)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.change(slices.Concat(undone(renamed), []edit{faster, scoring, crashing})...); err != nil {
		t.Fatal(err)
	}
	if err := c.change(slices.Concat([]edit{crashing.undone(), scoring.undone(), faster.undone()}, renamed)...); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("the changes do not lead back to the example: %v\n%s", err, again)
	}
	if err := c.change(edit{"payments:1.4.0", "payments:2"}); err == nil {
		t.Error("a text that is there twice was changed")
	}
}

// TestTaleOf has each tale by its names, and names those that there are where one is asked for that is none of them.
func TestTaleOf(t *testing.T) {
	t.Parallel()
	for _, want := range tales {
		if got, err := taleOf(want.story, want.platform, false); err != nil || got.example != want.example {
			t.Errorf("%s gives %+v, %v", want.name(), got, err)
		}
	}
	for _, test := range []struct {
		story, platform string
		real            bool
		want            string
	}{
		{"job", "cloud", false, `there is no demo of the platform "cloud"; there are operator, confluent, ververica`},
		{"payments", "confluent", false, `there is no demo of the platform "confluent"; there are operator`},
		{"shop", "operator", false, `there is no demo "shop"; there are job, payments`},
		{"payments", "operator", true, `the demo "payments" runs on the embedded control plane alone`},
	} {
		if _, err := taleOf(test.story, test.platform, test.real); err == nil || err.Error() != test.want {
			t.Errorf("%s on %s gives the error %v, want %s", test.story, test.platform, err, test.want)
		}
	}
}
