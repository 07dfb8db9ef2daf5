package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"
)

const (
	tokenFile      = "tokens.csv"
	kubeconfigFile = "kubeconfig"
	etcdSocket     = "etcd.sock"
	peerSocket     = "peer.sock"

	// readyTimeout bounds the start of one program; a loaded machine with two cores needs a fraction of it.
	readyTimeout = 5 * time.Minute
	// pollInterval is short because every start waits for it.
	pollInterval = 20 * time.Millisecond
)

// etcdArguments has etcd serve on a Unix socket, which other users cannot reach and which needs no port. The URLs to
// be advertised must have a port all the same, but a single member never calls itself by them.
func etcdArguments(dir *runDir) []string {
	return []string{
		"--data-dir", dir.file("etcd"),
		"--listen-client-urls", dir.socket(etcdSocket),
		"--listen-peer-urls", dir.socket(peerSocket),
		"--advertise-client-urls", "http://localhost:2379",
		"--unsafe-no-fsync",
		"--log-level", "error",
	}
}

// apiServerArguments leaves out what a control plane without nodes has no use for: priority and fairness would only
// slow down bursts of requests, and no endpoint of the apiserver need be published in the cluster.
func apiServerArguments(dir *runDir, port int) []string {
	return []string{
		"--etcd-servers", dir.socket(etcdSocket),
		"--bind-address", "127.0.0.1",
		"--secure-port", strconv.Itoa(port),
		"--tls-cert-file", dir.file(servingName + ".crt"),
		"--tls-private-key-file", dir.file(servingName + ".key"),
		"--client-ca-file", dir.file(caCertificate),
		"--token-auth-file", dir.file(tokenFile),
		"--service-account-key-file", dir.file(serviceAccountKey),
		"--service-account-signing-key-file", dir.file(serviceAccountKey),
		"--service-account-issuer", "https://kubernetes.default.svc",
		"--authorization-mode", "RBAC",
		"--service-cluster-ip-range", "10.96.0.0/16",
		"--endpoint-reconciler-type", "none",
		"--enable-priority-and-fairness=false",
		"--max-requests-inflight", "0",
		"--max-mutating-requests-inflight", "0",
		"--etcd-compaction-interval", "0",
		"--profiling=false",
	}
}

// controllerManagerArguments runs the controllers that clients of the API depend on: deletion of namespaces and of
// owned objects, service accounts with their root certificate, and the roles that are made up of others (admin, edit,
// view). Controllers of workloads would wait for nodes in vain.
func controllerManagerArguments(dir *runDir) []string {
	controllers := []string{
		"namespace-controller",
		"garbage-collector-controller",
		"serviceaccount-controller",
		"serviceaccount-token-controller",
		"root-ca-certificate-publisher-controller",
		"clusterrole-aggregation-controller",
	}
	return []string{
		"--kubeconfig", dir.file(kubeconfigFile),
		"--controllers", strings.Join(controllers, ","),
		"--service-account-private-key-file", dir.file(serviceAccountKey),
		"--root-ca-file", dir.file(caCertificate),
		"--leader-elect=false",
		"--secure-port", "0",
		"--kube-api-qps", "1000",
		"--kube-api-burst", "2000",
		"--profiling=false",
	}
}

// waitForEtcd returns when etcd accepts connections. The apiserver would wait for it as well, but by whole seconds.
func (c *Cluster) waitForEtcd(ctx context.Context) error {
	return wait(ctx, c.etcd, func() bool {
		connection, err := (&net.Dialer{}).DialContext(ctx, "unix", c.dir.file(etcdSocket))
		if err != nil {
			return false
		}
		_ = connection.Close()
		return true
	})
}

// startAPIServerOnFreePort chooses a port and tries others when somebody else was faster.
func (c *Cluster) startAPIServerOnFreePort(ctx context.Context) error {
	const attempts = 5
	var err error
	for range attempts {
		if c.port, err = freePort(); err != nil {
			return err
		}
		if err = c.writeKubeconfig(); err != nil {
			return fmt.Errorf("writing the kubeconfig: %w", err)
		}
		if err = c.startAPIServer(ctx); err == nil || !strings.Contains(err.Error(), "address already in use") {
			return err
		}
		c.log.Debug("the port was taken by another process, trying another", "port", c.port)
		if err := os.Truncate(c.dir.file(APIServer+".log"), 0); err != nil {
			return err
		}
	}
	return err
}

func (c *Cluster) startAPIServer(ctx context.Context) error {
	p, err := start(c.dir.path, binary(c.bin, APIServer), apiServerArguments(c.dir, c.port)...)
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(c.Config())
	if err != nil {
		p.kill()
		return err
	}
	defer client.CloseIdleConnections()
	if err := wait(ctx, p, func() bool { return ready(ctx, client, c.Endpoint()) }); err != nil {
		p.kill()
		return err
	}
	c.apiserver = p
	go c.report(p)
	return nil
}

// freePort finds a port that nobody listens on, below the range that operating systems take outgoing ports from, so
// that the port is still free when an apiserver is stopped for a while.
func freePort() (int, error) {
	const first, last, attempts = 20000, 30000, 50
	for range attempts {
		port := first + rand.IntN(last-first)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) //nolint:noctx // it does not wait
		if err == nil {
			return port, listener.Close()
		}
	}
	return 0, fmt.Errorf("no free port between %d and %d found in %d attempts", first, last, attempts)
}

func ready(ctx context.Context, client *http.Client, endpoint string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode == http.StatusOK
}

// wait polls until the program is ready, has ended, or the time is over.
func wait(ctx context.Context, p *process, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for !ready() {
		select {
		case <-p.done:
			return p.ended()
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%s is not ready after %s; the end of its log:\n%s", p.name, readyTimeout, bytes.TrimSpace(p.tail()))
			}
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}
