package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

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
	found := func() []string { return nil }
	if *file != "" {
		var err error
		if checks, err = cmf.LoadChecks(*file); err != nil {
			return err
		}
		found = checks.Violations
	}
	var kubernetes *cmf.Kubernetes
	if *kubeconfig != "" {
		var err error
		if kubernetes, err = cmf.LoadKubernetes(*kubeconfig); err != nil {
			return err
		}
	}
	standin := cmf.New(*version, checks, kubernetes)
	if *gateway != "" {
		judge, err := flinksql.NewGateway(*gateway)
		if err != nil {
			return err
		}
		standin.JudgeBy(judge)
	}
	return serveREST(ctx, standin, found, input, output)
}
