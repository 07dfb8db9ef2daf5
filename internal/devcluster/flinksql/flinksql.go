// Package flinksql says what Flink makes of a text of SQL, without running it: which
// kind of statement it is, whether it is carried out at once or runs as a job, or why
// it is refused. Sentences knows the usual sentences of the language and needs
// nothing; Gateway asks Flink itself. What Sentences says, Gateway says too: the test
// of both has one table. Gateway knows more, such as columns and types.
package flinksql

// Text is a text of SQL and where it stands.
type Text struct {
	SQL string
	// Catalog and Database have the names that the text does not qualify; empty for
	// Flink's own.
	Catalog, Database string
}

// Session is what a text finds.
type Session struct {
	// Databases are there, by catalog, beside those that a Text stands in.
	Databases map[string][]string
	// Earlier are the texts that have defined what there is, in their order.
	Earlier []Text
}

// Verdict is what Flink makes of a text.
type Verdict struct {
	// Kind is what the text is, for example "INSERT_INTO"; empty when it cannot be
	// parsed. Flink's REST API has no names for that: these are the ones that
	// Confluent's API has, and for other sentences their first words.
	Kind string
	// Runs tells that the text becomes a job; another one is carried out at once.
	Runs bool
	// Defines tells that later texts depend on it.
	Defines bool
	// Refused is why it comes to nothing, in Flink's words; empty when it does not.
	Refused string
	// Missing tells that it is refused for a table that is not there.
	Missing bool
}

// The catalog and the database of a session that names no other ones.
const (
	defaultCatalog  = "default_catalog"
	defaultDatabase = "default_database"
)
