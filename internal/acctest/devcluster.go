package acctest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	// startTimeout covers the first start on a machine, which builds the control plane.
	startTimeout = 30 * time.Minute
	// commandTimeout covers a restart of the apiserver on a loaded machine.
	commandTimeout = 2 * time.Minute
)

// devcluster is a running `devcluster serve`. It is a module of its own and so a program of its own, run by the go
// command. It ends when its standard input does, that is with this process at the latest.
type devcluster struct {
	cmd   *exec.Cmd
	input io.Closer
	log   *tailWriter

	mu      sync.Mutex
	send    io.Writer
	answers <-chan []byte
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
	dir, err := devclusterDir()
	if err != nil {
		return nil, ready, err
	}
	// It outlives the test that happens to be the first: its input ends with the process.
	cmd := exec.CommandContext(context.Background(), "go", append([]string{"run", "-C", dir, "./cmd/devcluster", command}, flags...)...)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	d := &devcluster{cmd: cmd, log: &tailWriter{}}
	cmd.Stderr = d.log
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, ready, err
	}
	d.input, d.send = input, input
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, ready, err
	}
	if err := cmd.Start(); err != nil {
		return nil, ready, fmt.Errorf("starting the test cluster: %w", err)
	}
	d.answers = lines(output)
	if err := d.answer(&ready, startTimeout); err != nil {
		return nil, ready, errors.Join(fmt.Errorf("starting the test cluster: %w", err), d.stop(), d.log.err())
	}
	return d, ready, nil
}

// lines hands on each line of the reader and closes the channel at its end.
func lines(r io.Reader) <-chan []byte {
	found := make(chan []byte)
	go func() {
		defer close(found)
		for scanner := bufio.NewScanner(r); scanner.Scan(); {
			found <- bytes.Clone(scanner.Bytes())
		}
	}()
	return found
}

// answer reads the next line of the program's output as JSON.
func (d *devcluster) answer(into any, timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case line, open := <-d.answers:
		if !open {
			return errors.New("devcluster ended without an answer")
		}
		if err := json.Unmarshal(line, into); err != nil {
			return fmt.Errorf("devcluster answered %q: %w", line, err)
		}
		return nil
	case <-timer.C:
		return fmt.Errorf("devcluster gave no answer in %s", timeout)
	}
}

// command sends one line to the program and waits for its answer.
func (d *devcluster) command(command string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := fmt.Fprintln(d.send, command); err != nil {
		return errors.Join(fmt.Errorf("sending %s to devcluster: %w", command, err), d.log.err())
	}
	var result struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if err := d.answer(&result, commandTimeout); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", command, err), d.log.err())
	}
	if !result.OK {
		return fmt.Errorf("%s: %s", command, result.Error)
	}
	return nil
}

// stop ends the program and waits until it is gone.
func (d *devcluster) stop() error {
	_ = d.input.Close()
	done := make(chan error, 1)
	go func() { done <- d.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("devcluster: %w", err)
		}
		return nil
	case <-time.After(commandTimeout):
		return errors.Join(fmt.Errorf("devcluster still runs %s after its input ended", commandTimeout), d.cmd.Process.Kill())
	}
}

// devclusterDir finds the folder of the module internal/devcluster above the folder that the test runs in.
func devclusterDir() (string, error) {
	working, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := working; ; dir = filepath.Dir(dir) {
		module := filepath.Join(dir, "internal", "devcluster")
		switch _, err := os.Stat(filepath.Join(module, "go.mod")); {
		case err == nil:
			return module, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		case dir == filepath.Dir(dir):
			return "", fmt.Errorf("no folder internal/devcluster above %s", working)
		}
	}
}

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
