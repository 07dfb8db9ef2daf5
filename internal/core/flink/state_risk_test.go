package flink

import (
	"strings"
	"testing"
)

// riskCase is a job that another version of Flink restores.
type riskCase struct {
	name     string
	from, to string
	class    string
	// before and after are keys with their values in the two configurations, "key=value".
	before, after []string
	carried       Carried
	want          []Verdict
	accept        string
	// says are parts of the details, and not what is in none.
	says, not []string
}

func (c riskCase) spec(version string, configuration []string) DeploymentSpec {
	out := DeploymentSpec{FlinkVersion: &version, FlinkConfiguration: Configuration{}, Job: &Job{}}
	if c.class != "" {
		out.Job.EntryClass = &c.class
	}
	if version == "" {
		out.FlinkVersion = nil
	}
	for _, entry := range configuration {
		key, value, _ := strings.Cut(entry, "=")
		out.FlinkConfiguration[key] = &value
	}
	return out
}

func TestStateRisksOfAnotherVersion(t *testing.T) {
	const (
		noKryo     = "pipeline.generic-types=false"
		avro       = "pipeline.force-avro=true"
		forcedKryo = "pipeline.force-kryo=true"
		unaligned  = "execution.checkpointing.unaligned=true"
	)
	for _, test := range []riskCase{
		{name: "the same version", from: "v1_20", to: "v1_20"},
		{name: "no version before", to: "v2_3"},
		{name: "a version that nobody can read", from: "v1_20", to: "2.3"},

		{name: "to another major", from: "v1_20", to: "v2_3", want: []Verdict{VerdictAtRisk}, accept: "v1_20->v2_3", says: []string{"simple types", "List, a Map or a Set", "Kryo", "SQL"}},
		{name: "by a checkpoint", from: "v1_18", to: "v2_0", carried: Checkpoint, want: []Verdict{VerdictAtRisk}, accept: "v1_18->v2_0"},
		{name: "by a native savepoint", from: "v1_18", to: "v2_0", carried: NativeSavepoint, want: []Verdict{VerdictAtRisk}, accept: "v1_18->v2_0"},
		{name: "no Kryo before", from: "v1_20", to: "v2_3", before: []string{noKryo}, want: []Verdict{VerdictWarn}, accept: "v1_20->v2_3", says: []string{"List, a Map or a Set"}},
		{name: "no Kryo after", from: "v1_20", to: "v2_3", after: []string{noKryo}, want: []Verdict{VerdictWarn}, accept: "v1_20->v2_3"},
		{name: "no Kryo, spelled otherwise", from: "v1_20", to: "v2_3", after: []string{"pipeline.generic-types=FALSE"}, want: []Verdict{VerdictWarn}, accept: "v1_20->v2_3"},
		{name: "generic types allowed", from: "v1_20", to: "v2_3", before: []string{"pipeline.generic-types=true"}, want: []Verdict{VerdictAtRisk}, accept: "v1_20->v2_3"},
		{name: "no boolean", from: "v1_20", to: "v2_3", before: []string{"pipeline.generic-types=no"}, want: []Verdict{VerdictAtRisk}, accept: "v1_20->v2_3"},
		{name: "no generic types, and POJOs by Kryo", from: "v1_20", to: "v2_3", before: []string{noKryo, forcedKryo}, after: []string{noKryo, forcedKryo}, want: []Verdict{VerdictAtRisk}, accept: "v1_20->v2_3"},
		{name: "Avro and no Kryo", from: "v1_20", to: "v2_3", before: []string{noKryo, avro}, after: []string{noKryo, avro}, want: []Verdict{VerdictWarn}, accept: "v1_20->v2_3", says: []string{"its POJOs are Avro"}, not: []string{"List"}},
		{name: "Avro after alone", from: "v1_20", to: "v2_3", before: []string{noKryo}, after: []string{noKryo, avro}, want: []Verdict{VerdictWarn}, accept: "v1_20->v2_3", says: []string{"List"}},
		{name: "Avro leaves generic types to Kryo", from: "v1_20", to: "v2_3", before: []string{avro}, after: []string{avro}, want: []Verdict{VerdictAtRisk}, accept: "v1_20->v2_3", says: []string{"pipeline.force-avro is for POJOs alone"}},
		{name: "SQL, whatever is configured", from: "v1_20", to: "v2_3", class: "org.apache.flink.examples.SqlRunner", before: []string{noKryo, avro}, after: []string{noKryo, avro}, want: []Verdict{VerdictAtRisk}, accept: "v1_20->v2_3", says: []string{"runs SQL"}},

		{name: "the way back", from: "v2_3", to: "v1_20", before: []string{noKryo}, after: []string{noKryo}, want: []Verdict{VerdictRefused}, says: []string{"job.initial_savepoint_path", "status.kept_savepoint", "upgrade.allow_state_loss"}},

		{name: "to a later minor", from: "v1_18", to: "v1_20", want: []Verdict{VerdictNote}, says: []string{"SQL and the Table API are without this guarantee"}},
		{name: "to a later minor of 2", from: "v2_0", to: "v2_3", carried: Checkpoint, want: []Verdict{VerdictNote}},
		{name: "a Python program", from: "v1_18", to: "v1_20", class: "org.apache.flink.client.python.PythonDriver", want: []Verdict{VerdictNote}, says: []string{"Python"}},
		{name: "SQL to a later minor", from: "v2_0", to: "v2_3", class: "org.apache.flink.table.runtime.application.SqlDriver", want: []Verdict{VerdictAtRisk}, accept: "v2_0->v2_3", says: []string{"plan SQL otherwise"}},
		{name: "to an earlier minor", from: "v1_20", to: "v1_18", want: []Verdict{VerdictAtRisk}, accept: "v1_20->v1_18", says: []string{"promises nothing of a later one"}},
		{name: "to an earlier minor of 2", from: "v2_3", to: "v2_0", want: []Verdict{VerdictAtRisk}, accept: "v2_3->v2_0"},
		{name: "an unaligned checkpoint", from: "v1_18", to: "v1_20", before: []string{unaligned}, carried: Checkpoint, want: []Verdict{VerdictAtRisk}, accept: "v1_18->v1_20", says: []string{"unaligned"}},
		{name: "unaligned, and a savepoint", from: "v1_18", to: "v1_20", before: []string{unaligned}, want: []Verdict{VerdictNote}},

		{name: "the savepoint would be claimed", from: "v1_20", to: "v2_3", after: []string{"execution.savepoint-restore-mode=claim"}, want: []Verdict{VerdictRefused, VerdictAtRisk}, says: []string{"execution.savepoint-restore-mode = CLAIM", "NO_CLAIM"}},
		{name: "claimed where nothing is at risk", from: "v1_18", to: "v1_20", after: []string{"execution.savepoint-restore-mode=CLAIM"}, want: []Verdict{VerdictNote}},
		{name: "not claimed", from: "v1_20", to: "v2_3", after: []string{"execution.state-recovery.claim-mode=NO_CLAIM"}, want: []Verdict{VerdictAtRisk}, accept: "v1_20->v2_3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			risks := StateRisks(test.spec(test.from, test.before), test.spec(test.to, test.after), test.carried)
			if len(risks) != len(test.want) {
				t.Fatalf("risks %+v, want %d", risks, len(test.want))
			}
			said := ""
			for i, risk := range risks {
				if risk.Verdict != test.want[i] {
					t.Errorf("risk %d is %+v, want verdict %d", i, risk, test.want[i])
				}
				if len(risks) == 1 && risk.Accept != test.accept {
					t.Errorf("accepted by %q, want %q", risk.Accept, test.accept)
				}
				if (risk.Summary == "") != (risk.Verdict == VerdictNote) || len(risk.Path) == 0 || !strings.HasSuffix(risk.Detail, ".") {
					t.Errorf("risk %d is told incompletely: %+v", i, risk)
				}
				said += risk.Detail
			}
			for _, part := range test.says {
				if !strings.Contains(said, part) {
					t.Errorf("%q lacks %q", said, part)
				}
			}
			for _, part := range test.not {
				if strings.Contains(said, part) {
					t.Errorf("%q has %q", said, part)
				}
			}
		})
	}
}

func TestVersionOfRelease(t *testing.T) {
	for release, want := range map[string]string{"1.20.1": "v1_20", "2.3.0": "v2_3", "1.18-SNAPSHOT": "v1_18", "2.0": "v2_0", "": "", "unknown": "", "1.x": "", "v1_20": ""} {
		version, err := VersionOfRelease(release)
		if got := version.String(); want == "" && err == nil || want != "" && got != want {
			t.Errorf("%q is %q (%v), want %q", release, got, err, want)
		}
	}
}
