// Command bench measures what the provider costs, against terraform_data as the floor: no-change plans and applies of
// 50, 200 and 1,000 deployments on the embedded control plane, requests to its API server, the time until the schema is
// served, peak memory and the size of the binary.
//
//	go run ./internal/bench [-sizes 50,200,1000] [-repeat 3] [-only confluent|ververica]
//
// With -only it compares that platform with the operator, for the first of the sizes, and measures nothing else.
//
// Times are CPU seconds, user and system, of the CLI and its provider together, so that other load on the machine
// matters little; the elapsed time stands beside them. Each figure is the median of its repetitions, in which the
// provider and terraform_data take turns; the time until the schema is served is the shortest. A figure above its limit is marked "over" and is no failure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// kubeconfigVariable is where `devcluster exec` says how to reach its control plane.
const kubeconfigVariable = "FLINK_TEST_KUBECONFIG_1_16"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizesFlag := flags.String("sizes", "50,200,1000", "numbers of deployments")
	repeat := flags.Int("repeat", 3, "how often each plan and the apply of the reference size are measured")
	only := flags.String("only", "", "compare just this platform with the operator, for the first size")
	root := flags.String("root", ".", "the repository")
	verbose := flags.Bool("verbose", false, "show each single measurement")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var sizes []int
	for text := range strings.SplitSeq(*sizesFlag, ",") {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 {
			return fmt.Errorf("%q is no number of deployments", text)
		}
		sizes = append(sizes, size)
	}
	if os.Getenv(kubeconfigVariable) == "" {
		return besideCluster(ctx, *root, args)
	}
	cluster, err := clientcmd.BuildConfigFromFlags("", os.Getenv(kubeconfigVariable))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "flink-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{root: *root, dir: dir, cluster: cluster, repeat: max(1, *repeat), verbose: *verbose, only: *only}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	if b.only != "" {
		return b.compare(ctx, b.only, sizes[0])
	}
	return b.measure(ctx, sizes)
}

// besideCluster runs this program again, beside a control plane without an operator: `submitted` needs none, and its
// work would disturb the measurements.
func besideCluster(ctx context.Context, root string, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	progress("Starting the control plane")
	command := []string{
		"run", "-C", filepath.Join(root, "internal", "devcluster"), "./cmd/devcluster",
		"exec", "--operator", "1.16", "--no-operator", self,
	}
	// The last -root wins: the first may be relative to another folder than the one in which it is read now.
	command = append(append(command, args...), "-root", root)
	cmd := exec.CommandContext(ctx, "go", command...) //nolint:gosec // the arguments are those of whoever runs this
	// An interrupt reaches the whole process group; devcluster ends what it started.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// bench is one run of the program.
type bench struct {
	root, dir string
	cluster   *rest.Config
	repeat    int
	verbose   bool
	// only is the one platform that is compared with the operator, empty for all that there is to measure.
	only string

	cli      string
	provider string
	environ  []string
}

// prepare builds the provider as `make build` does, and has the CLI use it.
func (b *bench) prepare(ctx context.Context) error {
	progress("Building the provider")
	b.provider = filepath.Join(b.dir, "bin", "terraform-provider-flink")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version=bench", "-o", b.provider, ".")
	build.Dir = b.root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	b.cli = os.Getenv("TF_ACC_TERRAFORM_PATH")
	if b.cli == "" {
		var err error
		if b.cli, err = exec.LookPath("terraform"); err != nil {
			return fmt.Errorf("no CLI: name terraform or tofu in TF_ACC_TERRAFORM_PATH, or use make bench: %w", err)
		}
	}
	config := filepath.Join(b.dir, "cli.tfrc")
	b.environ = append(plainEnviron(), "TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"KUBECONFIG="+os.Getenv(kubeconfigVariable))
	return os.WriteFile(config, fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n    \"flink-terraform/flink\" = %q\n  }\n  direct {}\n}\n",
		filepath.Dir(b.provider)), 0o600)
}

// plainEnviron is the environment without what changes the work of the CLI, such as its log.
func plainEnviron() []string {
	var out []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "KUBE") {
			out = append(out, variable)
		}
	}
	return out
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+" …\n", args...)
}
