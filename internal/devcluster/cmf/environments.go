package cmf

import (
	"cmp"
	"net/http"
	"strings"
)

// environments serves the environments: flat objects, which a POST creates or
// replaces.
func (s *Server) environments() {
	const collection = "/environments"
	s.objects[collection] = map[string]object{}
	s.handle("GET "+base+collection, func(r *http.Request, _ object) (int, any) {
		return http.StatusOK, s.page(r, collection, nil)
	})
	s.handle("GET "+base+collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		if found := s.objects[collection][r.PathValue("name")]; found != nil {
			return http.StatusOK, found
		}
		return http.StatusNotFound, refuse(http.StatusNotFound, "Environment '%s' not found.", r.PathValue("name"))
	})
	s.handle("POST "+base+collection, func(r *http.Request, body object) (int, any) {
		name := text(body, "name")
		if name == "" {
			name = text(part(body, "metadata"), "name")
		}
		last := s.objects[collection][name]
		namespace := text(body, "kubernetesNamespace")
		switch {
		case len(name) < 4:
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "name: size must be between 4 and 2147483647")
		case namespace == "" && last == nil:
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "kubernetesNamespace: must not be null")
		case namespace == "":
			namespace = text(last, "kubernetesNamespace")
		case last != nil && namespace != text(last, "kubernetesNamespace"):
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "Environment's kubernetesNamespace cannot be changed from %s to %s because the field is immutable.",
				text(last, "kubernetesNamespace"), namespace)
		}
		if !s.kubernetes.hasNamespace(r.Context(), namespace) {
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "Environment's kubernetesNamespace '%s' does not exist.", namespace)
		}
		stored := object{"name": name, "kubernetesNamespace": namespace, "secrets": object{}}
		if s.from("2.3") {
			cluster := cmp.Or(text(body, "kubernetesClusterName"), text(last, "kubernetesClusterName"), "default-k8s-cluster")
			if is := text(last, "kubernetesClusterName"); is != "" && is != cluster {
				return http.StatusBadRequest, refuse(http.StatusBadRequest, "Environment's kubernetesClusterName cannot be changed from %s to %s because the field is immutable.", is, cluster)
			}
			stored["kubernetesClusterName"] = cluster
		}
		for _, field := range []string{"flinkApplicationDefaults", "computePoolDefaults", "statementDefaults"} {
			if body[field] != nil {
				stored[field] = body[field]
			}
		}
		metadata := object{"name": name, "labels": part(body, "metadata")["labels"], "annotations": part(body, "metadata")["annotations"]}
		stamp(metadata, part(last, "metadata"))
		stored["created_time"], stored["updated_time"] = metadata["creationTimestamp"], metadata["updateTimestamp"]
		if s.from("2.3") {
			delete(metadata, "uid")
			stored["metadata"] = metadata
		}
		s.objects[collection][name] = stored
		if last == nil && !s.from("2.3") {
			return http.StatusCreated, stored
		}
		return http.StatusOK, stored
	})
	s.handle("DELETE "+base+collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		name := r.PathValue("name")
		if s.objects[collection][name] == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Environment '%s' not found.", name)
		}
		delete(s.objects[collection], name)
		delete(s.defined, name)
		for at := range s.objects {
			if strings.HasPrefix(at, collection+"/"+name+"/") {
				delete(s.objects, at)
			}
		}
		if s.from("2.3") {
			return http.StatusNoContent, nil
		}
		return http.StatusOK, nil
	})
}

func splitPath(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }
