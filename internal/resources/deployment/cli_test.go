package deployment_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) { acctest.Main(m) }

// cli is a working folder in which the CLI under test runs as a user runs it,
// with a provider process of its own.
type cli struct {
	*acctest.CLI

	t *testing.T
}

func newCLI(t *testing.T) *cli {
	t.Helper()
	return &cli{CLI: acctest.NewCLI(t), t: t}
}

// killProvider kills every provider process that still runs.
func (c *cli) killProvider() { c.KillProviders() }

// write makes a configuration the folder's.
func (c *cli) write(config string) {
	c.t.Helper()
	if err := c.Write(config); err != nil {
		c.t.Fatal(err)
	}
}

// command is one run of the CLI.
type command struct{ *acctest.Command }

func (c *cli) start(arguments ...string) *command {
	c.t.Helper()
	run, err := c.Start(c.t.Context(), arguments...)
	if err != nil {
		c.t.Fatal(err)
	}
	return &command{run}
}

// wait returns the exit code and the output, on lines as Terraform broke them.
func (r *command) wait(t *testing.T) (int, string) {
	t.Helper()
	code, output, err := r.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return code, output
}

// run returns the output of a command that must work.
func (c *cli) run(arguments ...string) string {
	c.t.Helper()
	code, output := c.start(arguments...).wait(c.t)
	if code != 0 {
		c.t.Fatalf("terraform %s ends with %d:\n%s", strings.Join(arguments, " "), code, output)
	}
	return output
}

func (c *cli) apply() string { return c.run("apply", "-auto-approve", "-input=false") }

// planned returns a plan.
func (c *cli) planned() *tfjson.Plan {
	c.t.Helper()
	c.run("plan", "-input=false", "-out=plan")
	var plan tfjson.Plan
	c.show(&plan, "plan")
	return &plan
}

// plan returns the change of the deployment that a plan has.
func (c *cli) plan() *tfjson.Change {
	c.t.Helper()
	for _, change := range c.planned().ResourceChanges {
		if change.Address == address {
			return change.Change
		}
	}
	return &tfjson.Change{Actions: tfjson.Actions{tfjson.ActionNoop}}
}

// state returns the deployment in the state, nil for none.
func (c *cli) state() *tfjson.StateResource {
	c.t.Helper()
	var state tfjson.State
	c.show(&state)
	if state.Values == nil {
		return nil
	}
	for _, found := range state.Values.RootModule.Resources {
		if found.Address == address {
			return found
		}
	}
	return nil
}

// show decodes the output of `terraform show -json`, which has warnings of
// nobody in it.
func (c *cli) show(into any, arguments ...string) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), c.Binary, append([]string{"show", "-json"}, arguments...)...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	output, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("terraform show: %s\n%s", err, output)
	}
	if err := json.Unmarshal(output, into); err != nil {
		c.t.Fatal(err)
	}
}

// expectNothingLeft checks that a plan is empty.
func (c *cli) expectNothingLeft() {
	c.t.Helper()
	if code, output := c.start("plan", "-input=false", "-detailed-exitcode").wait(c.t); code != 0 {
		c.t.Fatalf("the plan is not empty (exit code %d):\n%s", code, output)
	}
}

// expectText checks that an output has a text, however its lines are broken.
func expectText(t *testing.T, output, text string) {
	t.Helper()
	plain := regexp.MustCompile(`[│╷╵]`).ReplaceAllString(output, " ")
	if !words(text).MatchString(plain) {
		t.Errorf("no %q in:\n%s", text, output)
	}
}

// interrupt sends SIGINT, as Ctrl-C does, and returns how long the CLI took.
func (r *command) interrupt(t *testing.T) (time.Duration, string) {
	t.Helper()
	began := time.Now()
	if err := r.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, output := r.wait(t)
	return time.Since(began), output
}
