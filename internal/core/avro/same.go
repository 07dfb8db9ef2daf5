package avro

import "encoding/json"

// Same tells whether two texts are one schema to all who read and write with it: layout,
// docs and how names are spelled are no difference. What a reader goes by is one, beyond
// Avro's parsing canonical form: defaults, aliases, logical types and other attributes.
// A text that is not a schema is the same only as itself.
func Same(a, b string) bool {
	if a == b {
		return true
	}
	first, err := parse(a)
	if err != nil {
		return false
	}
	second, err := parse(b)
	if err != nil {
		return false
	}
	return first.canonical() == second.canonical()
}

// canonical is a text that schemas which are the same share.
func (s *schema) canonical() string {
	text, err := json.Marshal(s.value(map[*schema]bool{}))
	if err != nil {
		// All of it came out of JSON.
		panic(err)
	}
	return string(text)
}

// value is the schema as JSON. A name stands for a type that was defined before.
func (s *schema) value(defined map[*schema]bool) any {
	switch {
	case s.kind == kindUnion:
		return values(s.branches, func(branch *schema) any { return branch.value(defined) })
	case s.kind.primitive() && s.properties == nil:
		return s.kind
	case defined[s]:
		return s.name
	}
	out := map[string]any{"type": s.kind, "properties": s.properties}
	if s.items != nil {
		out["items"] = s.items.value(defined)
	}
	if s.name == "" {
		return out
	}
	defined[s] = true
	out["name"], out["aliases"], out["size"] = s.name, s.aliases, s.size
	out["symbols"], out["default"] = s.symbols, s.fallback
	out["fields"] = values(s.fields, func(f *field) any {
		return map[string]any{
			"name": f.name, "aliases": f.aliases, "type": f.typ.value(defined),
			"hasDefault": f.hasDefault, "default": f.value, "properties": f.properties,
		}
	})
	return out
}

func values[T any](items []T, value func(T) any) []any {
	out := []any{}
	for _, item := range items {
		out = append(out, value(item))
	}
	return out
}
