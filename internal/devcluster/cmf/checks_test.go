package cmf

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// openAPI returns the path of the vendor's file, or skips the test.
func openAPI(t *testing.T) string {
	t.Helper()
	const variable = "FLINK_TEST_CMF_OPENAPI"
	file := os.Getenv(variable)
	if file == "" {
		file = "../../../../shared/upstream/confluent/cmf-openapi-2.3.1.yaml"
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the vendor's OpenAPI file is not there; name it in %s", variable)
	}
	return file
}

const onePool = `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql"},"spec":{"type":"SHARED",
	"clusterSpec":{"image":"confluentinc/cp-flink-sql:1.19-cp7","jobManager":{"resource":{"memory":"1g"}}}}}`

// The checks are about nothing that keeps to the vendor's file, and find one field
// that does not, in a request and in an answer.
func TestChecks(t *testing.T) {
	checks, err := LoadChecks(openAPI(t))
	if err != nil {
		t.Fatal(err)
	}
	server := New("2.3.1", checks, nil)
	ask := func(handler http.Handler, method, path, body string) int {
		req := httptest.NewRequest(method, base+path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		recorded := httptest.NewRecorder()
		checks.serve(recorded, req, handler)
		_, _ = io.Copy(io.Discard, recorded.Body)
		return recorded.Code
	}
	expect := func(what string, want ...string) {
		t.Helper()
		found := checks.Violations()
		if len(found) != len(want) {
			t.Fatalf("%s: %d violations: %q", what, len(found), found)
		}
		for i, text := range want {
			if !strings.Contains(found[i], text) {
				t.Errorf("%s: no %q in %s", what, text, found[i])
			}
		}
	}
	for _, request := range []struct{ method, path, body string }{
		{http.MethodPost, "/environments", `{"name":"production","kubernetesNamespace":"flink"}`},
		{http.MethodPost, "/environments/production/compute-pools", onePool},
		{http.MethodPost, "/environments/production/compute-pools", onePool},
		{http.MethodGet, "/environments/production/compute-pools?page=0&size=100", ""},
		{http.MethodGet, "/environments/production/compute-pools/sql", ""},
		{http.MethodPut, "/environments/production/compute-pools/sql", onePool},
		{http.MethodGet, "/environments/production/compute-pools/other", ""},
		{http.MethodDelete, "/environments/production/compute-pools/sql", ""},
		{http.MethodGet, "/system-information", ""},
	} {
		ask(server.mux, request.method, request.path, request.body)
	}
	expect("what keeps to the file")

	ask(server.mux, http.MethodPost, "/environments/production/compute-pools", strings.Replace(onePool, `"SHARED"`, `"BIG"`, 1))
	expect("a wrong type", `the request of POST`)
	ask(server.mux, http.MethodPost, "/environments/production/pools", onePool)
	expect("a wrong path", "the API has no such path")
	wrong := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, strings.Replace(onePool, `"metadata":{"name":"sql"}`, `"metadata":{}`, 1))
	})
	ask(wrong, http.MethodGet, "/environments/production/compute-pools/sql", "")
	expect("an answer without a name", `the answer 200 of GET /cmf/api/v1/environments/production/compute-pools/sql`)
	ask(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), http.MethodGet, "/environments/production/compute-pools/sql", "")
	expect("an answer that the operation does not have", "the answer 418")
}

// Each version has only what it has.
func TestVersions(t *testing.T) {
	for version, want := range map[string][3]int{
		// The environment, a shared pool, and a change of a pool.
		"2.1.0": {http.StatusCreated, http.StatusUnprocessableEntity, http.StatusNotFound},
		"2.3.1": {http.StatusOK, http.StatusOK, http.StatusOK},
	} {
		server := New(version, nil, nil)
		ask := func(method, path, body string) int {
			recorded := httptest.NewRecorder()
			server.ServeHTTP(recorded, httptest.NewRequest(method, base+path, strings.NewReader(body)))
			return recorded.Code
		}
		got := [3]int{
			ask(http.MethodPost, "/environments", `{"name":"production","kubernetesNamespace":"flink"}`),
			ask(http.MethodPost, "/environments/production/compute-pools", onePool),
			ask(http.MethodPut, "/environments/production/compute-pools/sql", onePool),
		}
		if got != want {
			t.Errorf("%s answers %v, want %v", version, got, want)
		}
	}
}
