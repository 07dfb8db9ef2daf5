package controlplane_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
)

// startTogether starts two control planes at the same moment.
func startTogether(t *testing.T) [2]*controlplane.Cluster {
	t.Helper()
	var clusters [2]*controlplane.Cluster
	var errs [2]error
	var group sync.WaitGroup
	for i := range clusters {
		group.Go(func() {
			options := controlplane.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
			clusters[i], errs[i] = controlplane.Start(t.Context(), options)
		})
	}
	group.Wait()
	for _, cluster := range clusters {
		if cluster != nil {
			t.Cleanup(cluster.Stop)
		}
	}
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return clusters
}

func TestCluster(t *testing.T) {
	clusters := startTogether(t)
	first, second := connect(t, clusters[0].Config()), connect(t, clusters[1].Config())

	t.Run("two are independent", func(t *testing.T) {
		if clusters[0].Endpoint() == clusters[1].Endpoint() || clusters[0].Token() == clusters[1].Token() {
			t.Fatal("both have the same endpoint or token")
		}
		configMap(t, first, "only-here")
		_, err := second.CoreV1().ConfigMaps("default").Get(t.Context(), "only-here", meta.GetOptions{})
		if !apierrors.IsNotFound(err) {
			t.Errorf("got the error %v, want not found", err)
		}
		config := clusters[1].Config()
		config.BearerToken = clusters[0].Token()
		if _, err := connect(t, config).CoreV1().Namespaces().List(t.Context(), meta.ListOptions{}); !apierrors.IsUnauthorized(err) {
			t.Errorf("the token of one at the other gives %v, want unauthorized", err)
		}
	})

	t.Run("version is the one that was built", func(t *testing.T) {
		version, err := first.Discovery().ServerVersion()
		if err != nil {
			t.Fatal(err)
		}
		if version.GitVersion != controlplane.Version {
			t.Errorf("the apiserver says %s, want %s", version.GitVersion, controlplane.Version)
		}
		if dir, err := controlplane.DefaultBinaryDir(); err != nil || filepath.Base(dir) != "kubernetes-"+controlplane.Version {
			t.Errorf("binaries are kept in %s, %v", dir, err)
		}
	})

	t.Run("kubeconfig", func(t *testing.T) {
		config, err := clientcmd.BuildConfigFromFlags("", clusters[0].Kubeconfig())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := connect(t, config).CoreV1().Namespaces().List(t.Context(), meta.ListOptions{}); err != nil {
			t.Error(err)
		}
	})

	t.Run("client certificate", func(t *testing.T) {
		config := &rest.Config{Host: clusters[0].Endpoint(), TLSClientConfig: rest.TLSClientConfig{CAFile: clusters[0].CertificateAuthority()}}
		config.CertFile, config.KeyFile = clusters[0].ClientCertificate()
		if _, err := connect(t, config).CoreV1().Secrets("kube-system").List(t.Context(), meta.ListOptions{}); err != nil {
			t.Error(err)
		}
	})

	t.Run("secrets are the owner's", func(t *testing.T) {
		for _, path := range []string{clusters[0].Kubeconfig(), filepath.Dir(clusters[0].Kubeconfig())} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s may be read by others: %s", path, info.Mode())
			}
		}
	})

	t.Run("service accounts have the rights that roles give", func(t *testing.T) { testServiceAccount(t, clusters[0], first) })
	t.Run("controllers delete", func(t *testing.T) { testControllers(t, first) })
	t.Run("the apiserver restarts with its data", func(t *testing.T) { testRestart(t, clusters[0], first) })

	t.Run("stop leaves nothing behind", func(t *testing.T) {
		dir := filepath.Dir(clusters[1].Kubeconfig())
		before := programsIn(t, dir)
		clusters[1].Stop()
		clusters[1].Stop()
		if after := programsIn(t, dir); len(before) != 3 || len(after) != 0 {
			t.Errorf("programs before: %v, after: %v", before, after)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("its folder is still there: %v", err)
		}
		if err := clusters[1].StartAPIServer(t.Context()); err == nil {
			t.Error("its apiserver can still be started")
		}
	})
}

// testServiceAccount checks RBAC with a token of the apiserver's own, and that the role view has been put together.
func testServiceAccount(t *testing.T, cluster *controlplane.Cluster, admin kubernetes.Interface) {
	ctx := t.Context()
	account := &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "viewer"}}
	if _, err := admin.CoreV1().ServiceAccounts("default").Create(ctx, account, meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	token, err := admin.CoreV1().ServiceAccounts("default").CreateToken(ctx, "viewer", tokenRequest(), meta.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := cluster.Config()
	config.BearerToken = token.Status.Token
	viewer := connect(t, config)
	if _, err := viewer.CoreV1().ConfigMaps("default").List(ctx, meta.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("without a role the list gives %v, want forbidden", err)
	}
	if _, err := admin.RbacV1().RoleBindings("default").Create(ctx, viewBinding("viewer"), meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the role view gives access", func(ctx context.Context) bool {
		_, err := viewer.CoreV1().ConfigMaps("default").List(ctx, meta.ListOptions{})
		return err == nil
	})
}

// testControllers checks what only a controller manager does.
func testControllers(t *testing.T, client kubernetes.Interface) {
	ctx := t.Context()
	namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: "short-lived"}}
	if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace has its service account and root certificate", func(ctx context.Context) bool {
		_, err := client.CoreV1().ServiceAccounts(namespace.Name).Get(ctx, "default", meta.GetOptions{})
		_, err2 := client.CoreV1().ConfigMaps(namespace.Name).Get(ctx, "kube-root-ca.crt", meta.GetOptions{})
		return err == nil && err2 == nil
	})
	owner := configMap(t, client, "owner")
	owned := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{
		Name: "owned", OwnerReferences: []meta.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}},
	}}
	if _, err := client.CoreV1().ConfigMaps("default").Create(ctx, owned, meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.CoreV1().ConfigMaps("default").Delete(ctx, owner.Name, meta.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the owned object goes with its owner", func(ctx context.Context) bool {
		_, err := client.CoreV1().ConfigMaps("default").Get(ctx, "owned", meta.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	if err := client.CoreV1().Namespaces().Delete(ctx, namespace.Name, meta.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace goes", func(ctx context.Context) bool {
		_, err := client.CoreV1().Namespaces().Get(ctx, namespace.Name, meta.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

func testRestart(t *testing.T, cluster *controlplane.Cluster, client kubernetes.Interface) {
	stored := configMap(t, client, "survivor")
	endpoint := cluster.Endpoint()
	if err := cluster.StopAPIServer(); err != nil {
		t.Fatal(err)
	}
	_, err := client.CoreV1().ConfigMaps("default").Get(t.Context(), stored.Name, meta.GetOptions{})
	if err == nil || apierrors.ReasonForError(err) != meta.StatusReasonUnknown {
		t.Errorf("the stopped apiserver gives %v, want a broken connection", err)
	}
	for range 2 { // The second time it runs already.
		if err := cluster.StartAPIServer(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if cluster.Endpoint() != endpoint {
		t.Errorf("the endpoint was %s and is %s", endpoint, cluster.Endpoint())
	}
	again, err := client.CoreV1().ConfigMaps("default").Get(t.Context(), stored.Name, meta.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if again.UID != stored.UID {
		t.Errorf("the object has the uid %s and had %s", again.UID, stored.UID)
	}
}

func TestStartFails(t *testing.T) {
	tests := map[string]struct {
		options controlplane.Options
		want    string
	}{
		"prepare": {
			controlplane.Options{Prepare: func(_ context.Context, config *rest.Config) error {
				client, err := rest.HTTPClientFor(config)
				if err != nil {
					return err
				}
				response, err := client.Get(config.Host + "/readyz")
				if err != nil {
					return err
				}
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					return errors.New(response.Status)
				}
				return errors.New("not today")
			}},
			"not today",
		},
		"a program that ends": {controlplane.Options{BinaryDir: brokenBinaries(t)}, "etcd: no such thing"},
		"no sources":          {controlplane.Options{BinaryDir: t.TempDir(), SourceDir: t.TempDir()}, "go.mod file not found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ownTempDir(t)
			cluster, err := controlplane.Start(t.Context(), test.options)
			if err == nil {
				cluster.Stop()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %q, want one with %q", err, test.want)
			}
			if left := runDirs(t); len(left) > 0 {
				t.Errorf("it left behind %v", left)
			}
		})
	}
}

func connect(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func configMap(t *testing.T, client kubernetes.Interface, name string) *core.ConfigMap {
	t.Helper()
	object := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: name}}
	created, err := client.CoreV1().ConfigMaps("default").Create(t.Context(), object, meta.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// eventually polls, because controllers tell nobody when they are done.
func eventually(t *testing.T, what string, condition func(context.Context) bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 30*time.Second, true,
		func(ctx context.Context) (bool, error) { return condition(ctx), nil })
	if err != nil {
		t.Fatalf("not in 30 seconds: %s", what)
	}
}
