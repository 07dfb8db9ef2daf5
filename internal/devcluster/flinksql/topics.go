package flinksql

import "slices"

// The connectors of tables that name none. Where Confluent runs the text these are
// topics, which can be read and written, and are written to by key where there is a
// primary key. A gateway contacts no broker to compile a text.
const (
	topic       = "('connector'='kafka','topic'='t','properties.bootstrap.servers'='127.0.0.1:9','scan.startup.mode'='earliest-offset','format'='json')"
	topicOfKeys = "('connector'='upsert-kafka','topic'='t','properties.bootstrap.servers'='127.0.0.1:9','key.format'='json','value.format'='json')"
)

// onTopics returns a text that Flink without Confluent's connector can take: a table
// that is created without a connector, or with that one, is a topic with Flink's own.
// Options that go with Confluent's, and how the topic is distributed, are left out. So
// what Flink says of a place behind them is of a place in this text.
func onTopics(text string) string {
	of, _, fault := parse(text)
	if fault != "" || !slices.Contains([]string{"CREATE_TABLE", "CREATE_TABLE_AS", "REPLACE_TABLE_AS"}, of.kind) {
		return text
	}
	tokens, _ := scan(text)
	definition := tokens[:outside(tokens, "AS", "LIKE", ";")]
	end := tokens[len(definition)]
	with, distributed := outside(definition, "WITH"), outside(definition, "DISTRIBUTED")
	options := ""
	switch {
	case connects(definition[with:]):
		options = text[tokens[with].start:end.start]
	case with == len(definition) && end.is("LIKE"):
	case slices.ContainsFunc(definition, func(t token) bool { return t.is("PRIMARY") }):
		options = " WITH " + topicOfKeys + " "
	default:
		options = " WITH " + topic + " "
	}
	// How the table is partitioned comes behind how it is distributed.
	head := text[:tokens[min(with, distributed)].start]
	if partitioned := outside(definition, "PARTITIONED"); distributed < partitioned && partitioned < with {
		head += text[tokens[partitioned].start:tokens[with].start]
	}
	return head + options + text[end.start:]
}

// outside returns where the first of the words is outside of brackets; behind the last
// token when none is.
func outside(tokens []token, words ...string) int {
	depth := 0
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.is(words...), t.kind == tokenEnd:
			return i
		}
	}
	return len(tokens)
}

// connects tells whether options name a connector that Flink has.
func connects(options []token) bool {
	for i, t := range options {
		if t.kind == tokenLiteral && t.value == "connector" && options[i+1].is("=") {
			return options[i+2].value != "confluent"
		}
	}
	return false
}
