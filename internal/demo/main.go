// Command demo shows the provider at work: a Flink job from its first plan to its destruction, each step explained.
//
//	go run ./internal/demo          on an embedded Kubernetes control plane with a stand-in of the Flink operator
//	go run ./internal/demo -real    on the cluster of KUBECONFIG, which has a real operator and the image of the job
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
	flag.Parse()
	os.Exit(run(*onReal, os.Stdout))
}

// run returns the exit code.
func run(onReal bool, out *os.File) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second interrupt ends the program at once, in the middle of its cleaning up.
	context.AfterFunc(ctx, stop)

	con := &console{out: out, color: colorful(out)}
	err := demonstrate(ctx, con, onReal)
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

// demonstrate tells the story on the cluster of KUBECONFIG or on the embedded one.
func demonstrate(ctx context.Context, con *console, onReal bool) (err error) {
	place, err := newWorkplace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.remove()) }()
	s := &story{console: con, place: place}
	if onReal {
		s.stage = &realStage{kubeconfig: os.Getenv("KUBECONFIG"), folder: place.path("state")}
	} else {
		s.stage = &embeddedStage{root: place.root}
	}
	defer func() { err = errors.Join(err, s.cleanUp(ctx)) }()
	return s.tell(ctx)
}
