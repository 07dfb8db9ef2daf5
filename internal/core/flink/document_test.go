package flink

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseDocument(t *testing.T) {
	want := Document{"spec": map[string]any{"replicas": json.Number("2"), "names": []any{"a", true, nil}}}
	for name, text := range map[string]string{
		"yaml":            "# a comment\nspec:\n  replicas: 2\n  names: [a, true, null]\n",
		"json":            `{"spec": {"replicas": 2, "names": ["a", true, null]}}`,
		"flow style":      `{spec: {replicas: 2, names: [a, true, null]}}`,
		"document marker": "---\nspec: {replicas: 2, names: [a, true, null]}\n...\n",
		"a marker behind": "spec: {replicas: 2, names: [a, true, null]}\n---\n",
		"anchors":         "x: &n [a, true, null]\nspec: {replicas: 2, names: *n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseDocument(text)
			if err != nil {
				t.Fatal(err)
			}
			delete(got, "x")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseDocumentFaults(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "empty"},
		{"only a comment", "# nothing\n", "empty"},
		{"a list", "- a\n- b\n", "an object is expected"},
		{"a text", "hello", "an object is expected"},
		{"indentation", "spec:\n  a: 1\n b: 2\n", "line 3"},
		{"a tab", "spec:\n\ta: 1\n", "line 2"},
		{"a key twice", "a: 1\nb: 2\na: 3\n", "line 3"},
		{"the first line", "a: b: c", "line 1"},
		{"a wrong value in the first line", "[a", "line 1"},
		{"unclosed", "a: [1, 2\nb: 3\n", "line"},
		{"a list as second document", "a: 1\n---\n- b\n", "more than one"},
		{"something behind", "a: 1\n]\n", "line 2"},
		{"two documents", "a: 1\n---\nb: 2\n", "more than one"},
		{"no number", "a: 1\nb: .NaN\n", "line 2: there is no number .NaN"},
		{"broken json", "{\"a\": 1,\n \"b\": }\n}", "line 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseDocument(test.text)
			if err == nil {
				t.Fatalf("ParseDocument = %v, want an error", got)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not contain %q", err, test.want)
			}
		})
	}
}

func TestSameDocument(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		want       bool
	}{
		{"yaml and json", "spec:\n  a: 1\n", `{"spec": {"a": 1}}`, true},
		{"order of keys", "{a: 1, b: 2}", "{b: 2, a: 1}", true},
		{"comments", "a: 1 # one", "a: 1", true},
		{"null is absent", "{a: 1, b: null}", "{a: 1}", true},
		{"kind of a pod", "{apiVersion: v1, kind: Pod, spec: {a: 1}}", "{spec: {a: 1}}", true},
		{"quantities", "{spec: {containers: [{resources: {requests: {cpu: 0.5}}}]}}", "{spec: {containers: [{resources: {requests: {cpu: 500m}}}]}}", true},
		{"another value", "{a: 1}", "{a: 2}", false},
		{"number and text", "{a: 1}", `{a: "1"}`, false},
		{"order of a list", "{a: [1, 2]}", "{a: [2, 1]}", false},
		{"broken and the same", "{", "{", true},
		{"broken and another", "{", "[", false},
		{"broken and whole", "{", "{a: 1}", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := SameDocument(test.a, test.b); got != test.want {
				t.Errorf("SameDocument = %v, want %v", got, test.want)
			}
			if got := SameDocument(test.b, test.a); got != test.want {
				t.Errorf("SameDocument the other way round = %v, want %v", got, test.want)
			}
		})
	}
}

// wholeFaults are of a text as a whole.
var wholeFaults = []string{"the text is empty", "more than one YAML document"}

// tellsTheLine checks that an error names a line that the text has.
func tellsTheLine(t *testing.T, text string, err error) {
	t.Helper()
	for _, whole := range wholeFaults {
		if strings.Contains(err.Error(), whole) {
			return
		}
	}
	_, after, _ := strings.Cut(err.Error(), "line ")
	number, _, _ := strings.Cut(after, ":")
	line, parseErr := strconv.Atoi(number)
	if parseErr != nil || line < 1 || line > strings.Count(text, "\n")+1 {
		t.Errorf("the error of %q names no line of it: %s", text, err)
	}
}

func FuzzParseDocument(f *testing.F) {
	for _, text := range []string{
		"a: 1", `{"a": {"b": [1, 2.5, null]}}`, "a: &x 1\nb: *x", "---\na: 1\n---\nb: 2", "a: !!binary aGk=", "? [a]\n: b",
		"a: 1e1000000000", "<<: {a: 1}", "1: 2", "a: .nan", "a: .inf", "\x00", "a: 0x7fffffffffffffffff", "a: 2001-01-01",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		document, err := ParseDocument(text)
		if err != nil {
			tellsTheLine(t, text, err)
			return
		}
		if document == nil {
			t.Fatalf("ParseDocument(%q) is nil without an error", text)
		}
		encoded, err := json.Marshal(document)
		if err != nil {
			t.Fatalf("ParseDocument(%q) cannot be encoded: %v", text, err)
		}
		if !SameDocument(text, string(encoded)) {
			t.Errorf("ParseDocument(%q) is another document than its JSON %s", text, encoded)
		}
	})
}
