package clowd

import (
	"encoding/json"
	"maps"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Back returns the specification that an entry comes to, in the words of a
// flink.DeploymentSpec. said is what was written (Mark.Said), nil for what somebody else has
// written: a region of the entry that still is what that comes to is told in its words, and
// another one in those of the entry.
func Back(place Place, entry, said flink.Tree) flink.Tree {
	out := clone(withValues(said, entry))
	if out == nil {
		out = flink.Tree{}
	}
	want := flink.Tree{}
	if spec, err := flink.SpecOf(out); err == nil && len(said) > 0 {
		if wanted, err := Entry(place, spec); err == nil {
			want = wanted
		}
	}
	for _, region := range regions {
		if len(want) == 0 || !region.same(place, entry, want) {
			region.read(place, entry, out)
		}
	}
	return out
}

// region is a part of an entry, and of the specification that it comes from.
type region struct {
	same func(place Place, live, want flink.Tree) bool
	read func(place Place, live, into flink.Tree)
}

// fields is a region that is the same where fields of the entry are.
func fields(read func(place Place, live, into flink.Tree), paths ...[]string) region {
	return region{func(_ Place, live, want flink.Tree) bool {
		for _, path := range paths {
			if is, wanted := at(live, path...), at(want, path...); !Covers(is, wanted) || zero(wanted) && !zero(is) {
				return false
			}
		}
		return true
	}, read}
}

var regions = []region{
	fields(func(_ Place, live, into flink.Tree) {
		delete(into, "image")
		set(into, "image", at(live, "podSpec", "image"))
	}, []string{"podSpec", "image"}),
	fields(readArguments, []string{"podSpec", "command"}, []string{"podSpec", "args"}),
	{func(_ Place, live, want flink.Tree) bool {
		return maps.Equal(liveProperties(live), liveProperties(want))
	}, readProperties},
	fields(readResources, []string{"podSpec", "resources"}),
	{func(_ Place, live, want flink.Tree) bool { return runs(live) == runs(want) }, func(_ Place, live, into flink.Tree) {
		state := flink.JobRunning
		if !runs(live) {
			state = flink.JobSuspended
		}
		put(into, state, "job", "state")
	}},
	{func(_ Place, live, want flink.Tree) bool {
		is, wanted := templateOf(treeAt(live, "podSpec")), templateOf(treeAt(want, "podSpec"))
		annotations := treeAt(wanted, "metadata", "annotations")
		remove(is, "metadata", "annotations")
		remove(wanted, "metadata", "annotations")
		// Annotations of others are theirs.
		return Covers(is, wanted) && Covers(wanted, is) && Covers(treeAt(live, "podSpec", "metadata", "annotations"), annotations)
	}, readTemplate},
}

// liveProperties are the configuration of an entry.
func liveProperties(entry flink.Tree) map[string]string {
	return propertiesOf(envOf(treeAt(entry, "podSpec"), envProperties))
}

// runs tells whether an entry asks for a job that runs. Without a number Kubernetes starts one
// pod.
func runs(entry flink.Tree) bool {
	for _, field := range []string{"replicas", "minReplicas"} {
		if number, ok := scalar(entry[field]); ok {
			return number != "0"
		}
	}
	return true
}

func readArguments(_ Place, live, into flink.Tree) {
	job := clone(treeAt(into, "job"))
	if job == nil {
		job = flink.Tree{}
	}
	jar, _ := job["jarURI"].(string)
	for _, field := range []string{"entryClass", "jarURI", "initialSavepointPath", "allowNonRestoredState", "args"} {
		delete(job, field)
	}
	argumentsInto(listAt(live, "podSpec", "args"), job)
	if job["jarURI"] == nil && jar != "" {
		// What Flink finds by itself is in no argument.
		job["jarURI"] = jar
	}
	into["job"] = job
}

func readProperties(place Place, live, into flink.Tree) {
	found, before := liveProperties(live), flink.Tree{}
	if said := treeAt(into, "flinkConfiguration"); said != nil {
		before = said
	}
	// What the provider fills in is no configuration of the user's.
	if number, err := strconv.ParseInt(found[keyParallelism], 10, 64); err == nil {
		put(into, json.Number(strconv.FormatInt(number, 10)), "job", "parallelism")
	}
	for key, owner := range map[string]string{keyManagerMemory: "jobManager", keyWorkerMemory: "taskManager"} {
		said, _ := at(into, owner, "resource", "memory").(string)
		switch value, has := found[key]; {
		case !has && said != "":
			remove(into, owner, "resource", "memory")
		case has && said != "" && !flink.SameMemory(said, value):
			put(into, value, owner, "resource", "memory")
		}
	}
	out := flink.Tree{}
	for key, value := range found {
		if _, said := before[key]; said || !filledIn(place, into, key, value) {
			out[key] = value
		}
	}
	into["flinkConfiguration"] = out
}

// filledIn tells whether a key of the configuration has what the provider puts there.
func filledIn(place Place, spec flink.Tree, key, value string) bool {
	switch key {
	case keyParallelism, keyNamespace, keySlots:
		return true
	case keyClusterID:
		return value == place.Deployment()
	case keyManagerMemory:
		return at(spec, "jobManager", "resource", "memory") != nil
	case keyWorkerMemory:
		return at(spec, "taskManager", "resource", "memory") != nil
	}
	return false
}

// readResources tells of other resources than both components come to. Nothing tells which
// part of them is whose: they are shown as the TaskManager's.
func readResources(_ Place, live, into flink.Tree) {
	found := treeAt(live, "podSpec", "resources", "requests")
	if cpu, ok := quantityOf(found["cpu"]); ok {
		remove(into, "jobManager", "resource", "cpu")
		put(into, json.Number(strconv.FormatFloat(cpu.AsApproximateFloat64(), 'f', -1, 64)), "taskManager", "resource", "cpu")
	} else {
		remove(into, "jobManager", "resource", "cpu")
		remove(into, "taskManager", "resource", "cpu")
	}
}

func readTemplate(_ Place, live, into flink.Tree) {
	if template := templateOf(treeAt(live, "podSpec")); len(template) > 0 {
		into["podTemplate"] = template
	} else {
		delete(into, "podTemplate")
	}
}
