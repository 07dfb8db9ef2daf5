package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// operatorsVariable names the environment variable that tests take the versions of the operator from, with a comma between
// them.
const operatorsVariable = "FLINK_TEST_OPERATORS"

// kubeconfigVariable names the environment variable that tests take a running cluster from.
func kubeconfigVariable(operator string) string {
	return "FLINK_TEST_KUBECONFIG_" + strings.ToUpper(strings.ReplaceAll(operator, ".", "_"))
}

// execute runs a command while there is an environment for each of the operator's versions. The command finds the
// versions and the kubeconfig of each in environment variables, and the one of the first in KUBECONFIG.
func execute(ctx context.Context, config execConfig, log *slog.Logger) error {
	environments := make([]*environment, len(config.operators))
	errs := make([]error, len(config.operators))
	var starting sync.WaitGroup
	for i, operator := range config.operators {
		starting.Go(func() {
			environments[i], errs[i] = launch(ctx, config.of(operator), log)
		})
	}
	starting.Wait()
	defer func() {
		for _, e := range environments {
			if e != nil {
				e.stop()
			}
		}
	}()
	if err := errors.Join(errs...); err != nil {
		return err
	}

	cmd := exec.CommandContext(ctx, config.command[0], config.command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), operatorsVariable+"="+strings.Join(config.operators, ","), "KUBECONFIG="+environments[0].cluster.Kubeconfig())
	for i, e := range environments {
		cmd.Env = append(cmd.Env, kubeconfigVariable(config.operators[i])+"="+e.cluster.Kubeconfig())
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", config.command[0], err)
	}
	return nil
}
