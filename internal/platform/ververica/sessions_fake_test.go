package ververica

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// hall is a server with one session cluster, "shared" in the namespace "prod", that follows its
// desired state by one step a look. An image with the tag "nope" does not start. It refuses what
// the platform refuses.
type hall struct {
	t  *testing.T
	mu sync.Mutex
	// cluster is nil for none, and jobs are the deployments of the namespace.
	cluster object
	jobs    []object
	// history are the states that were written, with the tag of the image.
	history []string
	// loses is how many answers to a PUT are lost from now on.
	loses int
	// stuck keeps the cluster in its state.
	stuck bool
}

// client starts the server and returns a client of it.
func (h *hall) client() *Client {
	h.t.Helper()
	server := httptest.NewServer(h)
	h.t.Cleanup(server.Close)
	config := Config{}
	config.Endpoint = server.URL
	client, err := Connect(config, func(string) string { return "" }, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return client
}

func (h *hall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	code, answer := h.answer(r)
	if r.Method == http.MethodPut && h.loses > 0 {
		h.loses--
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			connection.Close()
		}
		return
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}

func (h *hall) answer(r *http.Request) (int, any) {
	const inProd = "/api/v1/namespaces/prod/"
	switch path, one := strings.CutPrefix(r.URL.Path, inProd+sessionClusters); {
	case r.URL.Path == "/api/v1/status/system-info":
		return 200, object{"status": object{"revisionInformation": object{"buildVersion": "2.15.1"}}}
	case r.URL.Path == inProd+targets:
		return 200, object{"items": []object{{"metadata": object{"name": "prod"}}}}
	case r.URL.Path == inProd+deployments:
		return 200, object{"items": h.jobs}
	case one && path == "" && r.Method == http.MethodPost:
		if h.cluster != nil {
			return 409, object{"message": "it exists already"}
		}
		return h.write(r, 201)
	case !one || h.cluster == nil:
		return 404, object{"message": "not found"}
	case r.Method == http.MethodPut:
		return h.write(r, 200)
	case r.Method == http.MethodDelete:
		if text(h.cluster, "status", "state") != "STOPPED" || len(h.jobs) > 0 {
			return 409, object{"message": "it cannot be deleted"}
		}
		h.cluster, h.history = nil, append(h.history, "deleted")
		return 200, object{}
	case path == "":
		return 200, object{"items": []object{h.cluster}}
	}
	seen := h.copy(h.cluster)
	h.step()
	return 200, seen
}

// write stores what was sent.
func (h *hall) write(r *http.Request, code int) (int, any) {
	next := object{}
	if err := json.NewDecoder(r.Body).Decode(&next); err != nil {
		h.t.Error(err)
	}
	status := object{"state": "STOPPED"}
	if h.cluster != nil {
		status = part(h.cluster, "status")
		before, after := h.copy(part(h.cluster, "spec")), h.copy(part(next, "spec"))
		for _, spec := range []object{before, after} {
			delete(spec, "state")
			delete(spec, "numberOfTaskManagers")
		}
		if same, err := json.Marshal(before); status["state"] != "STOPPED" && (err != nil || string(same) != h.text(after)) {
			return 409, object{"message": "only the state and the number of TaskManagers can be changed"}
		}
	}
	metadata := part(next, "metadata")
	metadata["id"], metadata["resourceVersion"] = "cluster-1", 1
	h.cluster = object{"kind": "SessionCluster", "metadata": metadata, "spec": next["spec"], "status": status}
	h.history = append(h.history, text(next, "spec", "state")+" "+text(next, "spec", "flinkImageTag"))
	return code, h.copy(h.cluster)
}

// step brings the cluster one step to where it shall be.
func (h *hall) step() {
	if h.stuck {
		return
	}
	is := text(h.cluster, "status", "state")
	next := map[string]string{"STOPPED": "STARTING", "STARTING": "RUNNING", "FAILED": "FAILED"}[is]
	if text(h.cluster, "spec", "state") == "STOPPED" {
		next = map[string]string{"RUNNING": "STOPPING", "STARTING": "STOPPING", "FAILED": "STOPPING", "STOPPING": "STOPPED"}[is]
	}
	switch {
	case next == "":
	case next == "RUNNING" && text(h.cluster, "spec", "flinkImageTag") == "nope":
		h.cluster["status"] = object{"state": "FAILED", "failure": object{"message": "no such image, s3cret"}}
	default:
		h.cluster["status"] = object{"state": next}
	}
}

func (h *hall) text(of object) string {
	said, err := json.Marshal(of)
	if err != nil {
		h.t.Error(err)
	}
	return string(said)
}

func (h *hall) copy(of object) object {
	out := object{}
	if err := json.Unmarshal([]byte(h.text(of)), &out); err != nil {
		h.t.Error(err)
	}
	return out
}

// wrote are the states that were written since the last call.
func (h *hall) wrote() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := strings.Join(h.history, ", ")
	h.history = nil
	return out
}

// set changes something about the server.
func (h *hall) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// onShared is a deployment in session mode in a state.
func onShared(name, state string) object {
	return object{"metadata": object{"name": name}, "spec": object{"sessionClusterName": "shared", "state": "RUNNING"}, "status": object{"state": state}}
}

var sharedRef = platform.Ref{Namespace: "prod", Name: "shared"}

// sharedSpec is a specification of the session cluster with an image of this tag.
func sharedSpec(tag string, taskManagers int64) flink.DeploymentSpec {
	return flink.DeploymentSpec{
		Image: new("registry.example.com/flink:" + tag), FlinkVersion: new("v1_20"),
		FlinkConfiguration: flink.Configuration{"taskmanager.numberOfTaskSlots": new("4"), "s3.secret-key": new("s3cret")},
		JobManager:         &flink.JobManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("1g")}},
		TaskManager:        &flink.TaskManager{Replicas: new(taskManagers), Resource: &flink.Resource{CPU: new(1.0), Memory: new("2g")}},
	}
}
