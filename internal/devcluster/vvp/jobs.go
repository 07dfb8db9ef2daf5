package vvp

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
)

// history serves what has been: jobs and events. Both stay for ever.
func (s *Server) history() {
	const at = apiBase + "/namespaces/{ns}"
	s.handle("GET "+at+"/jobs", func(r *request) (int, any) { return http.StatusOK, r.space.jobs.list("Job", about(r)) })
	s.handle("GET "+at+"/jobs/{id}", func(r *request) (int, any) {
		if found := r.space.jobs.find(r.PathValue("id")); found != nil {
			return http.StatusOK, found
		}
		return refuse(http.StatusNotFound, "Job '%s' not found in namespace '%s'.", r.PathValue("id"), r.space.name).answer()
	})
	s.handle("GET "+at+"/events", func(r *request) (int, any) { return http.StatusOK, r.space.eventsOfJobs.list("Event", about(r)) })
}

// about is the filter of what is about one deployment or one job.
func about(r *request) func(object) bool {
	query := r.URL.Query()
	return func(o object) bool {
		for _, field := range []string{"deploymentId", "jobId"} {
			if want := query.Get(field); want != "" && text(part(o, "metadata"), field) != want {
				return false
			}
		}
		return true
	}
}

// newJob makes the Job resource of a deployment's next run, or says why there can be none.
func (s *Server) newJob(sp *space, o, spec object) (object, error) {
	frozen := clone(part(spec, "template", "spec"))
	if _, err := s.withSecrets(sp, frozen); err != nil {
		return nil, err
	}
	namespace, err := sp.kubernetesNamespace(spec)
	if err != nil {
		return nil, err
	}
	frozen["deploymentTarget"] = object{"kubernetes": object{"namespace": namespace}}
	if name := text(spec, "sessionClusterName"); name != "" {
		if cluster := sp.sessions.find(name); state(cluster) != stateRunning {
			return nil, fmt.Errorf("session cluster '%s' is not %s", name, stateRunning)
		}
		frozen["sessionClusterName"] = name
	}
	strategy := part(spec, "restoreStrategy")
	if savepoint := sp.latest(id(o), text(strategy, "kind")); savepoint != nil {
		frozen["savepointLocation"] = text(part(savepoint, "spec"), "savepointLocation")
	}
	frozen["allowNonRestoredState"] = strategy["allowNonRestoredState"] == true
	job := object{"kind": "Job", "apiVersion": "v1", "spec": frozen, "status": object{"state": "STARTING"}, "metadata": object{
		"namespace": sp.name, "deploymentId": id(o), "deploymentName": nameOf(o),
		"annotations": object{specVersion: part(o, "metadata", "annotations")[specVersion]},
	}}
	stamp(job)
	sp.jobs.add(job)
	return job, nil
}

// latest is the savepoint that a restore strategy begins with, nil for none.
func (sp *space) latest(deployment, strategy string) object {
	for i := len(sp.savepoints.all) - 1; i >= 0; i-- {
		savepoint := sp.savepoints.all[i]
		metadata := part(savepoint, "metadata")
		switch {
		case text(metadata, "deploymentId") != deployment || state(savepoint) != savepointCompleted:
		case strategy == latestState, strategy == latestSavepoint && text(metadata, "origin") != originRetained:
			return savepoint
		}
	}
	return nil
}

// kubernetesNamespace is where a deployment or session cluster runs.
func (sp *space) kubernetesNamespace(spec object) (string, error) {
	if name := text(spec, "sessionClusterName"); name != "" {
		cluster := sp.sessions.find(name)
		if cluster == nil {
			return "", fmt.Errorf("session cluster '%s' does not exist", name)
		}
		spec = part(cluster, "spec")
	}
	name := text(spec, "deploymentTargetName")
	if name == "" {
		name = text(spec, "deploymentTargetId")
	}
	target := sp.targets.find(name)
	if target == nil {
		return "", fmt.Errorf("%w: '%s'", errNoTarget, name)
	}
	return text(part(target, "spec", "kubernetes"), "namespace"), nil
}

// jobOf is a job for the world that runs it.
func (s *Server) jobOf(sp *space, o, job object) Job {
	spec := clone(part(job, "spec"))
	out := Job{
		ID: id(job), Deployment: nameOf(o), Namespace: text(part(spec, "deploymentTarget", "kubernetes"), "namespace"),
		Annotations: clone(part(o, "metadata", "annotations")), Savepoint: text(spec, "savepointLocation"),
		AllowNonRestoredState: spec["allowNonRestoredState"] == true,
	}
	if name := text(spec, "sessionClusterName"); name != "" {
		out.Cluster, out.ClusterName = id(sp.sessions.find(name)), name
	}
	// A secret that has gone since leaves its reference.
	out.Spec, _ = s.withSecrets(sp, spec)
	return out
}

var (
	secretReference = regexp.MustCompile(`\$\{([-_0-9a-zA-Z]+)\}`)
	errNoSecret     = errors.New("secret value does not exist")
)

// withSecrets has the values of secrets where a specification refers to them.
func (s *Server) withSecrets(sp *space, spec object) (object, error) {
	var missing error
	resolve := func(o object, field string) {
		value, ok := o[field].(string)
		if !ok {
			return
		}
		o[field] = secretReference.ReplaceAllStringFunc(value, func(reference string) string {
			name := reference[2 : len(reference)-1]
			secret := sp.secrets.find(name)
			if secret == nil {
				missing = fmt.Errorf("%w: '%s', to which %s refers", errNoSecret, name, field)
				return reference
			}
			return text(part(secret, "spec"), "value")
		})
	}
	out := clone(spec)
	for key := range part(out, "flinkConfiguration") {
		resolve(part(out, "flinkConfiguration"), key)
	}
	resolve(part(out, "artifact"), "jarUri")
	return out, missing
}

// ended tells whether a job has come to an end by itself.
func ended(job object) bool { return state(job) == stateFailed || state(job) == stateFinished }

// terminated shows that a job has ended.
func (s *Server) terminated(job object, state string) {
	part(job, "status")["state"] = state
	part(job, "metadata")["terminatedAt"] = now()
	touch(job)
}

// failed shows that a job has failed, and why.
func (s *Server) failed(job object, reason, message string) {
	status := part(job, "status")
	status["failure"] = object{"message": message, "reason": reason, "failedAt": now()}
	s.terminated(job, stateFailed)
}
