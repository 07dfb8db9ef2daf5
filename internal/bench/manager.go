package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// manager starts the stand-in of Confluent Manager for Apache Flink, which keeps its applications in the cluster, and
// returns its endpoint. It ends with stop.
func (b *bench) manager(ctx context.Context) (endpoint string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, "go", "run", "-C", filepath.Join(b.root, "internal", "devcluster"), "./cmd/devcluster", //nolint:gosec // the arguments are the program's own
		"cmf", "--kubeconfig", os.Getenv(kubeconfigVariable))
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		// It lives as long as its input.
		_ = input.Close()
		_ = cmd.Wait()
	}
	var ready struct {
		Endpoint string `json:"endpoint"`
	}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("starting the stand-in of Confluent Manager: %w", err)
	}
	return ready.Endpoint, stop, nil
}
