package main

import (
	"context"
	"log/slog"

	"k8s.io/client-go/rest"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

// environment is a control plane with the custom resources and the stand-in of the operator.
type environment struct {
	cluster  *controlplane.Cluster
	operator *operator
}

// launch starts an environment. The caller ends it with stop.
func launch(ctx context.Context, config clusterConfig, log *slog.Logger) (*environment, error) {
	cluster, err := controlplane.Start(ctx, controlplane.Options{
		Log: log,
		Prepare: func(ctx context.Context, client *rest.Config) error {
			return crds.Install(ctx, client, config.operator)
		},
	})
	if err != nil {
		return nil, err
	}
	e := &environment{cluster: cluster, operator: newOperator(cluster.Config(), config, log)}
	if !config.noOperator {
		e.operator.resume(ctx)
	}
	return e, nil
}

func (e *environment) stop() {
	e.operator.pause()
	e.cluster.Stop()
}
