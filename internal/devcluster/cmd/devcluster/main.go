// Command devcluster runs a Kubernetes control plane with the custom resources of the Flink Kubernetes Operator and a
// stand-in of the operator, for tests and demonstrations.
//
//	devcluster serve [--operator 1.15|1.7|main] [--speed 20ms] [--no-operator]
//	devcluster build
//
// serve prints one line of JSON when everything is ready, and lives until its standard input ends or it gets SIGINT or
// SIGTERM. Each line on its standard input is a command, which it answers with one line of JSON: pause-operator,
// resume-operator, stop-apiserver, start-apiserver. Progress goes to standard error.
//
// build builds the control plane's binaries into the user's cache folder and ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

const usage = `usage:
  devcluster serve [--operator 1.15|1.7|main] [--speed 20ms] [--no-operator]
  devcluster build [program ...]`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(ctx, os.Args[1:], log); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "devcluster:", err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log *slog.Logger) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch args[0] {
	case "build":
		dir, err := controlplane.Build(ctx, controlplane.Options{Log: log}, args[1:]...)
		if err == nil {
			fmt.Println(dir)
		}
		return err
	case "serve":
		config, err := parseServe(args[1:])
		if err != nil {
			return err
		}
		return serve(ctx, config, os.Stdin, os.Stdout, log)
	default:
		return fmt.Errorf("unknown command %q\n%s", args[0], usage)
	}
}

// serveConfig is what the flags of serve say.
type serveConfig struct {
	operator   string
	speed      time.Duration
	noOperator bool
}

func parseServe(args []string) (serveConfig, error) {
	var config serveConfig
	flags := flag.NewFlagSet("devcluster serve", flag.ContinueOnError)
	flags.StringVar(&config.operator, "operator", "1.15", "version of the operator: "+strings.Join(crds.Versions(), ", "))
	flags.DurationVar(&config.speed, "speed", 20*time.Millisecond, "how long the stand-in of the operator takes for one step")
	flags.BoolVar(&config.noOperator, "no-operator", false, "install the custom resources without the stand-in of the operator")
	// An error says by itself what is wrong; the list of flags is for those who ask.
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(os.Stderr)
			flags.PrintDefaults()
		}
		return config, err
	}
	if flags.NArg() > 0 {
		return config, fmt.Errorf("unexpected argument %q\n%s", flags.Arg(0), usage)
	}
	if _, err := crds.Definitions(config.operator); err != nil {
		return config, err
	}
	return config, nil
}
