package kube

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

const kubeconfigs = `
apiVersion: v1
kind: Config
current-context: staging
clusters:
- {name: staging, cluster: {server: "https://staging.example.com:6443", insecure-skip-tls-verify: true, proxy-url: "http://proxy.example.com:3128"}}
- {name: production, cluster: {server: "https://production.example.com"}}
- {name: nowhere, cluster: {}}
contexts:
- {name: staging, context: {cluster: staging, user: token}}
- {name: production, context: {cluster: production, user: plugin}}
- {name: nowhere, context: {cluster: nowhere, user: token}}
users:
- {name: token, user: {token: staging-secret}}
- name: plugin
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: IfAvailable, env: [{name: REGION, value: eu}]}}
`

// inEnvironment gives the test a home directory and no cluster around it.
func inEnvironment(t *testing.T, kubeconfig string) (home string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("KUBECONFIG", kubeconfig)
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("KUBERNETES_SERVICE_PORT", "")
	return home
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConnectPicksTheSource(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "config"), kubeconfigs)
	other := write(t, filepath.Join(dir, "other"), strings.ReplaceAll(kubeconfigs, "staging.example.com", "other.example.com"))
	onlyContext := write(t, filepath.Join(dir, "context"), "apiVersion: v1\nkind: Config\ncurrent-context: production\n")
	missing := filepath.Join(dir, "missing")

	for _, test := range []struct {
		name       string
		config     Config
		kubeconfig string
		home       bool // whether ~/.kube/config is there
		want       string
	}{
		{"path of the block over KUBECONFIG", Config{ConfigPath: file}, other, true, "https://staging.example.com:6443"},
		{"path below the home directory", Config{ConfigPath: "~/.kube/config", Context: "production"}, "", true, "https://production.example.com"},
		{"the first of several paths wins", Config{ConfigPaths: []string{onlyContext, file}}, "", false, "https://production.example.com"},
		{"context of the block", Config{ConfigPath: file, Context: "production"}, "", false, "https://production.example.com"},
		{"host of the block over its file", Config{ConfigPath: file, Host: "https://host.example.com"}, "", false, "https://host.example.com"},
		{"host of the block over KUBECONFIG", Config{Host: "https://host.example.com"}, file, true, "https://host.example.com"},
		{"KUBECONFIG over the home directory", Config{}, other, true, "https://other.example.com:6443"},
		{"KUBECONFIG with a missing file", Config{}, missing + string(filepath.ListSeparator) + file, false, "https://staging.example.com:6443"},
		{"home directory", Config{}, "", true, "https://staging.example.com:6443"},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := inEnvironment(t, test.kubeconfig)
			if test.home {
				write(t, filepath.Join(home, ".kube", "config"), kubeconfigs)
			}
			client, err := Connect(test.config)
			if err != nil {
				t.Fatal(err)
			}
			if client.Endpoint() != test.want {
				t.Errorf("endpoint %s, want %s", client.Endpoint(), test.want)
			}
		})
	}
}

func TestConnectTakesTheServiceAccountOfThePod(t *testing.T) {
	inEnvironment(t, "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	_, err := Connect(Config{})
	// The token file is at a fixed path outside the reach of a test; that it
	// was asked for is seen in the message.
	if err == nil || !strings.Contains(err.Error(), "/var/run/secrets/kubernetes.io/serviceaccount/token") {
		t.Errorf("got %v", err)
	}
}

func TestConnectNamesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "config"), kubeconfigs)
	broken := write(t, filepath.Join(dir, "broken"), "clusters: [")
	plain := Config{Host: "https://host.example.com"}
	with := func(change func(*Config)) Config { c := plain; change(&c); return c }

	for _, test := range []struct {
		name      string
		config    Config
		attribute string
		says      []string
	}{
		{"nothing at all", Config{}, "", []string{"no configuration of a Kubernetes cluster", "none of config_path, config_paths and host", "KUBECONFIG is not set", filepath.Join(".kube", "config") + " does not exist", "KUBERNETES_SERVICE_HOST"}},
		{"token without host", Config{Token: "planted-secret"}, "host", []string{"host is empty", "KUBECONFIG is not set"}},
		{"missing file", Config{ConfigPath: filepath.Join(dir, "nope")}, "config_path", []string{filepath.Join(dir, "nope") + " does not exist"}},
		{"one of the files missing", Config{ConfigPaths: []string{file, filepath.Join(dir, "nope")}}, "config_paths", []string{"nope does not exist"}},
		{"empty element", Config{ConfigPaths: []string{file, ""}}, "config_paths", []string{"is empty"}},
		{"both path attributes", Config{ConfigPath: file, ConfigPaths: []string{file}}, "config_paths", []string{"Only one"}},
		{"broken file", Config{ConfigPath: broken}, "config_path", []string{"cannot be read"}},
		{"unknown context", Config{ConfigPath: file, Context: "prod"}, "context", []string{`no context "prod"`, "it has nowhere, production, staging"}},
		{"context without server", Config{ConfigPath: file, Context: "nowhere"}, "config_path", []string{`"nowhere"`, "no server"}},
		{"context without file", with(func(c *Config) { c.Context = "x" }), "context", []string{"needs config_path"}},
		{"bad host", Config{Host: "https://[host"}, "host", []string{"no URL"}},
		{"bad proxy", with(func(c *Config) { c.ProxyURL = "user:planted-secret@proxy" }), "proxy_url", []string{"no URL"}},
		{"certificate without key", with(func(c *Config) { c.ClientCertificate = "x" }), "client_key", []string{"client_key is empty"}},
		{"key without certificate", with(func(c *Config) { c.ClientKey = "planted-secret" }), "client_certificate", []string{"client_certificate is empty"}},
		{"no pair", with(func(c *Config) { c.ClientCertificate, c.ClientKey = "x", "planted-secret" }), "client_certificate", []string{"PEM"}},
		{"authority that is none", with(func(c *Config) { c.ClusterCACertificate = "x" }), "cluster_ca_certificate", []string{"PEM"}},
		{"exec without command", with(func(c *Config) { c.Exec = &Exec{APIVersion: "client.authentication.k8s.io/v1"} }), "exec.command", []string{"is empty"}},
		{"exec with an old version", with(func(c *Config) {
			c.Exec = &Exec{APIVersion: "client.authentication.k8s.io/v1alpha1", Command: "login"}
		}), "exec.api_version", []string{"client.authentication.k8s.io/v1, ", "v1alpha1"}},
		{"impersonation of nobody", with(func(c *Config) { c.Impersonate = &Impersonate{Groups: []string{"x"}} }), "impersonate.user", []string{"is empty"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inEnvironment(t, "")
			_, err := Connect(test.config)
			var config *ConfigError
			if !errors.As(err, &config) {
				t.Fatalf("got %T %v", err, err)
			}
			if config.Attribute != test.attribute {
				t.Errorf("attribute %q, want %q", config.Attribute, test.attribute)
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "planted-secret") || strings.Contains(err.Error(), "localhost") {
				t.Errorf("%q", err)
			}
		})
	}
}

func TestTheBlockOverridesItsFile(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "config"), kubeconfigs)
	inEnvironment(t, "")
	restConfig := func(c Config) *rest.Config {
		t.Helper()
		client, err := Connect(c)
		if err != nil {
			t.Fatal(err)
		}
		return client.config
	}

	got := restConfig(Config{ConfigPath: file})
	if got.BearerToken != "staging-secret" || !got.Insecure || got.UserAgent != "terraform-provider-flink/dev" || got.QPS != -1 {
		t.Errorf("the file alone gives token %q, insecure %v, agent %s, qps %v", got.BearerToken, got.Insecure, got.UserAgent, got.QPS)
	}
	if u := proxyOf(t, got); u != "http://proxy.example.com:3128" {
		t.Errorf("proxy of the file: %s", u)
	}

	got = restConfig(Config{
		ConfigPath: file, Token: "mine", ClusterCACertificate: testAuthority(t), TLSServerName: "name",
		ProxyURL: "http://other.example.com:1", Version: "1.2.3",
		Impersonate: &Impersonate{User: "jane", UID: "7", Groups: []string{"g"}, Extra: map[string][]string{"k": {"v"}}},
	})
	if got.BearerToken != "mine" || got.Insecure || len(got.CAData) == 0 || got.ServerName != "name" || got.UserAgent != "terraform-provider-flink/1.2.3" {
		t.Errorf("overridden: token %q, insecure %v, CA %d bytes, server name %q, agent %s", got.BearerToken, got.Insecure, len(got.CAData), got.ServerName, got.UserAgent)
	}
	if u := proxyOf(t, got); u != "http://other.example.com:1" {
		t.Errorf("proxy of the block: %s", u)
	}
	want := rest.ImpersonationConfig{UserName: "jane", UID: "7", Groups: []string{"g"}, Extra: map[string][]string{"k": {"v"}}}
	if diff := cmp.Diff(want, got.Impersonate); diff != "" {
		t.Error(diff)
	}

	got = restConfig(Config{ConfigPath: file, Exec: &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: "login", Args: []string{"a"}, Env: map[string]string{"B": "2", "A": "1"}}})
	if got.BearerToken != "" || got.ExecProvider == nil || got.ExecProvider.Command != "login" || !slices.Equal(got.ExecProvider.Args, []string{"a"}) ||
		got.ExecProvider.Env[0].Name != "A" || got.ExecProvider.Env[1].Value != "2" || got.ExecProvider.InteractiveMode != "Never" {
		t.Errorf("exec of the block: token %q, %+v", got.BearerToken, got.ExecProvider)
	}
	got = restConfig(Config{ConfigPath: file, Context: "production"})
	if got.ExecProvider == nil || got.ExecProvider.InteractiveMode != "Never" || got.ExecProvider.Env[0].Value != "eu" {
		t.Errorf("exec of the file: %+v", got.ExecProvider)
	}
	got = restConfig(Config{ConfigPath: file, Context: "production", Token: "mine"})
	if got.ExecProvider != nil || got.BearerToken != "mine" {
		t.Errorf("a token replaces the file's exec: %q, %+v", got.BearerToken, got.ExecProvider)
	}
	got = restConfig(Config{ConfigPath: file, Context: "production", Insecure: true})
	if !got.Insecure {
		t.Error("insecure is lost")
	}
}

func proxyOf(t *testing.T, config *rest.Config) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, config.Host, nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := config.Proxy(req)
	if err != nil || u == nil {
		t.Fatalf("proxy %v, %v", u, err)
	}
	return u.String()
}
