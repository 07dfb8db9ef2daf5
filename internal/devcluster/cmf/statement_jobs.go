package cmf

import (
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// What the job of a statement does: it stops with a savepoint where its pool has the
// directories for that, starts from one, and tells Flink's web interface how it is.

// Annotations of a statement that ask for what a job may do.
const (
	// annotationRefuses: the job takes no savepoint in which there is state for what it
	// does not have, unless it is allowed to leave that.
	annotationRefuses = "standin.flink/refuses"
	// annotationThrows: the job comes up, throws this, and is restarted again and again.
	annotationThrows = "standin.flink/throws"
)

// keyBroken says, inside of the stand-in, why the job of a statement cannot start.
const keyBroken = "standin.broken"

// keyStarted is when the job of a statement was started last, inside of the stand-in.
const keyStarted = "standin.started"

// statementWritten takes note of what a write does to the job of a statement.
func statementWritten(s *Server, r *http.Request, now, last object) {
	spec := part(now, "spec")
	if last == nil {
		// The server reads it in a change alone.
		delete(spec, "startFromSavepoint")
		now[keyStarted] = time.Now().UnixMilli()
		return
	}
	before := part(last, "spec")
	now[keyStarted] = last[keyStarted]
	if before["stopped"] == true || before["parallelism"] != spec["parallelism"] {
		now[keyStarted] = time.Now().UnixMilli()
	}
	at := "/environments/" + r.PathValue("env") + "/statements/" + r.PathValue("name") + "/savepoints"
	switch {
	case spec["stopped"] == true && before["stopped"] != true && text(part(last, "status"), "phase") == "RUNNING":
		if directory := s.savepointDirectory(r.PathValue("env"), text(spec, "computePoolName")); directory != "" {
			s.keepSavepoint(at, uuid.NewString(), directory)
		}
	case spec["stopped"] != true:
		start := part(spec, "startFromSavepoint")
		path := text(start, "initialSavepointPath")
		if path == "" || part(before, "startFromSavepoint")["savepointRedeployNonce"] == start["savepointRedeployNonce"] {
			break
		}
		switch {
		case !s.files[path]:
			now[keyBroken] = "Cannot find checkpoint or savepoint file/directory '" + path + "' on file system"
		case annotationOf(now, annotationRefuses) != "" && start["allowNonRestoredState"] != true:
			now[keyBroken] = "Failed to rollback to checkpoint/savepoint " + path + ". Cannot map checkpoint/savepoint state for operator 7 to the new program"
		}
	}
}

// savepointDirectory is where the statements of a pool leave savepoints when they stop;
// empty where it has not both directories.
func (s *Server) savepointDirectory(environment, pool string) string {
	found := part(part(s.objects["/environments/"+environment+"/compute-pools"][pool], "spec"), "clusterSpec")
	configuration := part(over(found, part(part(s.objects["/environments"][environment], "computePoolDefaults"), "clusterSpec")), "flinkConfiguration")
	if text(configuration, "state.checkpoints.dir") == "" {
		return ""
	}
	return text(configuration, "state.savepoints.dir")
}

// keepSavepoint is a savepoint that the server has taken.
func (s *Server) keepSavepoint(collection, name, directory string) object {
	path := strings.TrimSuffix(directory, "/") + "/savepoint-" + uuid.NewString()[:8]
	now := time.Now().UTC().Format(time.RFC3339Nano)
	if s.objects[collection] == nil {
		s.objects[collection] = map[string]object{}
	}
	s.objects[collection][name] = object{
		"apiVersion": "cmf.confluent.io/v1", "kind": "Savepoint",
		"metadata": object{"name": name, "uid": uuid.NewString(), "creationTimestamp": now},
		"spec":     object{"formatType": "CANONICAL", "backoffLimit": -1},
		"status":   object{"state": "COMPLETED", "path": path, "triggerTimestamp": now, "resultTimestamp": now, "failures": 0},
	}
	s.files[path] = true
	return s.objects[collection][name]
}

// statementSavepoints serves the savepoints of statements. Those of one that is deleted
// go with it, files included: nothing says that they do not.
func (s *Server) statementSavepoints() {
	const collection = "/environments/{env}/statements/{name}/savepoints"
	s.handle("GET "+base+collection, func(r *http.Request, _ object) (int, any) {
		if s.objects[expand("/environments/{env}/statements", r)][r.PathValue("name")] == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Statement '%s' not found.", r.PathValue("name"))
		}
		return http.StatusOK, s.page(r, expand(collection, r), nil)
	})
	s.askedSavepoints(collection)
	s.handle("GET "+base+"/environments/{env}/statements/{name}/flink-web-ui/{path...}", s.statementUI)
}

// statementGone takes the savepoints of a statement along.
func statementGone(s *Server, at string) {
	for _, savepoint := range s.objects[at+"/savepoints"] {
		delete(s.files, text(part(savepoint, "status"), "path"))
	}
	delete(s.objects, at+"/savepoints")
}

// statementUI is what Flink tells of the job of a statement that runs.
func (s *Server) statementUI(r *http.Request, _ object) (int, any) {
	const job = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e"
	statement := s.objects[expand("/environments/{env}/statements", r)][r.PathValue("name")]
	if statement == nil || text(part(statement, "status"), "phase") != "RUNNING" {
		return http.StatusNotFound, refuse(http.StatusNotFound, "Statement '%s' has no Flink web UI.", r.PathValue("name"))
	}
	now := time.Now().UnixMilli()
	throws := annotationOf(statement, annotationThrows)
	switch path := r.PathValue("path"); path {
	case "jobs/overview":
		return http.StatusOK, object{"jobs": []any{object{"jid": job, "name": r.PathValue("name"), "state": "RUNNING", "start-time": statement[keyStarted], "end-time": -1}}}
	case "jobs/" + job:
		return http.StatusOK, object{"jid": job, "state": "RUNNING", "now": now, "start-time": statement[keyStarted], "vertices": []any{object{"tasks": object{"RUNNING": 1}}}}
	case "jobs/" + job + "/checkpoints":
		latest := object{}
		if throws == "" {
			latest["completed"] = object{"trigger_timestamp": now}
		}
		return http.StatusOK, object{"latest": latest}
	case "jobs/" + job + "/exceptions":
		entries := []any{}
		if throws != "" {
			entries = append(entries, object{"exceptionName": "java.lang.RuntimeException", "stacktrace": "java.lang.RuntimeException: " + throws + "\n\tat Totals.java:7", "timestamp": now})
		}
		return http.StatusOK, object{"exceptionHistory": object{"entries": entries, "truncated": false}}
	}
	return http.StatusNotFound, refuse(http.StatusNotFound, "Not found: %s", r.PathValue("path"))
}

func annotationOf(o object, name string) string {
	return text(part(part(o, "metadata"), "annotations"), name)
}
