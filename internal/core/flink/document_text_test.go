package flink

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFormatDocument(t *testing.T) {
	document := Document{
		"b": []any{}, "a": map[string]any{}, "none": nil, "yes": true,
		"large": json.Number("123456789012345678901234567890"), "count": json.Number("12345678901234567"), "small": json.Number("0.10"),
		"float": 1e6, "whole": 3,
		"texts":  []any{"yes", "0644", "1e3", "12:30:45", "null", "~", "", "a: b", "1_000", "2001-01-01", "plain", "s3://a/b-c", " led", "#"},
		"script": "first\n  second\n\nthird\n",
		"nested": []any{map[string]any{"name": "a", "env": []any{map[string]any{"name": "X"}}}},
	}
	want := `a: {}
b: []
count: 12345678901234567
float: 1000000
large: 123456789012345678901234567890
nested:
  - env:
      - name: X
    name: a
none: null
script: |
  first
    second

  third
small: 0.10
texts:
  - "yes"
  - "0644"
  - "1e3"
  - "12:30:45"
  - "null"
  - "~"
  - ""
  - "a: b"
  - "1_000"
  - "2001-01-01"
  - plain
  - s3://a/b-c
  - " led"
  - "#"
whole: 3
"yes": true
`
	got, err := FormatDocument(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if text, err := FormatDocument(nil); err != nil || text != "{}\n" {
		t.Errorf("no document is written as %q, %v", text, err)
	}
	if text, err := FormatDocument(Document{"a": []any{map[string]any{"b": func() {}}}}); err == nil {
		t.Errorf("a function was written as %q", text)
	}
}

// FuzzFormatDocument reads back what it wrote.
func FuzzFormatDocument(f *testing.F) {
	for _, text := range []string{
		`{"a": "yes", "n": [1, 1.50, "0x1F", "0b1", "0o7", "-.inf", "<<", "=", "!a", "\t", "a\n", "\na\n\n", " a\n b", "\u0085", "\t\n"]}`,
		`{"": {"a b": [[], {}]}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		document, err := ParseDocument(text)
		if err != nil {
			t.Skip()
		}
		written, err := FormatDocument(document)
		if err != nil {
			t.Fatalf("FormatDocument(%v): %v", document, err)
		}
		again, err := ParseDocument(written)
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, written)
		}
		if diff := cmp.Diff(document, again, cmp.Comparer(sameFloat)); diff != "" {
			t.Errorf("read back (-want +got):\n%s\n%s", diff, written)
		}
	})
}

// sameFloat compares numbers as YAML's readers do, which have 64 bits.
func sameFloat(a, b json.Number) bool {
	first, _ := a.Float64()
	second, _ := b.Float64()
	return first == second
}
