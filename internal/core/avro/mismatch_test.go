package avro

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestMismatches is what users read: the place, both types, and the reason.
func TestMismatches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reader, writer string
		want           []Mismatch
	}{
		"the schema itself": {
			`"int"`, `{"type":"long","logicalType":"timestamp-millis"}`,
			[]Mismatch{{"", "int", "long (timestamp-millis)", "A reader of int cannot read long."}},
		},
		"a field": {
			record("Order", `{"name":"price","type":"int"}`), record("Order", `{"name":"price","type":"double"}`),
			[]Mismatch{{"price", "int", "double", "A reader of int cannot read double."}},
		},
		"a field of a record in an array": {
			record("Order", list("lines", record("Line", `{"name":"price","type":"int"}`))),
			record("Order", list("lines", record("Line", `{"name":"price","type":"string"}`))),
			[]Mismatch{{"lines[].price", "int", "string", "A reader of int cannot read string."}},
		},
		"the values of a map": {
			record("Order", `{"name":"attributes","type":{"type":"map","values":"int"}}`),
			record("Order", `{"name":"attributes","type":{"type":"map","values":{"type":"array","items":"int"}}}`),
			[]Mismatch{{"attributes{}", "int", "array of int", "A reader of int cannot read array."}},
		},
		"a field that is missing": {
			record("Order", `{"name":"note","type":["null","string"]}`), record("Order"),
			[]Mismatch{{"note", "union [null, string]", "record shop.Order without the field", "The writer does not write the field, and the reader has no default for it."}},
		},
		"null that the reader does not have": {
			record("Order", `{"name":"note","type":"string"}`), record("Order", `{"name":"note","type":["null","string"]}`),
			[]Mismatch{{"note", "string", "union [null, string]", "The writer may write null, which the reader's type does not have."}},
		},
		"a branch of a union by its name": {
			record("Order", `{"name":"payment","type":[`+record("CardPayment", `{"name":"number","type":"int"}`)+`,`+record("Cash")+`]}`),
			record("Order", `{"name":"payment","type":[`+record("Cash")+`,`+record("CardPayment", `{"name":"number","type":"string"}`)+`]}`),
			[]Mismatch{{"payment<CardPayment>.number", "int", "string", "A reader of int cannot read string."}},
		},
		"a branch that the reader does not have": {
			record("Order", `{"name":"payment","type":["null",`+record("Cash")+`]}`),
			record("Order", `{"name":"payment","type":["null",`+record("Cash")+`,`+record("Voucher")+`]}`),
			[]Mismatch{{"payment", "union [null, record shop.Cash]", "union [null, record shop.Cash, record shop.Voucher]", "No branch of the reader's union reads record shop.Voucher."}},
		},
		"a union with many branches": {
			`[` + strings.Join(many("R", 10), ",") + `]`, `"int"`,
			[]Mismatch{{"", "union [record shop.R0, record shop.R1, record shop.R2, record shop.R3, record shop.R4, record shop.R5, record shop.R6, record shop.R7, 2 others]", "int", "No branch of the reader's union reads int."}},
		},
		"what may be null has no branch in its path": {
			record("Order", `{"name":"address","type":["null",`+record("Address", `{"name":"zip","type":"int"}`)+`]}`),
			record("Order", `{"name":"address","type":["null",`+record("Address", `{"name":"zip","type":"string"}`)+`]}`),
			[]Mismatch{{"address.zip", "int", "string", "A reader of int cannot read string."}},
		},
		"other names": {
			record("Order", `{"name":"id","type":{"type":"fixed","name":"Id","size":4}}`),
			record("Order", `{"name":"id","type":{"type":"fixed","name":"Key","namespace":"old","size":4}}`),
			[]Mismatch{{"id", "fixed shop.Id of size 4", "fixed old.Key of size 4", `The names differ, and "old.Key" is not among the reader's aliases.`}},
		},
		"other sizes": {
			`{"type":"fixed","name":"Id","size":4}`, `{"type":"fixed","name":"Id","size":8}`,
			[]Mismatch{{"", "fixed Id of size 4", "fixed Id of size 8", "The sizes differ: the reader expects 4 bytes, and the writer has written 8."}},
		},
		"symbols": {
			`{"type":"enum","name":"State","symbols":["NEW"]}`, `{"type":"enum","name":"State","symbols":["NEW","PAID","SENT"]}`,
			[]Mismatch{{"", "enum State", "enum State", "The reader's enum has no default and not these symbols: PAID, SENT."}},
		},
		"an alias that another field's name is": {
			record("Order", `{"name":"id","type":"int"}`, `{"name":"key","type":"int","aliases":["id"]}`), record("Order", `{"name":"id","type":"int"}`),
			[]Mismatch{{"id", "int", "int", "The writer's field id is read as key, which has it for an alias, and nothing is left for this field."}},
		},
		"two fields for one": {
			record("Order", `{"name":"id","type":"int","aliases":["key"]}`), record("Order", `{"name":"id","type":"int"}`, `{"name":"key","type":"string"}`),
			[]Mismatch{{"id", "int", "int and string", "The name and the aliases of the reader's field stand for more than one field of the writer: id and key."}},
		},
		"all of them, and of a named type the first place": {
			record("Order", `{"name":"a","type":"int"}`, `{"name":"b","type":`+record("Point", `{"name":"x","type":"int"}`)+`}`, `{"name":"c","type":"Point"}`),
			record("Order", `{"name":"a","type":"string"}`, `{"name":"b","type":`+record("Point", `{"name":"x","type":"bytes"}`)+`}`, `{"name":"c","type":"Point"}`),
			[]Mismatch{{"a", "int", "string", "A reader of int cannot read string."}, {"b.x", "int", "bytes", "A reader of int cannot read bytes."}},
		},
		"the place in a type that holds itself": {
			record("Node", `{"name":"next","type":["null","Node"]}`, `{"name":"value","type":"int"}`),
			record("Node", `{"name":"next","type":["null","Node"]}`, `{"name":"value","type":"string"}`),
			[]Mismatch{{"value", "int", "string", "A reader of int cannot read string."}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Mismatches(test.reader, test.writer)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, test.want)
			}
		})
	}
}

func TestMismatchesOfNoSchema(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"the reader's schema: line 1, column 1: this is not JSON: unexpected end of JSON input": "",
		"the reader's schema: the type \"Order\" is not defined":                                `"Order"`,
	} {
		if _, err := Mismatches(want, `"int"`); err == nil || !strings.HasPrefix(err.Error(), text) {
			t.Errorf("%q: %v", want, err)
		}
		text = strings.Replace(text, "reader's", "writer's", 1)
		if _, err := Mismatches(`"int"`, want); err == nil || !strings.HasPrefix(err.Error(), text) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// TestManyTypes has what takes no time when each pair of types is looked at once: all
// fields of all records are unions of all records.
func TestManyTypes(t *testing.T) {
	t.Parallel()
	const count = 60
	build := func(last string) string {
		var names, records []string
		for i := range count {
			names = append(names, fmt.Sprintf(`"R%d"`, i))
		}
		union := "[" + strings.Join(names, ",") + "]"
		// A name is defined before it is used, so the first record holds all others, and
		// each of them the ones before it.
		for i := range count {
			fields := []string{`{"name":"x","type":"int"}`}
			for j := range i {
				fields = append(fields, fmt.Sprintf(`{"name":"f%d","type":"R%d"}`, j, j))
			}
			if i == 0 {
				fields[0] = `{"name":"x","type":"` + last + `"}`
			}
			records = append(records, fmt.Sprintf(`{"name":"d%d","type":%s}`, i, record(fmt.Sprintf("R%d", i), fields...)))
		}
		return record("All", append(records, `{"name":"any","type":`+union+`}`)...)
	}
	got, err := Mismatches(build("int"), build("string"))
	if err != nil || len(got) != 1 || got[0].Path != "d0.x" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// record is one in the namespace shop.
func record(name string, fields ...string) string {
	return `{"type":"record","name":"` + name + `","namespace":"shop","fields":[` + strings.Join(fields, ",") + `]}`
}

// many are records without fields.
func many(prefix string, count int) []string {
	var out []string
	for i := range count {
		out = append(out, record(fmt.Sprintf("%s%d", prefix, i)))
	}
	return out
}

// list is a field that is an array.
func list(name, items string) string {
	return `{"name":"` + name + `","type":{"type":"array","items":` + items + `}}`
}
