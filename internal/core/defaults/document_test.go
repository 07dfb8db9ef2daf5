package defaults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestMerge(t *testing.T) {
	files, err := filepath.Glob("testdata/documents/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct {
			Name  string `json:"name"`
			Base  any    `json:"base"`
			Patch any    `json:"patch"`
			Want  any    `json:"want"`
			Error string `json:"error"`
		}
		if err := yaml.UnmarshalStrict(text, &cases); err != nil {
			t.Fatal(err)
		}
		for i, test := range cases {
			if test.Name == "" {
				test.Name = fmt.Sprint(i)
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+test.Name, func(t *testing.T) {
				before := encoded(t, []any{test.Base, test.Patch})
				got, err := Merge(test.Base, test.Patch)
				if test.Error != "" {
					if err == nil || !strings.Contains(err.Error(), test.Error) {
						t.Errorf("error %v, want %q", err, test.Error)
					}
					if err != nil && strings.Contains(err.Error(), "confidential") {
						t.Errorf("error %q shows the content of a document", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(encoded(t, test.Want), encoded(t, got)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if after := encoded(t, []any{test.Base, test.Patch}); after != before {
					t.Errorf("the documents were changed:\n%s", cmp.Diff(before, after))
				}
			})
		}
	}
}

// TestMergeKeepsValues merges texts, which have more ways to write a value than
// one.
func TestMergeKeepsValues(t *testing.T) {
	base, err := flink.ParseDocument(`
common: &common {memory: "1024", mode: "0644"}
job: {<<: *common, args: &args ["1e3", "yes"]}
same: *args
script: |
  first
    second
folded: >-
  one
  line
`)
	if err != nil {
		t.Fatal(err)
	}
	patch, err := flink.ParseDocument(`{"job": {"mode": "0700"}, "large": 123456789012345678901234567890, "count": 12345678901234567, "small": 0.10}`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Merge(map[string]any(base), map[string]any(patch))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"common": map[string]any{"memory": "1024", "mode": "0644"},
		"job":    map[string]any{"memory": "1024", "mode": "0700", "args": []any{"1e3", "yes"}},
		"same":   []any{"1e3", "yes"},
		"script": "first\n  second\n", "folded": "one line",
		"large": json.Number("123456789012345678901234567890"), "count": json.Number("12345678901234567"), "small": json.Number("0.10"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEqualValues(t *testing.T) {
	number := func(text string) any { return json.Number(text) }
	for _, test := range []struct {
		a, b any
		want bool
	}{
		{number("1"), number("1.0"), true},
		{number("1000"), number("1e3"), true},
		{number("1"), number("2"), false},
		{number("12345678901234567890"), number("12345678901234567891"), false},
		{number("1"), "1", false},
		{[]any{number("1")}, []any{number("1.0")}, true},
		{[]any{number("1")}, []any{number("1"), number("1")}, false},
		{map[string]any{"a": nil}, map[string]any{"b": nil}, false},
		{map[string]any{"a": nil}, map[string]any{}, false},
		{map[string]any{"a": true}, map[string]any{"a": true}, true},
	} {
		if got := equalValues(test.a, test.b); got != test.want {
			t.Errorf("equalValues(%v, %v) = %t", test.a, test.b, got)
		}
		if got := equalValues(test.b, test.a); got != test.want {
			t.Errorf("equalValues(%v, %v) = %t", test.b, test.a, got)
		}
	}
}

// document makes a random document of some depth.
func (d dice) document(depth int) any {
	if depth == 0 || d.IntN(5) == 0 {
		return []any{"a", "b", true, json.Number("1"), json.Number("12345678901234567890")}[d.IntN(5)]
	}
	if d.IntN(3) > 0 {
		return d.documentObject(depth)
	}
	list := []any{}
	for i := range d.IntN(4) {
		if d.directives && i == 0 && d.maybe() {
			list = append(list, map[string]any{directivePatch: directiveMerge, directiveMergeKey: []string{"k", "x"}[d.IntN(2)]})
			continue
		}
		element := d.document(depth - 1)
		if object, ok := element.(map[string]any); ok && d.IntN(4) > 0 {
			object["k"] = strings.Repeat("k", i)
		}
		list = append(list, element)
	}
	return list
}

func (d dice) documentObject(depth int) map[string]any {
	object := map[string]any{}
	for _, key := range []string{"k", "x", "l", "m"} {
		switch d.IntN(4) {
		case 0, 1:
			object[key] = d.document(depth - 1)
		case 2:
			if d.nulls {
				object[key] = nil
			}
		}
	}
	return object
}

func TestMergeProperties(t *testing.T) {
	merge := func(base, patch any) any {
		t.Helper()
		merged, err := Merge(base, patch)
		if err != nil {
			t.Fatalf("%v\nbase %s\npatch %s", err, encoded(t, base), encoded(t, patch))
		}
		return merged
	}
	equal := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(encoded(t, want), encoded(t, got)); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", what, diff)
		}
	}
	plain := dice{Rand: rand.New(rand.NewPCG(6, 6)), nulls: true}
	for range 2000 {
		base, patch := plain.documentObject(4), plain.documentObject(4)
		equal("nothing merged over a document", base, merge(base, map[string]any{}))
		merged := merge(base, patch)
		equal("merged twice", merged, merge(merged, patch))
		wins(t, nil, patch, merged)
	}
	directed := dice{Rand: rand.New(rand.NewPCG(7, 7)), directives: true}
	for range 2000 {
		directed.nulls = false
		base := directed.documentObject(4)
		directed.nulls = true
		patch := directed.documentObject(4)
		merged := merge(base, patch)
		if text := encoded(t, merged); strings.Contains(text, "$") || strings.Contains(text, directiveMergeKey) {
			t.Fatalf("a directive remains in\n%s", text)
		}
		for range 3 {
			equal("merged again", merged, merge(base, patch))
		}
		clean := merge(nil, base)
		equal("directives below", merge(clean, patch), merged)
	}
}

// wins checks that a merged document has what a patch without directives says.
func wins(t *testing.T, path flink.Path, patch, merged any) {
	t.Helper()
	over, isObject := patch.(map[string]any)
	if !isObject {
		if diff := cmp.Diff(patch, merged); diff != "" {
			t.Fatalf("%v (-patch +merged):\n%s", path, diff)
		}
		return
	}
	object, ok := merged.(map[string]any)
	if !ok {
		t.Fatalf("%v is %v, want an object", path, merged)
	}
	for key, value := range over {
		got, has := object[key]
		if value == nil {
			if has {
				t.Fatalf("%v was removed and is %v", step(path, key), got)
			}
			continue
		}
		wins(t, step(path, key), value, got)
	}
}

// TestKeyedMergeIsIdempotent has a key in every element: others are appended
// each time.
func TestKeyedMergeIsIdempotent(t *testing.T) {
	d := dice{Rand: rand.New(rand.NewPCG(8, 8)), nulls: true}
	list := func(names ...string) []any {
		var out []any
		for _, i := range d.Perm(len(names)) {
			if d.maybe() {
				element := d.documentObject(2)
				element["k"] = names[i]
				out = append(out, element)
			}
		}
		return out
	}
	for range 1000 {
		base := map[string]any{"l": list("a", "b", "c")}
		elements := list("a", "b", "c", "d", "e")
		patch := map[string]any{"l": append([]any{map[string]any{directivePatch: directiveMerge, directiveMergeKey: "k"}}, elements...)}
		once, err := Merge(base, patch)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := Merge(once, patch)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(encoded(t, once), encoded(t, twice)); diff != "" {
			t.Fatalf("merged twice (-once +twice):\n%s", diff)
		}
		merged := once.(map[string]any)["l"].([]any)
		for i, element := range base["l"].([]any) {
			if merged[i].(map[string]any)["k"] != element.(map[string]any)["k"] {
				t.Fatalf("element %d of the base lost its place in\n%s", i, encoded(t, merged))
			}
		}
		for _, element := range elements {
			at := position(merged, element.(map[string]any), "k")
			if at < 0 {
				t.Fatalf("%s lacks %s", encoded(t, merged), encoded(t, element))
			}
			wins(t, nil, element, merged[at])
		}
	}
}

// FuzzMerge looks for documents that break the merge, whatever they hold.
func FuzzMerge(f *testing.F) {
	f.Add(`{"l":[{"k":{}}]}`, `{"l":[{"$patch":"merge","mergeKey":"k"},{"k":{}},[{"$patch":"merge"}]]}`)
	f.Add(`[1]`, `[{"$patch":"merge"},null]`)
	f.Add(`null`, `{"a":{"$patch":"merge"}}`)
	f.Fuzz(func(t *testing.T, base, patch string) {
		var below, over any
		if json.Unmarshal([]byte(base), &below) != nil || json.Unmarshal([]byte(patch), &over) != nil {
			t.Skip()
		}
		merged, err := Merge(below, over)
		if err != nil {
			return
		}
		clean, err := settled(nil, merged)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(clean, merged); diff != "" {
			t.Fatalf("a directive remains (-want +got):\n%s", diff)
		}
	})
}
