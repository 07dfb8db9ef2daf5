package written

import (
	"crypto/rand"
	"maps"
)

// After a create without an answer, an object of its name is there, and nothing that
// the server shows of it may tell whose it is: a secret has no values then, and the
// times and versions of all new ones are alike. So a create sends an annotation with a
// random value, which only its own object has. It stays until the object is next
// written, since to take it off would be a write over whatever has the name by then;
// whoever reads the object does not see it.

// MarkAnnotation has the mark of the create that an object is from.
const MarkAnnotation = "flink-terraform.io/creation"

// Marked returns annotations with the mark of a new create. It says nothing of what is
// created.
func Marked(annotations map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, annotations)
	out[MarkAnnotation] = rand.Text()
	return out
}

// SameMark tells whether an object that is found, by its annotations, is the one that
// was sent.
func SameMark(found, sent map[string]string) bool {
	return found[MarkAnnotation] == sent[MarkAnnotation]
}
