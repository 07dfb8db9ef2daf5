package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what one command cost.
type usage struct {
	// cpu is the user and system time of the CLI and of the provider, for which it waits.
	cpu  time.Duration
	wall time.Duration
	// memory is the peak resident memory of the provider in bytes, 0 where the system does not tell.
	memory int64
}

// noChanges is a plan that must not find anything to do: with changes it exits with 2.
var noChanges = []string{"plan", "-no-color", "-detailed-exitcode"}

// refresh takes over into the state what has changed by itself.
var refresh = []string{"apply", "-no-color", "-auto-approve", "-refresh-only"}

var applyAll = []string{"apply", "-no-color", "-auto-approve"}

// terraform runs the CLI in a folder.
func (b *bench) terraform(ctx context.Context, folder string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, b.cli, args...)
	cmd.Dir = folder
	cmd.Env = b.environ
	// The CLI stops its providers when it is interrupted.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	done := make(chan struct{})
	peak := make(chan int64, 1)
	go func() { peak <- peakOfChildren(cmd.Process.Pid, done) }()
	err := cmd.Wait()
	cost := usage{wall: time.Since(started)}
	close(done)
	cost.memory = <-peak
	if err != nil {
		text := output.String()
		return usage{}, fmt.Errorf("%s %s in %s: %w\n%s", filepath.Base(b.cli), strings.Join(args, " "), filepath.Base(folder), err, text[max(0, len(text)-4000):])
	}
	cost.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if b.verbose {
		progress("%-14s %-5s cpu %5.2f s, wall %5.2f s, provider %d MB", filepath.Base(folder), args[0], cost.cpu.Seconds(), cost.wall.Seconds(), cost.memory>>20)
	}
	return cost, nil
}

// peakOfChildren returns the highest peak of resident memory that it sees among the children of a process until done.
// The kernel keeps the peak of each process, so looking now and then misses only the last moments.
func peakOfChildren(pid int, done <-chan struct{}) int64 {
	var peak int64
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		for _, list := range lists {
			children, err := os.ReadFile(list)
			if err != nil {
				continue
			}
			for child := range strings.FieldsSeq(string(children)) {
				if high, err := highWaterMark(child); err == nil {
					peak = max(peak, high)
				}
			}
		}
		select {
		case <-done:
			return peak
		case <-ticker.C:
		}
	}
}

// highWaterMark reads VmHWM of proc_pid_status(5), which is in kibibytes.
func highWaterMark(pid string) (int64, error) {
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kibibytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kibibytes << 10, err
		}
	}
	return 0, errors.New("no VmHWM")
}
