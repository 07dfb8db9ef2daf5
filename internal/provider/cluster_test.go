package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// memoryCluster is an API server in memory with an operator that has every job
// run at once. It knows neither schemas nor field managers.
type memoryCluster struct {
	*httptest.Server

	mu      sync.Mutex
	changed *sync.Cond
	version int
	objects map[string]map[string]any
	events  []memoryEvent
	// written are the paths that were written, in order.
	written []string
}

// memoryKinds are the kinds of objects that tests put there.
var memoryKinds = map[string]string{"namespaces": "Namespace", "flinkdeployments": "FlinkDeployment", "flinksessionjobs": "FlinkSessionJob"}

type memoryEvent struct {
	version int
	kind    string
	path    string
	object  map[string]any
}

func newMemoryCluster(t *testing.T) *memoryCluster {
	t.Helper()
	c := &memoryCluster{objects: map[string]map[string]any{}}
	c.changed = sync.NewCond(&c.mu)
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(func() {
		c.CloseClientConnections()
		c.Close()
	})
	return c
}

// put stores an object at the path of the API.
func (c *memoryCluster) put(path string, object map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store(path, object)
}

// wrote returns what was written since the last call.
func (c *memoryCluster) wrote() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.written
	c.written = nil
	return out
}

func (c *memoryCluster) store(path string, object map[string]any) map[string]any {
	c.version++
	live := c.objects[path]
	metadata, _ := object["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
		object["metadata"] = metadata
	}
	parts := strings.Split(path, "/")
	metadata["name"], metadata["resourceVersion"] = parts[len(parts)-1], fmt.Sprint(c.version)
	if len(parts) > 3 && parts[len(parts)-4] == "namespaces" {
		metadata["namespace"] = parts[len(parts)-3]
	}
	generation, kind := int64(1), "ADDED"
	metadata["uid"], metadata["creationTimestamp"] = fmt.Sprintf("uid-%d", c.version), "2026-01-01T00:00:00Z"
	if live != nil {
		before, _ := live["metadata"].(map[string]any)
		metadata["uid"], kind = before["uid"], "MODIFIED"
		generation = int64(c.version)
	}
	metadata["generation"] = generation
	metadata["managedFields"] = []any{map[string]any{
		"manager": kube.FieldManager, "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": map[string]any{},
	}}
	if object["kind"] == nil {
		object["apiVersion"], object["kind"] = "flink.apache.org/v1beta1", memoryKinds[parts[len(parts)-2]]
	}
	c.operate(parts[len(parts)-2], object, generation)
	c.objects[path] = object
	c.events = append(c.events, memoryEvent{c.version, kind, path, object})
	c.changed.Broadcast()
	return object
}

// operate writes the status that an operator comes to.
func (c *memoryCluster) operate(plural string, object map[string]any, generation int64) {
	spec, _ := object["spec"].(map[string]any)
	job, _ := spec["job"].(map[string]any)
	switch plural {
	case "flinkstatesnapshots":
		object["status"] = map[string]any{"state": "COMPLETED", "path": "s3://sp/savepoint-1"}
	case "flinkdeployments", "flinksessionjobs":
		state, lifecycle := "RUNNING", "STABLE"
		if job["state"] == "suspended" {
			state, lifecycle = "FINISHED", "SUSPENDED"
		}
		object["status"] = map[string]any{
			"lifecycleState": lifecycle, "jobManagerDeploymentStatus": "READY", "observedGeneration": generation,
			"jobStatus":            map[string]any{"state": state, "jobId": "0123", "startTime": "1", "upgradeSavepointPath": "s3://sp/savepoint-0"},
			"reconciliationStatus": map[string]any{"state": "DEPLOYED", "lastReconciledSpec": "{}", "lastStableSpec": "{}"},
		}
	}
}

func (c *memoryCluster) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	path := strings.TrimPrefix(r.URL.Path, "/")
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := func(code int, body any) {
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(body)
	}
	failed := func(code int, reason string) {
		answer(code, map[string]any{
			"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": reason,
			"details": map[string]any{"name": path[strings.LastIndex(path, "/")+1:]},
		})
	}
	switch r.Method {
	case http.MethodGet:
		if r.URL.Query().Get("watch") != "" {
			c.watch(w, r, path)
			return
		}
		if object, ok := c.objects[path]; ok {
			answer(http.StatusOK, object)
			return
		}
		if isCollection(path) {
			answer(http.StatusOK, c.list(path))
			return
		}
		failed(http.StatusNotFound, "NotFound")
	case http.MethodPatch:
		var patch map[string]any
		if json.NewDecoder(r.Body).Decode(&patch) != nil {
			failed(http.StatusBadRequest, "BadRequest")
			return
		}
		live := c.objects[path]
		next := patch
		metadata, _ := patch["metadata"].(map[string]any)
		if uid, ok := metadata["uid"]; ok {
			if before, _ := live["metadata"].(map[string]any); before["uid"] != uid {
				failed(http.StatusConflict, "Precondition failed: UID in precondition")
				return
			}
		}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/merge-patch") {
			if live == nil {
				failed(http.StatusNotFound, "NotFound")
				return
			}
			next = merged(live, patch)
		}
		if r.URL.Query().Get("dryRun") != "" {
			answer(http.StatusOK, next)
			return
		}
		c.written = append(c.written, path)
		answer(http.StatusOK, c.store(path, next))
	case http.MethodDelete:
		object, ok := c.objects[path]
		if !ok {
			failed(http.StatusNotFound, "NotFound")
			return
		}
		c.written = append(c.written, path)
		c.version++
		delete(c.objects, path)
		c.events = append(c.events, memoryEvent{c.version, "DELETED", path, object})
		c.changed.Broadcast()
		answer(http.StatusOK, object)
	default:
		failed(http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

// isCollection tells a path of all objects of a kind from one of an object: after
// the version and the namespace, it has one part.
func isCollection(path string) bool {
	parts := strings.Split(path, "/")
	rest := parts[2:]
	if parts[0] == "apis" {
		rest = parts[3:]
	}
	if len(rest) > 2 && rest[0] == "namespaces" {
		rest = rest[2:]
	}
	return len(rest) == 1
}

func (c *memoryCluster) list(path string) map[string]any {
	items := []any{}
	for _, at := range slices.Sorted(maps.Keys(c.objects)) {
		if strings.HasPrefix(at, path+"/") {
			items = append(items, c.objects[at])
		}
	}
	return map[string]any{"kind": "List", "apiVersion": "v1", "metadata": map[string]any{"resourceVersion": fmt.Sprint(c.version)}, "items": items}
}

// watch sends what happens to objects of a collection, until the request ends.
func (c *memoryCluster) watch(w http.ResponseWriter, r *http.Request, path string) {
	var since int
	_, _ = fmt.Sscan(r.URL.Query().Get("resourceVersion"), &since)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
		c.changed.Broadcast()
	}()
	w.WriteHeader(http.StatusOK)
	flush := func() {
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
	}
	flush()
	for sent := 0; r.Context().Err() == nil; {
		for ; sent < len(c.events); sent++ {
			if e := c.events[sent]; e.version > since && strings.HasPrefix(e.path, path+"/") {
				_ = json.NewEncoder(w).Encode(map[string]any{"type": e.kind, "object": e.object})
			}
		}
		flush()
		c.changed.Wait()
	}
}

// merged returns an object with a merge patch on it.
func merged(live, patch map[string]any) map[string]any {
	out := maps.Clone(live)
	for key, value := range patch {
		part, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(out, key)
		case isObject:
			before, _ := out[key].(map[string]any)
			if before == nil {
				before = map[string]any{}
			}
			out[key] = merged(before, part)
		default:
			out[key] = value
		}
	}
	return out
}
