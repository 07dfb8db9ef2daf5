package flink

import (
	"fmt"
	"slices"
	"strings"
)

// Configuration keys that say which serializers a job uses, or who owns a savepoint.
const (
	keyGenericTypes = "pipeline.generic-types"
	keyForceAvro    = "pipeline.force-avro"
	keyForceKryo    = "pipeline.force-kryo"
	keyUnaligned    = "execution.checkpointing.unaligned.enabled"
	keyClaimMode    = "execution.state-recovery.claim-mode"
)

// AcceptVersions is the word by which upgrade.accept_state_risk accepts that state of
// one Flink version is restored by another one.
func AcceptVersions(from, to Version) string { return from.String() + "->" + to.String() }

// versionRisks is what another Flink version does with state. Between minors it is
// Flink's own table of savepoint compatibility (docs/ops/upgrading; its columns end at 1.20): each
// version restores what it and the versions before it wrote, back to 1.8, and nothing
// of a later one, and checkpoints that are not unaligned (docs/ops/state/checkpoints_vs_savepoints).
// Across the major 2 the table is silent; what is said of it was seen
// with 1.20.5 and 2.3.0: Flink 2.0 brought Kryo 5 and serializers of its own for
// collections (PojoSerializerSnapshot, KryoSerializerSnapshot).
func versionRisks(from, to DeploymentSpec, carried Carried) []StateRisk {
	before, ok := from.Version()
	after, known := to.Version()
	if !ok || !known || before == after {
		return nil
	}
	v := versionChange{from: from, to: to, before: before, after: after, carried: carried}
	switch {
	case after.Major < before.Major:
		return []StateRisk{v.wayBack()}
	case after.Major > before.Major:
		return append(v.claimed(), v.major())
	case before.AtLeast(after):
		return append(v.claimed(), v.downgrade())
	case runsSQL(from) || runsSQL(to):
		return append(v.claimed(), v.sql())
	case carried == Checkpoint && v.unaligned():
		return append(v.claimed(), v.unalignedCheckpoint())
	}
	return []StateRisk{v.minor()}
}

// versionChange is state of one version that another one restores.
type versionChange struct {
	from, to      DeploymentSpec
	before, after Version
	carried       Carried
}

// risk is a StateRisk of the version.
func (v versionChange) risk(verdict Verdict, summary string, detail ...string) StateRisk {
	out := StateRisk{Path: Path{"flinkVersion"}, Verdict: verdict, Summary: summary, Detail: strings.Join(detail, " ")}
	if verdict == VerdictAtRisk || verdict == VerdictWarn {
		out.Accept = AcceptVersions(v.before, v.after)
	}
	return out
}

func (v versionChange) major() StateRisk {
	summary := fmt.Sprintf("Flink %s does not read all that Flink %s wrote", v.after.Number(), v.before.Number())
	const (
		simple      = "State of simple types, of POJOs whose fields are of simple types, and of Avro types restores whole."
		collections = "A POJO with a List, a Map or a Set is refused when the job restores."
		kryo        = "A type that Flink serializes with Kryo (a generic type) is refused or runs with other values, as an empty list or a null map, and nothing tells: neither a restore that succeeds nor a proof that the job works shows that its values are the same."
		tables      = "SQL and the Table API have no guarantee between versions."
	)
	if runsSQL(v.from) || runsSQL(v.to) {
		return v.risk(VerdictAtRisk, summary, "The job runs SQL, whose state has no guarantee between versions of Flink: another version may plan the statements otherwise, and its state then does not fit.", kryo)
	}
	if !v.withoutKryo() {
		evidence := "With " + keyGenericTypes + " = false in flink_configuration Flink refuses a job with such types, and this is a warning."
		if v.avro() {
			evidence = keyForceAvro + " is for POJOs alone. " + evidence
		}
		return v.risk(VerdictAtRisk, summary, simple, collections, kryo, tables, evidence)
	}
	if v.avro() {
		return v.risk(VerdictWarn, summary, "As "+keyGenericTypes+" is false and "+keyForceAvro+" is true, the job has no types of Kryo and its POJOs are Avro, which restores whole, unless its code says otherwise.", tables)
	}
	return v.risk(VerdictWarn, summary, simple, collections, "As "+keyGenericTypes+" is false, the job has no types of Kryo, which would run with other values, unless its code says otherwise.", tables)
}

func (v versionChange) wayBack() StateRisk {
	return v.risk(VerdictRefused, fmt.Sprintf("Flink %s does not read state that Flink %s wrote", v.after.Number(), v.before.Number()),
		fmt.Sprintf("There is no way back from Flink %d with its state.", v.before.Major),
		fmt.Sprintf("To go back, start from a savepoint that Flink %d took, as the one in status.kept_savepoint: give it as job.initial_savepoint_path in the same change, with upgrade.allow_state_loss = true for what the job has done since.", v.after.Major),
		"To start empty, set upgrade.mode = \"stateless\" with upgrade.allow_state_loss = true.")
}

func (v versionChange) downgrade() StateRisk {
	return v.risk(VerdictAtRisk, fmt.Sprintf("Flink %s may not read what Flink %s wrote", v.after.Number(), v.before.Number()),
		"Flink restores state of the same and of earlier versions. It promises nothing of a later one: the restore is refused where a format has changed, and may come back with other values.",
		"To go back with state that is sure to restore, give a savepoint of the earlier version as job.initial_savepoint_path, with upgrade.allow_state_loss = true for what the job has done since.")
}

func (v versionChange) sql() StateRisk {
	return v.risk(VerdictAtRisk, fmt.Sprintf("SQL has no guarantee between Flink %s and %s", v.before.Number(), v.after.Number()),
		"Each minor version of Flink may plan SQL otherwise, and the state of the plan before then does not fit: the restore is refused, or the job goes on without a part of its state where job.allow_non_restored_state is true.")
}

func (v versionChange) unalignedCheckpoint() StateRisk {
	return v.risk(VerdictAtRisk, fmt.Sprintf("Flink %s does not promise to read an unaligned checkpoint of Flink %s", v.after.Number(), v.before.Number()),
		"The job is restored from its last checkpoint, which is unaligned ("+keyUnaligned+" = true) and has records in flight. Flink supports only savepoints and aligned checkpoints from one version to another.",
		"To have a savepoint taken, set upgrade.mode = \"savepoint\", or flink_configuration[\"state.savepoints.dir\"].")
}

func (v versionChange) minor() StateRisk {
	note := "Flink restores state of earlier minor versions. SQL and the Table API are without this guarantee: a job that uses them may not restore."
	if runsPython(v.from) || runsPython(v.to) {
		note = "Flink restores state of earlier minor versions. SQL and the Table API, which this Python program may use, are without this guarantee: such a job may not restore."
	}
	return v.risk(VerdictNote, "", note)
}

// claimed refuses to have the savepoint of before given to the job of after, which
// deletes it when it has checkpoints of its own (RestoreMode.CLAIM): it is the only way
// back.
func (v versionChange) claimed() []StateRisk {
	name, claims := Claims(v.to)
	if !claims {
		return nil
	}
	return []StateRisk{{
		Path: Path{"flinkConfiguration", name}, Verdict: VerdictRefused,
		Summary: "the savepoint of before would be deleted",
		Detail: fmt.Sprintf("With %s = CLAIM, Flink %s takes the savepoint that it restores for its own and deletes it after some checkpoints. It is the only way back to Flink %s. Set it to NO_CLAIM for this change.",
			name, v.after.Number(), v.before.Number()),
	}}
}

func (v versionChange) unaligned() bool {
	unaligned, _ := v.from.FlinkConfiguration.Flag(keyUnaligned)
	return unaligned
}

// withoutKryo tells whether one of the two jobs is configured to refuse types of Kryo:
// the job of before would not have run with them, and the one of after does not start
// (GenericTypeInfo.createSerializer). pipeline.force-kryo has POJOs serialized by Kryo
// all the same (PojoTypeInfo.createSerializer).
func (v versionChange) withoutKryo() bool {
	refuses := func(c Configuration) bool {
		generic, given := c.Flag(keyGenericTypes)
		forced, _ := c.Flag(keyForceKryo)
		return given && !generic && !forced
	}
	return refuses(v.from.FlinkConfiguration) || refuses(v.to.FlinkConfiguration)
}

// avro tells whether the POJOs of both jobs are configured to be serialized as Avro.
func (v versionChange) avro() bool {
	before, _ := v.from.FlinkConfiguration.Flag(keyForceAvro)
	after, _ := v.to.FlinkConfiguration.Flag(keyForceAvro)
	return before && after
}

// sqlRunners are main classes, without their package, that run SQL statements: Flink's
// own since 2.0 (org.apache.flink.table.runtime.application.SqlDriver) and of its
// client, and the one of the operator's example, whose name those of others have.
var sqlRunners = []string{"SqlDriver", "SqlClient", "SqlRunner"}

// runsSQL tells whether a job is known to run SQL. What a program does in its own code
// is not known.
func runsSQL(spec DeploymentSpec) bool { return slices.Contains(sqlRunners, mainClass(spec)) }

// runsPython tells whether a job is a Python program
// (org.apache.flink.client.python.PythonDriver).
func runsPython(spec DeploymentSpec) bool { return mainClass(spec) == "PythonDriver" }

// mainClass returns the name of a job's main class without its package, empty for none.
func mainClass(spec DeploymentSpec) string {
	if spec.Job == nil || spec.Job.EntryClass == nil {
		return ""
	}
	class := *spec.Job.EntryClass
	return class[strings.LastIndexByte(class, '.')+1:]
}
