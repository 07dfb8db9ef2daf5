package kube_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// tunnel is an HTTP proxy that counts the connections through it.
func tunnel(t *testing.T, count *atomic.Int32) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
		if r.Method != http.MethodConnect || err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer out.Close()
		count.Add(1)
		w.WriteHeader(http.StatusOK)
		in, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer in.Close()
		go func() { _, _ = io.Copy(out, buffered) }()
		_, _ = io.Copy(in, out)
	}))
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

func TestEveryWayIn(t *testing.T) {
	e := setUp(t)
	pem := func(path string) string {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var proxied atomic.Int32
	authority := pem(e.cluster.CertificateAuthority)
	plugin := func(script string) *kube.Exec {
		return &kube.Exec{APIVersion: "client.authentication.k8s.io/v1", Command: "sh", Args: []string{"-c", script}, Env: map[string]string{"TOKEN": e.cluster.Token}}
	}
	const prints = `printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$TOKEN"`
	_, port, err := net.SplitHostPort(strings.TrimPrefix(e.cluster.Endpoint, "https://"))
	if err != nil {
		t.Fatal(err)
	}

	for _, test := range []struct {
		name   string
		config kube.Config
	}{
		{"token", kube.Config{Host: e.cluster.Endpoint, Token: e.cluster.Token, ClusterCACertificate: authority}},
		{"client certificate", kube.Config{Host: e.cluster.Endpoint, ClientCertificate: pem(e.cluster.ClientCertificate), ClientKey: pem(e.cluster.ClientKey), ClusterCACertificate: authority}},
		{"credential plugin", kube.Config{Host: e.cluster.Endpoint, Exec: plugin(prints), ClusterCACertificate: authority}},
		{"no check of the certificate", kube.Config{Host: e.cluster.Endpoint, Token: e.cluster.Token, Insecure: true}},
		{"name of the certificate", kube.Config{Host: "https://127.0.0.1:" + port, TLSServerName: "kubernetes.default.svc", Token: e.cluster.Token, ClusterCACertificate: authority}},
		{"proxy", kube.Config{ConfigPath: e.cluster.Kubeconfig, ProxyURL: tunnel(t, &proxied)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, err := kube.Connect(test.config)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Get(e.ctx, gauges, e.key("first")); err != nil {
				t.Error(err)
			}
		})
	}
	if proxied.Load() == 0 {
		t.Error("nothing went through the proxy")
	}

	failing := e.connect(t, func(c *kube.Config) { c.Exec = plugin(`echo "$TOKEN"; exit 3`) })
	_, err = failing.Get(e.ctx, gauges, e.key("first"))
	var credentials *kube.CredentialsError
	if !errors.As(err, &credentials) || strings.Contains(fmt.Sprint(err), e.cluster.Token) {
		t.Errorf("a plugin that fails: %T %v", err, err)
	}
}
