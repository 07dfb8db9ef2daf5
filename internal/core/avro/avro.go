// Package avro tells whether a reader's Avro schema can read what was written with
// another one, and where not. It answers as the schema resolution of Avro's own Java
// implementation does, which is what Flink and the schema registries ask.
//
// It reads schemas itself: hamba/avro takes some that Java refuses, refuses some that
// Java takes, and has no place for what it finds (TestHamba).
package avro

import (
	"fmt"
	"strings"
)

// Mismatch is one place where a reader cannot read what was written.
type Mismatch struct {
	// Path is the place in the reader's schema: fields behind dots, "[]" for the items of
	// an array, "{}" for the values of a map, and "<Name>" for a branch of a union that
	// has several beside null, as in "payment<CardPayment>.number". It is empty for the
	// schema itself.
	Path string
	// Reader and Writer are the types there, in Avro's words and with their full names.
	Reader, Writer string
	// Reason is a sentence.
	Reason string
}

// Parse tells whether a text is an Avro schema. The error says what is wrong, and begins
// with the place: a line and a column where the text is no JSON, else a path as in
// Mismatch.
//
// Wrong defaults and names are errors, as they are for Java. It takes the default of a
// union from any of its branches, as Java does since Avro 1.12.
func Parse(text string) error {
	_, err := parse(text)
	return err
}

// Mismatches are all places where the reader's schema does not read what the writer's
// schema has written; none where it reads all of it. Of named types that meet at several
// places, the first one is told. An error is of a text that is not a schema.
func Mismatches(reader, writer string) ([]Mismatch, error) {
	r, err := parse(reader)
	if err != nil {
		return nil, fmt.Errorf("the reader's schema: %w", err)
	}
	w, err := parse(writer)
	if err != nil {
		return nil, fmt.Errorf("the writer's schema: %w", err)
	}
	// A schema reads what it has written, also where an alias of one field is the name of
	// another one.
	if r.same(w) {
		return nil, nil
	}
	c := comparison{resolution: newResolution(), seen: map[pair]bool{}}
	c.compare("", pair{r, w})
	return c.found, nil
}

// comparison collects the mismatches of a pair.
type comparison struct {
	resolution *resolution
	seen       map[pair]bool
	found      []Mismatch
}

func (c *comparison) compare(path string, p pair) {
	if c.seen[p] || c.resolution.reads(p) {
		return
	}
	c.seen[p] = true
	faults, parts := p.resolve(c.resolution.reads)
	for _, fault := range faults {
		fault.Path = strings.TrimPrefix(path+fault.Path, ".")
		c.found = append(c.found, fault)
	}
	for _, part := range parts {
		c.compare(path+part.segment, part.pair)
	}
}
