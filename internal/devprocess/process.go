// Package devprocess starts commands of devcluster for tests and tools. devcluster is a module of its own and so a
// program of its own, run by the go command.
package devprocess

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// answerTimeout covers a restart of the apiserver on a loaded machine.
const answerTimeout = 2 * time.Minute

// Process is a command of devcluster that is ready. It lives as long as its input, and so ends with this program at the
// latest.
type Process struct {
	cmd     *exec.Cmd
	input   io.WriteCloser
	answers <-chan []byte

	mu sync.Mutex
}

// Module is the folder of devcluster's module in the project at a root.
func Module(root string) string { return filepath.Join(root, "internal", "devcluster") }

// Root is the project's folder, at or above the working folder.
func Root() (string, error) {
	working, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := working; ; dir = filepath.Dir(dir) {
		switch _, err := os.Stat(filepath.Join(Module(dir), "go.mod")); {
		case err == nil:
			return dir, nil
		case !errors.Is(err, os.ErrNotExist):
			return "", err
		case dir == filepath.Dir(dir):
			return "", fmt.Errorf("run this inside the provider's source tree; there is no internal/devcluster above %s", working)
		}
	}
}

// Command is a command of devcluster, to be started with Start. What it says beside its answers goes to its Stderr.
func Command(ctx context.Context, root string, args ...string) *exec.Cmd {
	// It is to end by itself, with its input, and not to be killed with a context.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "go", append([]string{"run", "-C", Module(root), "./cmd/devcluster"}, args...)...)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// Start runs a command and reads what it says when it is ready into a value for JSON. A context that ends before ends the
// command, also in the middle of a build; one that ends later does nothing.
func Start(ctx context.Context, cmd *exec.Cmd, ready any) (*Process, error) {
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, input: input, answers: lines(output)}
	if err := p.answer(ctx, ready); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
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
func (p *Process) answer(ctx context.Context, into any) error {
	select {
	case line, open := <-p.answers:
		if !open {
			return errors.New("devcluster ended without an answer")
		}
		if err := json.Unmarshal(line, into); err != nil {
			return fmt.Errorf("devcluster answered %q: %w", line, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("devcluster gave no answer: %w", ctx.Err())
	}
}

// RefusedError is what the program says against a command.
type RefusedError struct{ Command, Reason string }

func (e *RefusedError) Error() string { return e.Command + ": " + e.Reason }

// Command sends one line to the program and waits for its answer.
func (p *Process) Command(command string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := fmt.Fprintln(p.input, command); err != nil {
		return fmt.Errorf("sending %s to devcluster: %w", command, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	var result struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if err := p.answer(ctx, &result); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	if !result.OK {
		return &RefusedError{command, result.Error}
	}
	return nil
}

// Stop ends the program and waits until it is gone.
func (p *Process) Stop() error {
	_ = p.input.Close()
	timer := time.AfterFunc(answerTimeout, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("devcluster: %w", err)
	}
	return nil
}
