package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/cmf"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinksql"
)

// gatewayVariable names the environment variable with the address of the SQL gateway to ask where no flag names one. So a
// test need not know which judge there is.
const gatewayVariable = "FLINK_TEST_SQL_GATEWAY"

// serveCMF runs the stand-in of Confluent Manager for Apache Flink until the
// context or the input ends.
func serveCMF(ctx context.Context, args []string, input io.Reader, output io.Writer) error {
	flags := flag.NewFlagSet("devcluster cmf", flag.ContinueOnError)
	version := flags.String("version", "2.3.1", "version of the server: "+strings.Join(cmf.Versions(), ", "))
	file := flags.String("openapi", "", "the vendor's OpenAPI file; without it nothing is checked")
	kubeconfig := flags.String("kubeconfig", "", "the cluster with the operator that runs the applications; without it there are none")
	gateway := flags.String("sql-gateway", os.Getenv(gatewayVariable), "the address of a Flink SQL gateway that judges the texts of statements; without it a table of sentences does")
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !slices.Contains(cmf.Versions(), *version) {
		return fmt.Errorf("no version %q; there are %s", *version, strings.Join(cmf.Versions(), ", "))
	}
	var checks *cmf.Checks
	if *file != "" {
		var err error
		if checks, err = cmf.LoadChecks(*file); err != nil {
			return err
		}
	}
	var kubernetes *cmf.Kubernetes
	if *kubeconfig != "" {
		var err error
		if kubernetes, err = cmf.LoadKubernetes(*kubeconfig); err != nil {
			return err
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	standin := cmf.New(*version, checks, kubernetes)
	if *gateway != "" {
		judge, err := flinksql.NewGateway(*gateway)
		if err != nil {
			return err
		}
		standin.JudgeBy(judge)
	}
	server := &http.Server{Handler: standin, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer server.Close()

	out := json.NewEncoder(output)
	if err := out.Encode(map[string]string{"endpoint": "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	commands := make(chan string)
	go func() {
		defer close(commands)
		for lines := bufio.NewScanner(input); lines.Scan(); {
			commands <- lines.Text()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			return err
		case command, open := <-commands:
			if !open {
				return nil
			}
			result := answer{Command: command, OK: true}
			if err := check(command, checks); err != nil {
				result.OK, result.Error = false, err.Error()
			}
			if err := out.Encode(result); err != nil {
				return err
			}
		}
	}
}

// check carries out the one command that there is.
func check(command string, checks *cmf.Checks) error {
	switch {
	case command != "check":
		return fmt.Errorf("unknown command %q", command)
	case checks == nil:
		return nil
	}
	if found := checks.Violations(); len(found) > 0 {
		return errors.New(strings.Join(found, "\n"))
	}
	return nil
}
