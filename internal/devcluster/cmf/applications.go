package cmf

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinkapi"
)

// Kubernetes is where the applications run: in a cluster with the Flink Kubernetes
// Operator, or a stand-in of it. What an application's status says is what the
// operator says.
type Kubernetes struct{ flinkapi.Client }

// LoadKubernetes returns the cluster of a kubeconfig.
func LoadKubernetes(kubeconfig string) (*Kubernetes, error) {
	client, err := flinkapi.Load(kubeconfig)
	return &Kubernetes{client}, err
}

var (
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	events     = schema.GroupVersionResource{Version: "v1", Resource: "events"}
)

// fieldManager is the server's in the cluster.
const fieldManager = "confluent-manager"

// hasNamespace tells whether an environment can be in a namespace. Without a cluster
// it can be in any.
func (k *Kubernetes) hasNamespace(ctx context.Context, name string) bool {
	if k == nil {
		return true
	}
	_, err := k.Objects.Resource(namespaces).Get(ctx, name, metav1.GetOptions{})
	return err == nil
}

// applications serves the applications of the environments.
func (s *Server) applications() {
	const collection = "/environments/{env}/applications"
	at := func(r *http.Request) string { return expand(collection, r) }
	s.handle("GET "+base+collection, func(r *http.Request, _ object) (int, any) {
		if refused := inEnvironment(s, r); refused != nil {
			return refused.code, refused
		}
		s.observeAll(r, at(r))
		for _, stored := range s.objects[at(r)] {
			s.tellSchedule(r, stored)
		}
		return http.StatusOK, s.page(r, at(r), nil)
	})
	s.handle("GET "+base+collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		name := r.PathValue("name")
		if stored := s.objects[at(r)][name]; stored != nil {
			s.observe(r, at(r), name, stored)
		}
		if stored := s.objects[at(r)][name]; stored != nil {
			s.tellSchedule(r, stored)
			return http.StatusOK, shown(stored)
		}
		return http.StatusNotFound, refuse(http.StatusNotFound, "Application '%s' not found.", name)
	})
	s.handle("POST "+base+collection, func(r *http.Request, body object) (int, any) { return s.postApplication(r, at(r), body) })
	s.handle("DELETE "+base+collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		name := r.PathValue("name")
		stored := s.objects[at(r)][name]
		if stored == nil {
			return http.StatusNotModified, nil
		}
		for savepoint := range s.objects[at(r)+"/"+name+"/savepoints"] {
			_ = s.deleteSnapshot(r.Context(), s.namespaceOf(r), savepoint, true)
		}
		delete(s.objects, at(r)+"/"+name+"/savepoints")
		err := s.kubernetes.Objects.Resource(flinkapi.FlinkDeployments).Namespace(s.namespaceOf(r)).Delete(r.Context(), name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return http.StatusInternalServerError, refuse(http.StatusInternalServerError, "%s", err)
		}
		stored[keyDeleting] = true
		if s.from("2.3") {
			return http.StatusNoContent, nil
		}
		return http.StatusOK, nil
	})
	s.instances()
	s.handle("GET /cmf/api/v1alpha1"+collection+"/{name}/events", func(r *http.Request, _ object) (int, any) {
		name := r.PathValue("name")
		if s.objects[at(r)][name] == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Application '%s' not found.", name)
		}
		instance := text(part(s.newest(at(r)+"/"+name+"/instances"), "metadata"), "name")
		s.objects[at(r)+"/"+name+"/events"] = s.eventsOf(r, name, instance)
		return http.StatusOK, s.page(r, at(r)+"/"+name+"/events", nil)
	})
	s.mux.HandleFunc("GET "+base+collection+"/{name}/flink-web-ui/{path...}", s.webUI)
}

// namespaceOf is the Kubernetes namespace of the environment that a request names.
func (s *Server) namespaceOf(r *http.Request) string {
	return text(s.objects["/environments"][r.PathValue("env")], "kubernetesNamespace")
}

// postApplication creates an application or replaces it as a whole, and has the
// operator run it.
func (s *Server) postApplication(r *http.Request, collection string, body object) (int, any) {
	if refused := inEnvironment(s, r); refused != nil {
		return http.StatusBadRequest, refused
	}
	name := text(part(body, "metadata"), "name")
	if body["kind"] != "FlinkApplication" || name == "" {
		return http.StatusBadRequest, refuse(http.StatusBadRequest, "kind and metadata.name: must not be null")
	}
	if refused := s.refuseSchedule(part(body, "spec")); refused != nil {
		return refused.code, refused
	}
	deployment := &unstructured.Unstructured{Object: object{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment",
		"metadata": object{"name": name, "namespace": s.namespaceOf(r)},
		"spec":     s.handedOn(s.merged(r, part(body, "spec"))),
	}}
	for key, value := range part(part(body, "metadata"), "annotations") {
		// They ask the stand-in of the operator for something.
		if strings.HasPrefix(key, "standin.flink/") {
			_ = unstructured.SetNestedField(deployment.Object, value, "metadata", "annotations", key)
		}
	}
	_, err := s.kubernetes.Objects.Resource(flinkapi.FlinkDeployments).Namespace(deployment.GetNamespace()).
		Apply(r.Context(), name, deployment, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
	if err != nil {
		code := http.StatusInternalServerError
		if apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) {
			code = http.StatusUnprocessableEntity
		}
		return code, refuse(code, "%s", err)
	}
	last := s.objects[collection][name]
	stored := object{"apiVersion": "cmf.confluent.io/v1", "kind": "FlinkApplication", "metadata": part(body, "metadata"), "spec": body["spec"]}
	stamp(part(stored, "metadata"), part(last, "metadata"))
	if s.objects[collection] == nil {
		s.objects[collection] = map[string]object{}
	}
	s.objects[collection][name] = stored
	s.instantiate(collection+"/"+name, last, s.merged(r, part(body, "spec")))
	s.observe(r, collection, name, stored)
	return http.StatusCreated, shown(stored)
}

// merged is the specification that an application runs with: what the environment
// says wins, key by key.
func (s *Server) merged(r *http.Request, spec object) object {
	defaults := part(part(s.objects["/environments"][r.PathValue("env")], "flinkApplicationDefaults"), "spec")
	return s.withSchedule(over(spec, defaults), spec, defaults)
}

func over(below, above object) object {
	out := object{}
	for key, value := range below {
		out[key] = value
	}
	for key, value := range above {
		inside, isObject := value.(object)
		if !isObject {
			out[key] = value
			continue
		}
		out[key] = over(part(out, key), inside)
	}
	return out
}

// observe fills in what the operator says of an application, and forgets one that is
// gone.
func (s *Server) observe(r *http.Request, collection, name string, stored object) {
	deployment, err := s.kubernetes.Objects.Resource(flinkapi.FlinkDeployments).Namespace(s.namespaceOf(r)).Get(r.Context(), name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err) && stored[keyDeleting] != nil:
		s.forget(collection, name)
	case err == nil:
		takeStatus(stored, deployment)
	}
}

// observeAll is observe of all applications of an environment, by one list.
func (s *Server) observeAll(r *http.Request, collection string) {
	list, err := s.kubernetes.Objects.Resource(flinkapi.FlinkDeployments).Namespace(s.namespaceOf(r)).List(r.Context(), metav1.ListOptions{})
	if err != nil {
		return
	}
	live := map[string]*unstructured.Unstructured{}
	for i := range list.Items {
		live[list.Items[i].GetName()] = &list.Items[i]
	}
	for name, stored := range s.objects[collection] {
		switch deployment := live[name]; {
		case deployment != nil:
			takeStatus(stored, deployment)
		case stored[keyDeleting] != nil:
			s.forget(collection, name)
		}
	}
}

// forget forgets an application that is gone.
func (s *Server) forget(collection, name string) {
	delete(s.objects[collection], name)
	delete(s.objects, collection+"/"+name+"/instances")
	delete(s.objects, collection+"/"+name+"/events")
}

func takeStatus(stored object, deployment *unstructured.Unstructured) {
	if status, ok := deployment.Object["status"].(object); ok {
		stored["status"] = status
	}
}

// eventsOf are the warnings of the cluster about an application, as if they were all
// about one instance of it.
func (s *Server) eventsOf(r *http.Request, name, instance string) map[string]object {
	list, err := s.kubernetes.Objects.Resource(events).Namespace(s.namespaceOf(r)).List(r.Context(), metav1.ListOptions{FieldSelector: "type=Warning"})
	found := map[string]object{}
	if err != nil {
		return found
	}
	for _, event := range list.Items {
		about, _, _ := unstructured.NestedString(event.Object, "involvedObject", "name")
		if about != name && !strings.HasPrefix(about, name+"-") {
			continue
		}
		message, _, _ := unstructured.NestedString(event.Object, "message")
		reason, _, _ := unstructured.NestedString(event.Object, "reason")
		found[event.GetName()] = object{
			"apiVersion": "cmf.confluent.io/v1alpha1", "kind": "FlinkApplicationEvent",
			"metadata": object{"name": event.GetName(), "uid": string(event.GetUID()), "creationTimestamp": event.GetCreationTimestamp().UTC().Format("2006-01-02T15:04:05Z"), "flinkApplicationInstance": instance},
			"status":   object{"message": reason, "type": "JOB_EXCEPTION", "data": object{"exceptionString": message}},
		}
	}
	return found
}

// webUI hands a request on to the JobManager of an application.
func (s *Server) webUI(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	namespace := s.namespaceOf(r)
	s.mu.Unlock()
	request := s.kubernetes.Raw.Get().AbsPath(fmt.Sprintf("/api/v1/namespaces/%s/services/%s-rest:8081/proxy/%s", namespace, r.PathValue("name"), r.PathValue("path")))
	for name, values := range r.URL.Query() {
		for _, value := range values {
			request = request.Param(name, value)
		}
	}
	var contentType string
	answer := request.Do(r.Context())
	body, err := answer.ContentType(&contentType).Raw()
	if err != nil {
		code := http.StatusBadGateway
		if status := apierrors.APIStatus(nil); errors.As(err, &status) {
			code = int(status.Status().Code)
		}
		write(w, code, refuse(code, "%s", err))
		return
	}
	// A browser is shown pages and scripts as well.
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body)
}
