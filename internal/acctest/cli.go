package acctest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
)

// leash names the environment variable with the socket by which a test holds the provider's process.
const leash = "ACCTEST_LEASH"

// Main is what TestMain does where NewCLI is used: it makes the test binary the provider when a CLI starts it as one.
func Main(m *testing.M) {
	socket := os.Getenv(leash)
	if socket == "" {
		os.Exit(m.Run())
	}
	if err := serve(socket); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is the provider until it ends, or until the test pulls the leash: then the process dies as by SIGKILL, without
// a chance to do anything.
func serve(socket string) error {
	connection, err := (&net.Dialer{}).DialContext(context.Background(), "unix", socket)
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
	return tf6server.Serve(provider.Address, provider.NewServer("test"))
}

// CLI is a working folder in which the CLI under test runs as a user runs it, with a provider process of its own.
type CLI struct {
	// Binary is the CLI, Dir its working folder, and Env its environment.
	Binary, Dir string
	Env         []string

	mu        sync.Mutex
	providers []net.Conn
}

// NewCLI returns a CLI in an empty folder, which goes with the test.
func NewCLI(t testing.TB) *CLI {
	t.Helper()
	binary, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		t.Fatal(err)
	}
	c := &CLI{Binary: binary, Dir: t.TempDir()}
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugins := filepath.Join(c.Dir, "plugins")
	if err := os.Mkdir(plugins, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(test, filepath.Join(plugins, "terraform-provider-flink")); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(c.Dir, "cli.tfrc")
	// A configuration without required_providers, as the documentation of a resource has it, means hashicorp's.
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"flink-terraform/flink\" = %[1]q\n    \"hashicorp/flink\" = %[1]q\n  }\n  direct {}\n}\n", plugins)
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
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go c.hold(listener)
	c.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", leash+"="+socket)
	return c
}

func (c *CLI) hold(listener net.Listener) {
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

// KillProviders kills every provider process that still runs.
func (c *CLI) KillProviders() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, connection := range c.providers {
		// Those that have ended do not listen any more.
		_, _ = connection.Write([]byte{1})
		_ = connection.Close()
	}
	c.providers = nil
}

// Write makes a configuration the folder's.
func (c *CLI) Write(config string) error {
	source := "terraform {\n  required_providers {\n    flink = { source = \"flink-terraform/flink\" }\n  }\n}\n"
	return os.WriteFile(filepath.Join(c.Dir, "main.tf"), []byte(source+config), 0o600)
}

// Command is one run of the CLI.
type Command struct {
	// Process is what runs.
	Process *os.Process

	cmd    *exec.Cmd
	output bytes.Buffer
}

// Start begins a run, which ends with the context at the latest.
func (c *CLI) Start(ctx context.Context, arguments ...string) (*Command, error) {
	run := &Command{cmd: exec.CommandContext(ctx, c.Binary, append(arguments, "-no-color")...)}
	run.cmd.Dir, run.cmd.Env = c.Dir, c.Env
	run.cmd.Stdout, run.cmd.Stderr = &run.output, &run.output
	if err := run.cmd.Start(); err != nil {
		return nil, err
	}
	run.Process = run.cmd.Process
	return run, nil
}

// Wait returns the exit code and the output, on lines as the CLI broke them.
func (r *Command) Wait() (int, string, error) {
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	return r.cmd.ProcessState.ExitCode(), r.output.String(), err
}
