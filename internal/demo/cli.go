package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cli runs Terraform or OpenTofu on a copy of an example with the provider that was just built.
type cli struct {
	program string
	name    string // of the program, as the reader types it
	example string // the folder of the example
	folder  string // of its copy
	console *console
	// variables are what the stage sets of the configuration's variables, as -var arguments.
	variables []string
	env       []string
	// tee gets what show shows, without colors; nil for nobody.
	tee io.Writer
}

// mainFile is the file of an example that each story begins with.
const mainFile = "main.tf"

// findCLI returns the path of the CLI.
func findCLI() (string, error) {
	if program := os.Getenv("TF_ACC_TERRAFORM_PATH"); program != "" {
		return program, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if program, err := exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	return "", errors.New("there is neither terraform nor tofu on PATH; install one, name it in TF_ACC_TERRAFORM_PATH, or use make demo, which builds OpenTofu")
}

// own are the variables of the environment that the demo decides about.
var own = []string{"TF_CLI_CONFIG_FILE", "TF_CLI_ARGS", "TF_WORKSPACE", "TF_DATA_DIR", "TF_IN_AUTOMATION", "CHECKPOINT_DISABLE", "KUBECONFIG", "HOME", "KUBERNETES_SERVICE_HOST"}

// ownPrefixes are those of the variables by which the provider finds the server of a platform.
var ownPrefixes = []string{"CONFLUENT_CMF_", "VERVERICA_PLATFORM_"}

// decides tells whether the demo decides about a variable of the environment.
func decides(variable string) bool {
	return slices.Contains(own, variable) || slices.ContainsFunc(ownPrefixes, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
}

// newCLI prepares the folder of the configuration and a CLI configuration that names the folder of the built provider.
func newCLI(place *workplace, told tale, con *console) (*cli, error) {
	program, err := findCLI()
	if err != nil {
		return nil, err
	}
	c := &cli{program: program, example: filepath.Join(place.root, "examples", told.example), folder: place.path(told.example), console: con}
	c.name, _, _ = strings.Cut(filepath.Base(program), "-")
	for _, file := range told.files {
		if err := c.add(file); err != nil {
			return nil, err
		}
	}
	config := fmt.Sprintf("provider_installation {\n  dev_overrides { \"flink-terraform/flink\" = %q }\n  direct {}\n}\n", place.path("plugin"))
	if err := os.WriteFile(place.path("cli.tfrc"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); !decides(name) {
			c.env = append(c.env, variable)
		}
	}
	c.env = append(c.env, "TF_CLI_CONFIG_FILE="+place.path("cli.tfrc"), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		// Until the cluster is there, a plan finds neither a kubeconfig nor a home with one in it.
		"KUBECONFIG="+place.path("nowhere"), "HOME="+place.folder)
	return c, nil
}

// add copies a file of the example.
func (c *cli) add(file string) error {
	text, err := os.ReadFile(filepath.Join(c.example, file))
	if err != nil {
		return fmt.Errorf("copying the example: %w", err)
	}
	copied := filepath.Join(c.folder, file)
	if err := os.MkdirAll(filepath.Dir(copied), 0o700); err != nil {
		return err
	}
	return os.WriteFile(copied, text, 0o600) //nolint:gosec // the files are the project's own
}

// use lets the following commands reach a cluster.
func (c *cli) use(kubeconfig string, variables map[string]string) {
	c.env = append(c.env, "KUBECONFIG="+kubeconfig)
	for name, value := range variables {
		c.variables = append(c.variables, "-var="+name+"="+value)
	}
	slices.Sort(c.variables)
}

// show runs a command, which has to succeed, and shows it with its output.
func (c *cli) show(ctx context.Context, args ...string) error {
	code, err := c.shown(ctx, args...)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s %s ended with exit code %d", c.name, args[0], code)
	}
	return err
}

// shown runs a command, shows it with its output, and returns its exit code.
func (c *cli) shown(ctx context.Context, args ...string) (int, error) {
	c.console.command(append([]string{c.name}, c.complete(args)...)...)
	out := &quiet{next: c.console.write}
	lines := &lineWriter{line: func(line string) {
		out.line(line)
		if c.tee != nil {
			_, _ = io.WriteString(c.tee, plain(line)+"\n")
		}
	}}
	code, err := c.run(ctx, lines, args...)
	lines.flush()
	out.flush()
	return code, err
}

// output runs a command, which has to succeed, and returns what it prints.
func (c *cli) output(ctx context.Context, args ...string) (string, error) {
	var text bytes.Buffer
	code, err := c.run(ctx, &text, args...)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s %s failed:\n%s", c.name, args[0], text.String())
	}
	return text.String(), err
}

// run runs a command in a process group of its own: a terminal's interrupt then reaches the demo alone, which hands it
// on once. Two would make the CLI give up its state.
func (c *cli) run(ctx context.Context, out io.Writer, args ...string) (int, error) {
	args = c.complete(args)
	if takesInput(args[0]) {
		args = slices.Insert(args, 1, "-input=false")
		if !c.console.color {
			args = slices.Insert(args, 1, "-no-color")
		}
	}
	cmd := exec.CommandContext(ctx, c.program, args...)
	cmd.Dir, cmd.Env = c.folder, c.env
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = apart()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.Exited() {
		return ended.ExitCode(), nil
	}
	return 0, err
}

// complete adds the stage's variables to a command, unless it applies a plan, which has them.
func (c *cli) complete(args []string) []string {
	planFile := func(arg string) bool { return !strings.HasPrefix(arg, "-") && strings.HasSuffix(arg, ".tfplan") }
	if !takesInput(args[0]) || slices.ContainsFunc(args, planFile) {
		return slices.Clone(args)
	}
	return slices.Insert(slices.Clone(args), 1, c.variables...)
}

func takesInput(command string) bool {
	return slices.Contains([]string{"plan", "apply", "destroy"}, command)
}

// deployment is what the state says about the job's deployment.
type deployment struct {
	Rollout struct {
		Action  string `json:"action"`
		State   string `json:"state"`
		Summary string `json:"summary"`
	} `json:"rollout"`
	Status struct {
		JobID         string `json:"job_id"`
		JobState      string `json:"job_state"`
		SavepointPath string `json:"savepoint_path"`
	} `json:"status"`
	EffectiveSpec string `json:"effective_spec"`
}

// resources is the part of the CLI's JSON output that both a state and a plan have
// (https://developer.hashicorp.com/terraform/internals/json-format).
type resources struct {
	RootModule struct {
		Resources []struct {
			Address string          `json:"address"`
			Values  json.RawMessage `json:"values"`
		} `json:"resources"`
	} `json:"root_module"`
}

// deployment reads the deployment from the state, or from a plan.
func (c *cli) deployment(ctx context.Context, plan ...string) (deployment, error) {
	var d deployment
	err := c.read(ctx, address, &d, plan...)
	return d, err
}

// read reads the attributes of a resource from the state, or from a plan.
func (c *cli) read(ctx context.Context, address string, into any, plan ...string) error {
	text, err := c.output(ctx, append([]string{"show", "-json"}, plan...)...)
	if err != nil {
		return err
	}
	var shown struct {
		Values        resources `json:"values"`
		PlannedValues resources `json:"planned_values"`
	}
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		return fmt.Errorf("reading the output of %s show: %w", c.name, err)
	}
	for _, r := range append(shown.Values.RootModule.Resources, shown.PlannedValues.RootModule.Resources...) {
		if r.Address == address {
			return json.Unmarshal(r.Values, into)
		}
	}
	return fmt.Errorf("%s is not in the output of %s show", address, c.name)
}
