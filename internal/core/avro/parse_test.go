package avro

import (
	"strings"
	"testing"
)

// TestParse is what users read of a text that is no schema: the place, and what is wrong
// there.
func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                               "line 1, column 1: this is not JSON: unexpected end of JSON input",
		"{\n  \"type\": \"record\",\n":   "line 2, column 20: this is not JSON: unexpected end of JSON input",
		"{\n  \"type\": record\n}":       "line 2, column 11: this is not JSON: invalid character 'r' looking for beginning of value",
		"\"int\"\n\"string\"":            "line 2, column 1: this is not JSON: invalid character '\"' after top-level value",
		"\"int\" }":                      "line 1, column 7: this is not JSON: invalid character '}' after top-level value",
		`5`:                              "a schema is a name, an object or a list, and not the number 5",
		`{"type":["null","int"]}`:        "the attribute type of a schema is a name, and not a list",
		`"Order"`:                        `the type "Order" is not defined before it is used here`,
		`[["int"]]`:                      "a union cannot hold another union",
		`["int","int"]`:                  "the union has int twice",
		`{"type":"array"}`:               "the array has no attribute items",
		`{"type":"map","values":["a"]}`:  `{}: the type "a" is not defined before it is used here`,
		`{"type":"fixed","name":"F"}`:    "the fixed F has no size in bytes",
		`{"type":"record","fields":[]}`:  "the record has no name",
		`{"type":"record","name":"a-b"}`: `"a-b" is not a name: letters, digits and _ are allowed, and no digit first`,
		`{"type":"record","name":"int"}`: `"int" is a type of Avro and cannot be defined`,
		`{"type":"record","name":"A"}`:   "the record A has no list of fields",
		`{"type":"enum","name":"E"}`:     "the enum E has no symbols",
		`{"type":"enum","name":"E","symbols":["A","A"]}`:                                                          "the enum E has the symbol A twice",
		`{"type":"enum","name":"E","symbols":["A-"]}`:                                                             `the enum E has the symbol "A-", which is not a name`,
		`{"type":"enum","name":"E","symbols":["A"],"default":"B"}`:                                                "the default of the enum E is not one of its symbols",
		`{"type":"enum","name":"E","symbols":[1]}`:                                                                "the attribute symbols is a list of names, and has the number 1",
		record("A", `{"name":"a"}`):                                                                               "a: the field has no type",
		record("A", `{"type":"int"}`):                                                                             "a field of the record shop.A has no name",
		record("A", `"a"`):                                                                                        `a field of the record shop.A is the text "a", and not an object`,
		record("A", `{"name":"a","type":"int","order":"up"}`):                                                     `a: the order of a field is ascending, descending or ignore, and not the text "up"`,
		record("A", `{"name":"a","type":"int","aliases":"b"}`):                                                    `a: the attribute aliases is a list of names, and not the text "b"`,
		record("A", `{"name":"a","type":"B"}`):                                                                    `a: the type "shop.B" is not defined before it is used here`,
		record("A", `{"name":"a","type":{"type":"A"}}`):                                                           `a: the attribute type of a schema is a type of Avro, and not "A"`,
		record("A", list("l", record("B", `{"name":"b","type":"C"}`))):                                            `l[].b: the type "shop.C" is not defined`,
		record("A", `{"name":"a","type":"int"}`, `{"name":"a","type":"int"}`):                                     "a: the record shop.A has the field twice",
		record("A", `{"name":"a","type":`+record("B")+`}`, `{"name":"b","type":`+record("B")+`}`):                 `b: the type "shop.B" is defined twice`,
		record("A", `{"name":"a","type":"int","default":"0"}`):                                                    `a: the default of the field does not fit its type int: the text "0" is no int`,
		record("A", `{"name":"a","type":["null","long"],"default":1.5}`):                                          "a: the default of the field does not fit its type union [null, long]: the number 1.5 is no union [null, long]",
		record("A", `{"name":"a","type":{"type":"array","items":"int"},"default":[1,null]}`):                      "a: the default of the field does not fit its type array of int: null is no int",
		record("A", `{"name":"a","type":{"type":"map","values":"int"},"default":{"x":true}}`):                     "a: the default of the field does not fit its type map of int: a boolean is no int",
		record("A", `{"name":"a","type":{"type":"enum","name":"E","symbols":["X"]},"default":"Y"}`):               `a: the default of the field does not fit its type enum shop.E: enum shop.E has no symbol "Y"`,
		record("A", `{"name":"a","type":`+record("B", `{"name":"b","type":"int"}`)+`,"default":{}}`):              "a: the default of the field does not fit its type record shop.B: it has no field b of record shop.B",
		record("A", `{"name":"a","type":`+record("B", `{"name":"b","type":"int"}`)+`,"default":{"b":[]}}`):        "a: the default of the field does not fit its type record shop.B: a list is no int",
		record("A", `{"name":"a","type":"bytes","default":"€"}`):                                                  "a: the default of the field does not fit its type bytes: the character '€' is no byte",
		`{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"record","name":"a..b","fields":[]}}]}`: `a: "" is not a name`,
	} {
		if err := Parse(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}
