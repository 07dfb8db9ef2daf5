package main

import (
	"context"
	"log/slog"

	"k8s.io/client-go/rest"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/standin"
)

// environment is a control plane with the custom resources and the stand-in of the operator.
type environment struct {
	cluster  *controlplane.Cluster
	operator *operator
	// webhook is nil unless one was asked for.
	webhook *standin.Webhook
}

// launch starts an environment. The caller ends it with stop.
func launch(ctx context.Context, config clusterConfig, log *slog.Logger) (*environment, error) {
	cluster, err := controlplane.Start(ctx, controlplane.Options{
		Log: log,
		Prepare: func(ctx context.Context, client *rest.Config) error {
			if release := config.strimziRelease(); release != noStrimzi {
				if err := crds.InstallTopics(ctx, client, release); err != nil {
					return err
				}
			}
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
	if config.webhook {
		if err := e.install(ctx, config); err != nil {
			e.stop()
			return nil, err
		}
	}
	return e, nil
}

// install installs the operator's webhook.
func (e *environment) install(ctx context.Context, config clusterConfig) error {
	certificate, key := e.cluster.WebhookCertificate()
	webhook, err := standin.NewWebhook(e.cluster.Config(), standin.WebhookOptions{
		Version: config.operator, Configuration: config.set, Certificate: certificate, Key: key, Authority: e.cluster.CertificateAuthority(),
	})
	if err != nil {
		return err
	}
	e.webhook = webhook
	return webhook.Install(ctx)
}

func (e *environment) stop() {
	e.operator.pause()
	if e.webhook != nil {
		_ = e.webhook.Stop()
	}
	e.cluster.Stop()
}
