package flink

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stateCell is what a real Flink did with the state of one job (testdata/state/table.txt,
// which `make state` holds to Flink).
type stateCell struct {
	// from and to are Flink versions, "1.20".
	from, to string
	// before and after are the backends, with what is configured besides them:
	// "rocksdb+incremental".
	before, after string
	// way is how the state got there: "canonical", "native" or "last_state".
	way string
	// kind is a kind of values (testdata/state/java/Kind.java).
	kind string
	// became is "same", "other values", "lost", "refused" (at the restore), "failed"
	// (later, at the first checkpoint at the latest), or "not written".
	became string
	// words are those of Flink.
	words string
}

func (c stateCell) String() string {
	return strings.Join([]string{c.from, c.to, c.before, c.after, c.way, c.kind}, " ")
}

// whole tells whether the job has gone on with the values that it had.
func (c stateCell) whole() bool { return c.became == "same" }

// stateTable reads the table.
func stateTable(t testing.TB) []stateCell {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "state", "table.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return stateCells(t, string(text))
}

// stateCells reads lines of the table.
func stateCells(t testing.TB, text string) []stateCell {
	t.Helper()
	var out []stateCell
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.Split(line, "\t")
		if len(part) != 8 {
			t.Fatalf("a cell has 8 fields, and not as %q", line)
		}
		out = append(out, stateCell{part[0], part[1], part[2], part[3], part[4], part[5], part[6], part[7]})
	}
	return out
}

// spec is the job of a cell, as somebody would write it: before the change or after it.
func (c stateCell) spec(t testing.TB, version, backend string) DeploymentSpec {
	t.Helper()
	name, parallelism := "v"+strings.ReplaceAll(version, ".", "_"), int64(1)
	set := map[string]string{"pipeline.generic-types": fmt.Sprint(generic(c.kind))}
	if c.way == "last_state" {
		// Which the job finds through high availability.
		set["high-availability.type"], set["high-availability.storageDir"] = "kubernetes", "s3://flink/ha"
	}
	settings := strings.Split(backend, "+")
	set["state.backend.type"] = settings[0]
	for _, setting := range settings[1:] {
		switch setting {
		case "incremental":
			set["execution.checkpointing.incremental"] = "true"
		case "changelog":
			set["state.changelog.enabled"] = "true"
		case "claim":
			set["execution.state-recovery.claim-mode"] = "CLAIM"
		case "max-parallelism=256":
			set["pipeline.max-parallelism"] = "256"
		case "parallelism=2":
			parallelism = 2
		case "timers-on-heap":
			set["state.backend.forst.timer-service.factory"] = "HEAP"
		case "async":
			// That is in the job's code.
		default:
			t.Fatalf("%s: what is %q?", c, setting)
		}
	}
	if c.kind == "force_avro" {
		set["pipeline.force-avro"] = "true"
	}
	out := DeploymentSpec{FlinkVersion: &name, FlinkConfiguration: Configuration{}, Job: &Job{Parallelism: &parallelism}}
	for key, value := range set {
		out.FlinkConfiguration[key] = &value
	}
	return out
}

// generic tells whether Kryo has a part in a kind of values, so that a job that refuses
// generic types could not have written them; with Flink 1, that is.
func generic(kind string) bool {
	return strings.HasPrefix(kind, "kryo") || strings.HasPrefix(kind, "collections")
}

// carried is the way of a cell.
func (c stateCell) carried(t testing.TB) Carried {
	t.Helper()
	way, ok := map[string]Carried{"canonical": CanonicalSavepoint, "native": NativeSavepoint, "last_state": Checkpoint}[c.way]
	if !ok {
		t.Fatalf("%s: there is no way %q", c, c.way)
	}
	return way
}

// said is the worst that the plan says of a cell.
func (c stateCell) said(t testing.TB) Verdict {
	t.Helper()
	worst := VerdictNote
	for _, risk := range StateRisks(c.spec(t, c.from, c.before), c.spec(t, c.to, c.after), c.carried(t)) {
		worst = max(worst, risk.Verdict)
	}
	return worst
}

// unsaid are cells of which the plan says nothing though the job does not go on whole,
// with the reason: what decides is in the job's code, which no plan sees.
var unsaid = map[string]func(stateCell) bool{}

// stricter are cells in which Flink goes on whole and the plan refuses, with the reason.
var stricter = map[string]func(stateCell) bool{
	// The jobs of the table are too young for one: with
	// state.changelog.periodic-materialize.interval = 100 ms the same cells are refused
	// as soon as there was one before the checkpoint (1.20.1 and 2.3.0).
	"a changelog has nothing in the form of a backend until its first materialization": func(c stateCell) bool {
		return c.way == "last_state" && strings.Contains(c.before, "+changelog") && !strings.Contains(c.after, "+changelog")
	},
}

// TestStateTable asks the plan for each cell of the table: where the job did not go on
// with its values, the plan says so.
func TestStateTable(t *testing.T) {
	t.Parallel()
	cells := stateTable(t)
	if len(cells) < 900 {
		t.Fatalf("the table has only %d cells", len(cells))
	}
	used := map[string]int{}
	reason := func(list map[string]func(stateCell) bool, c stateCell) string {
		for name, is := range list {
			if is(c) {
				used[name]++
				return name
			}
		}
		return ""
	}
	for _, c := range cells {
		said := c.said(t)
		switch {
		case !c.whole() && said == VerdictNote && reason(unsaid, c) == "":
			t.Errorf("%s: nothing is said, and it is %s: %s", c, c.became, c.words)
		case c.whole() && said == VerdictRefused && reason(stricter, c) == "":
			t.Errorf("%s: refused, and Flink goes on with the same values", c)
		}
	}
	for _, list := range []map[string]func(stateCell) bool{unsaid, stricter} {
		for name := range list {
			if used[name] == 0 {
				t.Errorf("no cell is excused by %q", name)
			}
		}
	}
}

// TestStateTableIsWhole wants a cell for each two versions, each way, each backend that
// both have, and each of the kinds of values that differ in what Flink makes of them.
func TestStateTableIsWhole(t *testing.T) {
	t.Parallel()
	has := map[string]bool{}
	for _, c := range stateTable(t) {
		if c.before == c.after {
			has[c.String()] = true
		}
	}
	versions := []string{"1.18", "1.20", "2.3"}
	for _, from := range versions {
		for _, to := range versions {
			backends := []string{"hashmap", "rocksdb"}
			if from == "2.3" && to == "2.3" {
				backends = append(backends, "forst")
			}
			for _, backend := range backends {
				for _, way := range []string{"canonical", "native", "last_state"} {
					for _, kind := range []string{"pojo", "collections", "kryo", "avro"} {
						if c := (stateCell{from: from, to: to, before: backend, after: backend, way: way, kind: kind}); !has[c.String()] {
							t.Errorf("%s: is not there", c)
						}
					}
				}
			}
		}
	}
}
