package main

import (
	"context"
	"errors"
	"log/slog"

	"k8s.io/client-go/rest"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/standin"
)

// noStrimzi is a control plane without Strimzi's KafkaTopic.
const noStrimzi = "none"

// strimziRelease is the release of Strimzi of a control plane. Those that tests share have one with each version of
// KafkaTopic.
func (c clusterConfig) strimziRelease() string {
	switch {
	case c.strimzi != "":
		return c.strimzi
	case c.operator == "1.7":
		return "0.45"
	}
	return "1.2"
}

// operator is the stand-in of the operators, which can be paused and resumed. Its methods are not for several
// goroutines at once.
type operator struct {
	run  func(context.Context) error
	log  *slog.Logger
	stop context.CancelFunc
	done chan struct{}
}

func newOperator(client *rest.Config, config clusterConfig, log *slog.Logger) *operator {
	options := standin.Options{Version: config.operator, Configuration: config.set, Speed: config.speed, Log: log}
	topics := standin.TopicOptions{Version: config.strimziRelease(), Speed: config.speed, Log: log}
	return &operator{log: log, run: func(ctx context.Context) error {
		if topics.Version == noStrimzi {
			return standin.Run(ctx, client, options)
		}
		both := make(chan error, 1)
		go func() { both <- standin.RunTopics(ctx, client, topics) }()
		return errors.Join(standin.Run(ctx, client, options), <-both)
	}}
}

// resume starts the stand-in unless it runs.
func (o *operator) resume(ctx context.Context) {
	if o.stop != nil {
		return
	}
	ctx, o.stop = context.WithCancel(ctx)
	done := make(chan struct{})
	o.done = done
	go func() {
		defer close(done)
		if err := o.run(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("the stand-in of the operator ended", "error", err)
		}
	}()
}

// pause ends the stand-in and waits until it has stopped writing.
func (o *operator) pause() {
	if o.stop == nil {
		return
	}
	o.stop()
	<-o.done
	o.stop = nil
}
