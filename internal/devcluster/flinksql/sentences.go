package flinksql

import (
	"context"
	"strings"
)

// sentence is a kind of statement.
type sentence struct {
	pattern pattern
	// kind is empty for the first words of the text.
	kind    string
	runs    bool
	defines bool
	// writes tells that its job writes, and does not show a result.
	writes bool
	// refused is what Flink says of each such sentence, where it takes none.
	refused string
}

// Parts of several sentences.
const (
	insert  = "INSERT INTO sink [ PARTITION group ] [ group ] query"
	inserts = "BEGIN { " + insert + " ; } + END"
	pairs   = "( [ text = text { , text = text } * ] )"
	options = "WITH " + pairs
	details = "[ COMMENT text ] [ DISTRIBUTED [ BY [ HASH | RANGE ] group ] [ INTO number BUCKETS ] ] [ PARTITIONED BY group ] [ " + options + " ]"
	create  = "CREATE [ TEMPORARY ] TABLE [ IF NOT EXISTS ] new "
	columns = " SELECT syntax does not support to specify explicit columns yet."
	like    = "[ { FROM | IN } database ] [ [ NOT ] { LIKE | ILIKE } text ]"
)

// sentences are the statements of Flink SQL, those of a session among them: they do
// nothing where each statement has its own, but Flink takes them.
var sentences = []sentence{
	{pattern: compile("[ EXECUTE ] query"), kind: "SELECT", runs: true},
	{pattern: compile("[ EXECUTE ] " + insert), kind: "INSERT_INTO", runs: true, writes: true},
	{pattern: compile("EXECUTE STATEMENT SET " + inserts), kind: "EXECUTE_STATEMENT_SET", runs: true, writes: true},
	{pattern: compile("EXECUTE PLAN text"), kind: "EXECUTE_PLAN", runs: true, writes: true},
	{pattern: compile("BEGIN STATEMENT SET")},
	{pattern: compile("END"), refused: "No Statement Set to submit. 'END' statement should be used after 'BEGIN STATEMENT SET'."},
	{pattern: compile("EXPLAIN [ PLAN FOR | { ESTIMATED_COST | CHANGELOG_MODE | JSON_EXECUTION_PLAN | PLAN_ADVICE } { , { ESTIMATED_COST | CHANGELOG_MODE | JSON_EXECUTION_PLAN | PLAN_ADVICE } } * ] { query | " + insert + " | STATEMENT SET " + inserts + " }"), kind: "EXPLAIN"},

	{pattern: compile(create + details + " AS query"), kind: "CREATE_TABLE_AS", runs: true, writes: true, defines: true},
	{pattern: compile("CREATE OR REPLACE TABLE new " + details + " AS query"), kind: "CREATE_TABLE_AS", runs: true, writes: true, defines: true},
	{pattern: compile("REPLACE TABLE new " + details + " AS query"), kind: "REPLACE_TABLE_AS", runs: true, writes: true, defines: true},
	{pattern: compile(create + "group " + details + " AS query"), kind: "CREATE_TABLE_AS", refused: "CREATE TABLE AS" + columns},
	{pattern: compile("CREATE OR REPLACE TABLE new group " + details + " AS query"), kind: "CREATE_TABLE_AS", refused: "CREATE OR REPLACE TABLE AS" + columns},
	{pattern: compile("REPLACE TABLE new group " + details + " AS query"), kind: "REPLACE_TABLE_AS", refused: "REPLACE TABLE AS" + columns},
	{pattern: compile("CREATE [ OR REPLACE ] [ TEMPORARY ] TABLE [ IF NOT EXISTS ] new [ group ] " + details + " [ LIKE source [ group ] ]"), kind: "CREATE_TABLE", defines: true},
	{pattern: compile("ALTER TABLE [ IF EXISTS ] table { RENAME TO new | RENAME name TO name | { ADD | MODIFY | DROP } more }"), kind: "ALTER_TABLE", defines: true},
	// What options mean is for a connector to say, which the stand-in has another one of.
	{pattern: compile("ALTER TABLE [ IF EXISTS ] table { SET " + pairs + " | RESET ( text { , text } * ) }"), kind: "ALTER_TABLE"},
	{pattern: compile("DROP [ TEMPORARY ] TABLE [ IF EXISTS ] table"), kind: "DROP_TABLE", defines: true},
	{pattern: compile("CREATE [ OR REPLACE ] [ TEMPORARY ] VIEW [ IF NOT EXISTS ] new [ group ] [ COMMENT text ] AS query"), kind: "CREATE_VIEW", defines: true},
	{pattern: compile("ALTER VIEW view { RENAME TO new | AS query }"), kind: "ALTER_VIEW", defines: true},
	{pattern: compile("DROP [ TEMPORARY ] VIEW [ IF EXISTS ] view"), kind: "DROP_VIEW", defines: true},
	{pattern: compile("CREATE CATALOG [ IF NOT EXISTS ] name [ COMMENT text ] [ " + options + " ]"), kind: "CREATE_CATALOG", defines: true},
	{pattern: compile("DROP CATALOG [ IF EXISTS ] name"), kind: "DROP_CATALOG", defines: true},
	{pattern: compile("CREATE DATABASE [ IF NOT EXISTS ] name rest"), kind: "CREATE_DATABASE", defines: true},
	{pattern: compile("ALTER DATABASE name SET group"), kind: "ALTER_DATABASE", defines: true},
	{pattern: compile("DROP DATABASE [ IF EXISTS ] name [ RESTRICT | CASCADE ]"), kind: "DROP_DATABASE", defines: true},
	{pattern: compile("CREATE [ TEMPORARY [ SYSTEM ] ] FUNCTION [ IF NOT EXISTS ] name AS more"), kind: "CREATE_FUNCTION", defines: true},
	{pattern: compile("ALTER [ TEMPORARY [ SYSTEM ] ] FUNCTION [ IF EXISTS ] name AS more"), kind: "ALTER_FUNCTION", defines: true},
	{pattern: compile("DROP [ TEMPORARY [ SYSTEM ] ] FUNCTION [ IF EXISTS ] name"), kind: "DROP_FUNCTION", defines: true},

	{pattern: compile("SHOW { CATALOGS | MODULES | FULL MODULES | JARS | CURRENT CATALOG | CURRENT DATABASE }")},
	{pattern: compile("SHOW DATABASES [ { FROM | IN } catalog ] [ [ NOT ] { LIKE | ILIKE } text ]"), kind: "SHOW_DATABASES"},
	{pattern: compile("SHOW TABLES " + like), kind: "SHOW_TABLES"},
	{pattern: compile("SHOW VIEWS " + like), kind: "SHOW_VIEWS"},
	{pattern: compile("SHOW [ USER ] FUNCTIONS " + like), kind: "SHOW_FUNCTIONS"},
	{pattern: compile("SHOW COLUMNS { FROM | IN } described [ [ NOT ] LIKE text ]"), kind: "SHOW_COLUMNS"},
	{pattern: compile("SHOW CREATE TABLE shown"), kind: "SHOW_CREATE_TABLE"},
	{pattern: compile("SHOW CREATE VIEW name"), kind: "SHOW_CREATE_VIEW"},
	{pattern: compile("{ DESCRIBE | DESC } [ EXTENDED ] described"), kind: "DESCRIBE"},
	{pattern: compile("USE CATALOG catalog"), kind: "USE_CATALOG"},
	{pattern: compile("USE MODULES more"), kind: "USE_MODULES"},
	{pattern: compile("USE database"), kind: "USE"},
	{pattern: compile("SET [ text = text | setting ]"), kind: "SET"},
	{pattern: compile("RESET [ text | key ]"), kind: "RESET"},
	{pattern: compile("COMPILE PLAN text [ IF NOT EXISTS ] FOR more"), kind: "COMPILE_PLAN"},
	{pattern: compile("LOAD MODULE more"), kind: "LOAD_MODULE"},
	{pattern: compile("UNLOAD MODULE more"), kind: "UNLOAD_MODULE"},
	{pattern: compile("ADD JAR text"), kind: "ADD_JAR"},
	{pattern: compile("REMOVE JAR text"), kind: "REMOVE_JAR"},

	{pattern: compile("INSERT OVERWRITE sink [ PARTITION group ] [ group ] query"), kind: "INSERT_INTO", refused: "INSERT OVERWRITE requires that the underlying DynamicTableSink of table '{sink}' implements the SupportsOverwrite interface."},
	{pattern: compile("DELETE FROM queried [ WHERE more ]"), kind: "DELETE", refused: "DELETE statement is not supported for streaming mode now."},
	{pattern: compile("UPDATE queried SET more"), kind: "UPDATE", refused: "UPDATE statement is not supported for streaming mode now."},
	{pattern: compile("TRUNCATE TABLE name"), kind: "TRUNCATE_TABLE", refused: "TRUNCATE TABLE statement is not supported in streaming mode."},
	{pattern: compile("ANALYZE TABLE table COMPUTE STATISTICS rest"), kind: "ANALYZE_TABLE", refused: "ANALYZE TABLE is not supported for streaming mode now"},
}

// parse finds the sentence that a text is, and what is in its places. fault is why it is
// none.
func parse(text string) (of sentence, read reading, fault string) {
	tokens, fault := scan(text)
	if fault != "" {
		return sentence{}, reading{}, fault
	}
	of, read, fault = one(tokens)
	several := read.next > 0
	// Flink reads what comes behind a semicolon as well, and then takes one text alone.
	for next := read.next; next > 0 && fault == ""; {
		var other reading
		tokens = tokens[next:]
		_, other, fault = one(tokens)
		next = other.next
	}
	if several && fault == "" {
		fault = "only single statement supported"
	}
	return of, read, fault
}

// one finds the sentence that begins with the first token.
func one(tokens []token) (of sentence, read reading, fault string) {
	r := reader{tokens: tokens}
	for _, s := range sentences {
		if read, ok := r.whole(s.pattern); ok {
			if s.kind == "" {
				s.kind = strings.Join(read.words, "_")
			}
			return s, read, ""
		}
	}
	return sentence{}, reading{}, r.fault()
}

// Sentences judges by a table of sentences. It does not know columns and types, nor
// what a function or a connector takes.
type Sentences struct{}

// Judge says what becomes of a text in a session.
func (Sentences) Judge(_ context.Context, session Session, text Text) (Verdict, error) {
	of, read, fault := parse(text.SQL)
	if fault != "" {
		return Verdict{Refused: fault}, nil
	}
	verdict := Verdict{Kind: of.kind, Runs: of.runs, Defines: of.defines}
	if refused := recall(session, text).refuse(text, of, read); refused.says != "" {
		verdict.Refused, verdict.Missing, verdict.Defines = refused.says, refused.missing, false
	}
	return verdict, nil
}
