package kube

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// TestAHangingCredentialProgramEndsWithTheContext runs every kind of request
// with a program that does not print its credentials before the test lets it.
func TestAHangingCredentialProgramEndsWithTheContext(t *testing.T) {
	t.Parallel()
	host, requests := answering(t, orders)
	release := filepath.Join(t.TempDir(), "release")
	const credentials = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}`
	script := fmt.Sprintf(`until [ -e %q ]; do sleep 0.05; done; echo '%s'`, release, credentials)
	timing := patient
	timing.firstContact = 100 * time.Millisecond
	client, err := newClient(&rest.Config{Host: host, ExecProvider: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "sh", Args: []string{"-c", script},
		InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
	}}, timing)
	if err != nil {
		t.Fatal(err)
	}
	for name, request := range map[string]func(context.Context) error{
		"read":  func(ctx context.Context) error { return read(ctx, client) },
		"list":  func(ctx context.Context) error { _, err := client.List(ctx, jobs, "ns", ""); return err },
		"find":  func(ctx context.Context) error { _, err := client.Find(ctx, jobs, job.Key); return err },
		"apply": func(ctx context.Context) error { return apply(ctx, client) },
		"service": func(ctx context.Context) error {
			_, err := client.ServiceGet(ctx, "ns", "orders-rest", 8081, "/jobs")
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		began := time.Now()
		if err := request(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		cancel()
	}
	if got := client.ValidatingWebhook(t.Context(), jobs); got != "" || requests.Load() != 0 {
		t.Errorf("the webhook is %q after %d requests", got, requests.Load())
	}
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// What it prints in the end serves the requests that follow.
	if err := read(t.Context(), client); err != nil {
		t.Error(err)
	}
}
