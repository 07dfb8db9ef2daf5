package flink_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// jobOf is a deployment with a job of parallelism 2, and what edits make of it.
func jobOf(version string, edits ...func(*flink.DeploymentSpec)) flink.DeploymentSpec {
	spec := flink.DeploymentSpec{
		FlinkVersion: &version, FlinkConfiguration: flink.Configuration{"high-availability.type": new("kubernetes")},
		Job: &flink.Job{Parallelism: new(int64(2))},
	}
	for _, edit := range edits {
		edit(&spec)
	}
	return spec
}

func having(pairs ...string) func(*flink.DeploymentSpec) {
	return func(s *flink.DeploymentSpec) {
		for i := 0; i < len(pairs); i += 2 {
			s.FlinkConfiguration[pairs[i]] = &pairs[i+1]
		}
	}
}

func sessionJob(s *flink.DeploymentSpec) { s.DeploymentName = new("session") }

func sessionCluster(s *flink.DeploymentSpec) { s.Job = nil }

func parallel(parallelism int64) func(*flink.DeploymentSpec) {
	return func(s *flink.DeploymentSpec) { s.Job.Parallelism = &parallelism }
}

var verdicts = map[flink.Verdict]string{
	flink.VerdictNote: "note", flink.VerdictWarn: "warn", flink.VerdictAtRisk: "at risk", flink.VerdictRefused: "refused",
}

// riskRow is one change of what a job restores. Its want is the verdict, the attribute
// and, where there is one, the word that accepts it; empty for no risk.
type riskRow struct {
	name     string
	from, to flink.DeploymentSpec
	carried  flink.Carried
	want     string
	// says has parts of the detail.
	says []string
}

func testRisks(t *testing.T, rows []riskRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var got []string
			var text strings.Builder
			for _, risk := range flink.StateRisks(row.from, row.to, row.carried) {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", verdicts[risk.Verdict], risk.Path.Attribute(), risk.Accept)))
				text.WriteString(risk.Summary + "\n" + risk.Detail + "\n")
				if (risk.Verdict == flink.VerdictNote) != (risk.Summary == "") || risk.Detail == "" {
					t.Errorf("a risk has the summary %q and the detail %q", risk.Summary, risk.Detail)
				}
				if (risk.Verdict == flink.VerdictAtRisk) != (risk.Accept != "") {
					t.Errorf("a risk of verdict %s is accepted by %q", verdicts[risk.Verdict], risk.Accept)
				}
			}
			if strings.Join(got, "; ") != row.want {
				t.Errorf("got %q, want %q\n%s", strings.Join(got, "; "), row.want, &text)
			}
			for _, part := range row.says {
				if !strings.Contains(text.String(), part) {
					t.Errorf("%q is missing in:\n%s", part, &text)
				}
			}
		})
	}
}

const (
	backendPath = `flink_configuration["state.backend.type"]`
	formatPath  = `flink_configuration["kubernetes.operator.savepoint.format.type"]`
)

func TestRisksOfAnotherStateBackend(t *testing.T) {
	backend := func(name string) func(*flink.DeploymentSpec) { return having("state.backend.type", name) }
	heap, rocks, forst := backend("hashmap"), backend("rocksdb"), backend("forst")
	at := func(edits ...func(*flink.DeploymentSpec)) flink.DeploymentSpec { return jobOf("v2_3", edits...) }
	of1 := func(edits ...func(*flink.DeploymentSpec)) flink.DeploymentSpec { return jobOf("v1_20", edits...) }
	testRisks(t, []riskRow{
		{name: "hashmap to rocksdb by a canonical savepoint", from: at(heap), to: at(rocks), carried: flink.CanonicalSavepoint},
		{name: "rocksdb to hashmap by a canonical savepoint", from: at(rocks), to: at(heap), carried: flink.CanonicalSavepoint},
		{
			name: "by a native savepoint", from: at(heap), to: at(rocks), carried: flink.NativeSavepoint, want: "refused " + backendPath,
			says: []string{"native format", `flink_configuration["kubernetes.operator.savepoint.format.type"] = "CANONICAL"`, "upgrade.allow_state_loss"},
		},
		{
			name: "by a checkpoint", from: at(rocks), to: at(heap), carried: flink.Checkpoint, want: "refused " + backendPath,
			says: []string{"its last checkpoint", `upgrade.mode = "savepoint"`},
		},
		{
			name: "from what nobody named", from: at(), to: at(rocks), carried: flink.Checkpoint, want: "at risk " + backendPath + " hashmap->rocksdb",
			says: []string{"state.backend.type was not set before: hashmap is Flink's default"},
		},
		{
			name: "to what nobody names", from: at(rocks), to: at(), carried: flink.NativeSavepoint, want: "at risk " + backendPath + " rocksdb->hashmap",
			says: []string{"is not set after"},
		},
		{name: "the default by its name", from: at(), to: at(heap), carried: flink.Checkpoint},
		{name: "forst by a native savepoint", from: at(forst), to: at(forst), carried: flink.NativeSavepoint},
		{name: "forst by a checkpoint", from: at(forst), to: at(forst), carried: flink.Checkpoint},
		{
			name: "forst by a canonical savepoint, which it does not write", from: at(forst), to: at(forst), carried: flink.CanonicalSavepoint, want: "refused " + formatPath,
			says: []string{"The state backend forst writes savepoints only in native format", `"NATIVE"`},
		},
		{name: "out of forst into rocksdb by a native savepoint", from: at(forst), to: at(rocks), carried: flink.NativeSavepoint, want: "at risk " + backendPath + " forst->rocksdb", says: []string{"ForSt came from RocksDB"}},
		{name: "out of forst by a native savepoint", from: at(forst), to: at(heap), carried: flink.NativeSavepoint, want: "refused " + backendPath, says: []string{"between forst and any other backend nothing does"}},
		{name: "out of forst by a checkpoint", from: at(forst), to: at(heap), carried: flink.Checkpoint, want: "refused " + backendPath},
		{name: "into forst by a canonical savepoint", from: at(rocks), to: at(forst), carried: flink.CanonicalSavepoint, want: "refused " + backendPath, says: []string{"ForSt restores no savepoint in canonical format", "between forst and any other backend nothing does"}},
		{
			name: "into forst with timers on the heap", from: at(rocks), to: at(forst, having("state.backend.forst.timer-service.factory", "heap")), carried: flink.CanonicalSavepoint,
			want: "at risk " + backendPath + " rocksdb->forst",
		},
		{name: "into forst from rocksdb by a checkpoint", from: at(rocks), to: at(forst), carried: flink.Checkpoint, want: "at risk " + backendPath + " rocksdb->forst"},
		{name: "into forst by a checkpoint", from: at(heap), to: at(forst), carried: flink.Checkpoint, want: "refused " + backendPath},
		{name: "the same by another name", from: of1(backend("filesystem")), to: of1(backend("HashMap")), carried: flink.Checkpoint},
		{name: "the same under the former key", from: of1(having("state.backend", "rocksdb")), to: of1(rocks), carried: flink.Checkpoint},
		{
			name: "the same by its class", from: of1(rocks), carried: flink.Checkpoint,
			to: of1(backend("org.apache.flink.contrib.streaming.state.EmbeddedRocksDBStateBackendFactory")),
		},
		{name: "the path has the name that is used", from: of1(rocks), to: of1(having("state.backend", "hashmap")), carried: flink.Checkpoint, want: `refused flink_configuration["state.backend"]`},
		{name: "a class of somebody else by a canonical savepoint", from: at(rocks), to: at(backend("com.example.Backend")), carried: flink.CanonicalSavepoint, want: "at risk " + backendPath + " rocksdb->com.example.Backend"},
		{
			name: "a session cluster", from: at(rocks, sessionCluster), to: at(heap, sessionCluster), carried: flink.Checkpoint, want: "at risk " + backendPath + " rocksdb->hashmap",
			says: []string{"Suspend the session jobs first"},
		},
		{
			name: "incremental checkpoints and their storage", from: at(rocks), carried: flink.Checkpoint,
			to: at(rocks, having("execution.checkpointing.incremental", "true", "execution.checkpointing.storage", "filesystem", "execution.checkpointing.dir", "s3://elsewhere")),
		},
	})
}

func TestRisksOfTimersAndAsynchronousState(t *testing.T) {
	timers := func(place string) func(*flink.DeploymentSpec) {
		return having("state.backend.type", "rocksdb", "state.backend.rocksdb.timer-service.factory", place)
	}
	rocks := having("state.backend.type", "rocksdb")
	async := having("table.exec.async-state.enabled", "true")
	testRisks(t, []riskRow{
		{
			name: "timers to the heap by a checkpoint", from: jobOf("v1_20", rocks), to: jobOf("v1_20", timers("HEAP")), carried: flink.Checkpoint,
			want: `at risk flink_configuration["state.backend.rocksdb.timer-service.factory"] timers:rocksdb->heap`,
		},
		{name: "the default by its name", from: jobOf("v1_20", rocks), to: jobOf("v1_20", timers("ROCKSDB")), carried: flink.NativeSavepoint},
		{name: "timers from the heap by a canonical savepoint", from: jobOf("v1_20", timers("heap")), to: jobOf("v1_20", rocks), carried: flink.CanonicalSavepoint},
		{
			name: "SQL turns to asynchronous state", from: jobOf("v2_3"), to: jobOf("v2_3", async), carried: flink.CanonicalSavepoint,
			want: `at risk flink_configuration["table.exec.async-state.enabled"] sync->async`,
		},
		{
			name: "SQL with asynchronous state has no canonical savepoint", from: jobOf("v2_3", async), to: jobOf("v2_3", async), carried: flink.CanonicalSavepoint,
			want: "refused " + formatPath,
		},
		{name: "SQL with asynchronous state by a native savepoint", from: jobOf("v2_3", async), to: jobOf("v2_3", async), carried: flink.NativeSavepoint},
	})
}

func TestRisksOfTheChangelog(t *testing.T) {
	on := having("state.backend.changelog.enabled", "true")
	claim := having("execution.savepoint-restore-mode", "claim")
	const path = `flink_configuration["state.backend.changelog.enabled"]`
	testRisks(t, []riskRow{
		{
			name: "on, by a savepoint", from: jobOf("v1_18"), to: jobOf("v1_18", on), carried: flink.CanonicalSavepoint, want: "refused " + path,
			says: []string{"NO_CLAIM", `flink_configuration["execution.savepoint-restore-mode"] = "CLAIM"`},
		},
		{
			name: "on before and after, by a savepoint", from: jobOf("v1_20", on), to: jobOf("v1_20", on), carried: flink.CanonicalSavepoint, want: "refused " + path,
			says: []string{`flink_configuration["execution.state-recovery.claim-mode"] = "CLAIM"`},
		},
		{name: "on, in the mode CLAIM", from: jobOf("v1_18"), to: jobOf("v1_18", on, claim), carried: flink.CanonicalSavepoint},
		{name: "on, in the mode LEGACY", from: jobOf("v1_18"), to: jobOf("v1_18", on, having("execution.savepoint-restore-mode", "LEGACY")), carried: flink.CanonicalSavepoint},
		{name: "on, recovered from high availability", from: jobOf("v1_18"), to: jobOf("v1_18", on), carried: flink.Checkpoint},
		{
			name: "on, from a checkpoint without high availability", from: jobOf("v1_18"), carried: flink.Checkpoint,
			to: jobOf("v1_18", on, having("high-availability.type", "NONE")), want: "refused " + path,
		},
		{
			name: "a session job is never started in the mode CLAIM", from: jobOf("v1_18", sessionJob), to: jobOf("v1_18", sessionJob, on, claim), carried: flink.CanonicalSavepoint,
			want: "refused " + path, says: []string{"The job of a session cluster is always started in this mode"},
		},
		{name: "off, by a savepoint", from: jobOf("v1_18", on), to: jobOf("v1_18"), carried: flink.CanonicalSavepoint},
		{name: "off, by a checkpoint", from: jobOf("v1_16", on), to: jobOf("v1_16"), carried: flink.Checkpoint},
		{name: "off, by a checkpoint of 1.15", from: jobOf("v1_15", on), to: jobOf("v1_15"), carried: flink.Checkpoint, want: "refused " + path},
		{name: "native savepoints since 1.20", from: jobOf("v1_20", on), to: jobOf("v1_20", on, claim), carried: flink.NativeSavepoint},
		{name: "native savepoints before", from: jobOf("v1_19", on), to: jobOf("v1_19", on, claim), carried: flink.NativeSavepoint, want: "refused " + formatPath},
	})
}

func TestClaims(t *testing.T) {
	for name, test := range map[string]struct {
		spec flink.DeploymentSpec
		want bool
	}{
		"nothing said":  {jobOf("v1_20"), false},
		"claim":         {jobOf("v1_20", having("execution.state-recovery.claim-mode", " claim ")), true},
		"former name":   {jobOf("v1_18", having("execution.savepoint-restore-mode", "CLAIM")), true},
		"no claim":      {jobOf("v1_20", having("execution.state-recovery.claim-mode", "NO_CLAIM")), false},
		"a session job": {jobOf("v1_20", sessionJob, having("execution.state-recovery.claim-mode", "CLAIM")), false},
	} {
		if key, got := flink.Claims(test.spec); got != test.want || got && !slices.Contains([]string{"execution.state-recovery.claim-mode", "execution.savepoint-restore-mode"}, key) {
			t.Errorf("%s: %t by %q", name, got, key)
		}
	}
}
