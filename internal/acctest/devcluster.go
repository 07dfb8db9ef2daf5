package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
)

// startTimeout covers the first start on a machine, which builds the control plane.
const startTimeout = 30 * time.Minute

// devcluster is a running command of devcluster. It ends with this process at the latest.
type devcluster struct {
	process *devprocess.Process
	log     *tailWriter
}

// readiness is the line that devcluster prints when it is ready.
type readiness struct {
	Kubeconfig           string `json:"kubeconfig"`
	Endpoint             string `json:"endpoint"`
	Token                string `json:"token"`
	CertificateAuthority string `json:"certificateAuthority"`
	ClientCertificate    string `json:"clientCertificate"`
	ClientKey            string `json:"clientKey"`
}

// startDevcluster runs a command of devcluster with the flags and returns when it is ready.
func startDevcluster(command string, flags ...string) (*devcluster, readiness, error) {
	var ready readiness
	root, err := devprocess.Root()
	if err != nil {
		return nil, ready, err
	}
	d := &devcluster{log: &tailWriter{}}
	// The context is of the start alone: the program outlives the test that happens to be the first.
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	cmd := devprocess.Command(ctx, root, append([]string{command}, flags...)...)
	cmd.Stderr = d.log
	if d.process, err = devprocess.Start(ctx, cmd, &ready); err != nil {
		return nil, ready, errors.Join(fmt.Errorf("starting the test cluster: %w", err), d.log.err())
	}
	return d, ready, nil
}

// command sends one line to the program and waits for its answer.
func (d *devcluster) command(command string) error {
	err := d.process.Command(command)
	if _, refused := errors.AsType[*devprocess.RefusedError](err); err != nil && !refused {
		err = errors.Join(err, d.log.err())
	}
	return err
}

// stop ends the program and waits until it is gone.
func (d *devcluster) stop() error { return d.process.Stop() }

// tailWriter keeps the end of a program's log for error messages, and shows all of it in verbose tests.
type tailWriter struct {
	mu   sync.Mutex
	tail []byte
}

func (w *tailWriter) Write(p []byte) (int, error) {
	const kept = 16 << 10
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tail = append(w.tail, p...)
	w.tail = w.tail[max(0, len(w.tail)-kept):]
	if testing.Verbose() {
		return os.Stderr.Write(p)
	}
	return len(p), nil
}

func (w *tailWriter) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Errorf("its log ends with:\n%s", w.tail)
}
