package controlplane_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
)

// ownerVariable makes the test binary an owner of a control plane that prints its folder and waits to be killed.
const ownerVariable = "CONTROLPLANE_TEST_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) == "" {
		os.Exit(m.Run())
	}
	cluster, err := controlplane.Start(context.Background(), controlplane.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(filepath.Dir(cluster.Kubeconfig()))
	select {}
}

// TestKilledOwner kills an owner in the hard way, after which nothing can clean up for it.
func TestKilledOwner(t *testing.T) {
	ownTempDir(t)
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), ownerVariable+"=1")
	owner.Stderr = t.Output()
	output, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	t.Cleanup(func() {
		if !killed {
			_ = owner.Process.Kill()
			_ = owner.Wait()
		}
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(line)
	t.Cleanup(func() { killPrograms(t, dir) })
	if programs := programsIn(t, dir); len(programs) != 3 {
		t.Fatalf("programs of the control plane: %v", programs)
	}

	killed = true
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	eventually(t, "its programs end", func(context.Context) bool { return len(programsIn(t, dir)) == 0 })

	if !slices.Contains(runDirs(t), dir) {
		t.Fatalf("the folder %s is gone already, so the next start cannot be tested", dir)
	}
	cluster, err := controlplane.Start(t.Context(), controlplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Stop)
	if slices.Contains(runDirs(t), dir) {
		t.Errorf("the next start left the folder %s of the killed owner", dir)
	}
	if !slices.Contains(runDirs(t), filepath.Dir(cluster.Kubeconfig())) {
		t.Error("the folder of the running control plane is missing")
	}
}

// killPrograms ends what a failed test has left.
func killPrograms(t *testing.T, dir string) {
	t.Helper()
	for _, program := range programsIn(t, dir) {
		number, _, _ := strings.Cut(program, " ")
		pid, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
