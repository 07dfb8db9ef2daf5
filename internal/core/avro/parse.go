package avro

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// parser reads one schema. Its errors begin with the place, in the notation of
// Mismatch.Path.
type parser struct {
	// named are the types that were defined so far, by their full names: Avro has a name
	// defined before it is used.
	named map[string]*schema
}

func parse(text string) (*schema, error) {
	if err := json.Unmarshal([]byte(text), new(json.RawMessage)); err != nil {
		return nil, misplaced(text, err)
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	p := parser{named: map[string]*schema{}}
	return p.schema("", "", value)
}

// misplaced says where a text is no JSON.
func misplaced(text string, err error) error {
	var offset int64
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	line, column := position(text, offset)
	return fmt.Errorf("line %d, column %d: this is not JSON: %w", line, column, err)
}

// position counts lines and columns from 1. The offset counts the character itself.
func position(text string, offset int64) (line, column int) {
	before := text[:max(min(offset, int64(len(text))), 1)-1]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}

// at puts the place before what is wrong there.
func at(path, format string, arguments ...any) error {
	message := fmt.Sprintf(format, arguments...)
	if path == "" {
		return errors.New(message)
	}
	return errors.New(path + ": " + message)
}

// schema reads any schema. The namespace is the one around it.
func (p *parser) schema(path, namespace string, value any) (*schema, error) {
	switch value := value.(type) {
	case string:
		return p.reference(path, namespace, value)
	case []any:
		return p.union(path, namespace, value)
	case map[string]any:
		return p.object(path, namespace, value)
	}
	return nil, at(path, "a schema is a name, an object or a list, and not %s", word(value))
}

func (p *parser) reference(path, namespace, name string) (*schema, error) {
	if primitive(name) {
		return &schema{kind: name}, nil
	}
	full := name
	if !strings.Contains(name, ".") {
		full = qualified(namespace, name)
	}
	if s, ok := p.named[full]; ok {
		return s, nil
	}
	// A name without a namespace may be one that has none.
	if s, ok := p.named[name]; ok {
		return s, nil
	}
	return nil, at(path, "the type %q is not defined before it is used here", full)
}

func (p *parser) union(path, namespace string, values []any) (*schema, error) {
	s := &schema{kind: kindUnion}
	seen := map[string]bool{}
	for _, value := range values {
		branch, err := p.schema(path, namespace, value)
		switch {
		case err != nil:
			return nil, err
		case branch.kind == kindUnion:
			return nil, at(path, "a union cannot hold another union")
		case seen[branch.full()]:
			return nil, at(path, "the union has %s twice", branch.full())
		}
		seen[branch.full()] = true
		s.branches = append(s.branches, branch)
	}
	return s, nil
}

func (p *parser) object(path, namespace string, object map[string]any) (*schema, error) {
	name, ok := object["type"].(string)
	if !ok {
		return nil, at(path, "the attribute type of a schema is a name, and not %s", word(object["type"]))
	}
	s := &schema{kind: name}
	switch s.kind {
	case kindArray:
		return s, p.items(s, path, namespace, object, "items", "[]")
	case kindMap:
		return s, p.items(s, path, namespace, object, "values", "{}")
	case kindRecord, kindError, kindEnum, kindFixed:
		return s, p.define(s, path, namespace, object)
	}
	if primitive(s.kind) {
		s.properties = rest(object, "type")
		return s, nil
	}
	return nil, at(path, "the attribute type of a schema is a type of Avro, and not %q: a name that was defined stands without an object around it", name)
}

// items reads an array and a map.
func (p *parser) items(s *schema, path, namespace string, object map[string]any, attribute, segment string) error {
	value, ok := object[attribute]
	if !ok {
		return at(path, "the %s has no attribute %s", s.kind, attribute)
	}
	s.properties = rest(object, "type", attribute)
	var err error
	s.items, err = p.schema(path+segment, namespace, value)
	return err
}

// define reads a schema with a name.
func (p *parser) define(s *schema, path, namespace string, object map[string]any) error {
	name, ok := object["name"].(string)
	if !ok {
		return at(path, "the %s has no name", s.kind)
	}
	// An empty namespace is none, and not the one around.
	if own, ok := object["namespace"].(string); ok {
		namespace = own
	}
	s.name = qualified(namespace, name)
	for part := range strings.SplitSeq(s.name, ".") {
		if !validName(part) {
			return at(path, notName, part)
		}
	}
	if primitive(s.name) {
		return at(path, "%q is a type of Avro and cannot be defined", s.name)
	}
	if p.named[s.name] != nil {
		return at(path, "the type %q is defined twice", s.name)
	}
	p.named[s.name] = s
	namespace = space(s.name)
	aliases, err := texts(path, object, "aliases")
	if err != nil {
		return err
	}
	for _, alias := range aliases {
		if simple := alias[strings.LastIndexByte(alias, '.')+1:]; !validName(simple) {
			return at(path, notName, simple)
		}
		s.aliases = append(s.aliases, qualified(namespace, alias))
	}
	switch s.kind {
	case kindEnum:
		return s.enum(path, object)
	case kindFixed:
		return s.fixed(path, object)
	}
	s.properties = rest(object, "type", "name", "namespace", "aliases", "fields")
	return p.fields(s, path, namespace, object)
}

func (s *schema) enum(path string, object map[string]any) error {
	s.properties = rest(object, "type", "name", "namespace", "aliases", "symbols", "default")
	var err error
	if s.symbols, err = texts(path, object, "symbols"); err != nil {
		return err
	}
	if _, ok := object["symbols"]; !ok {
		return at(path, "the enum %s has no symbols", s.name)
	}
	seen := map[string]bool{}
	for _, symbol := range s.symbols {
		if !validName(symbol) {
			return at(path, "the enum %s has the symbol %q, which is not a name", s.name, symbol)
		}
		if seen[symbol] {
			return at(path, "the enum %s has the symbol %s twice", s.name, symbol)
		}
		seen[symbol] = true
	}
	// What writes null means no default.
	if value := object["default"]; value != nil {
		s.fallback, _ = value.(string)
		if !seen[s.fallback] {
			return at(path, "the default of the enum %s is not one of its symbols", s.name)
		}
	}
	return nil
}

func (s *schema) fixed(path string, object map[string]any) error {
	s.properties = rest(object, "type", "name", "namespace", "aliases", "size")
	number, _ := object["size"].(json.Number)
	size, ok := whole(number, 32)
	if !ok || size < 0 {
		return at(path, "the fixed %s has no size in bytes", s.name)
	}
	s.size = size
	return nil
}

func (p *parser) fields(s *schema, path, namespace string, object map[string]any) error {
	values, ok := object["fields"].([]any)
	if !ok {
		return at(path, "the %s %s has no list of fields", s.kind, s.name)
	}
	fields := []*field{}
	seen := map[string]bool{}
	for _, value := range values {
		object, ok := value.(map[string]any)
		if !ok {
			return at(path, "a field of the %s %s is %s, and not an object", s.kind, s.name, word(value))
		}
		name, ok := object["name"].(string)
		if !ok {
			return at(path, "a field of the %s %s has no name", s.kind, s.name)
		}
		place := join(path, name)
		if seen[name] {
			return at(place, "the %s %s has the field twice", s.kind, s.name)
		}
		seen[name] = true
		f, err := p.field(place, namespace, name, object)
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	s.fields = fields
	return nil
}

func (p *parser) field(path, namespace, name string, object map[string]any) (*field, error) {
	f := &field{name: name, properties: rest(object, "name", "type", "aliases", "default")}
	if !validName(name) {
		return nil, at(path, notName, name)
	}
	if _, ok := object["type"]; !ok {
		return nil, at(path, "the field has no type")
	}
	if value, ok := object["order"]; ok {
		order, _ := value.(string)
		if !slices.Contains([]string{"ascending", "descending", "ignore"}, strings.ToLower(order)) {
			return nil, at(path, "the order of a field is ascending, descending or ignore, and not %s", word(value))
		}
	}
	var err error
	if f.aliases, err = texts(path, object, "aliases"); err != nil {
		return nil, err
	}
	if f.typ, err = p.schema(path, namespace, object["type"]); err != nil {
		return nil, err
	}
	if f.value, f.hasDefault = object["default"]; f.hasDefault {
		if reason := f.refuses(); reason != "" {
			return nil, at(path, "the default of the field does not fit its type %s: %s", f.typ, reason)
		}
	}
	return f, nil
}

// qualified is the full name in a namespace. A dot makes a name full; one that it has
// first alone says that there is no namespace.
func qualified(namespace, name string) string {
	switch dot := strings.LastIndexByte(name, '.'); {
	case dot == 0:
		return name[1:]
	case dot > 0 || namespace == "":
		return name
	}
	return namespace + "." + name
}

// space is the namespace of a full name.
func space(name string) string {
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}

// notName is what is wrong with a text that validName does not take.
const notName = "%q is not a name: letters, digits and _ are allowed, and no digit first"

// validName tells whether a text is a name to Avro's implementation in Java. The
// specification has the letters of ASCII alone.
func validName(text string) bool {
	for i, r := range text {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return text != ""
}

// texts is an attribute that is a list of texts, nil where there is none.
func texts(path string, object map[string]any, attribute string) ([]string, error) {
	value, ok := object[attribute]
	if !ok {
		return nil, nil
	}
	values, ok := value.([]any)
	if !ok {
		return nil, at(path, "the attribute %s is a list of names, and not %s", attribute, word(value))
	}
	var out []string
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil, at(path, "the attribute %s is a list of names, and has %s", attribute, word(value))
		}
		out = append(out, text)
	}
	return out, nil
}

// rest is what an object has beside these attributes and doc, nil for nothing.
func rest(object map[string]any, attributes ...string) map[string]any {
	out := maps.Clone(object)
	maps.DeleteFunc(out, func(key string, _ any) bool { return key == "doc" || slices.Contains(attributes, key) })
	if len(out) == 0 {
		return nil
	}
	return out
}

// word says what a JSON value is.
func word(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return fmt.Sprintf("the text %q", value)
	case json.Number:
		return "the number " + value.String()
	case []any:
		return "a list"
	}
	return "an object"
}

// join appends a field to a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
