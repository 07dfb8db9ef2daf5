package main

import (
	"context"
	"fmt"
	"os"

	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
)

// manager starts the stand-in of Confluent Manager for Apache Flink, which keeps its applications in the cluster, and
// returns its endpoint. It ends with stop.
func (b *bench) manager(ctx context.Context) (endpoint string, stop func(), err error) {
	cmd := devprocess.Command(ctx, b.root, "cmf", "--kubeconfig", os.Getenv(kubeconfigVariable))
	cmd.Stderr = os.Stderr
	var ready struct {
		Endpoint string `json:"endpoint"`
	}
	process, err := devprocess.Start(ctx, cmd, &ready)
	if err != nil {
		return "", nil, fmt.Errorf("starting the stand-in of Confluent Manager: %w", err)
	}
	return ready.Endpoint, func() { _ = process.Stop() }, nil
}
