package avro

import "testing"

func TestSame(t *testing.T) {
	t.Parallel()
	const order = `{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"lines","type":{"type":"array","items":"string"}}]}`
	for name, test := range map[string]struct {
		a, b string
		want bool
	}{
		"layout":             {order, "{\n\"fields\": [ {\"type\": \"long\", \"name\": \"id\"},\n{\"name\":\"lines\",\"type\":{\"items\":\"string\",\"type\":\"array\"}}],\"namespace\":\"shop\",\"name\":\"Order\",\"type\":\"record\"}", true},
		"docs":               {order, `{"type":"record","doc":"An order.","name":"Order","namespace":"shop","fields":[{"name":"id","doc":"Its key.","type":"long"},{"name":"lines","type":{"type":"array","items":"string"}}]}`, true},
		"a full name":        {order, `{"type":"record","name":"shop.Order","fields":[{"name":"id","type":{"type":"long"}},{"name":"lines","type":{"type":"array","items":"string"}}]}`, true},
		"another name":       {record("A"), record("B"), false},
		"another namespace":  {record("A"), `{"type":"record","name":"A","fields":[]}`, false},
		"an alias":           {record("A"), `{"type":"record","name":"A","namespace":"shop","aliases":["B"],"fields":[]}`, false},
		"a full alias":       {`{"type":"record","name":"A","namespace":"shop","aliases":["shop.B"],"fields":[]}`, `{"type":"record","name":"A","namespace":"shop","aliases":["B"],"fields":[]}`, true},
		"an error":           {record("A"), `{"type":"error","name":"shop.A","fields":[]}`, false},
		"a field":            {record("A", `{"name":"a","type":"int"}`), record("A"), false},
		"the order":          {record("A", `{"name":"a","type":"int"}`, `{"name":"b","type":"int"}`), record("A", `{"name":"b","type":"int"}`, `{"name":"a","type":"int"}`), false},
		"a type":             {record("A", `{"name":"a","type":"int"}`), record("A", `{"name":"a","type":"long"}`), false},
		"a default":          {record("A", `{"name":"a","type":"int"}`), record("A", `{"name":"a","type":"int","default":0}`), false},
		"another default":    {record("A", `{"name":"a","type":"int","default":1}`), record("A", `{"name":"a","type":"int","default":0}`), false},
		"the default null":   {record("A", `{"name":"a","type":"null"}`), record("A", `{"name":"a","type":"null","default":null}`), false},
		"an alias of one":    {record("A", `{"name":"a","type":"int"}`), record("A", `{"name":"a","type":"int","aliases":["b"]}`), false},
		"a property of one":  {record("A", `{"name":"a","type":"int"}`), record("A", `{"name":"a","type":"int","unit":"s"}`), false},
		"a logical type":     {`"long"`, `{"type":"long","logicalType":"timestamp-millis"}`, false},
		"a scale":            {`{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}`, `{"type":"bytes","logicalType":"decimal","precision":4,"scale":1}`, false},
		"items":              {`{"type":"array","items":"int"}`, `{"type":"array","items":"long"}`, false},
		"an array and a map": {`{"type":"array","items":"int"}`, `{"type":"map","values":"int"}`, false},
		"branches":           {`["null","int"]`, `["int","null"]`, false},
		"symbols":            {`{"type":"enum","name":"E","symbols":["A","B"]}`, `{"type":"enum","name":"E","symbols":["B","A"]}`, false},
		"a default of one":   {`{"type":"enum","name":"E","symbols":["A"]}`, `{"type":"enum","name":"E","symbols":["A"],"default":"A"}`, false},
		"a size":             {`{"type":"fixed","name":"F","size":1}`, `{"type":"fixed","name":"F","size":2}`, false},
		"it holds itself":    {record("A", `{"name":"a","type":["null","A"]}`), record("A", `{"name":"a","type":["null","shop.A"]}`), true},
		"it is used twice":   {record("A", `{"name":"a","type":`+record("B")+`}`, `{"name":"b","type":"B"}`), record("A", `{"name":"a","type":`+record("B")+`}`, `{"name":"b","type":"A"}`), false},
		"no schema":          {`"nothing"`, ` "nothing"`, false},
		"no schema, twice":   {`"nothing"`, `"nothing"`, true},
	} {
		if got := Same(test.a, test.b); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
		if got := Same(test.b, test.a); got != test.want {
			t.Errorf("%s, the other way round: %v", name, got)
		}
	}
}
