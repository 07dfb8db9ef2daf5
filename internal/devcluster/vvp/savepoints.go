package vvp

import (
	"net/http"

	"github.com/google/uuid"
)

// States and origins of savepoints.
const (
	savepointStarted   = "STARTED"
	savepointCompleted = "COMPLETED"

	originRequest  = "USER_REQUEST"
	originCopied   = "COPIED"
	originRetained = "RETAINED_CHECKPOINT"
)

// savepoints serves the savepoints that were asked for, that upgrades have left, and
// that somebody has told of.
func (s *Server) savepoints() {
	const at = apiBase + "/namespaces/{ns}/savepoints"
	s.handle("GET "+at, func(r *request) (int, any) { return http.StatusOK, r.space.savepoints.list("Savepoint", about(r)) })
	one := func(method string, do func(r *request, found object) (int, any)) {
		s.handle(method+" "+at+"/{id}", func(r *request) (int, any) {
			if found := r.space.savepoints.find(r.PathValue("id")); found != nil {
				return do(r, found)
			}
			return refuse(http.StatusNotFound, "Savepoint '%s' not found in namespace '%s'.", r.PathValue("id"), r.space.name).answer()
		})
	}
	one(http.MethodGet, func(_ *request, found object) (int, any) { return http.StatusOK, found })
	one(http.MethodDelete, func(r *request, found object) (int, any) {
		if state(found) == savepointStarted && r.URL.Query().Get("force") != "true" {
			return refuse(http.StatusConflict, "Savepoint '%s' is still being taken.", id(found)).answer()
		}
		r.space.savepoints.drop(found)
		s.World.Forget(text(part(found, "spec"), "savepointLocation"))
		return http.StatusOK, found
	})
	s.handle("POST "+at, func(r *request) (int, any) {
		o := r.space.deployments.find(text(part(r.body, "metadata"), "deploymentId"))
		switch {
		case r.space.terminating:
			return refuse(http.StatusConflict, "Namespace '%s' is being deleted.", r.space.name).answer()
		case r.body["kind"] != nil && r.body["kind"] != "Savepoint":
			return refuse(http.StatusBadRequest, "kind: must be Savepoint").answer()
		case o == nil:
			return refuse(http.StatusBadRequest, "metadata.deploymentId: deployment '%s' not found", text(part(r.body, "metadata"), "deploymentId")).answer()
		}
		if location := text(part(r.body, "spec"), "savepointLocation"); location != "" {
			savepoint := s.newSavepoint(r.space, o, nil, originCopied)
			takeAnnotations(savepoint, r.body)
			complete(savepoint, location)
			return http.StatusCreated, savepoint
		}
		followed, _ := r.space.runs[id(o)].follower.(*deployment)
		if followed == nil || followed.job == nil || state(followed.job) != "STARTED" {
			return refuse(http.StatusBadRequest, "No active job for a deployment.").answer()
		}
		savepoint := s.newSavepoint(r.space, o, followed.job, originRequest)
		takeAnnotations(savepoint, r.body)
		s.record(r.space, o, followed.job, "NEED_TO_TRIGGER_A_SAVEPOINT", "Need to trigger savepoint %s.", id(savepoint))
		job := s.jobOf(r.space, o, followed.job)
		space, of := r.space, followed.job
		s.running.Go(func() { s.take(space, o, of, savepoint, job) })
		return http.StatusCreated, clone(savepoint)
	})
}

// takeAnnotations takes over the annotations of a request.
func takeAnnotations(savepoint, body object) {
	for key, value := range part(body, "metadata", "annotations") {
		part(savepoint, "metadata", "annotations")[key] = value
	}
}

// take takes a savepoint that somebody has asked for.
func (s *Server) take(sp *space, o, job, savepoint object, of Job) {
	if savepointDirectory(of.Spec) == "" {
		s.locked(func() {
			s.record(sp, o, job, "JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT", "The job is not configured with savepoint support: set state.savepoints.dir.")
			fail(savepoint, "The job is not configured with savepoint support.")
		})
		return
	}
	path, err := s.World.Savepoint(s.live, of)
	s.locked(func() {
		if err != nil {
			s.record(sp, o, job, "TRANSITIONING_TO_FAILED_STATE_BECAUSE_SAVEPOINT_FAILED_IN_FLINK", "Savepoint %s failed: %s", id(savepoint), err)
			fail(savepoint, err.Error())
			return
		}
		s.record(sp, o, job, "SUCCESSFULLY_TRIGGERED_A_SAVEPOINT", "Successfully triggered savepoint %s.", id(savepoint))
		s.record(sp, o, job, "TRANSITIONED_TO_COMPLETED", "Savepoint %s is completed.", id(savepoint))
		complete(savepoint, path)
	})
}

// newSavepoint makes the resource of a savepoint that is being taken. Without a job it
// is one of elsewhere.
func (s *Server) newSavepoint(sp *space, o, job object, origin string) object {
	metadata := object{"namespace": sp.name, "deploymentId": id(o), "origin": origin, "type": "FULL"}
	version := part(o, "metadata", "annotations")[specVersion]
	if job != nil {
		metadata["jobId"] = id(job)
		version = part(job, "metadata", "annotations")[specVersion]
	}
	metadata["annotations"] = object{specVersion: version}
	savepoint := object{
		"kind": "Savepoint", "apiVersion": "v1", "metadata": metadata,
		"spec": object{"flinkSavepointId": uuid.NewString()}, "status": object{"state": savepointStarted},
	}
	stamp(savepoint)
	delete(metadata, "labels")
	sp.savepoints.add(savepoint)
	return savepoint
}

func complete(savepoint object, path string) {
	part(savepoint, "spec")["savepointLocation"] = path
	savepoint["status"] = object{"state": savepointCompleted}
	touch(savepoint)
}

func fail(savepoint object, message string) {
	savepoint["status"] = object{"state": stateFailed, "failure": object{"message": message, "reason": "SavepointFailed", "failedAt": now()}}
	touch(savepoint)
}

// savepointDirectory is where a job puts its savepoints, empty for nowhere.
func savepointDirectory(spec object) string {
	configuration := part(spec, "flinkConfiguration")
	for _, key := range []string{"execution.checkpointing.savepoint-dir", "state.savepoints.dir"} {
		if directory := text(configuration, key); directory != "" {
			return directory
		}
	}
	return ""
}
