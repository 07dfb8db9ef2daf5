//go:build e2e

package flinksql

import (
	"os"
	"strings"
	"testing"
)

// flink is the SQL gateway that the tests ask.
func flink(t *testing.T) *Gateway {
	t.Helper()
	address := os.Getenv("FLINK_TEST_SQL_GATEWAY")
	if address == "" {
		t.Fatal("FLINK_TEST_SQL_GATEWAY names no SQL gateway; run this by `make sql`")
	}
	gateway, err := NewGateway(address)
	if err != nil {
		t.Fatal(err)
	}
	return gateway
}

// TestFlinkSaysTheSame holds the table of sentences against Flink.
func TestFlinkSaysTheSame(t *testing.T) {
	gateway := flink(t)
	for _, row := range rows {
		t.Run(row.sql, func(t *testing.T) {
			got, err := gateway.Judge(t.Context(), there, Text{SQL: row.sql})
			if err != nil {
				t.Fatal(err)
			}
			sameBut(t, got, row.want)
		})
	}
	for name, test := range inSessions {
		t.Run(name, func(t *testing.T) {
			got, err := gateway.Judge(t.Context(), test.session, test.text)
			if err != nil {
				t.Fatal(err)
			}
			sameBut(t, got, test.want)
		})
	}
}

// TestFlinkAlone has what only Flink sees: the table of sentences takes these texts.
func TestFlinkAlone(t *testing.T) {
	gateway := flink(t)
	for sql, want := range map[string]string{
		"SELECT nope FROM orders":                                                    "SQL validation failed. From line 1, column 8 to line 1, column 11: Column 'nope' not found in any table",
		"SELECT NOSUCH(region) FROM orders":                                          "SQL validation failed. From line 1, column 8 to line 1, column 21: No match found for function signature NOSUCH(<CHARACTER>)",
		"SELECT region FROM orders ORDER BY amount":                                  "Sort on a non-time-attribute field is not supported.",
		"SELECT user FROM orders":                                                    "SQL validation failed. From line 1, column 8 to line 1, column 11: Column 'user' not found in any table",
		"INSERT INTO totals SELECT region FROM orders":                               "Column types of query result and sink for 'default_catalog.default_database.totals' do not match.",
		"INSERT INTO totals SELECT amount, region FROM orders":                       "Column types of query result and sink for 'default_catalog.default_database.totals' do not match.",
		"INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region":  "Table sink 'default_catalog.default_database.totals' doesn't support consuming update changes which is produced by node GroupAggregate(groupBy=[region], select=[region, SUM(amount) AS EXPR$1])",
		"SELECT * FROM orders /*+ OPTIONS('scan.startup.mod' = 'latest-offset') */":  "Unable to create a source for reading table 'default_catalog.default_database.orders'.",
		"CREATE TABLE x (a INT, a INT)":                                              "A regular Column named 'a' already exists in the table.",
		"CREATE TABLE x (a NOSUCH)":                                                  "From line 1, column 19 to line 1, column 24: Unknown identifier 'NOSUCH'",
		"CREATE TABLE x WITH ('connector' = 'datagen') AS SELECT region FROM orders": "Unable to create a sink for writing table 'default_catalog.default_database.x'.",
		"CREATE VIEW x (a, b) AS SELECT region FROM orders":                          "VIEW definition and input fields not match:",
		"ALTER TABLE orders DROP nope":                                               "Failed to execute ALTER TABLE statement.",
		"DROP DATABASE nope":                                                         "Could not execute DROP DATABASE default_catalog.nope RESTRICT",
	} {
		t.Run(sql, func(t *testing.T) {
			taken, err := Sentences{}.Judge(t.Context(), there, Text{SQL: sql})
			if err != nil || taken.Refused != "" {
				t.Errorf("the table of sentences refuses it: %v %s", err, taken.Refused)
			}
			got, err := gateway.Judge(t.Context(), there, Text{SQL: sql})
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(got.Refused, "\n")
			if got.Kind != taken.Kind || first != want || got.Missing || got.Defines {
				t.Errorf("the verdict is %+v, want %s", got, want)
			}
		})
	}
}

// TestFlinkRunsNothing judges a text that would run twice: what a job would have left
// is not there.
func TestFlinkRunsNothing(t *testing.T) {
	gateway := flink(t)
	for range 2 {
		got, err := gateway.Judge(t.Context(), there, Text{SQL: "CREATE TABLE x AS SELECT region FROM orders"})
		if err != nil || got.Refused != "" || !got.Runs {
			t.Errorf("the verdict is %+v, %v", got, err)
		}
	}
}
