package avro

import (
	"fmt"
	"slices"
	"strings"
)

// pair is a reader's type and the writer's type in its place.
type pair struct{ reader, writer *schema }

// part is a pair within another one, which is read where all its parts are. The segment
// is its path from there.
type part struct {
	pair

	segment string
}

// resolution answers by the rules of Avro for schema resolution which pairs are read:
// https://avro.apache.org/docs/1.12.0/specification/#schema-resolution.
type resolution struct {
	// read are the pairs that are, or that are assumed to be while types that hold
	// themselves are looked at. unread are known not to be, whatever is assumed.
	read, unread map[pair]bool
	// broken tells that a pair came out as not read, so that what was assumed of it is to
	// be looked at again.
	broken bool
}

func newResolution() *resolution {
	return &resolution{read: map[pair]bool{}, unread: map[pair]bool{}}
}

// reads tells whether a pair is read. It assumes so of all pairs, and begins anew as
// long as that has turned out wrong of one.
func (r *resolution) reads(p pair) bool {
	for {
		r.broken = false
		ok := r.assume(p)
		if !r.broken {
			return ok
		}
		clear(r.read)
	}
}

func (r *resolution) assume(p pair) bool {
	if r.unread[p] || r.read[p] {
		return r.read[p]
	}
	r.read[p] = true
	faults, parts := p.resolve(r.assume)
	if len(faults) == 0 && !slices.ContainsFunc(parts, func(part part) bool { return !r.assume(part.pair) }) {
		return true
	}
	delete(r.read, p)
	r.unread[p], r.broken = true, true
	return false
}

// resolve is what is wrong with a pair itself, and its parts. It asks reads which branch
// of a reader's union reads a type.
func (p pair) resolve(reads func(pair) bool) ([]Mismatch, []part) {
	reader, writer := p.reader, p.writer
	switch {
	case writer.kind == kindUnion || reader.kind == kindUnion:
		return p.branches(reads)
	case reader.kind != writer.kind && promotes(reader.kind, writer.kind):
		return nil, nil
	case reader.sort() != writer.sort():
		return p.mismatch("A reader of %s cannot read %s.", reader.kind, writer.kind), nil
	case !reader.sameName(writer):
		return p.mismatch("The names differ, and %q is not among the reader's aliases.", writer.name), nil
	}
	switch reader.sort() {
	case kindArray:
		return nil, []part{{pair{reader.items, writer.items}, "[]"}}
	case kindMap:
		return nil, []part{{pair{reader.items, writer.items}, "{}"}}
	case kindFixed:
		if reader.size != writer.size {
			return p.mismatch("The sizes differ: the reader expects %d bytes, and the writer has written %d.", reader.size, writer.size), nil
		}
	case kindEnum:
		return p.symbols(), nil
	case kindRecord:
		return p.fields()
	}
	return nil, nil
}

// sort is the type, by which an error is a record.
func (s *schema) sort() kind {
	if s.kind == kindError {
		return kindRecord
	}
	return s.kind
}

// promotes tells whether a reader of one type reads another one as its own.
func promotes(reader, writer kind) bool {
	switch reader {
	case kindLong:
		return writer == kindInt
	case kindFloat:
		return writer == kindInt || writer == kindLong
	case kindDouble:
		return writer == kindInt || writer == kindLong || writer == kindFloat
	case kindString:
		return writer == kindBytes
	case kindBytes:
		return writer == kindString
	}
	return false
}

// sameName tells whether a reader takes the writer's name for its own: namespaces do not
// count, and aliases are full names.
func (s *schema) sameName(writer *schema) bool {
	return s.simple() == writer.simple() || slices.Contains(s.aliases, writer.name)
}

func (p pair) mismatch(format string, arguments ...any) []Mismatch {
	return []Mismatch{{Reader: p.reader.String(), Writer: p.writer.String(), Reason: fmt.Sprintf(format, arguments...)}}
}

func (p pair) symbols() []Mismatch {
	var missing []string
	for _, symbol := range p.writer.symbols {
		if !slices.Contains(p.reader.symbols, symbol) {
			missing = append(missing, symbol)
		}
	}
	if len(missing) == 0 || p.reader.fallback != "" {
		return nil
	}
	return p.mismatch("The reader's enum has no default and not these symbols: %s.", strings.Join(missing, ", "))
}

// fields pairs the fields of records.
func (p pair) fields() ([]Mismatch, []part) {
	var out []Mismatch
	var parts []part
	for _, f := range p.reader.fields {
		var found []*field
		for _, name := range append([]string{f.name}, f.aliases...) {
			if written := p.writer.field(name); written != nil {
				found = append(found, written)
			}
		}
		switch {
		case len(found) == 1:
			parts = append(parts, part{pair{f.typ, found[0].typ}, "." + f.name})
		case len(found) > 1:
			out = append(out, Mismatch{
				Path: "." + f.name, Reader: f.typ.String(), Writer: found[0].typ.String() + " and " + found[1].typ.String(),
				Reason: fmt.Sprintf("The name and the aliases of the reader's field stand for more than one field of the writer: %s and %s.", found[0].name, found[1].name),
			})
		case !f.hasDefault:
			out = append(out, Mismatch{
				Path: "." + f.name, Reader: f.typ.String(), Writer: fmt.Sprintf("%s without the field", p.writer),
				Reason: "The writer does not write the field, and the reader has no default for it.",
			})
		}
	}
	return out, parts
}

// branches is for pairs with a union: the reader has to read each branch of the writer,
// with any of its own.
func (p pair) branches(reads func(pair) bool) ([]Mismatch, []part) {
	var out []Mismatch
	var parts []part
	for _, writer := range p.writer.choices() {
		inner := pair{p.reader, writer}
		if p.reader.kind == kindUnion {
			if slices.ContainsFunc(p.reader.branches, func(branch *schema) bool { return reads(pair{branch, writer}) }) {
				continue
			}
			if inner.reader = p.reader.closest(writer); inner.reader == nil {
				out = append(out, p.mismatch("No branch of the reader's union reads %s.", writer)...)
				continue
			}
		} else if writer.kind == kindNull && p.reader.kind != kindNull {
			out = append(out, p.mismatch("The writer may write null, which the reader's type does not have.")...)
			continue
		}
		segment := ""
		if p.reader.several() || p.writer.several() {
			segment = "<" + writer.simple() + ">"
		}
		parts = append(parts, part{inner, segment})
	}
	return out, parts
}

// choices are the types that a value can have.
func (s *schema) choices() []*schema {
	if s.kind == kindUnion {
		return s.branches
	}
	return []*schema{s}
}

// several tells of a union that has more than one branch beside null.
func (s *schema) several() bool { return len(s.notNull()) > 1 }

func (s *schema) notNull() []*schema {
	return slices.DeleteFunc(slices.Clone(s.choices()), func(branch *schema) bool { return branch.kind == kindNull })
}

// closest is the branch that is meant for the writer's type, though it does not read it;
// nil where none is.
func (s *schema) closest(writer *schema) *schema {
	for _, branch := range s.branches {
		if branch.sort() == writer.sort() && branch.sameName(writer) {
			return branch
		}
	}
	if only := s.notNull(); len(only) == 1 && writer.kind != kindNull {
		return only[0]
	}
	return nil
}
