package fko

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// stateBackendOfVersion refuses a state backend that the Flink version does not have
// (StateBackendLoader.loadUnwrappedStateBackendFromConfig: "Cannot find configured state
// backend factory class"; seen in the classes of 1.18.1, 1.20.5, 2.0.2 and 2.3.0).
func stateBackendOfVersion(d deployment) []flink.Finding {
	name, ok := d.config.Get(flink.KeyStateBackend)
	if !ok || d.version == nil {
		return nil
	}
	path := d.keyPath(flink.KeyStateBackend)
	major := d.version.AtLeast(firstForSt)
	if legacy := strings.ToLower(flink.TrimBlanks(name)); major && (legacy == "jobmanager" || legacy == "filesystem") {
		return fault(path, fmt.Sprintf("Flink %s does not have the state backend %q", d.version, flink.TrimBlanks(name)),
			"Flink 2.0 removed it, and the job would not start. Set \"hashmap\", which keeps and restores the same state; where checkpoints go is a matter of state.checkpoints.dir.")
	}
	if backend, _ := flink.StateBackendOf(d.config); backend == flink.StateBackendForSt && !major {
		return fault(path, fmt.Sprintf("Flink %s does not have the state backend %q", d.version, flink.TrimBlanks(name)),
			"It came with Flink 2.0, and the job would not start. Set \"rocksdb\" or \"hashmap\" in flink_configuration.")
	}
	return nil
}

var firstForSt = flink.Version{Major: 2}

// writableSavepoints warns of a job of which the operator cannot take a savepoint in
// the format that it asks for: the job fails when it is tried.
func writableSavepoints(d deployment) []flink.Finding {
	why, key := flink.NativeOnly(d.config)
	if why == "" || d.spec.Job == nil || flink.NativeSavepoints(d.config) {
		return nil
	}
	if upgradeMode(d) != flink.UpgradeSavepoint && flink.SavepointDirectory(d.config) == "" {
		return nil
	}
	if _, given := d.config.Get(flink.KeySavepointFormat); given {
		key = flink.KeySavepointFormat
	}
	return warning(d.keyPath(key), "No savepoint in canonical format can be taken of the job",
		fmt.Sprintf("The operator asks for one when it upgrades, suspends or deletes the job, unless its own configuration says otherwise. With %s Flink writes only native ones, and the job fails when it is asked for another. Set %q to \"NATIVE\" in flink_configuration.", why, flink.KeySavepointFormat))
}

// parallelismWithinBounds refuses more parallel operators than the state of a job can be
// divided into (VertexParallelismInformation and KeyGroupRangeAssignment: the job does
// not start).
func parallelismWithinBounds(d deployment) []flink.Finding {
	limit, given := flink.MaxParallelism(d.config)
	maxPath := d.keyPath(flink.KeyMaxParallelism)
	if given && limit > flink.LargestMaxParallelism {
		return fault(maxPath, fmt.Sprintf("A max parallelism of %d is too large", limit),
			fmt.Sprintf("Flink divides the state of a job into at most %d parts. Set %s to at most that, or remove it.", flink.LargestMaxParallelism, maxPath[1]))
	}
	why := fmt.Sprintf("Flink divides the state of a job into at most %d parts, and each needs one of them.", flink.LargestMaxParallelism)
	remedy := "."
	if given {
		why = fmt.Sprintf("%s is %d: the state of the job is divided into so many parts, and each parallel operator needs one of them. The job would not start.", maxPath[1], limit)
		remedy = fmt.Sprintf(", or raise %s, which a job that has state cannot restore with.", maxPath[1])
	} else {
		limit = flink.LargestMaxParallelism
	}
	var findings []flink.Finding
	if parallelism, path, ok := flink.JobParallelism(d.spec); ok && parallelism > limit {
		findings = fault(path, fmt.Sprintf("A parallelism of %d is above the max parallelism", parallelism),
			fmt.Sprintf("%s Set a parallelism of at most %d%s", why, limit, remedy))
	}
	path := d.keyPath(flink.KeyParallelismOverrides)
	overrides, err := flink.ParallelismOverrides(d.config)
	if err != nil {
		return append(findings, fault(path, fmt.Sprintf("%s cannot be read", path[1]),
			fmt.Sprintf("In it, %s. Write pairs of the id of a vertex and its parallelism, for example \"bc764cd8ddf7a0cff126f51c16239658:4,ea632d67b7d595e5b851708ae9ad79d6:2\".", err))...)
	}
	for _, o := range overrides {
		if o.Parallelism > limit {
			findings = append(findings, fault(path, fmt.Sprintf("A parallelism of %d is above the max parallelism", o.Parallelism),
				fmt.Sprintf("%s That of the vertex %s is more. Set a parallelism of at most %d%s", why, o.Vertex, limit, remedy))...)
		}
	}
	return findings
}
