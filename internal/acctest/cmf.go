package acctest

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
)

// openAPIVariable names the environment variable with the path of the vendor's OpenAPI file of Confluent Manager for
// Apache Flink, which is no part of the project.
const openAPIVariable = "FLINK_TEST_CMF_OPENAPI"

// CMFHandle is a stand-in of Confluent Manager for Apache Flink, as one test sees it.
type CMFHandle struct{ proxied }

// cmfServers are the starts of the stand-ins that a process shares, by version and cluster.
var (
	cmfMutex   sync.Mutex
	cmfServers = map[string]func() (*restServer, error){}
)

// CMF returns the stand-in of a version of Confluent Manager for Apache Flink. All tests of the process share it, so they
// use names of their own. A test fails when anything was asked or answered against the vendor's OpenAPI file, where that
// file is there and of that version.
func CMF(t testing.TB, version string) *CMFHandle {
	t.Helper()
	SkipUnlessAcceptance(t)
	return cmfOn(t, version, nil)
}

// CMFOn is CMF with applications, which the operator of a cluster runs.
func CMFOn(t testing.TB, version string, cluster *ClusterHandle) *CMFHandle {
	t.Helper()
	SkipUnlessAcceptance(t)
	return cmfOn(t, version, cluster)
}

func cmfOn(t testing.TB, version string, cluster *ClusterHandle) *CMFHandle {
	t.Helper()
	file := openAPI(t, version)
	key, kubeconfig := version, ""
	if cluster != nil {
		kubeconfig = cluster.Kubeconfig
		key += " " + kubeconfig
	}
	cmfMutex.Lock()
	start, ok := cmfServers[key]
	if !ok {
		start = sync.OnceValues(func() (*restServer, error) { return startCMF(version, file, kubeconfig) })
		cmfServers[key] = start
	}
	cmfMutex.Unlock()
	server, err := start()
	if err != nil {
		t.Fatal(err)
	}
	handle := &CMFHandle{}
	handle.before(t, server)
	return handle
}

func startCMF(version, openAPI, kubeconfig string) (*restServer, error) {
	flags := []string{"--version", version}
	if kubeconfig != "" {
		flags = append(flags, "--kubeconfig", kubeconfig)
	}
	if openAPI != "" {
		flags = append(flags, "--openapi", openAPI)
	}
	return startRESTServer("cmf", flags...)
}

// openAPI returns the path of the vendor's OpenAPI file, or says that nothing is checked: where it is not there, or when the
// version is older than the file's.
func openAPI(t testing.TB, version string) string {
	t.Helper()
	if strings.HasPrefix(version, "2.1") || strings.HasPrefix(version, "2.2") {
		t.Logf("requests and answers are not checked: the vendor's OpenAPI file is of 2.3, and this is %s", version)
		return ""
	}
	file := os.Getenv(openAPIVariable)
	if file == "" {
		root, err := devprocess.Root()
		if err != nil {
			t.Fatal(err)
		}
		file = filepath.Join(root, "..", "shared", "upstream", "confluent", "cmf-openapi-2.3.1.yaml")
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			t.Logf("requests and answers are not checked: there is no OpenAPI file of Confluent Manager for Apache Flink; name one in %s", openAPIVariable)
			return ""
		}
	}
	return file
}

// ProviderConfig is the provider block for the server.
func (c *CMFHandle) ProviderConfig() string {
	return fmt.Sprintf("provider \"flink\" {\n  confluent = { endpoint = %q }\n}\n", c.Endpoint)
}

// Environment creates an environment of the test's own, whose objects go with the process.
func (c *CMFHandle) Environment(t testing.TB) string {
	t.Helper()
	return c.EnvironmentIn(t, "flink")
}

// EnvironmentIn is Environment in a Kubernetes namespace.
func (c *CMFHandle) EnvironmentIn(t testing.TB, namespace string) string {
	t.Helper()
	name := strings.TrimPrefix(namespaceName(t.Name()), "t-")
	if code, answer := c.Call(t, http.MethodPost, "environments", fmt.Sprintf(`{"name":%q,"kubernetesNamespace":%q}`, name, namespace)); code >= http.StatusMultipleChoices {
		t.Fatalf("the environment %s is refused with %d: %s", name, code, answer)
	}
	return name
}

// Call asks the server as somebody else does, and returns the code and the body of the answer.
func (c *CMFHandle) Call(t testing.TB, method, path, body string) (code int, answer string) {
	t.Helper()
	return c.call(t, method, "/cmf/api/v1/"+path, "", body)
}

// InTrouble runs a test for each of some troubles, beside a server that is in it.
func InTrouble(t *testing.T, troubles map[string]Trouble, test func(t *testing.T, cmf *CMFHandle)) {
	t.Helper()
	SkipUnlessAcceptance(t)
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			FirstCLIOnly(t)
			cmf := CMF(t, "2.3.1")
			cmf.Make(trouble)
			test(t, cmf)
		})
	}
}
