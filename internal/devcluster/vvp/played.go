package vvp

import (
	"fmt"
	"strings"
	"time"
)

// In steps: how long a job with a fault runs until that shows, how long it then restarts,
// and when and how often a job completes checkpoints.
const (
	stepsToFault    = 3
	stepsToRestart  = 1
	stepsCheckpoint = 2
	// valuesInStep is how many values a job reads in one step.
	valuesInStep = 10
)

// age is for how long a job has run.
func (p *played) age(at time.Time) time.Duration {
	if !p.until.IsZero() && p.until.Before(at) {
		at = p.until
	}
	return at.Sub(p.since)
}

// status is Flink's, at a time.
func (p *played) status(at time.Time) string {
	age := p.age(at)
	switch {
	case text(p.Annotations, annotationFinishes) == "true" && age >= stepsToFault*p.pace:
		return stateFinished
	case text(p.Annotations, annotationEnds) != "" && age >= stepsToFault*p.pace:
		return stateFailed
	case !p.until.IsZero() && !at.Before(p.until):
		return "CANCELED"
	case text(p.Annotations, annotationCrashes) != "" && age%(p.pace*(stepsToFault+stepsToRestart)) >= stepsToFault*p.pace:
		return "RESTARTING"
	}
	return stateRunning
}

// crashes are when a job has thrown.
func (p *played) crashes(at time.Time) []time.Time {
	if text(p.Annotations, annotationCrashes) == "" {
		return nil
	}
	cycle := p.pace * (stepsToFault + stepsToRestart)
	var times []time.Time
	for first := p.since.Add(stepsToFault * p.pace); first.Sub(p.since) <= p.age(at); first = first.Add(cycle) {
		times = append(times, first)
	}
	return times
}

// checkpoints is how many a job has completed: none while it crashes, or without an
// interval.
func (p *played) checkpoints(at time.Time) int {
	if text(part(p.Spec, "flinkConfiguration"), "execution.checkpointing.interval") == "" || text(p.Annotations, annotationCrashes) != "" {
		return 0
	}
	return int(p.age(at) / (stepsCheckpoint * p.pace))
}

// checkpoint is the path of the newest checkpoint, empty for none.
func (p *played) checkpoint(at time.Time) string {
	directory := checkpointDirectory(p.Spec)
	count := p.checkpoints(at)
	if directory == "" || count == 0 {
		return ""
	}
	return fmt.Sprintf("%s/%s/chk-%d", strings.TrimSuffix(directory, "/"), p.flinkID, count)
}

// checkpointDirectory is where a job puts its checkpoints, empty for nowhere that lasts.
func checkpointDirectory(spec object) string {
	configuration := part(spec, "flinkConfiguration")
	for _, key := range []string{"execution.checkpointing.dir", "state.checkpoints.dir"} {
		if directory := text(configuration, key); directory != "" {
			return directory
		}
	}
	return ""
}

// values is how many values a job has read, with those before it was restored.
func (p *played) values(at time.Time) int {
	if text(p.Annotations, annotationCrashes) != "" {
		return p.base
	}
	return p.base + int(p.age(at)/p.pace)*valuesInStep
}

// holds is what a savepoint of the job has at a time.
func (p *played) holds(at time.Time) held {
	return held{values: p.values(at), operators: operatorsOf(p.Job)}
}
