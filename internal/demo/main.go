// Command demo shows the provider at work: a Flink job from its first plan to its destruction, each step explained.
//
//	go run ./internal/demo          on an embedded Kubernetes control plane with a stand-in of the Flink operator
//	go run ./internal/demo -real    on the cluster of KUBECONFIG, which has a real operator and the image of the job
//
// With -platform confluent, the job is one of Confluent Manager for Apache Flink, and with -platform ververica one of
// Ververica Platform; a stand-in of its server runs beside the cluster. With -story payments, it is three jobs and the topics between them, with a broker inside the demo. With -check,
// the demo only says whether there is what its other flags ask for.
//
// It runs the CLI that TF_ACC_TERRAFORM_PATH names, else terraform or tofu of PATH. What it makes is in a folder of the
// user's cache and goes away with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	onReal := flag.Bool("real", false, "use the cluster of KUBECONFIG in place of the embedded control plane")
	story := flag.String("story", tales[0].story, "what is told: "+storyOfJob+" or "+storyOfPayments)
	platform := flag.String("platform", tales[0].platform, "the platform that runs it: operator, confluent or ververica")
	check := flag.Bool("check", false, "only check the other flags")
	flag.Parse()
	told, err := taleOf(*story, *platform, *onReal)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(2)
	case !*check:
		os.Exit(run(told, *onReal, os.Stdout))
	}
}

// run returns the exit code.
func run(told tale, onReal bool, out *os.File) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second interrupt ends the program at once, in the middle of its cleaning up.
	context.AfterFunc(ctx, stop)

	con := &console{out: out, color: colorful(out)}
	err := demonstrate(ctx, con, told, onReal)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		con.say("Interrupted.")
		return 130
	default:
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 1
	}
}

// demonstrate tells a tale on the cluster of KUBECONFIG or on the embedded one.
func demonstrate(ctx context.Context, con *console, told tale, onReal bool) (err error) {
	place, err := newWorkplace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.remove()) }()
	s := &story{console: con, place: place, tale: told}
	if onReal {
		s.stage = &realStage{kubeconfig: os.Getenv("KUBECONFIG"), folder: place.path("state"), namespace: told.namespace}
	} else {
		s.stage = &embeddedStage{root: place.root, namespace: told.namespace}
	}
	defer func() { err = errors.Join(err, s.cleanUp(ctx)) }()
	return s.tell(ctx)
}
