package avro

import (
	"testing"

	"github.com/hamba/avro/v2"
)

// TestHamba holds hamba/avro to the same verdicts. It shows why the package does not ask
// it: it takes wrong defaults, refuses right ones, knows a type by its alias too, and
// has another answer for pairs that users have.
func TestHamba(t *testing.T) {
	t.Parallel()
	for _, s := range judgedSchemas(t) {
		_, err := avro.ParseWithCache(s.Schema, "", &avro.SchemaCache{})
		if differs := (err == nil) != (s.Java == "taken"); differs != s.HambaDiffers {
			t.Errorf("%s: Java: %s, hamba: %v", s.About, s.Java, err)
		}
	}
	for _, p := range judgedPairs(t) {
		reader, writer := p.texts()
		err := hamba(reader, writer)
		if differs := (err == nil) != p.compatible(); differs != p.HambaDiffers {
			t.Errorf("%s: Java: %s, hamba: %v", p.About, p.Java, err)
		}
	}
}

func hamba(reader, writer string) error {
	// A cache of its own: the one of the process knows all types that were ever read.
	r, err := avro.ParseWithCache(reader, "", &avro.SchemaCache{})
	if err != nil {
		return err
	}
	w, err := avro.ParseWithCache(writer, "", &avro.SchemaCache{})
	if err != nil {
		return err
	}
	return avro.NewSchemaCompatibility().Compatible(r, w)
}
