package sql

import "testing"

func TestWords(t *testing.T) {
	for name, test := range map[string]struct {
		a, b string
		same bool
	}{
		"line breaks":                  {"SELECT a\n  FROM b", "SELECT a FROM b", true},
		"a semicolon at the end":       {"SELECT a;\n", "SELECT a", true},
		"another word":                 {"SELECT a", "SELECT b", false},
		"a semicolon inside":           {"BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END", "BEGIN STATEMENT SET INSERT INTO a SELECT 1 END", false},
		"blanks in a text":             {"SELECT 'a  b'", "SELECT 'a b'", false},
		"a quote in a text":            {"SELECT 'it''s  a', b", "SELECT 'it''s  a',  b", true},
		"blanks in a name":             {"SELECT `a  b`", "SELECT `a b`", false},
		"a comment to the line's end":  {"SELECT a -- x\nFROM b", "SELECT a -- x FROM b", false},
		"a comment with another break": {"SELECT a -- x\nFROM b;", "SELECT a -- x\nFROM b", true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Words(test.a) == Words(test.b); got != test.same {
				t.Errorf("%q and %q are the same: %t", Words(test.a), Words(test.b), got)
			}
		})
	}
}
