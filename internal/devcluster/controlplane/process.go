package controlplane

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
)

// process is one running program of the control plane.
type process struct {
	name string
	log  string
	cmd  *exec.Cmd
	// done is closed once the program has ended.
	done chan struct{}
	// killed is set before the program is ended on purpose.
	killed atomic.Bool
}

// spawner starts programs on one operating system thread that lives as long as this process. Linux delivers a
// child's parent-death signal when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG), and Go ends threads
// at will; on any other thread the control plane could die in the middle of a test.
var spawner = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// start runs a program in the folder dir with its output in <dir>/<name>.log. The program is killed when this process
// ends, where the operating system can do that.
func start(dir, path string, args ...string) (*process, error) {
	name := filepath.Base(path)
	p := &process{name: name, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	output, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	defer func() { _ = output.Close() }()
	p.cmd = exec.Command(path, args...) //nolint:noctx // it lives until stop
	p.cmd.Dir = dir
	// Less garbage collection while there is memory: it is a third of the apiserver's work during its start.
	p.cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, "GOGC=300", "GOMEMLIMIT=1GiB"}
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = childAttributes()

	started := make(chan error)
	spawner() <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // What it says is in cmd.ProcessState too.
		close(p.done)
	}()
	return p, nil
}

// kill ends the program at once and waits until it is gone. A nil process is gone already.
func (p *process) kill() {
	if p == nil {
		return
	}
	p.killed.Store(true)
	_ = p.cmd.Process.Kill()
	<-p.done
}

// ended describes why the program is not running any more, with the end of its log.
func (p *process) ended() error {
	return fmt.Errorf("%s ended by itself (%s); the end of its log:\n%s", p.name, p.cmd.ProcessState, p.tail())
}

// tail returns the last lines of the log.
func (p *process) tail() []byte {
	const lines = 15
	content, err := os.ReadFile(p.log)
	if err != nil {
		return []byte(err.Error())
	}
	all := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	return bytes.Join(all[max(0, len(all)-lines):], []byte("\n"))
}
