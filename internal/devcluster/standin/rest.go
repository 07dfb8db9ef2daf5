package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// The JobManagers' REST interface, as far as clients ask it about one job. One
// listener answers for all of them, because the id of a job names it. The
// apiserver's service proxy finds it by the Endpoints of the service <name>-rest,
// whose pod has the address of this machine.

// restServer answers in the place of every JobManager.
type restServer struct {
	world   *world
	address *net.TCPAddr // nil: nobody can reach it
}

// serveREST starts to answer and ends with ctx. A machine without an address
// that the apiserver takes has JobManagers that do not answer.
func serveREST(ctx context.Context, w *world, log *slog.Logger) *restServer {
	s := &restServer{world: w}
	ip := reachableAddress()
	if ip == nil {
		log.Warn("this machine has no address but the loopback's, so no JobManager answers")
		return s
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(ip.String(), "0"))
	if err != nil {
		log.Warn("no JobManager answers", "error", err)
		return s
	}
	s.address, _ = listener.Addr().(*net.TCPAddr)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jobs/{job}", s.answer(jobDetails))
	mux.HandleFunc("GET /jobs/{job}/checkpoints", s.answer(jobCheckpoints))
	mux.HandleFunc("GET /jobs/{job}/exceptions", s.answer(jobExceptions))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return s
}

// reachableAddress is an address that Endpoints may have: the apiserver refuses
// those of the loopback.
func reachableAddress() net.IP {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, address := range all {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() && network.IP.To4() != nil {
			return network.IP
		}
	}
	return nil
}

// answer tells of the job that a request names.
func (s *restServer) answer(tell func(j *flinkJob, now time.Time) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, now := r.PathValue("job"), time.Now()
		w.Header().Set("Content-Type", "application/json")
		job := s.world.shown(id)
		switch {
		case job == nil || job.atStart && now.Before(job.created):
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(map[string]any{"errors": []string{fmt.Sprintf("org.apache.flink.runtime.rest.NotFoundException: Job %s not found", id)}})
		case now.Before(job.created):
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_ = json.NewEncoder(w).Encode(tell(job, now))
		}
	}
}

// jobDetails is JobDetailsInfo.
func jobDetails(j *flinkJob, now time.Time) any {
	state, since := j.state(now), j.runs(now)
	timestamps := map[string]int64{"INITIALIZING": j.created.UnixMilli(), "CREATED": j.created.UnixMilli(), jobRunning: 0, jobRestarting: 0, jobFailed: 0, jobFinished: 0}
	if !now.Before(j.running) {
		timestamps[jobRunning] = since.UnixMilli()
	}
	if crashes := j.crashes(now); len(crashes) > 0 {
		timestamps[jobRestarting] = crashes[len(crashes)-1].UnixMilli()
	}
	if !j.ends.IsZero() && !now.Before(j.ends) {
		timestamps[j.endState] = j.ends.UnixMilli()
	}
	tasks := map[string]int{"CREATED": 0, "SCHEDULED": 0, "RUNNING": 0, "FINISHED": 0, "FAILED": 0}
	switch state {
	case jobRunning, jobFinished, jobFailed:
		tasks[state] = 1
	default:
		tasks["SCHEDULED"] = 1
	}
	return map[string]any{
		"jid": j.id, "name": j.name, "state": state, "start-time": j.created.UnixMilli(), "now": now.UnixMilli(), "timestamps": timestamps,
		"vertices": []any{map[string]any{"name": "Source", "parallelism": j.parallelism, "tasks": tasks}},
	}
}

// jobCheckpoints is CheckpointingStatistics. Every job completes checkpoints, also
// those that take none, and each at the moment of its trigger.
func jobCheckpoints(j *flinkJob, now time.Time) any {
	latest := map[string]any{"completed": nil, "savepoint": nil, "failed": nil, "restored": nil}
	if j.restoredFrom != "" {
		latest["restored"] = map[string]any{"id": 0, "restore_timestamp": j.created.UnixMilli(), "is_savepoint": true, "external_path": j.restoredFrom}
	}
	if !j.rescaled.IsZero() {
		latest["restored"] = map[string]any{"id": 0, "restore_timestamp": j.rescaled.UnixMilli(), "is_savepoint": false, "external_path": j.lastCheckpoint(j.rescaled)}
	}
	completed := 0
	if first := j.firstCheckpoint(now); !first.IsZero() && !now.Before(first) {
		since := now.Sub(first).Truncate(j.interval)
		completed = int(since/j.interval) + 1
		latest["completed"] = map[string]any{
			"id": completed, "status": "COMPLETED", "is_savepoint": false,
			"trigger_timestamp": first.Add(since).UnixMilli(), "external_path": j.lastCheckpoint(now),
		}
	}
	return map[string]any{"counts": map[string]any{"restored": 0, "total": completed, "in_progress": 0, "completed": completed, "failed": 0}, "latest": latest}
}

// jobExceptions is JobExceptionsInfoWithHistory, the newest first.
func jobExceptions(j *flinkJob, now time.Time) any {
	entries := []any{}
	crashes := j.crashes(now)
	for i := len(crashes) - 1; i >= max(0, len(crashes)-16); i-- {
		entries = append(entries, exceptionEntry(crashes[i], j.crash.trace()))
	}
	if j.cause != nil && !now.Before(j.ends) {
		trace := j.cause.Message
		for _, cause := range j.cause.Causes {
			trace += "\nCaused by: " + cause.Message
		}
		entries = append([]any{exceptionEntry(j.ends, trace)}, entries...)
	}
	answer := map[string]any{"root-exception": nil, "timestamp": nil, "exceptionHistory": map[string]any{"entries": entries, "truncated": false}}
	if len(entries) > 0 {
		newest, _ := entries[0].(map[string]any)
		answer["root-exception"], answer["timestamp"] = newest["stacktrace"], newest["timestamp"]
	}
	return answer
}

func exceptionEntry(at time.Time, trace string) map[string]any {
	return map[string]any{"exceptionName": "java.lang.IllegalStateException", "stacktrace": trace, "timestamp": at.UnixMilli(), "taskName": "Source (1/1)"}
}

// show publishes what the JobManager of the pass's object knows of its job.
func (p *pass) show() {
	if job := p.in.job; job != nil {
		p.world.show(*job)
	}
}

// openREST leads the service of a ready JobManager to its REST interface.
func (p *pass) openREST(ctx context.Context) error {
	if p.rest.address == nil {
		return nil
	}
	name := p.key.Name + "-rest"
	err := p.api.put(ctx, endpoints, map[string]any{
		"apiVersion": "v1", "kind": "Endpoints",
		"metadata": map[string]any{"name": name, "namespace": p.key.Namespace, "ownerReferences": owner(p.obj.GetAPIVersion(), p.kind, p.key.Name, p.obj.GetUID(), true)},
		"subsets": []any{map[string]any{
			"addresses": []any{map[string]any{
				"ip":        p.rest.address.IP.String(),
				"targetRef": map[string]any{"kind": "Pod", "namespace": p.key.Namespace, "name": p.podName()},
			}},
			"ports": []any{map[string]any{"name": "rest", "port": int64(p.rest.address.Port)}},
		}},
	})
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		// Object or namespace are on their way out.
		return nil
	}
	return err
}
