package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/clowd"
)

// serveClowder installs Clowder's definitions in a cluster and runs the stand-in of it until the context or the
// input ends.
func serveClowder(ctx context.Context, args []string, input io.Reader, output io.Writer, log *slog.Logger) error {
	flags := flag.NewFlagSet("devcluster clowder", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "the cluster to run in")
	step := flags.Duration("step", 100*time.Millisecond, "how long one step of a pod takes")
	nodes := flags.Bool("nodes", false, "the cluster runs pods itself")
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *kubeconfig == "" {
		return errors.New("--kubeconfig says in which cluster to run")
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("reading the kubeconfig: %w", err)
	}
	if err := clowd.Install(ctx, config); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, input)
	}()
	if err := json.NewEncoder(output).Encode(map[string]string{"endpoint": config.Host}); err != nil {
		return err
	}
	return clowd.Run(ctx, config, clowd.Options{Step: *step, Nodes: *nodes, Log: log})
}
