package acctest

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
)

// swaggerVariable names the environment variable with the folder of the vendor's Swagger files of Ververica Platform,
// which are no part of the project.
const swaggerVariable = "FLINK_TEST_VVP_SWAGGER"

// VVPHandle is a stand-in of Ververica Platform, as one test sees it.
type VVPHandle struct {
	proxied
	// Version is that of the server.
	Version string
	// Token is the administrator's, empty for a server without access control.
	Token string
}

// VVPOption is something that only some installations have.
type VVPOption string

const (
	// Community is the edition with the one namespace "default".
	Community VVPOption = "--community"
	// AccessControl has each request need a token: VVPHandle.Token for namespaces, and that of a namespace for what is in it.
	AccessControl VVPOption = "--auth"
)

// vvpToken is the administrator's token.
const vvpToken = "admin-of-the-stand-in"

// vvpServers are the starts of the stand-ins that a process shares, by their flags.
var (
	vvpMutex   sync.Mutex
	vvpServers = map[string]func() (*restServer, error){}
)

// VVP returns the stand-in of a version of Ververica Platform, which plays the jobs itself. All tests of the process share
// it, so they use namespaces of their own. A test fails when anything was asked or answered against the vendor's Swagger
// files, where those are there and have the operation.
func VVP(t testing.TB, version string, options ...VVPOption) *VVPHandle {
	t.Helper()
	SkipUnlessAcceptance(t)
	return vvpOn(t, version, "", options...)
}

// VVPOn is VVP with jobs that the operator of a cluster runs, in the Kubernetes namespaces of the deployment targets.
func VVPOn(t testing.TB, version string, cluster *ClusterHandle, options ...VVPOption) *VVPHandle {
	t.Helper()
	SkipUnlessAcceptance(t)
	return vvpOn(t, version, cluster.Kubeconfig, options...)
}

func vvpOn(t testing.TB, version, kubeconfig string, options ...VVPOption) *VVPHandle {
	t.Helper()
	flags := []string{"--version", version}
	handle := &VVPHandle{Version: version}
	for _, option := range options {
		flags = append(flags, string(option))
		if option == AccessControl {
			flags = append(flags, "--token", vvpToken)
			handle.Token = vvpToken
		}
	}
	if kubeconfig != "" {
		flags = append(flags, "--kubeconfig", kubeconfig)
	}
	for _, file := range swagger(t) {
		flags = append(flags, "--swagger", file)
	}
	vvpMutex.Lock()
	key := strings.Join(flags, " ")
	start, ok := vvpServers[key]
	if !ok {
		start = sync.OnceValues(func() (*restServer, error) { return startRESTServer("vvp", flags...) })
		vvpServers[key] = start
	}
	vvpMutex.Unlock()
	server, err := start()
	if err != nil {
		t.Fatal(err)
	}
	handle.before(t, server)
	return handle
}

// swagger returns the paths of the vendor's Swagger files, or says that nothing is checked where they are not there.
func swagger(t testing.TB) []string {
	t.Helper()
	folder := os.Getenv(swaggerVariable)
	if folder == "" {
		root, err := devprocess.Root()
		if err != nil {
			t.Fatal(err)
		}
		folder = filepath.Join(root, "..", "shared", "upstream", "ververica")
	}
	files := []string{filepath.Join(folder, "vvp_appmanager-api-swagger_2.1.0.json"), filepath.Join(folder, "vvp_platform-api-swagger_2.0.0.json")}
	for _, file := range files {
		if _, err := fs.Stat(os.DirFS(folder), filepath.Base(file)); errors.Is(err, fs.ErrNotExist) {
			t.Logf("requests and answers are not checked: there is no %s; name the folder of the Swagger files of Ververica Platform in %s", file, swaggerVariable)
			return nil
		}
	}
	return files
}

// ProviderConfig is the provider block for the server.
func (v *VVPHandle) ProviderConfig() string {
	token := ""
	if v.Token != "" {
		token = fmt.Sprintf(", token = %q", v.Token)
	}
	return fmt.Sprintf("provider \"flink\" {\n  ververica = { endpoint = %q%s }\n}\n", v.Endpoint, token)
}

// Call asks the server as its administrator does, by a path such as api/v1/namespaces/default/deployments, and returns the
// code and the body of the answer.
func (v *VVPHandle) Call(t testing.TB, method, path, body string) (code int, answer string) {
	t.Helper()
	return v.call(t, method, "/"+path, v.Token, body)
}

// Namespace creates a namespace of the test's own, with a deployment target of the same name in the Kubernetes namespace
// "flink". It goes with the process.
func (v *VVPHandle) Namespace(t testing.TB) string {
	t.Helper()
	return v.NamespaceIn(t, "flink")
}

// NamespaceIn is Namespace in another Kubernetes namespace.
func (v *VVPHandle) NamespaceIn(t testing.TB, kubernetes string) string {
	t.Helper()
	name := v.EmptyNamespace(t)
	v.must(t, "api/v1/namespaces/"+name+"/deployment-targets",
		fmt.Sprintf(`{"kind":"DeploymentTarget","apiVersion":"v1","metadata":{"name":%q,"namespace":%q},"spec":{"kubernetes":{"namespace":%q}}}`, name, name, kubernetes))
	return name
}

// EmptyNamespace creates a namespace without a deployment target.
func (v *VVPHandle) EmptyNamespace(t testing.TB) string {
	t.Helper()
	name := strings.Trim(strings.TrimPrefix(namespaceName(t.Name()), "t-"), "-")
	// The workspace is what servers from 3.0 on want to know.
	v.must(t, "namespaces/v1/namespaces", fmt.Sprintf(`{"name":"namespaces/%s","workspace":"default","roleBindings":[{"role":"owner","members":["system:authenticated"]}]}`, name))
	return name
}

// NamespaceToken makes a token of a namespace.
func (v *VVPHandle) NamespaceToken(t testing.TB, namespace, role string) string {
	t.Helper()
	answer := v.must(t, "apitokens/v1/namespaces/"+namespace+"/apitokens", fmt.Sprintf(`{"name":"namespaces/%s/apitokens/%s","role":%q}`, namespace, role, role))
	_, rest, _ := strings.Cut(answer, `"secret":"`)
	secret, _, _ := strings.Cut(rest, `"`)
	return secret
}

// must creates something.
func (v *VVPHandle) must(t testing.TB, path, body string) string {
	t.Helper()
	code, answer := v.Call(t, http.MethodPost, path, body)
	if !slices.Contains([]int{http.StatusOK, http.StatusCreated}, code) {
		t.Fatalf("POST %s is refused with %d: %s", path, code, answer)
	}
	return answer
}
