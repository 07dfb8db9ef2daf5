package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/vvp"
)

// lookEvery is how often the stand-in of Ververica Platform looks at the jobs that it plays, and lookAtCluster at those
// that a cluster runs, whose JobManagers answer for each look.
const (
	lookEvery     = 100 * time.Millisecond
	lookAtCluster = time.Second
)

// files is a flag that may be there several times, each with the path of a file.
type files []string

// String implements flag.Value.
func (f *files) String() string { return strings.Join(*f, ", ") }

// Set implements flag.Value.
func (f *files) Set(path string) error {
	*f = append(*f, path)
	return nil
}

// serveVVP runs the stand-in of Ververica Platform until the context or the input ends.
func serveVVP(ctx context.Context, args []string, input io.Reader, output io.Writer) error {
	flags := flag.NewFlagSet("devcluster vvp", flag.ContinueOnError)
	var options vvp.Options
	var swagger files
	flags.StringVar(&options.Version, "version", "2.15.1", "version of the server: "+strings.Join(vvp.Versions(), ", "))
	flags.Var(&swagger, "swagger", "a Swagger file of the vendor; without any nothing is checked")
	kubeconfig := flags.String("kubeconfig", "", "the cluster with the operator that runs the jobs; without it they are played")
	flags.BoolVar(&options.Community, "community", false, "be the edition with one namespace")
	flags.BoolVar(&options.Auth, "auth", false, "require a token")
	flags.StringVar(&options.Token, "token", "", "the administrator's token")
	pace := flags.Duration("pace", 50*time.Millisecond, "how long one step of a job that is played takes")
	flags.SetOutput(io.Discard)
	switch err := flags.Parse(args); {
	case err != nil:
		return err
	case !slices.Contains(vvp.Versions(), options.Version):
		return fmt.Errorf("no version %q; there are %s", options.Version, strings.Join(vvp.Versions(), ", "))
	case options.Auth && options.Community:
		return errors.New("the Community Edition has no tokens: --auth and --community exclude one another")
	case options.Token != "" && !options.Auth:
		return errors.New("--token goes with --auth")
	}
	found := func() []string { return nil }
	if len(swagger) > 0 {
		var err error
		if options.Checks, err = vvp.LoadChecks(swagger...); err != nil {
			return err
		}
		found = options.Checks.Violations
	}
	options.Look, options.World = lookEvery, vvp.NewMemory(*pace)
	if *kubeconfig != "" {
		var err error
		if options.World, err = vvp.LoadKubernetes(*kubeconfig); err != nil {
			return err
		}
		options.Look = lookAtCluster
	}
	standin := vvp.New(ctx, options)
	defer standin.Close()
	return serveREST(ctx, standin, found, input, output)
}
