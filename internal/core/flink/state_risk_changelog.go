package flink

import "fmt"

// First versions of what the changelog of state can do: a job without it restores a
// checkpoint of one with it since 1.16 (DeactivatedChangelogStateBackend), and native
// savepoints of a job with it can be taken since 1.20
// (AbstractChangelogStateBackend.supportsSavepointFormat).
var (
	changelogOff    = Version{1, 16}
	changelogNative = Version{1, 20}
)

// changelogRisks is what the changelog of state does with a restore. A job with a
// changelog cannot take the full checkpoint that follows a start from a path in the
// mode NO_CLAIM, which is the default: it restores, and fails at its first checkpoint
// (StreamTask.checkForcedFullSnapshotSupport, 1.15 to 2.3; FLINK-38307). Recovery from
// the metadata of high availability has no such mode.
func changelogRisks(from, to DeploymentSpec, carried Carried) []StateRisk {
	was, _ := from.FlinkConfiguration.Flag(keyChangelog)
	is, _ := to.FlinkConfiguration.Flag(keyChangelog)
	path := keyPathOf(from, to, keyChangelog)
	var out []StateRisk
	version, known := from.Version()
	if was && carried == NativeSavepoint && known && !version.AtLeast(changelogNative) {
		out = append(out, StateRisk{
			Path: keyPathOf(from, to, KeySavepointFormat), Verdict: VerdictRefused,
			Summary: "no savepoint in native format can be taken of the job",
			Detail: fmt.Sprintf("Before 1.20 a job with %s = true writes savepoints only in canonical format. Set flink_configuration[%q] = \"CANONICAL\".",
				path[1], KeySavepointFormat),
		})
	}
	if was && !is && carried == Checkpoint && known && !version.AtLeast(changelogOff) {
		out = append(out, StateRisk{
			Path: path, Verdict: VerdictRefused,
			Summary: "a job without a changelog does not read a checkpoint of one with it",
			Detail:  "Flink has done so since 1.16. Make this change with upgrade.mode = \"savepoint\", or take it back. " + startEmpty,
		})
	}
	if is && startsFromPath(to, carried) {
		if _, mode := claimMode(to); mode == claimNot {
			out = append(out, unclaimable(to, path))
		}
	}
	return out
}

// startsFromPath tells whether a job is started from a path, and not recovered from the
// metadata of high availability.
func startsFromPath(to DeploymentSpec, carried Carried) bool {
	return carried != Checkpoint || to.IsSessionJob() || !HasHighAvailability(to.FlinkConfiguration)
}

func unclaimable(to DeploymentSpec, changelog Path) StateRisk {
	out := StateRisk{
		Path: changelog, Verdict: VerdictRefused,
		Summary: "a job with a changelog fails at the first checkpoint after it was restored",
	}
	const why = "After a start from a savepoint in the mode NO_CLAIM, Flink asks for a full checkpoint, which a job with a changelog cannot take: it restores its state and then fails again and again."
	if to.IsSessionJob() {
		out.Detail = fmt.Sprintf("%s The job of a session cluster is always started in this mode. Leave out flink_configuration[%q].", why, changelog[1])
		return out
	}
	key, _, ok := to.FlinkConfiguration.Lookup(keyClaimMode)
	if version, known := to.Version(); !ok && known {
		key = NameIn(&version, keyClaimMode)
	} else if !ok {
		key = keyClaimMode
	}
	out.Detail = fmt.Sprintf("%s Set flink_configuration[%q] = \"CLAIM\", with which the job owns the savepoint that it starts from, or leave out flink_configuration[%q].",
		why, key, changelog[1])
	return out
}
