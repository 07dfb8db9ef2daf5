package avro

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// javaVersion is the one of Avro whose verdicts testdata has; testdata/java/pom.xml has
// it too. `make avro` asks it again.
const javaVersion = "1.12.2"

// judged is what Avro's Java implementation says of a schema.
type judged struct {
	About  string `json:"about"`
	Schema string `json:"schema"`
	// Java is "taken" or "refused".
	Java string `json:"java"`
	// HambaDiffers tells that hamba/avro says something else than Java.
	HambaDiffers bool `json:"hambaDiffers"`
	// Why is where Parse says something else than Java, and the reason.
	Why string `json:"why"`
}

// judgedPair is what Avro's Java implementation says of a pair.
type judgedPair struct {
	About  string          `json:"about"`
	Reader json.RawMessage `json:"reader"`
	Writer json.RawMessage `json:"writer"`
	// Java is "compatible", "incompatible", or "refused" where the check itself fails.
	Java string `json:"java"`
	// Reads tells whether Java has read what it had written. The check follows the
	// specification more closely: it alone looks at the names of records.
	Reads bool `json:"reads"`
	// HambaDiffers tells that hamba/avro says something else than Java.
	HambaDiffers bool `json:"hambaDiffers"`
	// Why is where Mismatches says something else than Java, and the reason.
	Why string `json:"why"`
}

// judgedSchemas and judgedPairs are all of testdata, in the order of filesOf.
func judgedSchemas(t testing.TB) []judged    { return load[judged](t, "schemas", 200) }
func judgedPairs(t testing.TB) []judgedPair  { return load[judgedPair](t, "pairs", 200) }
func (p judgedPair) texts() (string, string) { return string(p.Reader), string(p.Writer) }
func (p judgedPair) compatible() bool        { return p.Java == "compatible" }
func filesOf(t testing.TB, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", kind, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func load[T any](t testing.TB, kind string, least int) []T {
	t.Helper()
	var out []T
	for _, file := range filesOf(t, kind) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var entries []T
		if err := json.Unmarshal(text, &entries); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, entries...)
	}
	if len(out) < least {
		t.Fatalf("testdata/%s has %d entries, and %d are the least", kind, len(out), least)
	}
	return out
}

func TestSchemasAsJava(t *testing.T) {
	t.Parallel()
	for _, s := range judgedSchemas(t) {
		t.Run(s.About, func(t *testing.T) {
			t.Parallel()
			err := Parse(s.Schema)
			switch taken := err == nil; {
			case s.Java != "taken" && s.Java != "refused":
				t.Errorf("Java says %q", s.Java)
			case s.Why == "" && taken != (s.Java == "taken"):
				t.Errorf("Java %s: %s, and the answer here is %v", javaVersion, s.Java, err)
			case s.Why != "" && taken == (s.Java == "taken"):
				t.Errorf("this is as Java has it, so there is nothing to explain: %s", s.Why)
			}
		})
	}
}

func TestPairsAsJava(t *testing.T) {
	t.Parallel()
	for _, p := range judgedPairs(t) {
		t.Run(p.About, func(t *testing.T) {
			t.Parallel()
			reader, writer := p.texts()
			found, err := Mismatches(reader, writer)
			if err != nil {
				t.Fatal(err)
			}
			switch compatible := len(found) == 0; {
			case p.Java != "compatible" && p.Java != "incompatible" && p.Java != "refused":
				t.Errorf("Java says %q", p.Java)
			case p.Why == "" && compatible != p.compatible():
				t.Errorf("Java %s: %s, and the mismatches here are %+v", javaVersion, p.Java, found)
			case p.Why != "" && compatible == p.compatible():
				t.Errorf("this is as Java has it, so there is nothing to explain: %s", p.Why)
			case p.Why != "" && compatible != p.Reads:
				t.Errorf("neither the check of Java nor its reader bears this out: %s", p.Why)
			}
			for _, m := range found {
				if m.Reader == "" || m.Writer == "" || m.Reason == "" {
					t.Errorf("a mismatch says not all: %+v", m)
				}
			}
		})
	}
}
