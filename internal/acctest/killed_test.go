package acctest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// TestKilledProcess runs itself in another process that starts a cluster, and kills that process in the hard way.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	FirstCLIOnly(t)
	const victim = "ACCTEST_VICTIM"
	if os.Getenv(victim) != "" {
		cluster := Cluster(t, "1.7")
		fmt.Println("cluster", cluster.Endpoint, cluster.Kubeconfig)
		select {}
	}

	process := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	process.Env = append(os.Environ(), victim+"=1", kubeconfigVariable("1.7")+"=")
	process.Stderr = t.Output()
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var endpoint, kubeconfig string
	for lines := bufio.NewScanner(output); endpoint == "" && lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "cluster" {
			endpoint, kubeconfig = words[1], words[2]
		}
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait()
	if endpoint == "" {
		t.Fatal("the process started no cluster")
	}

	address, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	gone := func(ctx context.Context) (bool, error) {
		if connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address.Host); err == nil {
			return false, connection.Close()
		}
		_, err := os.Stat(kubeconfig)
		return errors.Is(err, fs.ErrNotExist), nil
	}
	if err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 20*time.Second, true, gone); err != nil {
		t.Errorf("the cluster of the killed process is still there: %s", err)
	}
}
