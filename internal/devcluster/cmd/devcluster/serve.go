package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// readiness is the line that serve prints when everything is ready.
type readiness struct {
	Kubeconfig           string `json:"kubeconfig"`
	Endpoint             string `json:"endpoint"`
	Token                string `json:"token"`
	CertificateAuthority string `json:"certificateAuthority"`
	ClientCertificate    string `json:"clientCertificate"`
	ClientKey            string `json:"clientKey"`
	Operator             string `json:"operator"`
	PID                  int    `json:"pid"`
}

// answer is the line that serve prints for each command.
type answer struct {
	Command string `json:"command"`
	OK      bool   `json:"ok"`
	Error   string `json:"error,omitempty"`
}

// serve runs a control plane until the context or the input ends. The input is read from the beginning, so that a
// caller that goes away during a long build ends the build.
func serve(ctx context.Context, config clusterConfig, input io.Reader, output io.Writer, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	commands := make(chan string)
	go func() {
		defer cancel()
		for lines := bufio.NewScanner(input); lines.Scan(); {
			select {
			case commands <- lines.Text():
			case <-ctx.Done():
				return
			}
		}
	}()

	env, err := launch(ctx, config, log)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	if err != nil {
		return err
	}
	defer env.stop()

	cluster := env.cluster
	certificate, key := cluster.ClientCertificate()
	out := json.NewEncoder(output)
	if err := out.Encode(readiness{
		Kubeconfig: cluster.Kubeconfig(), Endpoint: cluster.Endpoint(), Token: cluster.Token(),
		CertificateAuthority: cluster.CertificateAuthority(), ClientCertificate: certificate, ClientKey: key,
		Operator: config.operator, PID: os.Getpid(),
	}); err != nil {
		return fmt.Errorf("announcing the control plane: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case command := <-commands:
			result := answer{Command: command, OK: true}
			if err := env.obey(ctx, command); err != nil {
				result.OK, result.Error = false, err.Error()
			}
			if err := out.Encode(result); err != nil {
				return fmt.Errorf("answering the command %q: %w", command, err)
			}
		}
	}
}

// obey carries out one command.
func (e *environment) obey(ctx context.Context, command string) error {
	switch command {
	case "pause-operator":
		e.operator.pause()
		return nil
	case "resume-operator":
		e.operator.resume(ctx)
		return nil
	case "stop-apiserver":
		return e.cluster.StopAPIServer()
	case "start-apiserver":
		return e.cluster.StartAPIServer(ctx)
	case "stop-webhook", "start-webhook":
		return e.obeyWebhook(command)
	default:
		return fmt.Errorf("unknown command %q", command)
	}
}

func (e *environment) obeyWebhook(command string) error {
	switch {
	case e.webhook == nil:
		return errors.New("there is no webhook: start with --webhook")
	case command == "stop-webhook":
		return e.webhook.Stop()
	default:
		return e.webhook.Start()
	}
}
