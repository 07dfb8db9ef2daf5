//go:build e2e

package fko

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var recording = flag.Bool("record", false, "write what the operators answer into testdata")

// TestJavaOperator asks the classes of each operator again for all answers of testdata. A
// line of answers.tsv that has a topic and a question alone is answered by -record. It
// needs Java 17 or 18, and Maven; later ones write some fractions with other digits.
func TestJavaOperator(t *testing.T) {
	lines := answerLines(t)
	questions := filepath.Join(t.TempDir(), "questions")
	var text strings.Builder
	for i, line := range lines {
		fields := strings.Split(line, "\t")
		lines[i] = fields[0] + "\t" + fields[1]
		text.WriteString(lines[i] + "\n")
	}
	if err := os.WriteFile(questions, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, version := range operatorVersions {
		said := strings.Split(strings.TrimSuffix(ask(t, version, questions), "\n"), "\n")
		if len(said) != len(lines) {
			t.Fatalf("operator %s has said %d things of %d", version, len(said), len(lines))
		}
		for i := range lines {
			lines[i] += "\t" + said[i]
		}
	}
	if *recording {
		if err := os.WriteFile(filepath.Join("testdata", "operator", "answers.tsv"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, recorded := range answerLines(t) {
		if recorded != lines[i] {
			t.Errorf("recorded: %s\nanswered: %s", recorded, lines[i])
		}
	}
}

// ask returns what Reader.java prints about a file of questions.
func ask(t *testing.T, version, questions string) string {
	t.Helper()
	folder := filepath.Join("testdata", "operator")
	jars := t.TempDir()
	run(t, "mvn", "-q", "-B", "-f", filepath.Join(folder, "pom-"+version+".xml"), "dependency:copy-dependencies", "-DoutputDirectory="+jars, "-DincludeScope=runtime")
	return run(t, "java", "-cp", filepath.Join(jars, "*"), filepath.Join(folder, "Reader.java"), questions)
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
