package vvp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Flink implements World: it answers as the JobManager of a job would.
func (m *Memory) Flink(w http.ResponseWriter, r *http.Request, job Job, path string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	is, at := m.jobs[job.ID], time.Now()
	code, answer := http.StatusNotFound, any(object{"errors": []any{"Not found: " + path}})
	switch {
	case is == nil || text(job.Annotations, annotationUnreachable) != "":
		code, answer = http.StatusBadGateway, object{"message": "The JobManager does not answer."}
	case path == "/config":
		code, answer = http.StatusOK, object{"refresh-interval": 3000, "timezone-name": "Coordinated Universal Time", "timezone-offset": 0, "flink-version": flinkRelease(is), "flink-revision": "0000000 @ 2025-07-11T09:00:00Z"}
	case path == "/jobs/overview":
		jobs := []any{}
		for _, other := range m.on(is) {
			jobs = append(jobs, other.overview(at))
		}
		code, answer = http.StatusOK, object{"jobs": jobs}
	default:
		steps := strings.Split(strings.TrimPrefix(path, "/jobs/"), "/")
		of := m.withFlinkID(is, steps[0])
		tells := map[string]func(*played, time.Time) object{"": (*played).details, "checkpoints": (*played).statistics, "exceptions": (*played).exceptions}
		tell, known := tells[strings.Join(steps[1:], "/")]
		switch {
		case !strings.HasPrefix(path, "/jobs/") || !known:
		case of == nil:
			answer = object{"errors": []any{fmt.Sprintf("org.apache.flink.runtime.rest.NotFoundException: Job %s not found", steps[0])}}
		default:
			code, answer = http.StatusOK, tell(of, at)
		}
	}
	if r.Method != http.MethodGet {
		code, answer = http.StatusForbidden, object{"message": "The platform hands on what reads alone."}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}

// on are the jobs on the cluster of a job, the oldest first.
func (m *Memory) on(job *played) []*played {
	if job.Cluster == "" {
		return []*played{job}
	}
	var jobs []*played
	for _, other := range m.jobs {
		if other.Cluster == job.Cluster {
			jobs = append(jobs, other)
		}
	}
	slices.SortFunc(jobs, func(a, b *played) int { return a.since.Compare(b.since) })
	return jobs
}

func (m *Memory) withFlinkID(job *played, flinkID string) *played {
	for _, other := range m.on(job) {
		if other.flinkID == flinkID {
			return other
		}
	}
	return nil
}

// flinkRelease is the version of Flink of a job, with a patch.
func flinkRelease(p *played) string {
	version, _, _ := strings.Cut(text(part(p.Spec, "artifact"), "flinkImageTag"), "-")
	return version
}

// parallelism is that of a job.
func (p *played) parallelism() int { return number(p.Spec, "parallelism", 1) }

// tasks are how many tasks a job has in which state.
func (p *played) tasks(at time.Time) object {
	tasks := object{}
	for _, name := range []string{"created", "scheduled", "deploying", "running", "finished", "canceling", "canceled", "failed", "reconciling", "initializing"} {
		tasks[name] = 0
	}
	of := map[string]string{"RESTARTING": "scheduled"}[p.status(at)]
	if of == "" {
		of = strings.ToLower(p.status(at))
	}
	tasks[of], tasks["total"] = p.parallelism(), p.parallelism()
	return tasks
}

// overview is JobDetails.
func (p *played) overview(at time.Time) object {
	end := int64(-1)
	if !p.until.IsZero() {
		end = p.until.UnixMilli()
	}
	return object{
		"jid": p.flinkID, "name": p.Deployment, "state": p.status(at), "start-time": p.since.UnixMilli(), "end-time": end,
		"duration": p.age(at).Milliseconds(), "last-modification": p.since.UnixMilli(), "tasks": p.tasks(at),
	}
}

// details is JobDetailsInfo.
func (p *played) details(at time.Time) object {
	timestamps := object{}
	for _, name := range []string{"INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "FAILED", "CANCELLING", "CANCELED", "FINISHED", "SUSPENDED", "RECONCILING"} {
		timestamps[name] = 0
	}
	running := p.since
	if crashes := p.crashes(at); len(crashes) > 0 {
		last := crashes[len(crashes)-1]
		timestamps["RESTARTING"] = last.UnixMilli()
		if again := last.Add(stepsToRestart * p.pace); !again.After(at) {
			running = again
		}
	}
	timestamps["INITIALIZING"], timestamps["CREATED"], timestamps["RUNNING"] = p.since.UnixMilli(), p.since.UnixMilli(), running.UnixMilli()
	if is := p.status(at); is == stateFinished || is == stateFailed || is == "CANCELED" {
		timestamps[is] = at.UnixMilli()
	}
	tasks := object{}
	for name, count := range p.tasks(at) {
		if name != "total" {
			tasks[strings.ToUpper(name)] = count
		}
	}
	return object{
		"jid": p.flinkID, "name": p.Deployment, "isStoppable": false, "state": p.status(at), "start-time": p.since.UnixMilli(), "end-time": -1,
		"duration": p.age(at).Milliseconds(), "now": at.UnixMilli(), "timestamps": timestamps,
		"vertices": []any{object{
			"id": "cbc357ccb763df2852fee8c4fc7d55f2", "name": "Source", "parallelism": p.parallelism(), "maxParallelism": 128, "status": p.status(at), "tasks": tasks,
			"metrics": object{"read-records": p.values(at), "read-records-complete": true},
		}},
	}
}

// statistics is CheckpointingStatistics.
func (p *played) statistics(at time.Time) object {
	latest := object{"completed": nil, "savepoint": nil, "failed": nil, "restored": nil}
	if p.Savepoint != "" {
		latest["restored"] = object{"id": 0, "restore_timestamp": p.since.UnixMilli(), "is_savepoint": !strings.Contains(p.Savepoint, "/chk-"), "external_path": p.Savepoint}
	}
	completed := p.checkpoints(at)
	if completed > 0 {
		taken := p.since.Add(time.Duration(completed*stepsCheckpoint) * p.pace).UnixMilli()
		latest["completed"] = object{
			"@class": "completed", "id": completed, "status": "COMPLETED", "is_savepoint": false, "trigger_timestamp": taken, "latest_ack_timestamp": taken,
			"external_path": p.checkpoint(at), "discarded": false,
		}
	}
	return object{
		"counts": object{"restored": len(p.crashes(at)), "total": completed, "in_progress": 0, "completed": completed, "failed": 0},
		"latest": latest, "history": []any{},
	}
}

// exceptions is JobExceptionsInfoWithHistory, the newest first.
func (p *played) exceptions(at time.Time) object {
	entries := []any{}
	throws := text(p.Annotations, annotationCrashes)
	times := p.crashes(at)
	if ends := text(p.Annotations, annotationEnds); ends != "" && p.status(at) == stateFailed {
		throws, times = ends, []time.Time{p.since.Add(stepsToFault * p.pace)}
	}
	name, _, _ := strings.Cut(throws, ":")
	const shown = 16
	for i := len(times) - 1; i >= max(0, len(times)-shown); i-- {
		entries = append(entries, object{"exceptionName": name, "stacktrace": throws + "\n\tat com.example.Orders.map(Orders.java:42)", "timestamp": times[i].UnixMilli(), "taskName": "Source (1/1)"})
	}
	answer := object{"root-exception": nil, "timestamp": nil, "exceptionHistory": object{"entries": entries, "truncated": len(times) > shown}}
	if len(entries) > 0 {
		newest, _ := entries[0].(object)
		answer["root-exception"], answer["timestamp"] = newest["stacktrace"], newest["timestamp"]
	}
	return answer
}
