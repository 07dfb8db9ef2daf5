package avro

import (
	"fmt"
	"strings"
)

// The types that Avro has. An error is a record to a reader.
const (
	kindNull    = "null"
	kindBoolean = "boolean"
	kindInt     = "int"
	kindLong    = "long"
	kindFloat   = "float"
	kindDouble  = "double"
	kindBytes   = "bytes"
	kindString  = "string"
	kindRecord  = "record"
	kindError   = "error"
	kindEnum    = "enum"
	kindFixed   = "fixed"
	kindArray   = "array"
	kindMap     = "map"
	kindUnion   = "union"
)

// primitive tells whether a word alone is a schema.
func primitive(kind string) bool {
	switch kind {
	case kindNull, kindBoolean, kindInt, kindLong, kindFloat, kindDouble, kindBytes, kindString:
		return true
	}
	return false
}

// schema is a schema whose names are resolved: a record that holds itself is a cycle.
type schema struct {
	kind string
	// name and aliases are full names, of a record, an enum and a fixed alone.
	name    string
	aliases []string
	// fields are those of a record, nil until it is read to its end.
	fields []*field
	// items is the type of an array's items and of a map's values.
	items *schema
	// branches are those of a union.
	branches []*schema
	// symbols are those of an enum, and fallback is what a reader takes for one that it
	// does not know, empty for none.
	symbols  []string
	fallback string
	// size is that of a fixed, in bytes.
	size int64
	// properties are all other attributes but doc, as the text has them.
	properties map[string]any
}

type field struct {
	name    string
	aliases []string
	typ     *schema
	// value is the default as the text has it, nil also for null: hasDefault tells.
	value      any
	hasDefault bool
	// properties are all other attributes but doc, as the text has them.
	properties map[string]any
}

// field is the one of the name, nil for none.
func (s *schema) field(name string) *field {
	for _, f := range s.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// simple is the name without its namespace, and the type of a schema without a name.
func (s *schema) simple() string {
	if s.name == "" {
		return s.kind
	}
	return s.name[strings.LastIndexByte(s.name, '.')+1:]
}

// full is the full name, and the type of a schema without a name. No two branches of a
// union share it.
func (s *schema) full() string {
	if s.name == "" {
		return s.kind
	}
	return s.name
}

// shownBranches are as many of a union as a message has.
const shownBranches = 8

// String is the type for a reader of a message, as in "array of record shop.Line".
func (s *schema) String() string {
	switch s.kind {
	case kindArray, kindMap:
		return fmt.Sprintf("%s of %s", s.kind, s.items)
	case kindUnion:
		var words []string
		for _, branch := range s.branches[:min(len(s.branches), shownBranches)] {
			words = append(words, branch.String())
		}
		if hidden := len(s.branches) - shownBranches; hidden > 0 {
			words = append(words, fmt.Sprintf("%d others", hidden))
		}
		return "union [" + strings.Join(words, ", ") + "]"
	case kindFixed:
		return fmt.Sprintf("fixed %s of size %d", s.name, s.size)
	}
	word := s.kind
	if s.name != "" {
		word += " " + s.name
	}
	if logical, ok := s.properties["logicalType"].(string); ok {
		word += " (" + logical + ")"
	}
	return word
}
