package cmf

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// A list is a look at what is on its page, and at nothing else: what starts comes to
// run by lists as by reads of its own, and what is being deleted goes.
func TestListsAreLooks(t *testing.T) {
	server := New("2.3.1", nil, nil)
	ask := func(method, path, body string) (code int, answer map[string]any) {
		recorded := httptest.NewRecorder()
		server.ServeHTTP(recorded, httptest.NewRequest(method, base+path, strings.NewReader(body)))
		_ = json.Unmarshal(recorded.Body.Bytes(), &answer)
		return recorded.Code, answer
	}
	phases := func(path string) (all []string) {
		_, answer := ask(http.MethodGet, path, "")
		items, _ := answer["items"].([]any)
		for _, item := range items {
			o, _ := item.(object)
			all = append(all, text(part(o, "metadata"), "name")+" "+text(part(o, "status"), "phase"))
		}
		return all
	}
	expect := func(path string, want ...string) {
		t.Helper()
		if got := phases(path); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
	}
	const pools = "/environments/production/compute-pools"
	const statements = "/environments/production/statements"
	ask(http.MethodPost, "/environments", `{"name":"production","kubernetesNamespace":"flink"}`)
	ask(http.MethodPost, pools, strings.Replace(onePool, `"sql"`, `"first"`, 1))
	ask(http.MethodPost, pools, strings.Replace(onePool, `"sql"`, `"second"`, 1))
	expect(pools+"?size=1", "first PENDING")
	expect(pools+"?size=1", "first RUNNING")
	expect(pools, "first RUNNING", "second PENDING")
	expect(pools, "first RUNNING", "second RUNNING")

	for _, name := range []string{"early", "late"} {
		ask(http.MethodPost, statements, fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":%q},"spec":{"statement":"INSERT INTO a SELECT * FROM b","computePoolName":"first"}}`, name))
	}
	expect(statements, "early PENDING", "late PENDING")
	expect(statements+"?compute-pool=first", "early RUNNING", "late RUNNING")
	if code, _ := ask(http.MethodDelete, statements+"/early", ""); code != http.StatusAccepted {
		t.Errorf("a delete is answered with %d", code)
	}
	expect(statements, "early DELETING", "late RUNNING")
	expect(statements, "early DELETING", "late RUNNING")
	expect(statements, "late RUNNING")
	if code, _ := ask(http.MethodGet, statements+"/early", ""); code != http.StatusNotFound {
		t.Errorf("what is deleted is answered with %d", code)
	}
}
