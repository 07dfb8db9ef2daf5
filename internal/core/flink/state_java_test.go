//go:build e2e

package flink

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stateReleases are the versions of Flink of the table.
var stateReleases = []string{"1.18.1", "1.20.1", "2.3.0"}

// opened are parts of Java's own library that Flink and Kryo look into.
var opened = []string{"java.lang", "java.net", "java.util", "java.util.concurrent", "java.time"}

// TestStateMatrix runs the jobs of the table again and compares. It needs a JDK of
// version 17 or newer, and Maven; it takes some minutes. With STATE_TABLE=write it
// writes the table anew.
func TestStateMatrix(t *testing.T) {
	t.Parallel()
	var flinks []flinkRelease
	for _, release := range stateReleases {
		flinks = append(flinks, newFlinkRelease(t, release))
	}
	folder := t.TempDir()
	for _, flink := range flinks {
		flink.run(t, "write", folder)
	}
	var lines []string
	for _, flink := range flinks {
		lines = append(lines, strings.Split(strings.Trim(flink.run(t, "read", folder), "\n"), "\n")...)
	}
	slices.Sort(lines)
	path := filepath.Join("testdata", "state", "table.txt")
	if os.Getenv("STATE_TABLE") == "write" {
		if err := os.WriteFile(path, []byte(stateTableHead+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	compareCells(t, stateTable(t), stateCells(t, strings.Join(lines, "\n")))
}

const stateTableHead = `# What Flink 1.18.1, 1.20.1 and 2.3.0 do with state that one of them wrote: make state.
# from, to, backend before, backend after, way, kind of values, what became of the job, Flink's words
`

func compareCells(t *testing.T, want, got []stateCell) {
	t.Helper()
	now := map[string]stateCell{}
	for _, c := range got {
		now[c.String()] = c
	}
	for _, c := range want {
		other, ok := now[c.String()]
		switch {
		case !ok:
			t.Errorf("%s: is not there", c)
		case c.became != other.became:
			// The words of Kryo are what it happens to find in the bytes.
			t.Errorf("%s: %s: %s\nnoted is %s: %s", c, other.became, other.words, c.became, c.words)
		}
		delete(now, c.String())
	}
	for name, c := range now {
		t.Errorf("%s: %s: %s\nnothing is noted", name, c.became, c.words)
	}
}

// flinkRelease is a version of Flink with the jobs compiled for it.
type flinkRelease struct {
	version, jars, classes string
}

func newFlinkRelease(t *testing.T, version string) flinkRelease {
	t.Helper()
	f := flinkRelease{version: version, jars: t.TempDir(), classes: t.TempDir()}
	java := filepath.Join("testdata", "state", "java")
	fetch := []string{"-q", "-B", "-f", filepath.Join(java, "pom.xml"), "-Dflink.version=" + version}
	sources := files(t, filepath.Join(java, "*.java"))
	if !strings.HasPrefix(version, "1.") {
		fetch = append(fetch, "-Pforst")
		sources = append(sources, files(t, filepath.Join("testdata", "state", "java2", "*.java"))...)
	}
	command(t, "mvn", append(fetch, "dependency:copy-dependencies", "-DoutputDirectory="+f.jars, "-DincludeScope=runtime")...)
	command(t, "javac", append([]string{"-nowarn", "-proc:none", "--release", "11", "-cp", filepath.Join(f.jars, "*"), "-d", f.classes}, sources...)...)
	return f
}

// run takes a step with flink-avro on the class path and without it, and returns what was
// printed.
func (f flinkRelease) run(t *testing.T, step, folder string) string {
	t.Helper()
	all := files(t, filepath.Join(f.jars, "*.jar"))
	plain := slices.DeleteFunc(slices.Clone(all), func(jar string) bool {
		name := filepath.Base(jar)
		return strings.HasPrefix(name, "flink-avro-") || strings.HasPrefix(name, "avro-")
	})
	if len(plain) != len(all)-2 {
		t.Fatalf("which of these are Avro? %v", all)
	}
	var out strings.Builder
	for _, jars := range [][]string{plain, all} {
		arguments := []string{"-Xmx1500m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"}
		for _, name := range opened {
			arguments = append(arguments, "--add-opens=java.base/"+name+"=ALL-UNNAMED")
		}
		arguments = append(arguments, "-cp", strings.Join(append([]string{f.classes}, jars...), ":"), "Matrix", step, f.version, folder)
		out.WriteString(command(t, "java", arguments...))
	}
	return out.String()
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("there is nothing like %s: %v", pattern, err)
	}
	return found
}

func command(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	run := exec.CommandContext(t.Context(), name, arguments...)
	var stderr strings.Builder
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, &stderr)
	}
	return string(out)
}
