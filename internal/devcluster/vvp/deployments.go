package vvp

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// deployments are the jobs that are to run.
func deployments() kind {
	return kind{
		name: "Deployment", collection: "deployments", names: strictNames, patches: true,
		shelf:    func(sp *space) *shelf { return &sp.deployments },
		complete: func(s *Server, sp *space, spec object) object { return s.expanded(sp, spec) },
		valid:    validDeployment,
		status:   func() object { return object{"state": stateCancelled} },
		protected: func(s *Server, _ *space, o object) *refusal {
			if s.from("3.0") && managed(o) {
				return refuse(http.StatusForbidden, "Deployment '%s' is managed by the Kubernetes operator and write-protected in the API.", nameOf(o))
			}
			return nil
		},
		used: func(_ *Server, _ *space, o object) *refusal {
			if is := state(o); is != stateCancelled {
				return refuse(http.StatusConflict, "Deployment '%s' cannot be deleted in state %s: it has to be %s.", nameOf(o), is, stateCancelled)
			}
			return nil
		},
		written: func(s *Server, sp *space, o object, fresh, changed bool) {
			if changed {
				annotations := part(o, "metadata", "annotations")
				version, _ := strconv.Atoi(text(annotations, specVersion))
				annotations[specVersion] = strconv.Itoa(version + 1)
			}
			if fresh {
				s.follow(sp, o, &deployment{})
				return
			}
			followed := sp.runs[id(o)]
			if text(part(o, "spec"), "state") == stateCancelled {
				followed.interrupt()
			}
			s.annotate(sp, o, followed)
			followed.awaken()
		},
		gone:    func(sp *space, o object) { sp.forget(o) },
		matches: withLabels,
	}
}

// annotate tells the world of the annotations of a deployment that has a job.
func (s *Server) annotate(sp *space, o object, followed *run) {
	by, _ := followed.follower.(*deployment)
	if by == nil || by.job == nil || ended(by.job) {
		return
	}
	job := s.jobOf(sp, o, by.job)
	// A job that is not there yet, or no more, is none of theirs.
	s.running.Go(func() { _ = s.World.Annotate(s.live, job) })
}

// managed tells whether the platform's own operator has made a deployment.
func managed(o object) bool {
	return text(part(o, "metadata", "annotations"), annotationManaged) == "true"
}

// withLabels is the filter of a labelSelector: pairs key=value, or keys that have to be
// there, with commas between.
func withLabels(r *request) func(object) bool {
	selector := r.URL.Query().Get("labelSelector")
	if selector == "" {
		return nil
	}
	return func(o object) bool {
		labels := part(o, "metadata", "labels")
		return !slices.ContainsFunc(strings.Split(selector, ","), func(one string) bool {
			key, want, exact := strings.Cut(strings.TrimSpace(one), "=")
			is, there := labels[key]
			return !there || exact && is != strings.TrimPrefix(want, "=")
		})
	}
}

// wrapped serves deployments together with the custom resource, where the platform's
// own operator has made them from one.
func (s *Server) wrapped() {
	const at = apiBase + "/namespaces/{ns}/deployments/with-cr"
	wrap := func(o object) object {
		out := object{"deployment": o}
		if managed(o) {
			out["customResource"] = object{
				"apiVersion": "ververica.platform/v1", "kind": "VvpDeployment",
				"metadata": object{"name": nameOf(o), "namespace": platformNamespace},
			}
		}
		return out
	}
	s.handle("GET "+at, func(r *request) (int, any) {
		list := r.space.deployments.list("Deployment", withLabels(r))
		items, _ := list["items"].([]any)
		for i := range items {
			o, _ := items[i].(object)
			items[i] = wrap(o)
		}
		return http.StatusOK, list
	})
	s.handle("GET "+at+"/{name}", func(r *request) (int, any) {
		found := r.space.deployments.find(r.PathValue("name"))
		if found == nil {
			return refuse(http.StatusNotFound, "Deployment '%s' not found in namespace '%s'.", r.PathValue("name"), r.space.name).answer()
		}
		return http.StatusOK, wrap(found)
	})
	// Who deletes the custom resource does that in Kubernetes, and not here.
	s.handle("DELETE /standin/namespaces/{ns}/custom-resources/{name}", func(r *request) (int, any) {
		found := r.space.deployments.find(r.PathValue("name"))
		if found == nil {
			return http.StatusNotFound, nil
		}
		delete(part(found, "metadata", "annotations"), annotationManaged)
		return http.StatusOK, found
	})
}
