// Command devcluster runs a Kubernetes control plane with the custom resources of the Flink Kubernetes Operator and a
// stand-in of the operator, for tests and demonstrations.
//
//	devcluster serve [--operator 1.16|1.15|1.7] [--strimzi 1.2|0.45|none] [--speed 20ms] [--set key=value] [--no-operator] [--webhook]
//	devcluster exec [--operator 1.16,1.15,1.7] [--strimzi 1.2|0.45|none] [--speed 20ms] [--set key=value] [--no-operator] [--webhook] command [argument ...]
//	devcluster build [program ...]
//	devcluster cmf [--version 2.3.1] [--openapi FILE] [--kubeconfig FILE] [--sql-gateway URL]
//	devcluster cfk --kubeconfig FILE [--pace 200ms]
//	devcluster vvp [--version 2.15.1] [--swagger FILE] [--kubeconfig FILE] [--community] [--auth [--token TOKEN]] [--pace 50ms]
//	devcluster clowder --kubeconfig FILE [--step 100ms] [--nodes]
//
// A control plane has Strimzi's KafkaTopic as well, and a stand-in of its Topic Operator: beside the operator 1.7 that of
// Strimzi 0.45 (kafka.strimzi.io/v1beta2), beside the others that of 1.2 (v1), unless --strimzi says another, or none.
//
// --set gives the stand-in of the operator an option of the operator's own configuration, as its administrator would, and
// may be there several times.
//
// serve prints one line of JSON when everything is ready, and lives until its standard input ends or it gets SIGINT or
// SIGTERM. Each line on its standard input is a command, which it answers with one line of JSON: pause-operator,
// resume-operator, stop-apiserver, start-apiserver and, with --webhook, stop-webhook, start-webhook. Progress goes to
// standard error.
//
// exec starts a control plane for each version of the operator and runs a command, which finds the versions in
// FLINK_TEST_OPERATORS, their kubeconfigs in FLINK_TEST_KUBECONFIG_1_16, _1_15 and _1_7, and the first in KUBECONFIG. It ends
// with the command and its exit code.
//
// build builds the control plane's binaries into the user's cache folder and ends.
//
// cmf runs a stand-in of Confluent Manager for Apache Flink, which has the operator of a cluster run its applications. It prints one line of JSON with its endpoint and lives as
// serve does. The command check on its standard input is answered with what was asked or answered against the vendor's
// OpenAPI file since the last one. With --sql-gateway, or FLINK_TEST_SQL_GATEWAY, a real Flink says what
// the texts of statements are; internal/devcluster/real/gateway starts one.
//
// cfk installs the kinds of Confluent for Kubernetes that are about Flink in a cluster, and runs a stand-in of its controller
// there, which hands them on to the servers that their CMFRestClass names. It prints one line of JSON and lives as serve does.
//
// vvp runs a stand-in of Ververica Platform in the same way. It plays the jobs itself, in steps of the pace, or has the
// operator of a cluster run them. --swagger may be there several times. With --auth each request needs a token: that of the
// administrator is TOKEN, and others are made by the API.
//
// clowder installs the custom resource definitions of Clowder in a cluster and runs a stand-in of it there, which plays the
// pods in steps unless the cluster has nodes (--nodes). It prints one line of JSON when it is ready.
//
// cloudflow runs a stand-in of Cloudflow's operator beside a cluster, with its definition and its namespace.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/standin"
)

const usage = `usage:
  devcluster serve [--operator 1.16|1.15|1.7] [--strimzi 1.2|0.45|none] [--speed 20ms] [--set key=value] [--no-operator] [--webhook]
  devcluster exec [--operator 1.16,1.15,1.7] [--strimzi 1.2|0.45|none] [--speed 20ms] [--set key=value] [--no-operator] [--webhook] command [argument ...]
  devcluster build [program ...]
  devcluster cmf [--version 2.3.1] [--openapi FILE] [--kubeconfig FILE] [--sql-gateway URL]
  devcluster cfk --kubeconfig FILE [--pace 200ms]
  devcluster vvp [--version 2.15.1] [--swagger FILE] [--kubeconfig FILE] [--community] [--auth [--token TOKEN]] [--pace 50ms]
  devcluster clowder --kubeconfig FILE [--step 100ms] [--nodes]
  devcluster cloudflow --kubeconfig FILE [--namespace cloudflow] [--protocol 7] [--secret-wait 12s] [--speed 50ms]`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	err := run(ctx, os.Args[1:], log)
	stop()
	if err != nil {
		// A command that exec ran has said itself what went wrong.
		if ended := (*exec.ExitError)(nil); errors.As(err, &ended) && ended.Exited() {
			os.Exit(ended.ExitCode())
		}
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
	case "cmf":
		return serveCMF(ctx, args[1:], os.Stdin, os.Stdout)
	case "cfk":
		return serveCFK(ctx, args[1:], os.Stdin, os.Stdout, log)
	case "vvp":
		return serveVVP(ctx, args[1:], os.Stdin, os.Stdout)
	case "clowder":
		return serveClowder(ctx, args[1:], os.Stdin, os.Stdout, log)
	case "cloudflow":
		return serveCloudflow(ctx, args[1:], os.Stdin, os.Stdout, log)
	case "exec":
		config, err := parseExec(args[1:])
		if err != nil {
			return err
		}
		return execute(ctx, config, log)
	default:
		return fmt.Errorf("unknown command %q\n%s", args[0], usage)
	}
}

// clusterConfig says what to run in one control plane.
type clusterConfig struct {
	operator string
	// set are options of the operator's own configuration.
	set settings
	// strimzi is a release of Strimzi or noStrimzi; empty for the one that goes with the operator.
	strimzi    string
	speed      time.Duration
	noOperator bool
	webhook    bool
}

// execConfig says what to run in several control planes, and the command to run beside them.
type execConfig struct {
	operators  []string
	set        settings
	strimzi    string
	speed      time.Duration
	noOperator bool
	webhook    bool
	command    []string
}

// of is what to run in the control plane of one version of the operator.
func (c execConfig) of(operator string) clusterConfig {
	return clusterConfig{operator: operator, set: c.set, strimzi: c.strimzi, speed: c.speed, noOperator: c.noOperator, webhook: c.webhook}
}

// settings is a flag that may be there several times, each with the key and the value of an option.
type settings map[string]string

// String implements flag.Value.
func (s settings) String() string { return fmt.Sprint(map[string]string(s)) }

// Set implements flag.Value.
func (s settings) Set(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		return errors.New("it has to be key=value")
	}
	s[key] = value
	return nil
}

func parseServe(args []string) (clusterConfig, error) {
	config, rest, err := parse("serve", args)
	switch {
	case err != nil:
		return clusterConfig{}, err
	case len(rest) > 0:
		return clusterConfig{}, fmt.Errorf("unexpected argument %q\n%s", rest[0], usage)
	case len(config.operators) != 1:
		return clusterConfig{}, fmt.Errorf("serve runs one version of the operator, not %q", config.operators)
	}
	return config.of(config.operators[0]), nil
}

func parseExec(args []string) (execConfig, error) {
	config, rest, err := parse("exec", args)
	if err == nil && len(rest) == 0 {
		err = errors.New("exec needs a command\n" + usage)
	}
	config.command = rest
	return config, err
}

// parse reads the flags that the commands share and returns the arguments after them.
func parse(command string, args []string) (execConfig, []string, error) {
	config := execConfig{set: settings{}}
	flags := flag.NewFlagSet("devcluster "+command, flag.ContinueOnError)
	operators := flags.String("operator", "1.16", "version of the operator: "+strings.Join(crds.Versions(), ", "))
	flags.StringVar(&config.strimzi, "strimzi", "", "release of Strimzi whose KafkaTopic there is: "+strings.Join(crds.StrimziVersions(), ", ")+" or "+noStrimzi+"; by default one that goes with the operator")
	flags.Var(config.set, "set", "option of the operator's own configuration, as key=value: "+strings.Join(standin.ConfigurationKeys(), ", "))
	flags.DurationVar(&config.speed, "speed", 20*time.Millisecond, "how long the stand-in of the operator takes for one step")
	flags.BoolVar(&config.noOperator, "no-operator", false, "install the custom resources without the stand-in of the operator")
	flags.BoolVar(&config.webhook, "webhook", false, "install the operator's admission webhook, which refuses invalid objects")
	// An error says by itself what is wrong; the list of flags is for those who ask.
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(os.Stderr)
			flags.PrintDefaults()
		}
		return config, nil, err
	}
	config.operators = strings.Split(*operators, ",")
	for _, operator := range config.operators {
		if !slices.Contains(crds.Versions(), operator) {
			return config, nil, fmt.Errorf("no operator version %q; there are %s", operator, strings.Join(crds.Versions(), ", "))
		}
	}
	for key := range config.set {
		if !slices.Contains(standin.ConfigurationKeys(), key) {
			return config, nil, fmt.Errorf("the stand-in has no option %s; there are %s", key, strings.Join(standin.ConfigurationKeys(), ", "))
		}
	}
	if known := append(crds.StrimziVersions(), noStrimzi, ""); !slices.Contains(known, config.strimzi) {
		return config, nil, fmt.Errorf("no Strimzi %q; there are %s", config.strimzi, strings.Join(known[:len(known)-1], ", "))
	}
	return config, flags.Args(), nil
}
