package blueprint

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Schemas reads Avro schemas. What it answers depends on the texts alone.
type Schemas interface {
	// Parse tells why a text is no schema.
	Parse(text string) error
	// Mismatches tells why records that were written with one schema cannot be read with
	// another one. It has none where they can be.
	Mismatches(reader, writer string) ([]Mismatch, error)
}

// Mismatch is what one schema cannot read of another one.
type Mismatch struct {
	// Path leads to it in the reader's schema, for example "order.lines[].price".
	Path string
	// Reader and Writer are the types there, empty for nothing.
	Reader, Writer string
	// Reason is one phrase.
	Reason string
}

// pair is a reader's and a writer's schema.
type pair struct{ reader, writer string }

// comparer asks Schemas each question once.
type comparer struct {
	schemas    Schemas
	problems   map[string]error
	mismatches map[pair][]Mismatch
}

func newComparer(schemas Schemas) *comparer {
	return &comparer{schemas, map[string]error{}, map[pair][]Mismatch{}}
}

// problem tells why a text is no schema.
func (c *comparer) problem(text string) error {
	err, known := c.problems[text]
	if !known {
		err = c.schemas.Parse(text)
		c.problems[text] = err
	}
	return err
}

// unreadable returns what a schema cannot read of another one. Of texts that are no
// schemas it has nothing to say.
func (c *comparer) unreadable(reader, writer string) []Mismatch {
	if reader == writer || c.schemas == nil || c.problem(reader) != nil || c.problem(writer) != nil {
		return nil
	}
	asked := pair{reader, writer}
	found, known := c.mismatches[asked]
	if !known {
		var err error
		if found, err = c.schemas.Mismatches(reader, writer); err != nil {
			found = []Mismatch{{Reason: err.Error()}}
		}
		c.mismatches[asked] = found
	}
	return found
}

// checkSchemas looks at each schema, and compares those of each topic's readers with those
// of its writers.
func (c *checker) checkSchemas() {
	if c.of.Schemas == nil {
		return
	}
	compare := newComparer(c.of.Schemas)
	for _, name := range c.streamlets {
		for _, e := range c.allEnds(name) {
			p := c.port(e)
			if p.Unknown || p.Schema == "" {
				continue
			}
			if err := compare.problem(p.Schema); err != nil {
				c.fault(e.path("schema"), fmt.Sprintf("The schema of %q is not an Avro schema", e), flink.Sentence(err.Error())+" Correct "+schemaOf(p)+".")
			}
		}
	}
	for _, key := range c.topics {
		writers := c.writersBySchema(key)
		for _, reader := range c.ends[key][inlet] {
			p := c.port(reader)
			if p.Unknown || p.Schema == "" {
				continue
			}
			for _, w := range writers {
				if found := compare.unreadable(p.Schema, w.schema); len(found) > 0 {
					c.unreadable(key, reader, w, found)
				}
			}
		}
	}
}

// written are the ports of a topic that write with one schema.
type written struct {
	schema string
	by     []string
	port   Port
}

// writersBySchema are the producers of a topic, by their schemas in the order of the
// blueprint.
func (c *checker) writersBySchema(key string) []written {
	var out []written
	at := map[string]int{}
	for _, e := range c.ends[key][outlet] {
		p := c.port(e)
		if p.Unknown || p.Schema == "" {
			continue
		}
		i, known := at[p.Schema]
		if !known {
			i = len(out)
			at[p.Schema] = i
			out = append(out, written{schema: p.Schema, port: p})
		}
		out[i].by = append(out[i].by, e.String())
	}
	return out
}

func (c *checker) unreadable(key string, reader end, w written, found []Mismatch) {
	phrases := make([]string, 0, len(found))
	for _, m := range found {
		phrases = append(phrases, m.phrase())
	}
	more := ""
	if len(phrases) > 3 {
		more = fmt.Sprintf(" (and %d more)", len(phrases)-3)
		phrases = phrases[:3]
	}
	c.fault(reader.path("schema"), fmt.Sprintf("%q cannot read what %q writes", reader, w.by[0]),
		fmt.Sprintf("Both are joined by topic %q. %s%s. Writers: %s. Change %s so that it reads what is written, for example by a default or a union, or %s.",
			key, strings.Join(phrases, "; "), more, listed(w.by), schemaOf(c.port(reader)), "that of the writers"))
}

// phrase names the place, both types and the reason.
func (m Mismatch) phrase() string {
	var out strings.Builder
	if m.Path != "" {
		out.WriteString(m.Path + ": ")
	}
	out.WriteString(strings.TrimSuffix(m.Reason, "."))
	switch {
	case m.Reader != "" && m.Writer != "":
		fmt.Fprintf(&out, " (reader: %s, writer: %s)", m.Reader, m.Writer)
	case m.Reader != "":
		fmt.Fprintf(&out, " (reader: %s)", m.Reader)
	case m.Writer != "":
		fmt.Fprintf(&out, " (writer: %s)", m.Writer)
	}
	return out.String()
}

// schemaOf says which schema a port has.
func schemaOf(p Port) string {
	if p.Subject == "" {
		return "the schema"
	}
	version := p.Version
	if version == "" {
		version = "latest"
	}
	return fmt.Sprintf("the schema (subject %q, version %s)", p.Subject, version)
}
