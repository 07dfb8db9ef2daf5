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
func (s *schema) sort() string {
	if s.kind == kindError {
		return kindRecord
	}
	return s.kind
}

// promotes tells whether a reader of one type reads another one as its own.
func promotes(reader, writer string) bool {
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

// meets tells of a branch of a union whether it may read the writer's type, by its own
// type and name alone.
func (s *schema) meets(writer *schema) bool {
	return promotes(s.kind, writer.kind) || s.sort() == writer.sort() && s.sameName(writer)
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

// fields pairs the fields of records. An alias gives the writer's field the name of the
// reader's field, so that no other field of the reader finds it.
func (p pair) fields() ([]Mismatch, []part) {
	taken := map[string]*field{}
	for _, f := range p.reader.fields {
		for _, alias := range f.aliases {
			taken[alias] = f
		}
	}
	var out []Mismatch
	var parts []part
	for _, f := range p.reader.fields {
		fault := Mismatch{Path: "." + f.name, Reader: f.typ.String()}
		switch found := p.written(f); {
		case len(found) > 1:
			fault.Writer = found[0].typ.String() + " and " + found[1].typ.String()
			fault.Reason = fmt.Sprintf("The name and the aliases of the reader's field stand for more than one field of the writer: %s and %s.", found[0].name, found[1].name)
			out = append(out, fault)
		case len(found) == 1 && taken[found[0].name] != nil && taken[found[0].name] != f && !f.hasDefault:
			fault.Writer = found[0].typ.String()
			fault.Reason = fmt.Sprintf("The writer's field %s is read as %s, which has it for an alias, and nothing is left for this field.", found[0].name, taken[found[0].name].name)
			out = append(out, fault)
		case len(found) == 1:
			parts = append(parts, part{pair{f.typ, found[0].typ}, fault.Path})
		case !f.hasDefault:
			fault.Writer = fmt.Sprintf("%s without the field", p.writer)
			fault.Reason = "The writer does not write the field, and the reader has no default for it."
			out = append(out, fault)
		}
	}
	return out, parts
}

// written are the fields of the writer that a field of the reader stands for.
func (p pair) written(f *field) []*field {
	var out []*field
	for _, name := range append([]string{f.name}, f.aliases...) {
		if found := p.writer.field(name); found != nil && !slices.Contains(out, found) {
			out = append(out, found)
		}
	}
	return out
}

// branches is for pairs with a union: the reader has to read each branch of the writer,
// with any of its own.
func (p pair) branches(reads func(pair) bool) ([]Mismatch, []part) {
	var out []Mismatch
	var parts []part
	for _, writer := range p.writer.choices() {
		inner := pair{p.reader, writer}
		if p.reader.kind == kindUnion {
			if slices.ContainsFunc(p.reader.branches, func(branch *schema) bool { return branch.meets(writer) && reads(pair{branch, writer}) }) {
				continue
			}
			if inner.reader = p.closest(writer); inner.reader == nil {
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

// closest is the reader's branch that is meant for a branch of the writer, though it
// does not read it; nil where none is.
func (p pair) closest(writer *schema) *schema {
	for _, branch := range p.reader.branches {
		if branch.sort() == writer.sort() && branch.meets(writer) {
			return branch
		}
	}
	if only := p.reader.notNull(); len(only) == 1 && !p.writer.several() && writer.kind != kindNull {
		return only[0]
	}
	return nil
}
