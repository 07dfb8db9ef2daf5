package controlplane_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	authentication "k8s.io/api/authentication/v1"
	rbac "k8s.io/api/rbac/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
)

func tokenRequest() *authentication.TokenRequest { return &authentication.TokenRequest{} }

// viewBinding gives a service account of the namespace default the role view.
func viewBinding(account string) *rbac.RoleBinding {
	return &rbac.RoleBinding{
		ObjectMeta: meta.ObjectMeta{Name: account},
		Subjects:   []rbac.Subject{{Kind: rbac.ServiceAccountKind, Namespace: "default", Name: account}},
		RoleRef:    rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "ClusterRole", Name: "view"},
	}
}

// brokenBinaries is a folder with programs that say what is wrong and end.
func brokenBinaries(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{controlplane.Etcd, controlplane.APIServer, controlplane.ControllerManager} {
		script := fmt.Sprintf("#!/bin/sh\necho %s: no such thing >&2\nexit 3\n", name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ownTempDir keeps the folders of other processes' control planes out of a test. Its path is short enough for sockets.
func ownTempDir(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "cp") //nolint:usetesting // t.TempDir has the name of the test in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
}

// runDirs lists the folders of control planes.
func runDirs(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("devcluster-%d", os.Getuid()), "run-*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// programsIn lists the process ids and command lines of programs that work in the folder, from the proc file system.
func programsIn(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(found) == 0 {
		t.Fatalf("no proc file system to find programs with: %v", err)
	}
	var programs []string
	for _, file := range found {
		// A program that has ended meanwhile is not running.
		command, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(command), dir+"/") {
			programs = append(programs, filepath.Base(filepath.Dir(file))+" "+strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return programs
}

// logBuffer collects a log that several goroutines write.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
