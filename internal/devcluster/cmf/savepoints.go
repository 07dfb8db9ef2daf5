package cmf

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinkapi"
)

// savepoints serves the savepoints of applications, which the operator takes, and
// those that are detached. What the server does with those of an application that is
// deleted is not documented: here the worst, their files go.
func (s *Server) savepoints() {
	const collection = "/environments/{env}/applications/{app}/savepoints"
	const detached = "/detached-savepoints"
	at := func(r *http.Request) string { return expand(collection, r) }
	s.handle("GET "+base+collection, func(r *http.Request, _ object) (int, any) {
		if application := r.PathValue("app"); s.objects[expand("/environments/{env}/applications", r)][application] == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Application '%s' not found.", application)
		}
		for name, stored := range s.objects[at(r)] {
			s.observeSavepoint(r, name, stored)
		}
		return http.StatusOK, s.page(r, at(r), nil)
	})
	s.handle("GET "+base+collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		stored := s.objects[at(r)][r.PathValue("name")]
		if stored == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Savepoint '%s' not found.", r.PathValue("name"))
		}
		s.observeSavepoint(r, r.PathValue("name"), stored)
		return http.StatusOK, stored
	})
	s.handle("POST "+base+collection, func(r *http.Request, body object) (int, any) {
		// A name is made where none is given.
		metadata, application := part(body, "metadata"), r.PathValue("app")
		if text(metadata, "name") == "" {
			metadata["name"] = application + "-" + uuid.NewString()
		}
		body["metadata"] = metadata
		name := text(metadata, "name")
		switch {
		case s.objects[expand("/environments/{env}/applications", r)][application] == nil:
			return http.StatusNotFound, refuse(http.StatusNotFound, "Application '%s' not found.", application)
		case body["kind"] != "Savepoint":
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "kind: must be Savepoint")
		case s.objects[at(r)][name] != nil:
			return http.StatusUnprocessableEntity, refuse(http.StatusUnprocessableEntity, "Savepoint '%s' already exists.", name)
		}
		spec := part(body, "spec")
		savepoint := object{"disposeOnDelete": true, "formatType": text(spec, "formatType")}
		if path := text(spec, "path"); path != "" {
			savepoint["path"] = path
		}
		snapshot := &unstructured.Unstructured{Object: object{
			"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkStateSnapshot",
			"metadata": object{"name": name, "namespace": s.namespaceOf(r)},
			"spec": object{
				"jobReference": object{"kind": "FlinkDeployment", "name": application},
				"savepoint":    savepoint, "backoffLimit": int64(0),
			},
		}}
		if _, err := s.kubernetes.Objects.Resource(flinkapi.FlinkStateSnapshots).Namespace(s.namespaceOf(r)).Create(r.Context(), snapshot, metav1.CreateOptions{FieldManager: fieldManager}); err != nil {
			return http.StatusInternalServerError, refuse(http.StatusInternalServerError, "%s", err)
		}
		stored := object{"apiVersion": "cmf.confluent.io/v1", "kind": "Savepoint", "metadata": part(body, "metadata"), "spec": spec, "status": s.savepointStatus(nil)}
		stamp(part(stored, "metadata"), nil)
		if s.objects[at(r)] == nil {
			s.objects[at(r)] = map[string]object{}
		}
		s.objects[at(r)][name] = stored
		return http.StatusCreated, stored
	})
	s.handle("POST "+base+collection+"/{name}/detach", func(r *http.Request, _ object) (int, any) {
		name := r.PathValue("name")
		stored := s.objects[at(r)][name]
		if stored == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Savepoint '%s' not found.", name)
		}
		if refused := s.staysAttached(stored, name); refused != nil {
			return refused.code, refused
		}
		if err := s.deleteSnapshot(r.Context(), s.namespaceOf(r), name, false); err != nil {
			return http.StatusInternalServerError, refuse(http.StatusInternalServerError, "%s", err)
		}
		delete(s.objects[at(r)], name)
		if s.objects[detached] == nil {
			s.objects[detached] = map[string]object{}
		}
		s.objects[detached][name] = stored
		return http.StatusOK, stored
	})
	s.handle("DELETE "+base+collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		name := r.PathValue("name")
		if s.objects[at(r)][name] == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Savepoint '%s' not found.", name)
		}
		if err := s.deleteSnapshot(r.Context(), s.namespaceOf(r), name, true); err != nil {
			return http.StatusInternalServerError, refuse(http.StatusInternalServerError, "%s", err)
		}
		delete(s.objects[at(r)], name)
		return http.StatusNoContent, nil
	})
	if s.from("2.4") {
		s.pins(collection)
	}
	s.foreignSavepoints(detached)
	s.handle("GET "+base+detached, func(r *http.Request, _ object) (int, any) {
		return http.StatusOK, s.page(r, detached, namedLike(r.URL.Query().Get("name")))
	})
	s.handle("GET "+base+detached+"/{name}", func(r *http.Request, _ object) (int, any) {
		if stored := s.objects[detached][r.PathValue("name")]; stored != nil {
			return http.StatusOK, stored
		}
		return http.StatusNotFound, refuse(http.StatusNotFound, "Detached Savepoint '%s' not found.", r.PathValue("name"))
	})
	s.handle("DELETE "+base+detached+"/{name}", func(r *http.Request, _ object) (int, any) {
		name := r.PathValue("name")
		if s.objects[detached][name] == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Detached Savepoint '%s' not found.", name)
		}
		delete(s.objects[detached], name)
		return http.StatusNoContent, nil
	})
}

// observeSavepoint fills in what the operator says of a savepoint.
func (s *Server) observeSavepoint(r *http.Request, name string, stored object) {
	snapshot, err := s.kubernetes.Objects.Resource(flinkapi.FlinkStateSnapshots).Namespace(s.namespaceOf(r)).Get(r.Context(), name, metav1.GetOptions{})
	if err != nil {
		return
	}
	is, _ := snapshot.Object["status"].(object)
	stored["status"] = s.savepointStatus(is)
}

// savepointStatus is what the server tells of a savepoint, of which the operator says
// something.
func (s *Server) savepointStatus(is object) object {
	status := object{"state": "TRIGGER_PENDING"}
	if s.from("2.4") {
		status["source"] = sourceManual
	}
	for _, field := range []string{"state", "path", "error", "failures"} {
		if is[field] != nil && is[field] != "" {
			status[field] = is[field]
		}
	}
	return status
}

// deleteSnapshot deletes the operator's object of a savepoint, with its files or
// without.
func (s *Server) deleteSnapshot(ctx context.Context, namespace, name string, dispose bool) error {
	snapshots := s.kubernetes.Objects.Resource(flinkapi.FlinkStateSnapshots).Namespace(namespace)
	if !dispose {
		if _, err := snapshots.Patch(ctx, name, types.MergePatchType, []byte(`{"spec":{"savepoint":{"disposeOnDelete":false}}}`), metav1.PatchOptions{FieldManager: fieldManager}); err != nil {
			return err
		}
	}
	err := snapshots.Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
