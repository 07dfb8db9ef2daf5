package cmf

import (
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/google/uuid"
)

// instances serves the instances of an application: one for each specification that
// it has run with, where alone the settings of its environment are in.
func (s *Server) instances() {
	const application = "/environments/{env}/applications/{name}"
	serve := func(pattern string, answer func(r *http.Request, at string) (int, any)) {
		s.handle("GET "+base+application+pattern, func(r *http.Request, _ object) (int, any) {
			collection, name := expand("/environments/{env}/applications", r), r.PathValue("name")
			if stored := s.objects[collection][name]; stored != nil {
				s.observe(r, collection, name, stored)
				s.settle(collection+"/"+name, stored)
			}
			if s.objects[collection][name] == nil {
				return http.StatusNotFound, refuse(http.StatusNotFound, "Application '%s' not found.", name)
			}
			return answer(r, collection+"/"+name+"/instances")
		})
	}
	serve("/instances", func(r *http.Request, at string) (int, any) { return http.StatusOK, s.page(r, at, nil) })
	serve("/instances/{instance}", func(r *http.Request, at string) (int, any) {
		if found := s.objects[at][r.PathValue("instance")]; found != nil {
			return http.StatusOK, found
		}
		return http.StatusNotFound, refuse(http.StatusNotFound, "FlinkApplicationInstance '%s' not found.", r.PathValue("instance"))
	})
}

// instantiate gives an application a new instance where it runs with another
// specification than the one before, whose job is known no longer.
func (s *Server) instantiate(application string, last, merged object) {
	at := application + "/instances"
	if newest := s.newest(at); newest != nil {
		if reflect.DeepEqual(part(newest, "status")["spec"], merged) {
			return
		}
		s.settle(application, last)
	}
	// Names of this version sort by when they were made.
	name := uuid.Must(uuid.NewV7()).String()
	metadata := object{"name": name}
	stamp(metadata, nil)
	metadata["uid"] = name
	if s.objects[at] == nil {
		s.objects[at] = map[string]object{}
	}
	s.objects[at][name] = object{
		"apiVersion": "cmf.confluent.io/v1", "kind": "FlinkApplicationInstance",
		"metadata": metadata, "status": object{"spec": merged},
	}
}

// newest is the instance that an application runs as, nil before the first.
func (s *Server) newest(at string) object {
	names := slices.Collect(maps.Keys(s.objects[at]))
	if len(names) == 0 {
		return nil
	}
	return s.objects[at][slices.Max(names)]
}

// settle fills in the job of the newest instance of an application.
func (s *Server) settle(application string, stored object) {
	newest := s.newest(application + "/instances")
	job := part(part(stored, "status"), "jobStatus")
	if newest == nil || len(job) == 0 {
		return
	}
	part(newest, "status")["jobStatus"] = object{"jobId": job["jobId"], "state": job["state"]}
}
