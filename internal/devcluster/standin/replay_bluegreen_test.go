package standin_test

import (
	"fmt"
	"strconv"
	"strings"
)

// prepareBlueGreen creates a blue/green deployment as it was before the scenario. If its child is not what was first
// deployed, it was suspended and resumed in between, as the recorded one was.
func (r *replayer) prepareBlueGreen(o object) {
	spec := clone(o["spec"].(object))
	meta := object{"name": at(o, "metadata", "name")}
	r.send(&write{verb: "create", object: object{"apiVersion": o["apiVersion"], "kind": o["kind"], "metadata": meta, "spec": spec}})
	r.settled(id(o), 1)
	for _, child := range r.scenario.setup {
		text, _ := at(child, "status", "reconciliationStatus", "lastReconciledSpec").(string)
		if at(child, "metadata", "ownerReferences") == nil || !strings.Contains(text, `"firstDeployment":false`) {
			continue
		}
		for i, state := range []string{"suspended", "running"} {
			next := clone(spec)
			at(next, "template", "spec", "job").(object)["state"] = state
			r.send(&write{verb: "update", object: object{"apiVersion": o["apiVersion"], "kind": o["kind"], "metadata": meta, "spec": next}})
			r.settled(id(o), int64(i+2))
		}
	}
}

// unhurried gives a blue/green deployment more time than the recorded one had, so that a busy machine does not change
// what comes first. The grace period is doubled. A job that fails does so later: the recorded ones lived through the
// deletion of the other color, while the stand-in counts fast, so that a job which fails early is never seen running.
func unhurried(w *write) *write {
	o := clone(w.object)
	configuration, _ := at(o, "spec", "configuration").(object)
	if seconds, unit, ok := strings.Cut(fmt.Sprint(configuration[gracePeriod]), " "); ok && unit == "s" {
		configuration[gracePeriod] = times(2, seconds) + " s"
	}
	if args, _ := at(o, "spec", "template", "spec", "job", "args").([]any); len(args) == 2 && args[0] == "--fail-after" {
		args[1] = times(16, args[1])
	}
	return &write{verb: w.verb, before: w.before, object: o}
}

// times multiplies a number in a text.
func times(factor int, text any) string {
	n, err := strconv.Atoi(fmt.Sprint(text))
	if err != nil {
		panic(err) // the recordings have numbers there
	}
	return strconv.Itoa(factor * n)
}

// unfinished reports whether the recording of a blue/green deployment ends while a child starts well: then the
// stand-in may be further.
func (s *scenario) unfinished() bool {
	if len(s.steps) == 0 {
		return false
	}
	last := map[string]view{}
	for _, e := range s.steps[len(s.steps)-1].events {
		if at(e.Object, "metadata", "ownerReferences") != nil {
			last[id(e.Object)] = viewOf(e.Type, e.Object)
		}
	}
	for _, v := range last {
		if v.Lifecycle == "DEPLOYED" && v.Job == "CREATED" && v.Error == "" {
			return true
		}
	}
	return false
}
