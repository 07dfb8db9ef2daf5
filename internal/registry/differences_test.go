package registry

import (
	"slices"
	"testing"
)

// The words of a refusal are those that say what is at odds.
func TestWordsOfRefusal(t *testing.T) {
	t.Parallel()
	const tail = `, {oldSchemaVersion: 2}, {oldSchema: '{"type":"record","name":"Order","doc":"{errorType:"}'}, {validateFields: 'false', compatibility: 'BACKWARD'}]`
	type want struct {
		message string
		words   []string
		against int
	}
	for name, test := range map[string]want{
		"Confluent, a field": {
			`Schema being registered is incompatible with an earlier schema for subject "s", details: [{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'x' at path '/fields/2' in the new schema has no default value and is missing in the old schema', additionalInfo:'x'}` + tail,
			[]string{"The field 'x' at path '/fields/2' in the new schema has no default value and is missing in the old schema"},
			2,
		},
		"Confluent, two things": {
			`…, details: [{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/1/type') of a field in the new schema does not match with the old schema', additionalInfo:'reader type: INT not compatible with writer type: LONG'}, {errorType:'FIXED_SIZE_MISMATCH', description:'The size differs', additionalInfo:'expected: 4, found: 8'}` + tail,
			[]string{"The type (path '/fields/1/type') of a field in the new schema does not match with the old schema: reader type: INT not compatible with writer type: LONG", "The size differs: expected: 4, found: 8"},
			2,
		},
		"Confluent, JSON": {
			`…, details: [{errorType:"REQUIRED_ATTRIBUTE_ADDED", description:"The keyword at path '#/required/a' in the new schema is not present in the old schema'}` + tail,
			[]string{"The keyword at path '#/required/a' in the new schema is not present in the old schema"},
			2,
		},
		"Confluent, another type": {
			`Schema being registered is incompatible with an earlier schema for subject "j", details: [Incompatible because of different schema type, {validateFields: 'false', compatibility: 'BACKWARD'}]`,
			[]string{`Schema being registered is incompatible with an earlier schema for subject "j", details: [Incompatible because of different schema type]`},
			0,
		},
		"Karapace": {"Incompatible schema, compatibility_mode=BACKWARD. Incompatibilities: x", []string{"x"}, 0},
		"Apicurio": {
			"io.apicurio.registry.rules.violation.RuleViolationException: Incompatible artifact: s [AVRO], num of incompatible diffs: {1}, list of diff types: [x at /fields/2]",
			[]string{"x at /fields/2"},
			0,
		},
		"somebody else": {"It does not fit.", []string{"It does not fit."}, 0},
		"nobody":        {"", nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			words, against := wordsOfRefusal(test.message)
			if !slices.Equal(words, test.words) || against != test.against {
				t.Errorf("they are %q, against %d", words, against)
			}
		})
	}
}

// Only what a registry has left out is ignored, not what it writes otherwise.
func TestIgnored(t *testing.T) {
	t.Parallel()
	const alias = `{"name":"id","type":"string","aliases":["com.x.key"]}`
	for name, test := range map[string]struct {
		asked, kept string
		want        []string
	}{
		"nothing":                    {base, spaced, nil},
		"doc":                        {documented, base, []string{"doc"}},
		"doc that is gone":           {base, documented, []string{"doc"}},
		"doc of a field":             {record("", `{"name":"id","type":"string","doc":"the key"}`, amount), base, []string{"doc"}},
		"doc at another field":       {record("", `{"name":"a","type":"int","doc":"d"}`, aText), record("", `{"name":"b","type":"int","doc":"d"}`, aText), []string{"doc"}},
		"empty doc":                  {record(`,"doc":""`, id), record("", id), nil},
		"aliases":                    {record("", alias, amount), base, []string{"aliases"}},
		"both":                       {record(`,"doc":"d"`, alias), record("", id), []string{"aliases", "doc"}},
		"aliases without namespace":  {record("", alias), record("", `{"aliases":["key"],"name":"id","type":"string"}`), nil},
		"a record of another writer": {`{"type":"record","name":"com.x.Order","doc":"d","fields":[` + aText + `]}`, record(`,"doc":"d"`, aText), nil},
		"a field named doc":          {record("", `{"name":"doc","type":"string"}`), record("", `{"name":"doc","type":"string"}`), nil},
		"a default with doc":         {record("", `{"name":"m","type":{"type":"map","values":"string"},"default":{"doc":"d"}}`), record("", `{"name":"m","type":{"type":"map","values":"string"}}`), nil},
		"no record":                  {`"string"`, `{"type":"string"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ignored(test.asked, test.kept); !slices.Equal(got, test.want) {
				t.Errorf("it is %q", got)
			}
		})
	}
}
