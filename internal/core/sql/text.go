// Package sql is what the text of an SQL statement is, and what a change of a
// statement does to its job. It is pure.
package sql

import (
	"slices"
	"strings"
	"unicode"
)

// Kind is what Flink makes of a statement, as far as its text tells.
type Kind int

const (
	// KindUnknown is that of a text that begins with no word of Flink SQL.
	KindUnknown Kind = iota
	// KindAtOnce is carried out at once and leaves no job: CREATE TABLE, DROP, SHOW.
	KindAtOnce
	// KindQuery shows rows to whoever asks, as long as it runs: SELECT.
	KindQuery
	// KindJob is a job that writes into tables: INSERT INTO, statement sets, and tables
	// that are created AS a query.
	KindJob
)

// The first words of statements
// (https://nightlies.apache.org/flink/flink-docs-stable/docs/dev/table/sql/overview/).
var (
	queries = []string{"SELECT", "WITH", "VALUES", "TABLE"}
	atOnce  = []string{
		"CREATE", "DROP", "ALTER", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "USE", "SET", "RESET",
		"LOAD", "UNLOAD", "ANALYZE", "TRUNCATE", "ADD", "REMOVE",
	}
	jobs = []string{"INSERT", "BEGIN", "UPDATE", "DELETE"}
)

// KindOf returns the kind of a statement.
func KindOf(text string) Kind {
	words := wordsOf(text)
	if len(words) == 0 {
		return KindUnknown
	}
	switch first := words[0]; {
	case slices.Contains(jobs, first):
		return KindJob
	case slices.Contains(queries, first):
		return KindQuery
	case first == "EXECUTE":
		// EXECUTE STATEMENT SET, EXECUTE INSERT and EXECUTE PLAN are jobs; EXECUTE SELECT
		// is the query.
		if len(words) > 1 && slices.Contains(queries, words[1]) {
			return KindQuery
		}
		return KindJob
	case (first == "CREATE" || first == "REPLACE") && made(words) == "TABLE" && asQuery(words):
		return KindJob
	case slices.Contains(atOnce, first):
		return KindAtOnce
	}
	return KindUnknown
}

// asQuery tells whether what a statement makes has the rows of a query.
func asQuery(words []string) bool {
	for i, word := range words[:len(words)-1] {
		if word == "AS" && slices.Contains(queries, words[i+1]) {
			return true
		}
	}
	return false
}

// Defines tells whether a statement makes or changes something that stays when the
// statement is gone. A table that is created AS a query is that, and a job as well.
func Defines(text string) bool {
	words := wordsOf(text)
	return len(words) > 0 && (slices.Contains(atOnce, words[0]) || words[0] == "REPLACE")
}

// made is what a CREATE makes. Later words may be names.
func made(words []string) string {
	for _, word := range words {
		if slices.Contains([]string{"TABLE", "VIEW", "FUNCTION", "CATALOG", "DATABASE", "MODEL"}, word) {
			return word
		}
	}
	return ""
}

// wordsOf are the words of a statement in upper case, without what is in quotes.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToUpper(code(text)), func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == ';' })
}

// Words are those of a statement, without how they are laid out. What is in quotes
// stays as it is, and so does a text with comments that a line break ends.
func Words(statement string) string {
	statement = strings.TrimRight(strings.TrimSpace(statement), "; \t\r\n")
	if strings.Contains(statement, "--") {
		return statement
	}
	var out strings.Builder
	var quote rune
	blank := false
	for _, r := range statement {
		if quote == 0 && unicode.IsSpace(r) {
			blank = true
			continue
		}
		if blank {
			out.WriteByte(' ')
			blank = false
		}
		switch {
		case quote == r:
			quote = 0
		case quote == 0 && strings.ContainsRune("'\"`", r):
			quote = r
		}
		out.WriteRune(r)
	}
	return out.String()
}

// code returns a text without its comments and without what is in quotes.
func code(text string) string {
	var out strings.Builder
	for text != "" {
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
			out.WriteByte(' ')
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text[2:], "*/")
			out.WriteByte(' ')
		case strings.ContainsRune("'\"`", rune(text[0])):
			_, text, _ = strings.Cut(text[1:], text[:1])
			out.WriteString(" Q ")
		default:
			out.WriteByte(text[0])
			text = text[1:]
		}
	}
	return out.String()
}
