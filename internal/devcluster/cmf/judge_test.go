package cmf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinksql"
)

// posted creates a statement in an environment that it makes with a pool, and returns
// the code, and the status of the statement or the message of the refusal.
func posted(t *testing.T, server *Server, environment, name, sql, more string) (code int, phase, kind, detail string) {
	t.Helper()
	ask := func(method, path, body string) (int, string) {
		recorded := httptest.NewRecorder()
		server.ServeHTTP(recorded, httptest.NewRequest(method, base+path, strings.NewReader(body)))
		return recorded.Code, recorded.Body.String()
	}
	ask(http.MethodPost, "/environments", fmt.Sprintf(`{"name":%q,"kubernetesNamespace":"flink"}`, environment))
	ask(http.MethodPost, "/environments/"+environment+"/compute-pools", onePool)
	code, answer := ask(http.MethodPost, "/environments/"+environment+"/statements", fmt.Sprintf(
		`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":%q%s},"spec":{"statement":%q,"computePoolName":"sql"}}`, name, more, sql))
	var got object
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatalf("%s: %s", err, answer)
	}
	if strings.Contains(answer, "standin.verdict") {
		t.Errorf("the answer shows the verdict: %s", answer)
	}
	if code != http.StatusOK {
		_, message, _ := strings.Cut(answer, `"message":"`)
		message, _, _ = strings.Cut(message, `"`)
		return code, "", "", message
	}
	status := part(got, "status")
	return code, text(status, "phase"), text(part(status, "traits"), "sqlKind"), text(status, "detail")
}

// TestCompile has the phases of statements from what their texts are, and what earlier
// ones have defined.
func TestCompile(t *testing.T) {
	const noTopics = `,"annotations":{"standin.flink/topics":"none"}`
	for name, test := range map[string]struct {
		earlier           []string
		sql, more         string
		phase, kind, says string
	}{
		"a job that writes":            {sql: "-- totals\nINSERT INTO totals SELECT * FROM orders", phase: "PENDING", kind: "INSERT_INTO"},
		"a query":                      {sql: "WITH a AS (SELECT 1) SELECT * FROM a", phase: "PENDING", kind: "SELECT"},
		"a definition":                 {sql: "CREATE TABLE orders (a INT)", phase: "COMPLETED", kind: "CREATE_TABLE"},
		"a look":                       {sql: "SHOW TABLES", phase: "COMPLETED", kind: "SHOW_TABLES"},
		"a text that cannot be parsed": {sql: "INSRT INTO totals SELECT 1", phase: "FAILED", says: "SQL parse failed. Non-query expression encountered in illegal context"},
		"a table that exists": {
			earlier: []string{"CREATE TABLE orders (a INT)"}, sql: "CREATE TABLE orders (b INT)", phase: "FAILED",
			says: "Could not execute CreateTable in path `default_catalog`.`default_database`.`orders`\nTable (or view) default_database.orders already exists in Catalog default_catalog.",
		},
		"a table that was dropped": {
			earlier: []string{"CREATE TABLE orders (a INT)", "DROP TABLE orders"}, sql: "CREATE TABLE orders (b INT)", phase: "COMPLETED", kind: "CREATE_TABLE",
		},
		"a table that is no topic": {
			sql: "SELECT * FROM nope", more: noTopics, phase: "FAILED", says: "SQL validation failed. From line 1, column 15 to line 1, column 18: Object 'nope' not found",
		},
		"a table of another statement": {
			earlier: []string{"CREATE TABLE orders (a INT)"}, sql: "SELECT * FROM orders", more: noTopics, phase: "PENDING", kind: "SELECT",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := New("2.3.1", nil, nil)
			for i, sql := range test.earlier {
				posted(t, server, "production", fmt.Sprintf("earlier-%d", i), sql, "")
			}
			code, phase, kind, detail := posted(t, server, "production", "one", test.sql, test.more)
			if code != http.StatusOK || phase != test.phase || kind != test.kind || detail != test.says {
				t.Errorf("it is answered with %d, and is %s, a %q: %s", code, phase, kind, detail)
			}
		})
	}
}

// TestDefined keeps what statements have defined with their environment: not with the
// statement, and not for another environment.
func TestDefined(t *testing.T) {
	server := New("2.3.1", nil, nil)
	ask := func(method, path string) {
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, base+path, http.NoBody))
	}
	phase := func(environment, name string) string {
		_, phase, _, _ := posted(t, server, environment, name, "CREATE TABLE orders (a INT)", "")
		return phase
	}
	got := []string{phase("production", "one"), phase("staging", "one")}
	for range deletedAfter + 1 {
		ask(http.MethodDelete, "/environments/production/statements/one")
	}
	got = append(got, phase("production", "two"))
	ask(http.MethodDelete, "/environments/production")
	got = append(got, phase("production", "one"))
	if want := "COMPLETED COMPLETED FAILED COMPLETED"; strings.Join(got, " ") != want {
		t.Errorf("the phases are %v, want %s", got, want)
	}
}

// judging is a judge of a test.
type judging func(session flinksql.Session, text flinksql.Text) (flinksql.Verdict, error)

func (j judging) Judge(_ context.Context, session flinksql.Session, text flinksql.Text) (flinksql.Verdict, error) {
	return j(session, text)
}

// TestJudgeBy asks another judge, once for each statement, with where the text stands
// and what there is; and has its error as the answer.
func TestJudgeBy(t *testing.T) {
	server := New("2.3.1", nil, nil)
	var asked []string
	server.JudgeBy(judging(func(session flinksql.Session, text flinksql.Text) (flinksql.Verdict, error) {
		asked = append(asked, fmt.Sprintf("%s in %s.%s of %v after %d", text.SQL, text.Catalog, text.Database, session.Databases, len(session.Earlier)))
		if text.SQL == "broken" {
			return flinksql.Verdict{}, errors.New("no gateway")
		}
		return flinksql.Verdict{Kind: "ODD", Runs: true, Defines: true}, nil
	}))
	ask := func(method, path, body string) string {
		recorded := httptest.NewRecorder()
		server.ServeHTTP(recorded, httptest.NewRequest(method, base+path, strings.NewReader(body)))
		return recorded.Body.String()
	}
	ask(http.MethodPost, "/catalogs/kafka", `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaCatalog","metadata":{"name":"shop"},"spec":{"srInstance":{"connectionConfig":{"schema.registry.url":"http://registry"}}}}`)
	ask(http.MethodPost, "/catalogs/kafka/shop/databases", `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaDatabase","metadata":{"name":"eu"},"spec":{"kafkaCluster":{"connectionConfig":{"bootstrap.servers":"kafka:9092"}}}}`)
	posted(t, server, "production", "first", "one", "")
	const second = `{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"second"},"spec":{"statement":"two","computePoolName":"sql","parallelism":%d,"properties":{"sql.current-catalog":"shop","sql.current-database":"eu"}}}`
	ask(http.MethodPost, "/environments/production/statements", fmt.Sprintf(second, 1))
	ask(http.MethodPut, "/environments/production/statements/second", fmt.Sprintf(second, 2))
	if got := ask(http.MethodGet, "/environments/production/statements/second", ""); !strings.Contains(got, `"sqlKind":"ODD"`) {
		t.Errorf("the statement that was changed is %s", got)
	}
	code, _, _, detail := posted(t, server, "production", "third", "broken", "")
	if code != http.StatusInternalServerError || detail != "The statement could not be compiled: no gateway" {
		t.Errorf("a judge that fails is answered with %d: %s", code, detail)
	}
	want := []string{"one in . of map[shop:[eu]] after 0", "two in shop.eu of map[shop:[eu]] after 1", "broken in . of map[shop:[eu]] after 2"}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("it is asked\n\t%s\nwant\n\t%s", strings.Join(asked, "\n\t"), strings.Join(want, "\n\t"))
	}
}
