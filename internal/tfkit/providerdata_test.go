package tfkit

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

func TestClientIsSharedAndFailuresAreNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	data := &ProviderData{KubernetesConfig: kube.Config{ConfigPath: path}}
	var wrong *kube.ConfigError
	if _, err := data.Kubernetes(t.Context()); !errors.As(err, &wrong) || wrong.Attribute != "config_path" {
		t.Fatalf("without the file the error is %v", err)
	}
	kubeconfig := "apiVersion: v1\nkind: Config\ncurrent-context: a\n" +
		"contexts: [{name: a, context: {cluster: a}}]\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n"
	if err := os.WriteFile(path, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := data.Kubernetes(t.Context())
	if err != nil {
		t.Fatalf("a failure must not stay: %v", err)
	}
	if second, err := data.Kubernetes(t.Context()); err != nil || second != first {
		t.Errorf("the second call gave another client, %v", err)
	}
}

func TestConfigured(t *testing.T) {
	data := &ProviderData{}
	if got, diags := Configured(data); got != data || diags.HasError() {
		t.Errorf("got %v, %v", got, diags)
	}
	if got, diags := Configured(nil); got != nil || diags.HasError() {
		t.Errorf("before the provider is configured: %v, %v", got, diags)
	}
	if _, diags := Configured("data"); !diags.HasError() {
		t.Error("another type must be an error")
	}
}
