package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/cfk"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

// serveCFK installs the definitions of Confluent for Kubernetes in a cluster, and runs the
// stand-in of its controller until the context or the input ends. What its resources become is
// on the servers that their CMFRestClass names.
func serveCFK(ctx context.Context, args []string, input io.Reader, output io.Writer, log *slog.Logger) error {
	flags := flag.NewFlagSet("devcluster cfk", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "the cluster")
	pace := flags.Duration("pace", 200*time.Millisecond, "how often the status of an application follows the server's")
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *kubeconfig == "" {
		return errors.New("cfk needs --kubeconfig")
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	if err := crds.InstallConfluent(ctx, config); err != nil {
		return err
	}
	controller, err := cfk.New(config, *pace, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, input)
	}()
	if err := json.NewEncoder(output).Encode(map[string]string{"kubeconfig": *kubeconfig}); err != nil {
		return err
	}
	controller.Run(ctx)
	return nil
}
