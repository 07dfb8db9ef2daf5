package flinksql

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// stack is how a gateway answers for a statement that has failed, with these causes and
// frames between them.
func stack(causes ...string) string {
	text := "<Exception on server side:\norg.apache.flink.table.gateway.api.utils.SqlGatewayException: Failed to fetchResults.\n\tat org.apache.flink.table.gateway.rest.handler.statement.FetchResultsHandler.handleRequest(FetchResultsHandler.java:91)\n" +
		"Caused by: org.apache.flink.table.gateway.service.utils.SqlExecutionException: Failed to execute the operation 09f7.\n\t... 1 more\n"
	for _, cause := range causes {
		text += "Caused by: " + cause + "\n\t... 8 more\n"
	}
	body, err := json.Marshal(map[string]any{"errors": []string{"Internal server error.", text + "\nEnd of exception on server side>"}})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// What a gateway answers.
const (
	notReady  = `{"resultType":"NOT_READY","nextResultUri":"/v1/result/0"}`
	carried   = `{"resultType":"PAYLOAD","results":{"columns":[{"name":"result"}],"data":[{"kind":"INSERT","fields":["OK"]}]}}`
	noFactory = "java.lang.IllegalStateException: No ExecutorFactory found to execute the application."
	query     = "org.apache.flink.table.api.TableException: Failed to execute sql\n\tat org.apache.flink.table.api.internal.TableEnvironmentImpl.executeQueryOperation(TableEnvironmentImpl.java:1)"
	modify    = "org.apache.flink.table.api.TableException: Failed to execute sql\n\tat org.apache.flink.table.gateway.service.operation.OperationExecutor.callModifyOperations(OperationExecutor.java:1)"
)

// recorded is a gateway that answers with what it was given for a statement, one after
// the other, and otherwise carries it out; and notes what it was asked.
type recorded struct {
	answers map[string][]string
	asked   []string
	last    string
}

func (g *recorded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Statement  string            `json:"statement"`
		Properties map[string]string `json:"properties"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v1/sessions":
		g.asked = append(g.asked, fmt.Sprintf("open %v", body.Properties))
		_, _ = w.Write([]byte(`{"sessionHandle":"s"}`))
	case r.Method == http.MethodPost && r.URL.Path == "/v1/sessions/s/statements":
		g.asked, g.last = append(g.asked, body.Statement), body.Statement
		_, _ = w.Write([]byte(`{"operationHandle":"o"}`))
	case r.Method == http.MethodGet && r.URL.Path == "/v1/sessions/s/operations/o/result/0":
		answer := carried
		if left := g.answers[g.last]; len(left) > 0 {
			answer, g.answers[g.last] = left[0], left[1:]
		}
		if strings.Contains(answer, "errors") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte(answer))
	case r.Method == http.MethodDelete && r.URL.Path == "/v1/sessions/s":
		g.asked = append(g.asked, "close")
	default:
		http.NotFound(w, r)
	}
}

// TestGateway reads what a gateway answers. Each answer is as Flink 1.20 gives it, with
// fewer frames.
func TestGateway(t *testing.T) {
	for name, test := range map[string]struct {
		sql     string
		answers []string
		want    Verdict
		err     string
	}{
		"it is carried out, after a while": {sql: "SHOW TABLES", answers: []string{notReady, notReady, carried}, want: Verdict{Kind: "SHOW_TABLES"}},
		"it would be a query":              {sql: "SELECT 1", answers: []string{stack(query, noFactory)}, want: Verdict{Kind: "SELECT", Runs: true}},
		"it would write":                   {sql: "INSERT INTO a SELECT 1", answers: []string{stack(modify, noFactory)}, want: Verdict{Kind: "INSERT_INTO", Runs: true}},
		"it cannot be parsed": {
			sql: "SHOW TABELS", answers: []string{stack("org.apache.flink.table.api.SqlParserException: SQL parse failed. Encountered \"TABELS\" at line 1, column 6.\nWas expecting one of:\n    \"TABLES\" ...", "org.apache.calcite.sql.parser.SqlParseException: Encountered \"TABELS\" at line 1, column 6.\nWas expecting one of:\n    \"TABLES\" ...")},
			want: Verdict{Refused: "SQL parse failed. Encountered \"TABELS\" at line 1, column 6.\nWas expecting one of:\n    \"TABLES\" ..."},
		},
		"a table is missing": {
			sql: "INSERT INTO a SELECT * FROM b", answers: []string{stack("org.apache.flink.table.api.ValidationException: SQL validation failed. SQL validation failed. At line 1, column 29: Object 'b' not found", "org.apache.calcite.runtime.CalciteContextException: At line 1, column 29: Object 'b' not found")},
			want: Verdict{Kind: "INSERT_INTO", Runs: true, Refused: "SQL validation failed. At line 1, column 29: Object 'b' not found", Missing: true},
		},
		"the cause says more": {
			sql: "DROP DATABASE a", answers: []string{stack("org.apache.flink.table.api.ValidationException: Could not execute DROP DATABASE", "java.lang.Exception: It is not there.")},
			want: Verdict{Kind: "DROP_DATABASE", Refused: "Could not execute DROP DATABASE\nIt is not there."},
		},
		"it is another thing to Flink":                  {sql: "SHOW TABLES", answers: []string{stack(modify, noFactory)}, err: `"SHOW TABLES" is SHOW_TABLES in the table of sentences`},
		"it is one that the table of sentences lacks":   {sql: "SHOW MODELS", err: "is taken by Flink, and the table of sentences says: SQL parse failed"},
		"a job that neither reads nor writes":           {sql: "SELECT 1", answers: []string{stack(noFactory)}, err: "neither reads nor writes"},
		"it fails, and the gateway does not say why":    {sql: "SELECT 1", answers: []string{`{"errors":["Internal server error."]}`}, err: "answers without a reason"},
		"it fails, and there is no cause":               {sql: "SELECT 1", answers: []string{stack()}, err: "answers without a cause"},
		"what answers with an error is another service": {sql: "SELECT 1", answers: []string{"errors"}, err: "answers without a reason"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(&recorded{answers: map[string][]string{test.sql: test.answers}})
			defer server.Close()
			gateway, err := NewGateway(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			got, err := gateway.Judge(t.Context(), Session{}, Text{SQL: test.sql})
			switch {
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("the error is %v, want %q", err, test.err)
			case test.err == "" && (err != nil || got != test.want):
				t.Errorf("the verdict is %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// TestSession makes a session of what there is, and closes it.
func TestSession(t *testing.T) {
	earlier := []Text{{SQL: "CREATE VIEW a AS SELECT 1"}, {SQL: "CREATE VIEW b AS SELECT 1", Catalog: "sh`op", Database: "eu"}}
	session := Session{Databases: map[string][]string{"kafka": {"x", "y"}}, Earlier: earlier}
	answers := &recorded{answers: map[string][]string{}}
	server := httptest.NewServer(answers)
	defer server.Close()
	gateway, err := NewGateway(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.Judge(t.Context(), session, Text{SQL: "SHOW VIEWS", Catalog: "kafka", Database: "y"}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"open map[execution.target:none]",
		"CREATE CATALOG `kafka` WITH ('type'='generic_in_memory')", "CREATE DATABASE IF NOT EXISTS `kafka`.`x`", "CREATE DATABASE IF NOT EXISTS `kafka`.`y`",
		"CREATE VIEW a AS SELECT 1",
		"CREATE CATALOG `sh``op` WITH ('type'='generic_in_memory')", "CREATE DATABASE IF NOT EXISTS `sh``op`.`eu`", "USE `sh``op`.`eu`", "CREATE VIEW b AS SELECT 1",
		"CREATE DATABASE IF NOT EXISTS `kafka`.`y`", "USE `kafka`.`y`", "SHOW VIEWS",
		"close",
	}
	if !slices.Equal(answers.asked, want) {
		t.Errorf("the gateway is asked\n\t%s\nwant\n\t%s", strings.Join(answers.asked, "\n\t"), strings.Join(want, "\n\t"))
	}
	answers.answers["CREATE VIEW a AS SELECT 1"] = []string{stack("java.lang.Exception: It is full.")}
	if _, err := gateway.Judge(t.Context(), session, Text{SQL: "SHOW VIEWS"}); err == nil || !strings.Contains(err.Error(), "It is full.") {
		t.Errorf("a session that cannot be made is %v", err)
	}
}

// TestNoGateway has no verdict from what is no gateway.
func TestNoGateway(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	for address, want := range map[string]string{server.URL: "opens no session, but answers 404", "http://127.0.0.1:1": "connection refused"} {
		gateway, err := NewGateway(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gateway.Judge(t.Context(), Session{}, Text{SQL: "SELECT 1"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", address, err, want)
		}
	}
	if _, err := NewGateway("127.0.0.1:8083"); err == nil {
		t.Error("an address without a scheme is taken")
	}
}

// TestOnTopics lets a table without a connector be one of Kafka's.
func TestOnTopics(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE TABLE a (x INT)":                                                        "CREATE TABLE a (x INT) WITH " + topic + " ",
		"CREATE TABLE a (x INT);":                                                       "CREATE TABLE a (x INT) WITH " + topic + " ;",
		"CREATE TABLE a (x INT, PRIMARY KEY (x) NOT ENFORCED)":                          "CREATE TABLE a (x INT, PRIMARY KEY (x) NOT ENFORCED) WITH " + topicOfKeys + " ",
		"CREATE TABLE a (x INT) WITH ('changelog.mode' = 'append')":                     "CREATE TABLE a (x INT)  WITH " + topic + " ",
		"CREATE TABLE a (x INT) WITH ('connector' = 'confluent')":                       "CREATE TABLE a (x INT)  WITH " + topic + " ",
		"CREATE TABLE a (x INT) WITH ('connector' = 'datagen')":                         "CREATE TABLE a (x INT) WITH ('connector' = 'datagen')",
		"CREATE TABLE a DISTRIBUTED BY (x) INTO 2 BUCKETS AS SELECT 1 AS x":             "CREATE TABLE a  WITH " + topic + " AS SELECT 1 AS x",
		"CREATE TABLE a (x INT) DISTRIBUTED BY (x) PARTITIONED BY (x)":                  "CREATE TABLE a (x INT) PARTITIONED BY (x) WITH " + topic + " ",
		"CREATE TABLE a (x INT) DISTRIBUTED BY (x) WITH ('connector' = 'datagen')":      "CREATE TABLE a (x INT) WITH ('connector' = 'datagen')",
		"CREATE TABLE a LIKE b":                                                         "CREATE TABLE a LIKE b",
		"CREATE TABLE a WITH ('changelog.mode' = 'append') LIKE b":                      "CREATE TABLE a  WITH " + topic + " LIKE b",
		"CREATE TABLE a (x INT COMMENT 'with') -- no connector\n":                       "CREATE TABLE a (x INT COMMENT 'with') -- no connector\n WITH " + topic + " ",
		"CREATE TABEL a (x INT)":                                                        "CREATE TABEL a (x INT)",
		"INSERT INTO a SELECT x FROM b":                                                 "INSERT INTO a SELECT x FROM b",
		"CREATE TABLE a WITH ('changelog.mode' = 'append') AS SELECT 'LIKE; WITH' AS x": "CREATE TABLE a WITH " + topic + " AS SELECT 'LIKE; WITH' AS x",
	} {
		if got := onTopics(sql); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%q becomes %q, want %q", sql, got, want)
		}
	}
}
