package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// The programs that Build knows, by the package of the tool module that each is built from.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Kubelet           = "kubelet"
	Proxy             = "kube-proxy"
	Kubectl           = "kubectl"
)

var packages = map[string]string{
	Etcd:              "go.etcd.io/etcd/server/v3",
	APIServer:         "k8s.io/kubernetes/cmd/kube-apiserver",
	ControllerManager: "k8s.io/kubernetes/cmd/kube-controller-manager",
	Scheduler:         "k8s.io/kubernetes/cmd/kube-scheduler",
	Kubelet:           "k8s.io/kubernetes/cmd/kubelet",
	Proxy:             "k8s.io/kubernetes/cmd/kube-proxy",
	Kubectl:           "k8s.io/kubernetes/cmd/kubectl",
}

// Build makes sure that the named programs are in the binary folder and returns that folder; without names it builds
// what Start needs. What is already there is not built again. Processes that build at the same time take turns, and a
// program appears in the folder only when it is complete. A first build takes several minutes.
func Build(ctx context.Context, opts Options, names ...string) (string, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		names = []string{Etcd, APIServer, ControllerManager}
	}
	missing, err := absent(opts.BinaryDir, names)
	if err != nil || len(missing) == 0 {
		return opts.BinaryDir, err
	}
	if err := os.MkdirAll(opts.BinaryDir, 0o755); err != nil {
		return "", fmt.Errorf("creating the folder for the control plane's binaries: %w", err)
	}
	lock := flock.New(filepath.Join(opts.BinaryDir, "build.lock"))
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return "", fmt.Errorf("waiting for another process that builds into %s: %w", opts.BinaryDir, err)
	}
	defer func() { _ = lock.Unlock() }()
	if missing, err = absent(opts.BinaryDir, names); err != nil {
		return "", err
	}
	for _, name := range missing {
		start := time.Now()
		opts.Log.Info("building "+name+" (once, can take minutes)", "folder", opts.BinaryDir)
		if err := build(ctx, opts, name); err != nil {
			return "", err
		}
		opts.Log.Info("built "+name, "took", time.Since(start).Round(time.Millisecond))
	}
	return opts.BinaryDir, nil
}

func absent(dir string, names []string) ([]string, error) {
	var missing []string
	for _, name := range names {
		if _, known := packages[name]; !known {
			return nil, fmt.Errorf("no program %q belongs to the control plane", name)
		}
		switch _, err := os.Stat(binary(dir, name)); {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, name)
		case err != nil:
			return nil, fmt.Errorf("looking for %s: %w", name, err)
		}
	}
	return missing, nil
}

func build(ctx context.Context, opts Options, name string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("building %s needs the go command: %w", name, err)
	}
	target := binary(opts.BinaryDir, name)
	unfinished := fmt.Sprintf("%s.%d.tmp", target, os.Getpid())
	defer func() { _ = os.Remove(unfinished) }()
	parts := strings.SplitN(strings.TrimPrefix(Version, "v"), ".", 3)
	const variables = "k8s.io/component-base/version."
	flags := []string{
		"-s", "-w",
		"-X", variables + "gitVersion=" + Version, "-X", variables + "gitMajor=" + parts[0], "-X", variables + "gitMinor=" + parts[1],
	}
	cmd := exec.CommandContext(ctx, goTool, "build", "-mod=readonly", "-trimpath", "-buildvcs=false",
		"-ldflags", strings.Join(flags, " "), "-o", unfinished, packages[name])
	cmd.Dir = opts.SourceDir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building %s in %s: %w\n%s", name, opts.SourceDir, err, strings.TrimSpace(output.String()))
	}
	if err := os.Rename(unfinished, target); err != nil {
		return fmt.Errorf("putting %s in its place: %w", name, err)
	}
	return nil
}

func binary(dir, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}
