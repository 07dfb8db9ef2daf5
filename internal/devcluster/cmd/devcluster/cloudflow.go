package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/cloudflow"
)

// serveCloudflow runs the stand-in of Cloudflow's operator beside a cluster until the context or the input ends. It prints
// a line when it is ready, and answers the command restart, with which an operator that has given up begins anew.
func serveCloudflow(ctx context.Context, args []string, input io.Reader, output io.Writer, log *slog.Logger) error {
	flags := flag.NewFlagSet("devcluster cloudflow", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "the cluster")
	options := cloudflow.Options{Log: log}
	flags.StringVar(&options.Namespace, "namespace", "cloudflow", "the operator's namespace, which it creates")
	flags.StringVar(&options.Protocol, "protocol", "7", "the protocol that it says to speak")
	flags.DurationVar(&options.SecretWait, "secret-wait", 12*time.Second, "how long a new streamlet may lack its Secret until the operator gives up")
	flags.DurationVar(&options.Step, "speed", 50*time.Millisecond, "how long one step of a pod takes")
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *kubeconfig == "" {
		return errors.New("cloudflow needs the cluster: --kubeconfig FILE")
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	operator, err := cloudflow.Start(ctx, config, options)
	if err != nil {
		return err
	}
	go operator.Run(ctx)
	out := json.NewEncoder(output)
	if err := out.Encode(map[string]string{"namespace": options.Namespace}); err != nil {
		return err
	}
	commands := make(chan string)
	go func() {
		defer close(commands)
		for lines := bufio.NewScanner(input); lines.Scan(); {
			commands <- lines.Text()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case command, open := <-commands:
			if !open {
				return nil
			}
			result := answer{Command: command, OK: command == "restart"}
			if result.OK {
				operator.Restart()
			} else {
				result.Error = fmt.Sprintf("unknown command %q", command)
			}
			if err := out.Encode(result); err != nil {
				return err
			}
		}
	}
}
