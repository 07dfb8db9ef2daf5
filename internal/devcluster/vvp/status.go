package vvp

import (
	"net/http"
)

// status serves what the server says of itself.
func (s *Server) status() {
	s.handle("GET "+apiBase+"/status", func(*request) (int, any) { return http.StatusOK, object{"status": "running"} })
	s.handle("GET "+apiBase+"/status/system-info", func(*request) (int, any) {
		return http.StatusOK, object{"kind": "SystemInformation", "apiVersion": "v1", "status": object{
			"jvmVersion": "17.0.16+8",
			"revisionInformation": object{
				"buildVersion": s.Version, "buildTime": "2025-07-11T09:00:00Z", "commitShaShort": "0000000", "commitShaLong": "0000000000000000000000000000000000000000",
			},
			"resourceQuota": object{
				"kind": "ResourceQuota", "apiVersion": "v1", "spec": object{"type": "UNLIMITED"},
				"status": object{"used": object{"cpu": s.usedCPU()}},
			},
		}}
	})
}

// usedCPU is how many cores the jobs that run have.
func (s *Server) usedCPU() float64 {
	used := 0.0
	for _, sp := range s.spaces {
		for _, job := range sp.jobs.all {
			if state(job) != "STARTED" {
				continue
			}
			resources := part(job, "spec", "resources")
			for _, name := range []string{"jobmanager", "taskmanager"} {
				cpu, _ := part(resources, name)["cpu"].(float64)
				used += cpu
			}
		}
	}
	return used
}

// proxy serves Flink's REST interface of the jobs that run, by way of the platform.
func (s *Server) proxy() {
	s.mux.HandleFunc("/flink-ui/v1/namespaces/{ns}/jobs/{job}/{path...}", func(w http.ResponseWriter, r *http.Request) {
		var of Job
		s.locked(func() {
			sp := s.spaces[r.PathValue("ns")]
			if sp == nil {
				return
			}
			job := sp.jobs.find(r.PathValue("job"))
			if is := state(job); is != "STARTED" && is != stateFinished && is != "TERMINATING" {
				return
			}
			if o := sp.deployments.find(text(part(job, "metadata"), "deploymentId")); o != nil {
				of = s.jobOf(sp, o, job)
			}
		})
		if of.ID == "" {
			refuse(http.StatusNotFound, "Job '%s' has no Flink cluster.", r.PathValue("job")).write(w, r)
			return
		}
		s.World.Flink(w, r, of, "/"+r.PathValue("path"))
	})
}
