package controlplane

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Cluster is a running control plane.
type Cluster struct {
	dir   *runDir
	bin   string
	log   *slog.Logger
	token string
	port  int

	mu         sync.Mutex
	etcd       *process
	apiserver  *process
	controller *process
	stopped    bool
}

// Start brings up a control plane and returns when its apiserver is ready and Options.Prepare is done. Missing
// binaries are built first, see Build. The caller owns the control plane and ends it with Stop; on Linux it ends with
// the calling process in any case. An error leaves nothing behind.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	watch := newStopwatch()
	bin, err := Build(ctx, opts)
	if err != nil {
		return nil, err
	}
	watch.lap("binaries")
	dir, err := newRunDir(runParent())
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, bin: bin, log: opts.Log, token: rand.Text()}
	if err := c.bringUp(ctx, opts, watch); err != nil {
		c.Stop()
		return nil, err
	}
	opts.Log.Info("control plane ready", append([]any{"endpoint", c.Endpoint()}, watch.attributes()...)...)
	return c, nil
}

func (c *Cluster) bringUp(ctx context.Context, opts Options, watch *stopwatch) error {
	var err error
	if c.etcd, err = start(c.dir.path, binary(c.bin, Etcd), etcdArguments(c.dir)...); err != nil {
		return err
	}
	if err := writeCertificates(c.dir.path); err != nil {
		return err
	}
	tokens := fmt.Sprintf("%s,admin,admin,system:masters\n", c.token)
	if err := os.WriteFile(c.dir.file(tokenFile), []byte(tokens), 0o600); err != nil {
		return err
	}
	if err := c.waitForEtcd(ctx); err != nil {
		return err
	}
	go c.report(c.etcd)
	watch.lap("etcd")
	if err := c.startAPIServerOnFreePort(ctx); err != nil {
		return err
	}
	watch.lap("apiserver")
	if opts.Prepare != nil {
		if err := opts.Prepare(ctx, c.Config()); err != nil {
			return fmt.Errorf("preparing the control plane: %w", err)
		}
		watch.lap("prepare")
	}
	c.controller, err = start(c.dir.path, binary(c.bin, ControllerManager), controllerManagerArguments(c.dir)...)
	if err != nil {
		return err
	}
	go c.report(c.controller)
	return nil
}

// report tells when a program ends that should live as long as the cluster.
func (c *Cluster) report(p *process) {
	<-p.done
	if !p.killed.Load() {
		c.log.Error(p.ended().Error())
	}
}

// Stop ends the control plane and removes its data. It can be called again.
func (c *Cluster) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	c.stopped = true
	c.controller.kill()
	c.apiserver.kill()
	c.etcd.kill()
	c.dir.remove()
}

// StopAPIServer kills the apiserver in the middle of whatever it does, as a crash would; clients see their
// connections break. The data stay in etcd.
func (c *Cluster) StopAPIServer() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil {
		return err
	}
	c.apiserver.kill()
	c.apiserver = nil
	return nil
}

// StartAPIServer starts the apiserver again after StopAPIServer, on the same address and with the same data, and
// returns when it is ready. It does nothing when the apiserver runs.
func (c *Cluster) StartAPIServer(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil || c.apiserver != nil {
		return err
	}
	return c.startAPIServer(ctx)
}

func (c *Cluster) usable() error {
	if c.stopped {
		return errors.New("the control plane is stopped")
	}
	return nil
}

// Endpoint is the URL of the apiserver.
func (c *Cluster) Endpoint() string { return fmt.Sprintf("https://127.0.0.1:%d", c.port) }

// Token is the bearer token of an administrator.
func (c *Cluster) Token() string { return c.token }

// Kubeconfig is the path of a kubeconfig file for the administrator, valid until Stop.
func (c *Cluster) Kubeconfig() string { return c.dir.file(kubeconfigFile) }

// CertificateAuthority is the path of the certificate that signed the apiserver's.
func (c *Cluster) CertificateAuthority() string { return c.dir.file(caCertificate) }

// ClientCertificate returns the paths of an administrator's client certificate and its key.
func (c *Cluster) ClientCertificate() (certificate, key string) {
	return c.dir.file(adminName + ".crt"), c.dir.file(adminName + ".key")
}

// WebhookCertificate returns the paths of a certificate, signed by CertificateAuthority, and its key, with which a webhook
// of the cluster can serve on 127.0.0.1.
func (c *Cluster) WebhookCertificate() (certificate, key string) {
	return c.dir.file(webhookName + ".crt"), c.dir.file(webhookName + ".key")
}

// Config is a client configuration for the administrator, without a limit on the rate of requests.
func (c *Cluster) Config() *rest.Config {
	return &rest.Config{
		Host:            c.Endpoint(),
		BearerToken:     c.token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: c.CertificateAuthority()},
		QPS:             -1,
	}
}

func (c *Cluster) writeKubeconfig() error {
	ca, err := os.ReadFile(c.CertificateAuthority())
	if err != nil {
		return err
	}
	const name = "devcluster"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: c.Endpoint(), CertificateAuthorityData: ca}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: c.token}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	config.CurrentContext = name
	return clientcmd.WriteToFile(*config, c.Kubeconfig())
}

// stopwatch records what the time of a start goes to.
type stopwatch struct {
	last time.Time
	laps []any
	sum  time.Duration
}

func newStopwatch() *stopwatch { return &stopwatch{last: time.Now()} }

func (s *stopwatch) lap(name string) {
	now := time.Now()
	took := now.Sub(s.last).Round(time.Millisecond)
	s.last, s.sum, s.laps = now, s.sum+took, append(s.laps, name, took)
}

func (s *stopwatch) attributes() []any { return append(s.laps, "total", s.sum) }
