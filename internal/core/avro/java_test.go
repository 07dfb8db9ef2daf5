//go:build e2e

package avro

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestJava asks Avro's Java implementation again for all verdicts of testdata. It needs
// Java 17 or newer, and Maven.
func TestJava(t *testing.T) {
	t.Parallel()
	jars := t.TempDir()
	run(t, "mvn", "-q", "-B", "-f", filepath.Join("testdata", "java", "pom.xml"), "dependency:copy-dependencies", "-DoutputDirectory="+jars, "-DincludeScope=runtime")
	if found, err := filepath.Glob(filepath.Join(jars, "avro-"+javaVersion+".jar")); err != nil || len(found) != 1 {
		t.Fatalf("pom.xml has another version than %s: %v", javaVersion, err)
	}
	files := slices.Concat(filesOf(t, "schemas"), filesOf(t, "pairs"))
	out := run(t, "java", append([]string{"-cp", filepath.Join(jars, "*"), filepath.Join("testdata", "java", "Verdicts.java")}, files...)...)
	said := strings.Split(strings.TrimSpace(out), "\n")
	schemas, pairs := judgedSchemas(t), judgedPairs(t)
	if len(said) != len(schemas)+len(pairs) {
		t.Fatalf("Java has said %d things of %d", len(said), len(schemas)+len(pairs))
	}
	for i, s := range schemas {
		if said[i] != s.Java {
			t.Errorf("%s: Java says %q", s.About, said[i])
		}
	}
	for i, p := range pairs {
		want := p.Java + " fails"
		if p.Reads {
			want = p.Java + " reads"
		}
		if got := said[len(schemas)+i]; got != want {
			t.Errorf("%s: Java says %q, and %q was noted", p.About, got, want)
		}
	}
}

func run(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, &stderr)
	}
	return string(out)
}
