package avro

import "testing"

// FuzzMismatches looks at what holds of all schemas: a schema reads what it has written,
// and is the same as itself in another layout.
func FuzzMismatches(f *testing.F) {
	for _, p := range judgedPairs(f) {
		f.Add(string(p.Reader), string(p.Writer))
	}
	f.Fuzz(func(t *testing.T, reader, writer string) {
		for _, text := range []string{reader, writer} {
			if Parse(text) != nil {
				continue
			}
			if found, err := Mismatches(text, text); err != nil || len(found) > 0 {
				t.Errorf("it does not read what it has written: %+v, %v", found, err)
			}
			if !Same(text, " "+text) {
				t.Error("it is another one in another layout")
			}
		}
		found, err := Mismatches(reader, writer)
		if err != nil {
			return
		}
		if len(found) > 0 && Same(reader, writer) {
			t.Errorf("schemas that are the same mismatch: %+v", found)
		}
	})
}
