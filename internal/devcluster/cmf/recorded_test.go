package cmf

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// recorded is a request as a client other than the provider makes it, and what that
// client needs of the answer. The requests have the form of those that the vendor's
// own command line tool was seen to send, with names and values of these tests.
type recorded struct {
	method, path, body string
	code               int
	// has are fields of the answer, by their path.
	has map[string]any
}

// client asks a stand-in as the recorded client does.
type client struct {
	t      *testing.T
	server *Server
}

func (c client) do(r recorded) object {
	c.t.Helper()
	req := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	// The one operation that is asked without Accept is answered all the same.
	if !strings.HasSuffix(r.path, "/system-information") {
		req.Header.Set("Accept", "application/json")
	}
	got := httptest.NewRecorder()
	c.server.ServeHTTP(got, req)
	what := fmt.Sprintf("%s %s %s", r.method, r.path, r.body)
	if got.Code != r.code {
		c.t.Errorf("%s is answered with %d, want %d: %s", what, got.Code, r.code, got.Body)
	}
	var answer object
	switch text := got.Body.String(); {
	case r.method == http.MethodDelete && r.code < http.StatusBadRequest, r.method == http.MethodPut && r.has == nil:
		if text != "" {
			c.t.Errorf("%s is answered with a body: %s", what, text)
		}
	case got.Header().Get("Content-Type") != "application/json" || json.Unmarshal([]byte(text), &answer) != nil:
		c.t.Errorf("%s is answered with %s: %s", what, got.Header().Get("Content-Type"), text)
	case r.code >= http.StatusBadRequest:
		// The tool shows the whole body, so it has to say something.
		if at(answer, "errors.0.message") == nil {
			c.t.Errorf("%s is refused without a message: %s", what, text)
		}
	}
	for path, want := range r.has {
		if is := at(answer, path); !reflect.DeepEqual(is, want) {
			c.t.Errorf("%s: %s is %#v, want %#v in %s", what, path, is, want, got.Body)
		}
	}
	return answer
}

// all does requests one after another.
func (c client) all(requests ...recorded) {
	c.t.Helper()
	for _, r := range requests {
		c.do(r)
	}
}

// list reads a collection as the tool does: page by page, until one is empty.
func (c client) list(path, query string, size int) (names []string) {
	c.t.Helper()
	for page := range 20 {
		answer := c.do(recorded{method: http.MethodGet, path: fmt.Sprintf("%s?%spage=%d&size=%d", path, query, page, size), code: http.StatusOK})
		items, _ := answer["items"].([]any)
		if len(items) == 0 {
			return names
		}
		for _, item := range items {
			o, _ := item.(object)
			name := text(part(o, "metadata"), "name")
			if name == "" {
				name = text(o, "name")
			}
			names = append(names, name)
		}
	}
	c.t.Errorf("%s has no last page", path)
	return names
}

// lists expects the names in a collection, with pages of any size.
func (c client) lists(path, query string, want ...string) {
	c.t.Helper()
	for _, size := range []int{100, 1} {
		if got := c.list(path, query, size); !slices.Equal(got, want) {
			c.t.Errorf("%s?%s has %q in pages of %d, want %q", path, query, got, size, want)
		}
	}
}

// at returns the value at a path inside of decoded JSON, nil for none.
func at(value any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch inside := value.(type) {
		case object:
			value = inside[step]
		case []any:
			var index int
			if _, err := fmt.Sscan(step, &index); err != nil || index >= len(inside) {
				return nil
			}
			value = inside[index]
		default:
			return nil
		}
	}
	return value
}

func get(path string, code int, has map[string]any) recorded {
	return recorded{http.MethodGet, base + path, "", code, has}
}

func post(path, body string, code int, has map[string]any) recorded {
	return recorded{http.MethodPost, base + path, body, code, has}
}

func put(path, body string, has map[string]any) recorded {
	return recorded{http.MethodPut, base + path, body, http.StatusOK, has}
}

func remove(path string, code int) recorded {
	return recorded{http.MethodDelete, base + path, "", code, nil}
}

// standIn is a client of a stand-in with an environment.
func standIn(t *testing.T) client {
	t.Helper()
	c := client{t, New("2.3.1", nil, inCluster())}
	c.do(post("/environments", `{"computePoolDefaults":null,"flinkApplicationDefaults":null,"kubernetesNamespace":"flink","name":"production","statementDefaults":{}}`, http.StatusOK, nil))
	return c
}

func TestRecordedSystemInformation(t *testing.T) {
	standIn(t).do(get("/system-information", http.StatusOK, map[string]any{"status.version": "2.3.1"}))
}

// An environment is created with nulls for what is not said. An update has neither a
// namespace nor metadata, and loses neither the namespace nor the cluster.
func TestRecordedEnvironments(t *testing.T) {
	c := standIn(t)
	c.all(
		get("/environments/staging", http.StatusNotFound, nil),
		post("/environments", `{"computePoolDefaults":null,"flinkApplicationDefaults":null,"kubernetesNamespace":"elsewhere","name":"staging","statementDefaults":{}}`, http.StatusBadRequest, nil),
		post("/environments", `{"computePoolDefaults":null,"flinkApplicationDefaults":null,"kubernetesNamespace":"flink","name":"staging","statementDefaults":{}}`, http.StatusOK,
			map[string]any{"name": "staging", "kubernetesNamespace": "flink", "flinkApplicationDefaults": nil, "computePoolDefaults": nil}),
		post("/environments", `{"computePoolDefaults":null,"flinkApplicationDefaults":{"spec":{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"3"}}},"name":"staging","statementDefaults":{}}`, http.StatusOK,
			map[string]any{"kubernetesNamespace": "flink", "kubernetesClusterName": "default-k8s-cluster", "flinkApplicationDefaults.spec.flinkConfiguration": object{"taskmanager.numberOfTaskSlots": "3"}}),
		post("/environments", `{"computePoolDefaults":{"clusterSpec":{"flinkConfiguration":{"a":"b"}}},"flinkApplicationDefaults":null,"name":"staging","statementDefaults":{"detached":{"flinkConfiguration":{"c":"d"}},"interactive":{"flinkConfiguration":{"e":"f"}}}}`, http.StatusOK,
			map[string]any{"kubernetesNamespace": "flink", "computePoolDefaults.clusterSpec.flinkConfiguration.a": "b", "statementDefaults.interactive.flinkConfiguration.e": "f"}),
		get("/environments/staging", http.StatusOK, map[string]any{"kubernetesNamespace": "flink", "statementDefaults.detached.flinkConfiguration.c": "d"}),
	)
	c.lists(base+"/environments", "", "production", "staging")
	found := c.do(get("/environments/staging", http.StatusOK, nil))
	if created, updated := text(found, "created_time"), text(found, "updated_time"); created == "" || updated < created {
		t.Errorf("it was created at %q and updated at %q", created, updated)
	}
	c.all(remove("/environments/staging", http.StatusNoContent), get("/environments/staging", http.StatusNotFound, nil))
}

// Secrets are masked in each answer, and a new version each time.
func TestRecordedSecrets(t *testing.T) {
	c := standIn(t)
	const (
		secret  = `{"apiVersion":"cmf.confluent.io/v1","kind":"Secret","metadata":{"name":"broker"},"spec":{"data":{"password":"hush"}}}`
		mapping = `{"apiVersion":"cmf.confluent.io/v1","kind":"EnvironmentSecretMapping","metadata":{"name":"broker-id"},"spec":{"secretName":"broker"}}`
	)
	masked := func(version string) map[string]any {
		return map[string]any{"spec.data": object{"password": "****"}, "status.version": version, "metadata.labels": object{}}
	}
	c.all(
		post("/secrets", secret, http.StatusOK, masked("1")),
		post("/secrets", secret, http.StatusConflict, nil),
		put("/secrets/broker", secret, masked("2")),
		get("/secrets/broker", http.StatusOK, masked("2")),
		post("/environments/production/secret-mappings", mapping, http.StatusOK, map[string]any{"spec.secretName": "broker"}),
		post("/environments/production/secret-mappings", mapping, http.StatusConflict, nil),
		post("/environments/staging/secret-mappings", mapping, http.StatusNotFound, nil),
		put("/environments/production/secret-mappings/broker-id", mapping, map[string]any{"metadata.name": "broker-id"}),
		get("/secrets/broker", http.StatusOK, map[string]any{"status.environments": []any{"production"}}),
		remove("/secrets/broker", http.StatusConflict),
	)
	c.lists(base+"/secrets", "", "broker")
	c.lists(base+"/environments/production/secret-mappings", "", "broker-id")
	c.all(
		remove("/environments/production/secret-mappings/broker-id", http.StatusNoContent),
		remove("/secrets/broker", http.StatusNoContent),
		get("/secrets/broker", http.StatusNotFound, nil),
	)
}

// An update of a catalog or a database is answered with nothing, and then read.
func TestRecordedCatalogs(t *testing.T) {
	c := standIn(t)
	catalog := func(host string) string {
		return `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaCatalog","metadata":{"name":"shop"},"spec":{"kafkaClusters":[],"srInstance":{"connectionConfig":{"schema.registry.url":"http://` + host + `"}}}}`
	}
	database := func(host string) string {
		return `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaDatabase","metadata":{"name":"orders"},"spec":{"kafkaCluster":{"connectionConfig":{"bootstrap.servers":"` + host + `"}}}}`
	}
	c.all(
		post("/catalogs/kafka", catalog("registry:8081"), http.StatusOK, map[string]any{"metadata.name": "shop"}),
		post("/catalogs/kafka", catalog("registry:8081"), http.StatusConflict, nil),
		put("/catalogs/kafka/shop", catalog("other:8081"), nil),
		get("/catalogs/kafka/shop", http.StatusOK, map[string]any{"spec.srInstance.connectionConfig": object{"schema.registry.url": "http://other:8081"}}),
		post("/catalogs/kafka/shop/databases", database("kafka:9092"), http.StatusOK, map[string]any{"metadata.name": "orders"}),
		post("/catalogs/kafka/shop/databases", database("kafka:9092"), http.StatusConflict, nil),
		post("/catalogs/kafka/other/databases", database("kafka:9092"), http.StatusBadRequest, nil),
		put("/catalogs/kafka/shop/databases/orders", database("other:9092"), nil),
		get("/catalogs/kafka/shop/databases/orders", http.StatusOK, map[string]any{"spec.kafkaCluster.connectionConfig": object{"bootstrap.servers": "other:9092"}}),
		remove("/catalogs/kafka/shop", http.StatusConflict),
	)
	c.lists(base+"/catalogs/kafka", "", "shop")
	c.lists(base+"/catalogs/kafka/shop/databases", "", "orders")
	c.lists(base+"/catalogs/kafka/other/databases", "")
	c.all(
		remove("/catalogs/kafka/shop/databases/orders", http.StatusNoContent),
		remove("/catalogs/kafka/shop", http.StatusNoContent),
		get("/catalogs/kafka/shop", http.StatusNotFound, nil),
	)
}

// A statement is changed by what was read of it: whether it is stopped, and its
// parallelism. Empty maps are sent for what is not said.
func TestRecordedStatements(t *testing.T) {
	c := standIn(t)
	statement := func(name, sql, tail string) string {
		return fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":%q},"spec":{"computePoolName":"sql","flinkConfiguration":{},%s,"properties":{},"statement":%q%s}}`,
			name, `"parallelism":1`, sql, tail)
	}
	const (
		pools      = "/environments/production/compute-pools"
		statements = "/environments/production/statements"
		pool       = `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql"},"spec":{"clusterSpec":{"flinkVersion":"v1_19","jobManager":{"resource":{"cpu":1,"memory":"1g"}}},"type":"DEDICATED"}}`
		insert     = "INSERT INTO a SELECT * FROM b"
	)
	totals := statement("totals", insert, `,"stopped":false`)
	c.all(
		post(pools, pool, http.StatusOK, map[string]any{"spec.type": "DEDICATED", "status.phase": "DEDICATED"}),
		post(pools, pool, http.StatusConflict, nil),
		get(pools+"/other", http.StatusNotFound, nil),
		post(statements, totals, http.StatusOK, map[string]any{"spec.parallelism": 1.0, "spec.stopped": false}),
		post(statements, totals, http.StatusConflict, nil),
		post(statements, strings.Replace(statement("more", insert, ""), `"sql"`, `"other"`, 1), http.StatusUnprocessableEntity, nil),
		post(statements, statement("tables", "SHOW TABLES", `,"stopped":false`), http.StatusOK, map[string]any{"status.phase": "COMPLETED"}),
		get(statements+"/other", http.StatusNotFound, nil),
		put(statements+"/totals", strings.Replace(totals, `"parallelism":1`, `"parallelism":4`, 1), nil),
		get(statements+"/totals", http.StatusOK, map[string]any{"spec.parallelism": 4.0, "spec.statement": insert}),
		get(statements+"/totals/exceptions", http.StatusOK, map[string]any{"data": []any{}}),
		get(statements+"/other/exceptions", http.StatusNotFound, nil),
	)
	c.lists(base+pools, "", "sql")
	c.lists(base+statements, "", "tables", "totals")
	c.lists(base+statements, "compute-pool=sql&", "tables", "totals")
	c.lists(base+statements, "compute-pool=other&")
	c.lists(base+statements, "phase=completed&", "tables")
	c.lists(base+statements, "phase=running&", "totals")
	c.lists(base+statements, "phase=failed&")
	c.statementSavepoints(statements)
	c.all(remove(pools+"/sql", http.StatusConflict), remove(statements+"/tables", http.StatusAccepted))
	// The tool looks at nothing but lists then.
	for looks := 0; len(c.list(base+statements, "", 100)) > 1; looks++ {
		if looks > 20 {
			t.Fatal("the statement is never gone")
		}
	}
}

// statementSavepoints takes savepoints of the statements above as of an application,
// with a directory or without.
func (c client) statementSavepoints(statements string) {
	c.t.Helper()
	const totals, nowhere = "/totals/savepoints", `{"apiVersion":"cmf.confluent.io/v1","kind":"Savepoint","metadata":{"name":"before"},"spec":{"backoffLimit":0,"formatType":"CANONICAL"},"status":{"path":""}}`
	mine := strings.Replace(nowhere, `"formatType"`, `"path":"s3://flink/mine","formatType"`, 1)
	c.all(
		post(statements+"/other/savepoints", mine, http.StatusNotFound, nil),
		post(statements+"/tables/savepoints", mine, http.StatusUnprocessableEntity, nil),
		// Its pool has none either.
		post(statements+totals, nowhere, http.StatusUnprocessableEntity, nil),
		post(statements+totals, mine, http.StatusCreated, map[string]any{"metadata.name": "before", "status.state": "TRIGGER_PENDING", "spec.path": "s3://flink/mine"}),
		post(statements+totals, mine, http.StatusUnprocessableEntity, nil),
		get(statements+totals+"/before", http.StatusOK, map[string]any{"status.state": "COMPLETED"}),
		get(statements+totals+"/other", http.StatusNotFound, nil),
	)
	unnamed, _ := at(c.do(post(statements+totals, strings.Replace(mine, `{"name":"before"}`, "{}", 1), http.StatusCreated, nil)), "metadata.name").(string)
	c.lists(base+statements+totals, "", "before", unnamed)
	c.all(remove(statements+totals+"/before?force=true", http.StatusNoContent), remove(statements+totals+"/before?force=true", http.StatusNotFound))
	c.lists(base+statements+totals, "", unnamed)
}
