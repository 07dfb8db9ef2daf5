package main

import (
	"context"
	"log/slog"

	"k8s.io/client-go/rest"
)

// runStandin stands in for the operator until the context ends.
func runStandin(ctx context.Context, client *rest.Config, config serveConfig, log *slog.Logger) error {
	<-ctx.Done()
	return nil
}
