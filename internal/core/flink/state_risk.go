package flink

// Verdict is how bad a risk to the state of a job is; the worst of a change decides.
type Verdict int

const (
	// VerdictNote leaves the state as safe as it is, and is said beside what else
	// is said of the change.
	VerdictNote Verdict = iota
	// VerdictWarn puts the state at risk, and something in the configuration speaks
	// against the worst. It is a warning.
	VerdictWarn
	// VerdictAtRisk puts the state at risk: a restore may be refused, or come back
	// with other values. It is an error until the configuration accepts it by name.
	VerdictAtRisk
	// VerdictRefused is what Flink cannot restore for certain, or nobody may try.
	// Nothing accepts it; the way out is in Detail.
	VerdictRefused
)

// Carried is how state gets from the job of before to the one of after.
type Carried int

const (
	// CanonicalSavepoint is a savepoint in the format of all state backends.
	CanonicalSavepoint Carried = iota
	// NativeSavepoint is a savepoint in the format of the state backend that wrote it.
	NativeSavepoint
	// Checkpoint is the last checkpoint, of a job that was not stopped with a savepoint.
	Checkpoint
)

// StateRisk is what may become of the state of a job that a changed specification
// restores.
type StateRisk struct {
	// Path leads to the value in the new specification whose change brings the risk.
	Path    Path
	Verdict Verdict
	// Accept is the word by which upgrade.accept_state_risk accepts the risk, for
	// example "v1_20->v2_3"; empty where it cannot or need not be accepted. It names
	// the change, so that a word of an earlier change accepts no later one.
	Accept string
	// Summary is a clause without a period that says what is wrong, for example
	// "Flink 2.3 does not read all that Flink 1.20 wrote". A note has none.
	Summary string
	// Detail are sentences that say what becomes of which state, and what to do.
	Detail string
}

// stateRules are asked in order; each knows one reason.
var stateRules = []func(from, to DeploymentSpec, carried Carried) []StateRisk{
	versionRisks,
	backendRisks,
	timerRisks,
	asyncRisks,
	changelogRisks,
	parallelismRisks,
	unclaimedRisks,
	statementRisks,
}

// StateRisks returns what Flink does with the state that a job of one specification
// wrote when a job of another one restores it, the rules in their order. For a session
// cluster it is the state of the jobs that run on it. Nothing is said of what a
// specification leaves open, as the version of a session job. It is pure.
func StateRisks(from, to DeploymentSpec, carried Carried) []StateRisk {
	var out []StateRisk
	for _, rule := range stateRules {
		out = append(out, rule(from, to, carried)...)
	}
	return out
}
