package flinksql

import (
	"strings"
	"testing"
)

// there is what the session of the rows has.
var there = Session{Earlier: []Text{
	{SQL: "CREATE TABLE orders (region STRING, amount DOUBLE)"},
	{SQL: "CREATE TABLE totals (region STRING, total DOUBLE)"},
	{SQL: "CREATE VIEW regions AS SELECT region FROM orders"},
}}

// rows are texts, and what both judges say of them there.
var rows = []struct {
	sql  string
	want Verdict
}{
	// Queries.
	{"SELECT 1", Verdict{Kind: "SELECT", Runs: true}},
	{"select region from orders;", Verdict{Kind: "SELECT", Runs: true}},
	{"SELECT * FROM orders;;", Verdict{Kind: "SELECT", Runs: true}},
	{"VALUES 1", Verdict{Kind: "SELECT", Runs: true}},
	{"TABLE orders", Verdict{Kind: "SELECT", Runs: true}},
	{"(SELECT region FROM orders) UNION ALL (SELECT region FROM totals)", Verdict{Kind: "SELECT", Runs: true}},
	{"WITH a AS (SELECT * FROM orders), b (x) AS (SELECT region FROM a) SELECT x FROM b", Verdict{Kind: "SELECT", Runs: true}},
	{"SELECT * FROM regions", Verdict{Kind: "SELECT", Runs: true}},
	{"SELECT o.region FROM orders AS o LEFT JOIN totals AS t ON o.region = t.region", Verdict{Kind: "SELECT", Runs: true}},
	{"SELECT region FROM orders WHERE region IN (SELECT region FROM totals)", Verdict{Kind: "SELECT", Runs: true}},
	{"SELECT EXTRACT(YEAR FROM CURRENT_DATE), TRIM(BOTH 'a' FROM region) FROM orders WHERE region IS NOT DISTINCT FROM region AND region <> 'from nope'", Verdict{Kind: "SELECT", Runs: true}},
	{"SELECT CASE WHEN amount > 1 THEN 'a' ELSE 'b' END FROM `default_catalog`.`default_database`.`orders`", Verdict{Kind: "SELECT", Runs: true}},
	{"-- a comment; of the author\n/* and another\none */ SELECT 1 -- and a last one", Verdict{Kind: "SELECT", Runs: true}},
	{"// so is this\nSELECT 1", Verdict{Kind: "SELECT", Runs: true}},
	// Jobs that write.
	{"INSERT INTO totals SELECT region, amount FROM orders", Verdict{Kind: "INSERT_INTO", Runs: true}},
	{"INSERT INTO `totals` (`region`) SELECT region FROM orders", Verdict{Kind: "INSERT_INTO", Runs: true}},
	{"INSERT INTO totals VALUES ('a;b', 1), ('it''s', 2)", Verdict{Kind: "INSERT_INTO", Runs: true}},
	{"INSERT INTO totals (SELECT region, amount FROM orders)", Verdict{Kind: "INSERT_INTO", Runs: true}},
	{"INSERT INTO totals WITH a AS (SELECT * FROM orders) SELECT * FROM a", Verdict{Kind: "INSERT_INTO", Runs: true}},
	{"EXECUTE SELECT region FROM orders", Verdict{Kind: "SELECT", Runs: true}},
	{"EXECUTE INSERT INTO totals SELECT * FROM orders", Verdict{Kind: "INSERT_INTO", Runs: true}},
	{"EXECUTE STATEMENT SET\nBEGIN\n  INSERT INTO totals SELECT * FROM orders;\n  -- and\n  INSERT INTO totals (region) SELECT region FROM orders;\nEND;", Verdict{Kind: "EXECUTE_STATEMENT_SET", Runs: true}},
	{"CREATE TABLE x AS SELECT region FROM orders", Verdict{Kind: "CREATE_TABLE_AS", Runs: true, Defines: true}},
	{"CREATE TABLE x WITH ('changelog.mode' = 'append') AS SELECT region FROM orders", Verdict{Kind: "CREATE_TABLE_AS", Runs: true, Defines: true}},
	{"CREATE OR REPLACE TABLE orders AS SELECT region FROM totals", Verdict{Kind: "CREATE_TABLE_AS", Runs: true, Defines: true}},
	{"CREATE TABLE x AS TABLE orders", Verdict{Kind: "CREATE_TABLE_AS", Runs: true, Defines: true}},
	{"REPLACE TABLE orders AS SELECT region FROM totals", Verdict{Kind: "REPLACE_TABLE_AS", Runs: true, Defines: true}},
	// Definitions.
	{"CREATE TABLE x (a INT)", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"create table if not exists x (a int)", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"CREATE TABLE x (a INT, b STRING, PRIMARY KEY (a) NOT ENFORCED) COMMENT 'x' WITH ('connector' = 'confluent', 'changelog.mode' = 'upsert')", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"CREATE TABLE x (a INT) DISTRIBUTED BY HASH (a) INTO 6 BUCKETS WITH ('kafka.retention.time' = '7 d')", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"CREATE TABLE x (a INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'datagen')", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"CREATE TABLE x LIKE orders", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"CREATE TEMPORARY TABLE x (a INT)", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"CREATE VIEW x (a) AS SELECT region FROM orders", Verdict{Kind: "CREATE_VIEW", Defines: true}},
	{"CREATE OR REPLACE VIEW x AS SELECT region FROM orders", Verdict{Kind: "CREATE_VIEW", Defines: true}},
	{"ALTER TABLE orders ADD (x INT)", Verdict{Kind: "ALTER_TABLE", Defines: true}},
	{"ALTER TABLE orders RENAME TO x", Verdict{Kind: "ALTER_TABLE", Defines: true}},
	{"ALTER TABLE orders RENAME amount TO x", Verdict{Kind: "ALTER_TABLE", Defines: true}},
	{"ALTER TABLE orders SET ('changelog.mode' = 'append')", Verdict{Kind: "ALTER_TABLE"}},
	{"ALTER VIEW regions AS SELECT region FROM totals", Verdict{Kind: "ALTER_VIEW", Defines: true}},
	{"DROP TABLE orders", Verdict{Kind: "DROP_TABLE", Defines: true}},
	{"DROP TABLE IF EXISTS nope", Verdict{Kind: "DROP_TABLE", Defines: true}},
	{"DROP VIEW regions", Verdict{Kind: "DROP_VIEW", Defines: true}},
	{"CREATE DATABASE x", Verdict{Kind: "CREATE_DATABASE", Defines: true}},
	{"CREATE CATALOG x WITH ('type' = 'generic_in_memory')", Verdict{Kind: "CREATE_CATALOG", Defines: true}},
	{"CREATE FUNCTION x AS 'a.b.C'", Verdict{Kind: "CREATE_FUNCTION", Defines: true}},
	// What is looked at.
	{"SHOW TABLES", Verdict{Kind: "SHOW_TABLES"}},
	{"SHOW TABLES IN default_database NOT LIKE 'x'", Verdict{Kind: "SHOW_TABLES"}},
	{"SHOW CATALOGS", Verdict{Kind: "SHOW_CATALOGS"}},
	{"SHOW DATABASES", Verdict{Kind: "SHOW_DATABASES"}},
	{"SHOW CURRENT DATABASE", Verdict{Kind: "SHOW_CURRENT_DATABASE"}},
	{"SHOW VIEWS", Verdict{Kind: "SHOW_VIEWS"}},
	{"SHOW USER FUNCTIONS", Verdict{Kind: "SHOW_FUNCTIONS"}},
	{"SHOW COLUMNS FROM orders", Verdict{Kind: "SHOW_COLUMNS"}},
	{"SHOW CREATE TABLE orders", Verdict{Kind: "SHOW_CREATE_TABLE"}},
	{"DESCRIBE orders", Verdict{Kind: "DESCRIBE"}},
	{"DESC EXTENDED regions", Verdict{Kind: "DESCRIBE"}},
	{"EXPLAIN SELECT region FROM orders", Verdict{Kind: "EXPLAIN"}},
	{"EXPLAIN PLAN FOR INSERT INTO totals SELECT * FROM orders", Verdict{Kind: "EXPLAIN"}},
	{"EXPLAIN ESTIMATED_COST, CHANGELOG_MODE SELECT 1", Verdict{Kind: "EXPLAIN"}},
	{"EXPLAIN STATEMENT SET BEGIN INSERT INTO totals SELECT * FROM orders; END", Verdict{Kind: "EXPLAIN"}},
	{"USE default_database", Verdict{Kind: "USE"}},
	{"USE CATALOG default_catalog", Verdict{Kind: "USE_CATALOG"}},
	{"SET", Verdict{Kind: "SET"}},
	{"SET 'a' = 'b'", Verdict{Kind: "SET"}},
	{"SET table.exec.state.ttl = 1h", Verdict{Kind: "SET"}},
	{"RESET 'a'", Verdict{Kind: "RESET"}},
	{"BEGIN STATEMENT SET", Verdict{Kind: "BEGIN_STATEMENT_SET"}},
	// What cannot be parsed.
	{"INSRT INTO totals SELECT 1", Verdict{Refused: "SQL parse failed. Non-query expression encountered in illegal context"}},
	{"SELEC 1", Verdict{Refused: "SQL parse failed. Non-query expression encountered in illegal context"}},
	{"1", Verdict{Refused: "SQL parse failed. Non-query expression encountered in illegal context"}},
	{"CREAT TABLE x (a INT)", Verdict{Refused: "SQL parse failed. Non-query expression encountered in illegal context"}},
	{"CREATE TABEL x (a INT)", Verdict{Refused: `SQL parse failed. Encountered "TABEL" at line 1, column 8.`}},
	{"CREATE TABLE IF EXISTS x (a INT)", Verdict{Refused: `SQL parse failed. Encountered "EXISTS" at line 1, column 17.`}},
	{"CREATE TABLE x a INT", Verdict{Refused: `SQL parse failed. Encountered "a" at line 1, column 16.`}},
	{"CREATE TABLE x (a INT) WITH (connector = 'kafka')", Verdict{Refused: `SQL parse failed. Encountered "connector" at line 1, column 30.`}},
	{"CREATE VIEW x SELECT 1", Verdict{Refused: `SQL parse failed. Encountered "SELECT" at line 1, column 15.`}},
	{"INSERT totals SELECT 1", Verdict{Refused: `SQL parse failed. Encountered "totals" at line 1, column 8.`}},
	{"INSERT INTO SELECT 1", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'SELECT' at line 1, column 13."}},
	{"INSERT INTO totals orders", Verdict{Refused: "SQL parse failed. Non-query expression encountered in illegal context"}},
	{"INSERT INTO totals FROM orders", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'FROM' at line 1, column 20."}},
	{"SHOW TABELS", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'SHOW' at line 1, column 1."}},
	{"SHOW TABLES x", Verdict{Refused: `SQL parse failed. Encountered "x" at line 1, column 13.`}},
	{"EXECUTE x", Verdict{Refused: "SQL parse failed. Non-query expression encountered in illegal context"}},
	{"EXECUTE", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'EXECUTE' at line 1, column 1."}},
	{"USE", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'USE' at line 1, column 1."}},
	{"SET a", Verdict{Refused: `SQL parse failed. Encountered "a" at line 1, column 5.`}},
	{"DROP TABLE orders x", Verdict{Refused: `SQL parse failed. Encountered "x" at line 1, column 19.`}},
	{"ALTER TABLE orders x", Verdict{Refused: `SQL parse failed. Encountered "x" at line 1, column 20.`}},
	{"EXPLAIN SHOW TABLES", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'SHOW' at line 1, column 9."}},
	{"SELECT FROM orders", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'FROM' at line 1, column 8."}},
	{"select from orders", Verdict{Refused: `SQL parse failed. Encountered "from" at line 1, column 8.`}},
	{"SELECT region FROM orders)", Verdict{Refused: `SQL parse failed. Encountered ")" at line 1, column 26.`}},
	{"SELECT 'a", Verdict{Refused: `SQL parse failed. Encountered "\'" at line 1, column 8.`}},
	{"SELECT 1 /* x", Verdict{Refused: `SQL parse failed. Lexical error at line 1, column 14.  Encountered: <EOF> after : ""`}},
	{"WITH a AS (SELECT * FROM orders) INSERT INTO totals SELECT * FROM a", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'INSERT' at line 1, column 34."}},
	{"EXECUTE STATEMENT SET BEGIN END", Verdict{Refused: `SQL parse failed. Encountered "END" at line 1, column 29.`}},
	{"EXECUTE STATEMENT SET BEGIN SELECT 1; END", Verdict{Refused: `SQL parse failed. Encountered "SELECT" at line 1, column 29.`}},
	{"EXECUTE STATEMENT SET BEGIN INSERT INTO totals SELECT * FROM orders END", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'END' at line 1, column 69."}},
	{"EXECUTE STATEMENT SET INSERT INTO totals SELECT * FROM orders", Verdict{Refused: `SQL parse failed. Encountered "INSERT" at line 1, column 23.`}},
	{"GRANT x", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'GRANT' at line 1, column 1."}},
	{";", Verdict{Refused: `SQL parse failed. Encountered ";" at line 1, column 1.`}},
	{"TABLE orders x", Verdict{Refused: `SQL parse failed. Encountered "x" at line 1, column 14.`}},
	{"INSERT INTO totals (region) region FROM orders", Verdict{Refused: "SQL parse failed. Non-query expression encountered in illegal context"}},
	{"ALTER TABLE RENAME TO x", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'RENAME' at line 1, column 13."}},
	{"TRUNCATE orders", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'TRUNCATE' at line 1, column 1."}},
	{"SHOW TABLES; SHOW", Verdict{Refused: "SQL parse failed. Incorrect syntax near the keyword 'SHOW' at line 1, column 14."}},
	// What ends too early.
	{"", Verdict{Refused: `Encountered "<EOF>" at line 0, column 0.`}},
	{"-- x", Verdict{Refused: `Encountered "<EOF>" at line 1, column 4.`}},
	{"CREATE", Verdict{Refused: `Encountered "<EOF>" at line 1, column 6.`}},
	{"DROP TABLE", Verdict{Refused: `Encountered "<EOF>" at line 1, column 10.`}},
	{"DESCRIBE", Verdict{Refused: `Encountered "<EOF>" at line 1, column 8.`}},
	{"USE CATALOG", Verdict{Refused: `Encountered "<EOF>" at line 1, column 11.`}},
	{"SELECT\n", Verdict{Refused: `Encountered "<EOF>" at line 1, column 7.`}},
	{"SELECT (1", Verdict{Refused: `Encountered "<EOF>" at line 1, column 9.`}},
	{"SELECT region FROM orders\nWHERE", Verdict{Refused: `Encountered "<EOF>" at line 2, column 5.`}},
	{"INSERT INTO totals", Verdict{Refused: `Encountered "<EOF>" at line 1, column 18.`}},
	{"EXECUTE STATEMENT SET BEGIN INSERT INTO totals SELECT * FROM orders;", Verdict{Refused: `Encountered "<EOF>" at line 1, column 68.`}},
	// What is more than one.
	{"DROP TABLE totals; DROP TABLE orders", Verdict{Refused: "only single statement supported"}},
	{"BEGIN STATEMENT SET; INSERT INTO totals SELECT 1; END", Verdict{Refused: "only single statement supported"}},
	{"DROP TABLE totals; DROP x", Verdict{Refused: `SQL parse failed. Encountered "x" at line 1, column 25.`}},
	{"DROP TABLE totals;\nDROP TABLE orders;\nDROP", Verdict{Refused: `Encountered "<EOF>" at line 3, column 4.`}},
	// What is missing.
	{"SELECT * FROM nope", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 15 to line 1, column 18: Object 'nope' not found", Missing: true}},
	{"SELECT * FROM nope.x", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 15 to line 1, column 20: Object 'nope' not found", Missing: true}},
	{"SELECT * FROM a.b.c.d", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 15 to line 1, column 21: Object 'a' not found", Missing: true}},
	{"SELECT * FROM default_database.nope", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 15 to line 1, column 35: Object 'nope' not found within 'default_catalog.default_database'", Missing: true}},
	{"SELECT * FROM Orders", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 15 to line 1, column 20: Object 'Orders' not found within 'default_catalog.default_database'; did you mean 'orders'?", Missing: true}},
	{"SELECT * FROM default_database.Orders", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. Index 3 out of bounds for length 3"}},
	{"SELECT region\nFROM orders, `no pe`", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 2, column 14 to line 2, column 20: Object 'no pe' not found", Missing: true}},
	{"SELECT o.region FROM orders o JOIN nope n ON o.region = n.region", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 36 to line 1, column 39: Object 'nope' not found", Missing: true}},
	{"SELECT * FROM (SELECT * FROM nope) x", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 30 to line 1, column 33: Object 'nope' not found", Missing: true}},
	{"SELECT * FROM TABLE(TUMBLE(TABLE nope, DESCRIPTOR(ts), INTERVAL '1' MINUTES))", Verdict{Kind: "SELECT", Runs: true, Refused: "SQL validation failed. From line 1, column 34 to line 1, column 37: Object 'nope' not found", Missing: true}},
	{"INSERT INTO nope SELECT region, amount FROM orders", Verdict{Kind: "INSERT_INTO", Runs: true, Refused: "Cannot find table '`default_catalog`.`default_database`.`nope`' in any of the catalogs [default_catalog], nor as a temporary table.", Missing: true}},
	{"INSERT INTO nope SELECT region, amount FROM nowhere", Verdict{Kind: "INSERT_INTO", Runs: true, Refused: "SQL validation failed. From line 1, column 45 to line 1, column 51: Object 'nowhere' not found", Missing: true}},
	{"INSERT INTO regions SELECT * FROM orders", Verdict{Kind: "INSERT_INTO", Runs: true, Refused: "Sink 'default_catalog.default_database.regions' does not exists"}},
	{"EXECUTE STATEMENT SET BEGIN INSERT INTO totals SELECT * FROM orders; INSERT INTO totals SELECT * FROM nope; END", Verdict{Kind: "EXECUTE_STATEMENT_SET", Runs: true, Refused: "SQL validation failed. From line 1, column 103 to line 1, column 106: Object 'nope' not found", Missing: true}},
	{"CREATE TABLE x WITH ('connector' = 'blackhole') AS SELECT region FROM nope", Verdict{Kind: "CREATE_TABLE_AS", Runs: true, Refused: "SQL validation failed. From line 1, column 71 to line 1, column 74: Object 'nope' not found", Missing: true}},
	{"CREATE TABLE x LIKE nope", Verdict{Kind: "CREATE_TABLE", Refused: "Source table '`default_catalog`.`default_database`.`nope`' of the LIKE clause not found in the catalog, at line 1, column 21", Missing: true}},
	{"CREATE VIEW x AS SELECT region FROM nope", Verdict{Kind: "CREATE_VIEW", Refused: "From line 1, column 37 to line 1, column 40: Object 'nope' not found", Missing: true}},
	{"EXPLAIN SELECT region FROM nope", Verdict{Kind: "EXPLAIN", Refused: "SQL validation failed. From line 1, column 28 to line 1, column 31: Object 'nope' not found", Missing: true}},
	{"DESCRIBE nope", Verdict{Kind: "DESCRIBE", Refused: "Tables or views with the identifier 'default_catalog.default_database.nope' doesn't exist.", Missing: true}},
	{"SHOW COLUMNS FROM nope", Verdict{Kind: "SHOW_COLUMNS", Refused: "Tables or views with the identifier 'default_catalog.default_database.nope' doesn't exist.", Missing: true}},
	{"SHOW CREATE TABLE nope", Verdict{Kind: "SHOW_CREATE_TABLE", Refused: "Could not execute SHOW CREATE TABLE. Table with identifier `default_catalog`.`default_database`.`nope` does not exist.", Missing: true}},
	{"ALTER TABLE nope ADD x INT", Verdict{Kind: "ALTER_TABLE", Refused: "Table `default_catalog`.`default_database`.`nope` doesn't exist or is a temporary table.", Missing: true}},
	{"ALTER TABLE regions ADD x INT", Verdict{Kind: "ALTER_TABLE", Refused: "ALTER TABLE for a view is not allowed"}},
	{"ALTER VIEW nope AS SELECT 1", Verdict{Kind: "ALTER_VIEW", Refused: "View `default_catalog`.`default_database`.`nope` doesn't exist or is a temporary view."}},
	{"DROP TABLE nope", Verdict{Kind: "DROP_TABLE", Refused: "Table with identifier 'default_catalog.default_database.nope' does not exist.", Missing: true}},
	{"DROP TABLE regions", Verdict{Kind: "DROP_TABLE", Refused: "Table with identifier 'default_catalog.default_database.regions' does not exist.", Missing: true}},
	{"DROP VIEW orders", Verdict{Kind: "DROP_VIEW", Refused: "View with identifier 'default_catalog.default_database.orders' does not exist."}},
	{"SHOW TABLES FROM nope", Verdict{Kind: "SHOW_TABLES", Refused: "Database 'default_catalog'.'nope' doesn't exist."}},
	{"SHOW DATABASES FROM nope", Verdict{Kind: "SHOW_DATABASES", Refused: "Catalog nope does not exist"}},
	{"USE nope", Verdict{Kind: "USE", Refused: "A database with name [nope] does not exist in the catalog: [default_catalog]."}},
	{"USE CATALOG nope", Verdict{Kind: "USE_CATALOG", Refused: "A catalog with name [nope] does not exist."}},
	// What is there.
	{"CREATE TABLE orders (a INT)", Verdict{Kind: "CREATE_TABLE", Refused: "Could not execute CreateTable in path `default_catalog`.`default_database`.`orders`\nTable (or view) default_database.orders already exists in Catalog default_catalog."}},
	{"CREATE TABLE IF NOT EXISTS orders (a INT)", Verdict{Kind: "CREATE_TABLE", Defines: true}},
	{"CREATE OR REPLACE TABLE orders (a INT)", Verdict{Kind: "CREATE_TABLE", Refused: "Could not execute CreateTable in path `default_catalog`.`default_database`.`orders`\nTable (or view) default_database.orders already exists in Catalog default_catalog."}},
	{"CREATE OR REPLACE VIEW regions AS SELECT 1", Verdict{Kind: "CREATE_VIEW", Refused: "Could not execute CreateTable in path `default_catalog`.`default_database`.`regions`\nTable (or view) default_database.regions already exists in Catalog default_catalog."}},
	{"REPLACE TABLE x AS SELECT region FROM orders", Verdict{Kind: "REPLACE_TABLE_AS", Runs: true, Refused: "The table `default_catalog`.`default_database`.`x` to be replaced doesn't exist. You can try to use CREATE TABLE AS statement or CREATE OR REPLACE TABLE AS statement."}},
	{"CREATE VIEW orders AS SELECT 1", Verdict{Kind: "CREATE_VIEW", Refused: "Could not execute CreateTable in path `default_catalog`.`default_database`.`orders`\nTable (or view) default_database.orders already exists in Catalog default_catalog."}},
	{"CREATE TABLE orders AS SELECT region FROM orders", Verdict{Kind: "CREATE_TABLE_AS", Runs: true, Refused: "Could not execute CreateTable in path `default_catalog`.`default_database`.`orders`\nTable (or view) default_database.orders already exists in Catalog default_catalog."}},
	{"CREATE TABLE nope.x (a INT)", Verdict{Kind: "CREATE_TABLE", Refused: "Could not execute CreateTable in path `default_catalog`.`nope`.`x`\nDatabase nope does not exist in Catalog default_catalog."}},
	{"CREATE TABLE nope.nope.x (a INT)", Verdict{Kind: "CREATE_TABLE", Refused: "Catalog nope does not exist."}},
	{"ALTER TABLE orders RENAME TO totals", Verdict{Kind: "ALTER_TABLE", Refused: "Could not execute ALTER TABLE default_catalog.default_database.orders RENAME TO default_catalog.default_database.totals\nTable (or view) default_database.totals already exists in Catalog default_catalog."}},
	// What Flink does not do.
	{"END", Verdict{Kind: "END", Refused: "No Statement Set to submit. 'END' statement should be used after 'BEGIN STATEMENT SET'."}},
	{"INSERT OVERWRITE totals SELECT region, amount FROM orders", Verdict{Kind: "INSERT_INTO", Refused: "INSERT OVERWRITE requires that the underlying DynamicTableSink of table 'default_catalog.default_database.totals' implements the SupportsOverwrite interface."}},
	{"DELETE FROM orders WHERE region = 'a'", Verdict{Kind: "DELETE", Refused: "DELETE statement is not supported for streaming mode now."}},
	{"DELETE FROM nope", Verdict{Kind: "DELETE", Refused: "SQL validation failed. From line 1, column 13 to line 1, column 16: Object 'nope' not found", Missing: true}},
	{"UPDATE orders SET region = 'a'", Verdict{Kind: "UPDATE", Refused: "UPDATE statement is not supported for streaming mode now."}},
	{"TRUNCATE TABLE orders", Verdict{Kind: "TRUNCATE_TABLE", Refused: "TRUNCATE TABLE statement is not supported in streaming mode."}},
	{"ANALYZE TABLE orders COMPUTE STATISTICS", Verdict{Kind: "ANALYZE_TABLE", Refused: "ANALYZE TABLE is not supported for streaming mode now"}},
	{"CREATE OR REPLACE TABLE orders (a INT) AS SELECT region FROM orders", Verdict{Kind: "CREATE_TABLE_AS", Refused: "CREATE OR REPLACE TABLE AS SELECT syntax does not support to specify explicit columns yet."}},
	{"REPLACE TABLE orders (a INT) AS SELECT region FROM orders", Verdict{Kind: "REPLACE_TABLE_AS", Refused: "REPLACE TABLE AS SELECT syntax does not support to specify explicit columns yet."}},
	{"CREATE TABLE x (a INT) AS SELECT region FROM orders", Verdict{Kind: "CREATE_TABLE_AS", Refused: "CREATE TABLE AS SELECT syntax does not support to specify explicit columns yet."}},
}

// inSessions are texts that come after others.
var inSessions = map[string]struct {
	session Session
	text    Text
	want    Verdict
}{
	"a table of an earlier text": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT) WITH ('changelog.mode' = 'append');"}}},
		text:    Text{SQL: "SELECT x FROM a"}, want: Verdict{Kind: "SELECT", Runs: true},
	},
	"a table of a query": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT)"}, {SQL: "CREATE TABLE b AS SELECT x FROM a"}}},
		text:    Text{SQL: "INSERT INTO b SELECT x FROM b"}, want: Verdict{Kind: "INSERT_INTO", Runs: true},
	},
	"a distributed table": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT) DISTRIBUTED BY (x) INTO 6 BUCKETS"}}},
		text:    Text{SQL: "INSERT INTO a SELECT x FROM a"}, want: Verdict{Kind: "INSERT_INTO", Runs: true},
	},
	"a table with a primary key takes sums": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT)"}, {SQL: "CREATE TABLE b (x INT, n BIGINT, PRIMARY KEY (x) NOT ENFORCED)"}}},
		text:    Text{SQL: "INSERT INTO b SELECT x, COUNT(*) FROM a GROUP BY x"}, want: Verdict{Kind: "INSERT_INTO", Runs: true},
	},
	"a table that has gone": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT)"}, {SQL: "DROP TABLE a"}}},
		text:    Text{SQL: "SELECT x FROM a"},
		want:    Verdict{Kind: "SELECT", Runs: true, Missing: true, Refused: "SQL validation failed. At line 1, column 15: Object 'a' not found"},
	},
	"a view that a table's drop has left": {
		session: Session{Earlier: []Text{{SQL: "CREATE VIEW a AS SELECT 1 AS x"}, {SQL: "DROP TABLE IF EXISTS a"}}},
		text:    Text{SQL: "SELECT x FROM a"}, want: Verdict{Kind: "SELECT", Runs: true},
	},
	"a table with another name": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT)"}, {SQL: "ALTER TABLE a RENAME TO b"}}},
		text:    Text{SQL: "DESCRIBE b"}, want: Verdict{Kind: "DESCRIBE"},
	},
	"a catalog of the server": {
		session: Session{Databases: map[string][]string{"shop": {"eu", "us"}}},
		text:    Text{SQL: "CREATE TABLE shop.us.a (x INT)"}, want: Verdict{Kind: "CREATE_TABLE", Defines: true},
	},
	"a database that the server does not have": {
		session: Session{Databases: map[string][]string{"shop": {"eu"}}},
		text:    Text{SQL: "SELECT x FROM shop.us.a"},
		want:    Verdict{Kind: "SELECT", Runs: true, Missing: true, Refused: "SQL validation failed. From line 1, column 15 to line 1, column 23: Object 'us' not found within 'shop'"},
	},
	"where the text stands": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT)", Catalog: "shop", Database: "eu"}}},
		text:    Text{SQL: "SELECT x FROM a", Catalog: "shop", Database: "eu"}, want: Verdict{Kind: "SELECT", Runs: true},
	},
	"a table of where another text stands": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT)", Catalog: "shop", Database: "eu"}}},
		text:    Text{SQL: "SELECT x FROM a", Catalog: "shop", Database: "us"},
		want:    Verdict{Kind: "SELECT", Runs: true, Missing: true, Refused: "SQL validation failed. At line 1, column 15: Object 'a' not found"},
	},
	"a full name from elsewhere": {
		session: Session{Earlier: []Text{{SQL: "CREATE TABLE a (x INT)", Catalog: "shop", Database: "eu"}}},
		text:    Text{SQL: "SELECT x FROM shop.eu.a"}, want: Verdict{Kind: "SELECT", Runs: true},
	},
	"a database of an earlier text": {
		session: Session{Earlier: []Text{{SQL: "CREATE DATABASE shop.us", Catalog: "shop", Database: "eu"}}},
		text:    Text{SQL: "USE shop.us"}, want: Verdict{Kind: "USE"},
	},
}

// sameBut compares what Flink says without the tokens that it would have taken.
func sameBut(t *testing.T, got, want Verdict) {
	t.Helper()
	got.Refused, _, _ = strings.Cut(got.Refused, "\nWas expecting")
	if got != want {
		t.Errorf("the verdict is\n\t%+v, want\n\t%+v", got, want)
	}
}

func TestSentences(t *testing.T) {
	for _, row := range rows {
		t.Run(row.sql, func(t *testing.T) {
			got, err := Sentences{}.Judge(t.Context(), there, Text{SQL: row.sql})
			if err != nil {
				t.Fatal(err)
			}
			sameBut(t, got, row.want)
		})
	}
	for name, test := range inSessions {
		t.Run(name, func(t *testing.T) {
			got, err := Sentences{}.Judge(t.Context(), test.session, test.text)
			if err != nil {
				t.Fatal(err)
			}
			sameBut(t, got, test.want)
		})
	}
}

// TestBeginnings reads each text up to each of its characters, which is another text,
// and has a kind for it or a fault.
func TestBeginnings(t *testing.T) {
	for _, row := range rows {
		for end := range row.sql {
			got, err := Sentences{}.Judge(t.Context(), there, Text{SQL: row.sql[:end]})
			if err != nil || got.Kind == "" && got.Refused == "" || got.Refused != "" && got.Defines {
				t.Errorf("%q gives %+v, %v", row.sql[:end], got, err)
			}
		}
	}
}
