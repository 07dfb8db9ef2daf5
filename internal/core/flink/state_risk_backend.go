package flink

import (
	"fmt"
	"strings"
)

// backendRisks is what another state backend does with state. Savepoints in canonical
// format are the only form that more than one backend reads; checkpoints and native
// savepoints have the form of the backend that wrote them (Flink's documentation,
// "Checkpoints vs. Savepoints", the row of a change of the state backend). ForSt neither
// writes the canonical format (ForStStateBackend.supportsSavepointFormat) nor reads it,
// unless its timers are on the heap (ForStSyncKeyedStateBackendBuilder and
// ForStKeyedStateBackendBuilder: "Not support restoring yet", 2.0 to 2.3). But it came from
// RocksDB and reads its files, and RocksDB those of ForSt (seen with 1.20 and 2.3).
func backendRisks(from, to DeploymentSpec, carried Carried) []StateRisk {
	b := backendChange{from: from, to: to, carried: carried}
	b.before, b.wasGiven = StateBackendOf(from.FlinkConfiguration)
	b.after, b.isGiven = StateBackendOf(to.FlinkConfiguration)
	if carried == CanonicalSavepoint {
		if why, _ := NativeOnly(from.FlinkConfiguration); why != "" {
			return []StateRisk{b.unwritable(why)}
		}
	}
	switch {
	case b.before == b.after:
		return nil
	case carried == CanonicalSavepoint && b.after != StateBackendForSt && b.known():
		return nil
	case carried == CanonicalSavepoint && b.after == StateBackendForSt:
		return []StateRisk{b.intoForSt()}
	case carried == CanonicalSavepoint:
		return []StateRisk{b.unknown()}
	case b.before == StateBackendRocksDB && b.after == StateBackendForSt, b.before == StateBackendForSt && b.after == StateBackendRocksDB:
		return []StateRisk{b.sameFiles()}
	}
	return []StateRisk{b.otherForm()}
}

// backendChange is the state of one backend that another one restores.
type backendChange struct {
	from, to          DeploymentSpec
	before, after     StateBackend
	wasGiven, isGiven bool
	carried           Carried
}

// known tells whether both backends are Flink's own.
func (b backendChange) known() bool {
	own := func(backend StateBackend) bool {
		return backend == StateBackendHashMap || backend == StateBackendRocksDB || backend == StateBackendForSt
	}
	return own(b.before) && own(b.after)
}

// risk is refused where both backends are given. Where one is not, the platform's own
// configuration or the job may have named it, so that nothing need change; and nobody
// knows which jobs run on a session cluster.
func (b backendChange) risk(summary string, detail ...string) StateRisk {
	out := StateRisk{Path: b.path(KeyStateBackend), Verdict: VerdictRefused, Summary: summary}
	if b.to.Job == nil {
		out.Verdict, out.Accept = VerdictAtRisk, b.word()
	}
	if !b.wasGiven || !b.isGiven {
		out.Verdict, out.Accept = VerdictAtRisk, b.word()
		which, where := "before", "was not set"
		if b.wasGiven {
			which, where = "after", "is not set"
		}
		detail = append(detail, fmt.Sprintf("%s %s %s: %s is Flink's default, and nothing is at risk where the platform's own configuration or the job's code has named the same backend %s.",
			KeyStateBackend, where, which, StateBackendHashMap, which))
	}
	out.Detail = strings.Join(detail, " ")
	return out
}

// word is by what the change is accepted.
func (b backendChange) word() string { return string(b.before) + "->" + string(b.after) }

// path leads to a key of the new configuration, or of the old one where the new one
// does without.
func (b backendChange) path(key string) Path { return keyPathOf(b.from, b.to, key) }

func keyPathOf(from, to DeploymentSpec, key string) Path {
	if name, _, ok := to.FlinkConfiguration.Lookup(key); ok {
		return Path{"flinkConfiguration", name}
	}
	if name, _, ok := from.FlinkConfiguration.Lookup(key); ok {
		return Path{"flinkConfiguration", name}
	}
	return Path{"flinkConfiguration", key}
}

// startEmpty ends the detail of what no restore survives.
const startEmpty = "To start empty, set upgrade.mode = \"stateless\" with upgrade.allow_state_loss = true."

func (b backendChange) otherForm() StateRisk {
	what := "The job restores its last checkpoint, which has the form of the backend that wrote it, and no other backend restores it: the job fails when it starts."
	if b.carried == NativeSavepoint {
		what = "The savepoint is taken in native format, which is the form of the backend that wrote it, and no other backend restores it: the job fails when it starts."
	}
	return b.risk(b.summary(), what, b.way())
}

// sameFiles is between RocksDB and what was made of it.
func (b backendChange) sameFiles() StateRisk {
	out := b.risk("Flink does not promise that the state backend "+string(b.after)+" reads what "+string(b.before)+" wrote",
		"ForSt came from RocksDB, and each has been seen to restore checkpoints and native savepoints of the other whole; but ForSt is experimental, and Flink supports only a savepoint in canonical format, which ForSt has none of, for a change of the backend.")
	out.Verdict, out.Accept = VerdictAtRisk, b.word()
	return out
}

func (b backendChange) summary() string {
	return fmt.Sprintf("the state backend %s does not read what %s wrote", b.after, b.before)
}

// way says how state gets from one backend to the other.
func (b backendChange) way() string {
	if b.to.Job == nil {
		return "Suspend the session jobs first (job.state = \"suspended\" with upgrade.mode = \"savepoint\"), and resume them afterwards from their savepoints, which have to be in canonical format."
	}
	if b.before == StateBackendForSt || b.after == StateBackendForSt {
		return "Between forst and " + string(StateBackendRocksDB) + " a native savepoint (flink_configuration[\"" + KeySavepointFormat + "\"] = \"NATIVE\") or a checkpoint may carry it, and between forst and any other backend nothing does. Take the change back. " + startEmpty
	}
	return fmt.Sprintf("A savepoint in canonical format carries it: set upgrade.mode = \"savepoint\", flink_configuration[%q] where it is missing, and flink_configuration[%q] = \"CANONICAL\", in a change before this one, or take this one back. %s",
		"state.savepoints.dir", KeySavepointFormat, startEmpty)
}

func (b backendChange) intoForSt() StateRisk {
	timers := b.to.FlinkConfiguration.text(keyForStTimers)
	if strings.EqualFold(timers, "HEAP") {
		out := b.risk(b.summary(), "ForSt is experimental and restores a savepoint in canonical format only as long as its timers are on the heap ("+keyForStTimers+" = HEAP), as here. Flink promises nothing of it.")
		out.Verdict, out.Accept = VerdictAtRisk, b.word()
		return out
	}
	return b.risk(b.summary(), "ForSt restores no savepoint in canonical format: the job fails when it starts.", b.way())
}

func (b backendChange) unknown() StateRisk {
	return StateRisk{
		Path: b.path(KeyStateBackend), Verdict: VerdictAtRisk, Accept: b.word(),
		Summary: fmt.Sprintf("nobody knows whether the state backend %s reads what %s wrote", b.after, b.before),
		Detail:  "One of the two is not Flink's own. A savepoint in canonical format is made for a change of the backend, and it depends on the backend whether it writes and reads one.",
	}
}

// unwritable is of a savepoint that the job cannot take, whatever restores it.
func (b backendChange) unwritable(why string) StateRisk {
	return StateRisk{
		Path: keyPathOf(b.from, b.to, KeySavepointFormat), Verdict: VerdictRefused,
		Summary: "no savepoint in canonical format can be taken of the job",
		Detail: fmt.Sprintf("%s writes savepoints only in native format, and a job that is asked for a canonical one fails. Set flink_configuration[%q] = \"NATIVE\" in a change before this one, which restarts nothing.",
			strings.ToUpper(why[:1])+why[1:], KeySavepointFormat),
	}
}

// timerRisks is what becomes of timers that move between the heap and the database of
// the same backend: what has the form of that backend has them in one of the two
// places, and nothing moves them when it is restored.
func timerRisks(from, to DeploymentSpec, carried Carried) []StateRisk {
	before, _ := StateBackendOf(from.FlinkConfiguration)
	after, _ := StateBackendOf(to.FlinkConfiguration)
	key := map[StateBackend]string{StateBackendRocksDB: keyRocksDBTimers, StateBackendForSt: keyForStTimers}[after]
	if before != after || key == "" || carried == CanonicalSavepoint {
		return nil
	}
	was, is := onHeap(from.FlinkConfiguration, key), onHeap(to.FlinkConfiguration, key)
	if was == is {
		return nil
	}
	place := map[bool]string{true: "heap", false: string(after)}
	return []StateRisk{{
		Path: keyPathOf(from, to, key), Verdict: VerdictAtRisk, Accept: "timers:" + place[was] + "->" + place[is],
		Summary: "timers may be lost",
		Detail: fmt.Sprintf("Timers were kept in %s and are now looked for in %s. What the job restores has the form of its backend, and nothing moves them. A savepoint in canonical format carries them: set upgrade.mode = \"savepoint\" and flink_configuration[%q] = \"CANONICAL\" in a change before this one, or take this one back.",
			place[was], place[is], KeySavepointFormat),
	}}
}

// onHeap tells whether the timers of a backend are on the heap; its default is its own
// database (RocksDBOptions.TIMER_SERVICE_FACTORY, ForStOptions.TIMER_SERVICE_FACTORY).
func onHeap(c Configuration, key string) bool { return strings.EqualFold(c.text(key), "HEAP") }

// asyncRisks is what becomes of the state of SQL operators that turn to asynchronous
// state, or back: they register it otherwise (FLINK-37551).
func asyncRisks(from, to DeploymentSpec, _ Carried) []StateRisk {
	was, _ := from.FlinkConfiguration.Flag(keyAsyncSQL)
	is, _ := to.FlinkConfiguration.Flag(keyAsyncSQL)
	if was == is {
		return nil
	}
	name := map[bool]string{true: "async", false: "sync"}
	return []StateRisk{{
		Path: keyPathOf(from, to, keyAsyncSQL), Verdict: VerdictAtRisk, Accept: name[was] + "->" + name[is],
		Summary: "operators with asynchronous state may not read state that was written without, nor the other way round",
		Detail: "Where SQL operators of the job turn to the other kind of state, the restore is refused or comes back with other values. " +
			"Asynchronous state is experimental in Flink, and nothing converts it. Take the change back. " + startEmpty,
	}}
}
