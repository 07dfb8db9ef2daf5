package flink

import "fmt"

// parallelismRisks is what another max parallelism does with state. The state of each
// operator is divided into as many key groups as its max parallelism was when it first
// started, and keeps that number through every savepoint and checkpoint. One that is
// configured and differs is refused (Checkpoints.loadAndValidateCheckpoint: "Max
// parallelism mismatch"), one that is not configured gives way to it, and an operator
// that runs more often than there are key groups is refused
// (StateAssignmentOperation.checkParallelismPreconditions).
func parallelismRisks(from, to DeploymentSpec, _ Carried) []StateRisk {
	if from.Job == nil || to.Job == nil {
		// Each job of a session cluster brings its own.
		return nil
	}
	m := maxChange{from: from, to: to}
	was, wasGiven := MaxParallelism(from.FlinkConfiguration)
	is, isGiven := MaxParallelism(to.FlinkConfiguration)
	before, _, _ := JobParallelism(from)
	switch {
	case wasGiven && isGiven && was != is:
		return []StateRisk{m.another(was, is)}
	case wasGiven && isGiven:
		return nil
	case isGiven && is != DefaultMaxParallelism(before):
		return []StateRisk{m.given(DefaultMaxParallelism(before), is, before)}
	case isGiven:
		return []StateRisk{{
			Path: keyPathOf(from, to, KeyMaxParallelism), Verdict: VerdictNote,
			Detail: fmt.Sprintf("A max parallelism of %d is what Flink gave the job when it started with a parallelism of %d, so its state fits.", is, before),
		}}
	case wasGiven:
		return m.above(was, true)
	}
	return m.above(0, false)
}

// maxChange is state of one max parallelism that a job with another one restores.
type maxChange struct{ from, to DeploymentSpec }

func (m maxChange) another(was, is int64) StateRisk {
	return StateRisk{
		Path: keyPathOf(m.from, m.to, KeyMaxParallelism), Verdict: VerdictRefused,
		Summary: fmt.Sprintf("its state is for a max parallelism of %d, and Flink does not restore it with %d", was, is),
		Detail: fmt.Sprintf("The state is divided into as many parts as the max parallelism was when the job first started. Take %s back to %d, or remove it. %s",
			KeyMaxParallelism, was, startEmpty),
	}
}

func (m maxChange) given(was, is, parallelism int64) StateRisk {
	return StateRisk{
		Path: keyPathOf(m.from, m.to, KeyMaxParallelism), Verdict: VerdictAtRisk, Accept: fmt.Sprintf("max-parallelism:%d->%d", was, is),
		Summary: fmt.Sprintf("its state is most likely for a max parallelism of %d, and Flink does not restore it with %d", was, is),
		Detail: fmt.Sprintf("Without %s, Flink chose %d when the job first started, if that was with a parallelism of %d as now, and the state keeps it. The JobManager shows it of each vertex. Remove %s, or set it to %d. %s",
			KeyMaxParallelism, was, parallelism, KeyMaxParallelism, was, startEmpty),
	}
}

// above returns what is wrong with more parallel operators than the state has parts:
// each vertex by itself, as an override gives it a parallelism of its own. The bound is
// the one that was configured, else Flink's default of the parallelism before.
func (m maxChange) above(bound int64, sure bool) []StateRisk {
	before, _, _ := JobParallelism(m.from)
	after, path, ok := JobParallelism(m.to)
	if ok {
		limit := bound
		if !sure {
			limit = DefaultMaxParallelism(before)
		}
		if after > limit {
			return []StateRisk{m.tooMany(path, fmt.Sprintf("a parallelism of %d", after), after, limit, sure)}
		}
	}
	own := map[string]int64{}
	past, _ := ParallelismOverrides(m.from.FlinkConfiguration)
	for _, o := range past {
		own[o.Vertex] = o.Parallelism
	}
	// What cannot be read is an error of its own, before any state is looked at.
	overrides, _ := ParallelismOverrides(m.to.FlinkConfiguration)
	for _, o := range overrides {
		limit := bound
		if !sure {
			limit = DefaultMaxParallelism(max(before, own[o.Vertex]))
		}
		if o.Parallelism > limit {
			what := fmt.Sprintf("a parallelism of %d of the vertex %s", o.Parallelism, o.Vertex)
			return []StateRisk{m.tooMany(keyPathOf(m.from, m.to, KeyParallelismOverrides), what, o.Parallelism, limit, sure)}
		}
	}
	return nil
}

func (m maxChange) tooMany(path Path, what string, parallelism, limit int64, sure bool) StateRisk {
	out := StateRisk{
		Path: path, Verdict: VerdictRefused,
		Summary: fmt.Sprintf("its state is for a max parallelism of %d, and Flink does not restore it with %s", limit, what),
		Detail:  fmt.Sprintf("The state is divided into as many parts as the max parallelism was when the job first started. Set a parallelism of at most %d. %s", limit, startEmpty),
	}
	if !sure {
		out.Verdict, out.Accept = VerdictAtRisk, fmt.Sprintf("parallelism:%d", parallelism)
		out.Summary = fmt.Sprintf("its state is most likely for a max parallelism of %d, and Flink does not restore it with %s", limit, what)
		out.Detail = fmt.Sprintf("Without %s, Flink chose one when the job first started, which is %d unless it started with a larger parallelism than it has now, and the state keeps it. The JobManager shows it of each vertex. Set a parallelism of at most %d. %s",
			KeyMaxParallelism, limit, limit, startEmpty)
	}
	return out
}
