package flink

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Configuration keys that say into how many parts the state of a job is divided.
const (
	KeyMaxParallelism       = "pipeline.max-parallelism"
	KeyParallelismOverrides = "pipeline.jobvertex-parallelism-overrides"

	keyTaskSlots = "taskmanager.numberOfTaskSlots"
)

// LargestMaxParallelism is how many key groups there can be
// (KeyGroupRangeAssignment.UPPER_BOUND_MAX_PARALLELISM).
const LargestMaxParallelism = 32768

// leastMaxParallelism is the default of a small job
// (KeyGroupRangeAssignment.DEFAULT_LOWER_BOUND_MAX_PARALLELISM).
const leastMaxParallelism = 128

// DefaultMaxParallelism returns the max parallelism that Flink gives an operator of a
// parallelism when nobody sets one, at its first start
// (KeyGroupRangeAssignment.computeDefaultMaxParallelism): one and a half times as much,
// up to the next power of two, from 128 to 32768. What restores its state keeps it.
func DefaultMaxParallelism(parallelism int64) int64 {
	parts := int64(leastMaxParallelism)
	for parts < parallelism+parallelism/2 && parts < LargestMaxParallelism {
		parts *= 2
	}
	return parts
}

// MaxParallelism returns the max parallelism of a configuration; false where it sets
// none that can be read, or -1, which is Flink's own sign for none.
func MaxParallelism(c Configuration) (int64, bool) {
	value, ok := javaInteger(c.text(KeyMaxParallelism), 32)
	return value, ok && value > 0
}

// JobParallelism returns the parallelism with which the job starts, and the path of the
// value that decides it: the slots of the TaskManagers where their number is given, else
// job.parallelism (FlinkConfigBuilder.getParallelism, operator 1.16); false where
// neither is given.
func JobParallelism(spec DeploymentSpec) (parallelism int64, path Path, ok bool) {
	if spec.Job == nil {
		return 0, nil, false
	}
	if tm := spec.TaskManager; tm != nil && tm.Replicas != nil {
		slots, readable := taskSlots(spec.FlinkConfiguration)
		if !readable {
			return 0, nil, false
		}
		return *tm.Replicas * slots, Path{"taskManager", "replicas"}, true
	}
	if spec.Job.Parallelism == nil {
		return 0, nil, false
	}
	return *spec.Job.Parallelism, Path{"job", "parallelism"}, true
}

// Slots returns how many slots the TaskManagers of a job in standalone mode have: as many
// TaskManagers as are given, else as many as job.parallelism needs
// (FlinkUtils.getNumTaskManagers of the operator); false where neither is given.
func Slots(spec DeploymentSpec) (int64, bool) {
	parallelism, _, ok := JobParallelism(spec)
	slots, readable := taskSlots(spec.FlinkConfiguration)
	if !ok || !readable || slots < 1 {
		return 0, false
	}
	return (parallelism + slots - 1) / slots * slots, true
}

// taskSlots is how many slots a TaskManager has; false where that cannot be read.
func taskSlots(c Configuration) (int64, bool) {
	text, given := c.Get(keyTaskSlots)
	if !given {
		return 1, true
	}
	return javaInteger(TrimBlanks(text), 32)
}

// Override is the parallelism of one vertex of a job.
type Override struct {
	// Vertex is the id of the vertex.
	Vertex      string
	Parallelism int64
}

// ParallelismOverrides reads pipeline.jobvertex-parallelism-overrides, in the order of
// the vertices: pairs as Flink writes maps ("id:4,id:2"), or a map of YAML, which 2.x
// reads too. The error says in a clause what cannot be read.
func ParallelismOverrides(c Configuration) ([]Override, error) {
	text := c.text(KeyParallelismOverrides)
	if text == "" {
		return nil, nil
	}
	pairs, ok := readMap(text, newestDialect)
	if !ok {
		return nil, fmt.Errorf("%q is no list of pairs of a vertex and its parallelism", text)
	}
	var out []Override
	for _, vertex := range slices.Sorted(maps.Keys(pairs)) {
		parallelism, err := strconv.ParseInt(pairs[vertex], 10, 32)
		if err != nil || parallelism < 1 {
			return nil, fmt.Errorf("%q is no parallelism of the vertex %s", pairs[vertex], vertex)
		}
		out = append(out, Override{Vertex: vertex, Parallelism: parallelism})
	}
	return out, nil
}
