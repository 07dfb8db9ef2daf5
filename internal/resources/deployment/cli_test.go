package deployment_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
)

// leash names the environment variable with the socket by which a test holds the
// provider's process.
const leash = "DEPLOYMENT_TEST_LEASH"

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) {
	socket := os.Getenv(leash)
	if socket == "" {
		os.Exit(m.Run())
	}
	if err := serve(socket); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is the provider until it ends, or until the test pulls the leash: then
// the process dies as by SIGKILL, without a chance to do anything.
func serve(socket string) error {
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	go func() {
		if n, _ := connection.Read(make([]byte, 1)); n > 0 {
			_ = self.Kill()
		}
	}()
	return providerserver.Serve(context.Background(), provider.New("test"), providerserver.ServeOpts{Address: provider.Address, ProtocolVersion: 6})
}

// cli is a working folder in which the CLI under test runs as a user runs it,
// with a provider process of its own.
type cli struct {
	t      *testing.T
	binary string
	dir    string
	env    []string

	mu        sync.Mutex
	providers []net.Conn
}

func newCLI(t *testing.T) *cli {
	t.Helper()
	binary, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		t.Fatal(err)
	}
	c := &cli{t: t, binary: binary, dir: t.TempDir()}
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugins := filepath.Join(c.dir, "plugins")
	if err := os.Mkdir(plugins, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(test, filepath.Join(plugins, "terraform-provider-flink")); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(c.dir, "cli.tfrc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"flink-terraform/flink\" = %q\n  }\n  direct {}\n}\n", plugins)
	if err := os.WriteFile(settings, []byte(overrides), 0o600); err != nil {
		t.Fatal(err)
	}
	// The path of a socket must be short, and the name of a test need not be.
	sockets, err := os.MkdirTemp("", "leash") //nolint:usetesting // t.TempDir has the name of the test in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	socket := filepath.Join(sockets, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go c.hold(listener)
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", leash+"="+socket)
	return c
}

func (c *cli) hold(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.providers = append(c.providers, connection)
		c.mu.Unlock()
	}
}

// killProvider kills every provider process that still runs.
func (c *cli) killProvider() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, connection := range c.providers {
		// Those that have ended do not listen any more.
		_, _ = connection.Write([]byte{1})
		_ = connection.Close()
	}
	c.providers = nil
}

// write makes a configuration the folder's.
func (c *cli) write(config string) {
	c.t.Helper()
	source := "terraform {\n  required_providers {\n    flink = { source = \"flink-terraform/flink\" }\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(source+config), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// command is one run of the CLI.
type command struct {
	cmd    *exec.Cmd
	output bytes.Buffer
}

func (c *cli) start(arguments ...string) *command {
	c.t.Helper()
	run := &command{cmd: exec.CommandContext(c.t.Context(), c.binary, append(arguments, "-no-color")...)}
	run.cmd.Dir, run.cmd.Env = c.dir, c.env
	run.cmd.Stdout, run.cmd.Stderr = &run.output, &run.output
	if err := run.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return run
}

// wait returns the exit code and the output, on lines as Terraform broke them.
func (r *command) wait(t *testing.T) (int, string) {
	t.Helper()
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode(), r.output.String()
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
	cmd := exec.CommandContext(c.t.Context(), c.binary, append([]string{"show", "-json"}, arguments...)...)
	cmd.Dir, cmd.Env = c.dir, c.env
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
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, output := r.wait(t)
	return time.Since(began), output
}
