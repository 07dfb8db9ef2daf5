package avro

import "reflect"

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
	return first.same(second)
}

func (s *schema) same(other *schema) bool {
	return reflect.DeepEqual(s.canonical(map[*schema]bool{}), other.canonical(map[*schema]bool{}))
}

// canonical is a value that schemas which are the same share. A name stands for a type
// that was defined before.
func (s *schema) canonical(defined map[*schema]bool) any {
	if defined[s] {
		return s.name
	}
	defined[s] = s.name != ""
	out := map[string]any{
		"type": s.kind, "name": s.name, "aliases": s.aliases, "size": s.size,
		"symbols": s.symbols, "default": s.fallback, "properties": s.properties,
	}
	if s.items != nil {
		out["items"] = s.items.canonical(defined)
	}
	var parts []any
	for _, branch := range s.branches {
		parts = append(parts, branch.canonical(defined))
	}
	for _, f := range s.fields {
		parts = append(parts, map[string]any{
			"name": f.name, "aliases": f.aliases, "type": f.typ.canonical(defined),
			"hasDefault": f.hasDefault, "default": f.value, "properties": f.properties,
		})
	}
	out["parts"] = parts
	return out
}
