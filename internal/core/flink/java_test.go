//go:build e2e

package flink

import (
	"compress/gzip"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var record = flag.Bool("record", false, "write what Flink answers into testdata, and its options into config_options.txt")

// TestJavaValues asks the classes of each release of Flink again for the whole table. It
// needs Java 17 or newer, and Maven.
func TestJavaValues(t *testing.T) {
	var asked strings.Builder
	for _, question := range javaQuestions(t) {
		asked.WriteString(question.String() + "\n")
	}
	table := javaTable{questions: map[string][]string{}, options: map[string][]string{}}
	for i, release := range javaReleases {
		table.read(answers(t, release, asked.String()), i)
	}
	got := table.lines()
	if *record {
		keep(t, got)
		if err := os.WriteFile("config_options.txt", []byte(optionLines(t, table)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(recordedTable(t).lines(), got); diff != "" {
		t.Errorf("Flink does not answer as %s has it (-recorded +got):\n%s", javaTableFile, diff)
	}
}

// answers are what the classes of a release print.
func answers(t *testing.T, release javaRelease, asked string) string {
	t.Helper()
	java := filepath.Join("testdata", "java")
	classPath := filepath.Join(t.TempDir(), "classpath")
	maven := []string{"-q", "-B", "-f", filepath.Join(java, "pom.xml"), "-Dflink=" + release.flink, "-Dmodules=" + release.modules}
	if release.forst != "" {
		maven = append(maven, "-Pforst", "-Dforst="+release.forst)
	}
	run(t, "", "mvn", append(maven, "dependency:build-classpath", "-DincludeScope=runtime", "-Dmdep.outputFile="+classPath)...)
	jars, err := os.ReadFile(classPath)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, asked, "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", strings.TrimSpace(string(jars)), filepath.Join(java, "Values.java"))
}

func keep(t *testing.T, lines []string) {
	t.Helper()
	file, err := os.Create(javaTableFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packed.Write([]byte(strings.Join(slices.Sorted(slices.Values(lines)), "\n") + "\n")); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, input, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Stdin = strings.NewReader(input)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, &stderr)
	}
	return string(out)
}
