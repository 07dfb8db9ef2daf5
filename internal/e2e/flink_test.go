//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"testing"

	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// jobManager is the REST interface of a job's JobManager, through the
// apiserver's service proxy.
type jobManager struct {
	t       *testing.T
	client  rest.Interface
	service string
}

func newJobManager(t *testing.T, namespace, deployment string) *jobManager {
	t.Helper()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.UnversionedRESTClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	return &jobManager{t: t, client: client, service: fmt.Sprintf("/api/v1/namespaces/%s/services/%s-rest:8081/proxy", namespace, deployment)}
}

func (j *jobManager) get(path string, into any) {
	j.t.Helper()
	body, err := j.client.Get().AbsPath(j.service + path).DoRaw(j.t.Context())
	if err != nil {
		j.t.Fatalf("%s: %s", path, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		j.t.Fatalf("%s answers %s: %s", path, body, err)
	}
}

// job is a job as the JobManager knows it.
type job struct {
	ID           string
	State        string
	Parallelism  int
	RestoredFrom string
}

// job returns the one job of the cluster.
func (j *jobManager) job() job {
	j.t.Helper()
	jobs := j.jobs()
	if len(jobs) != 1 {
		j.t.Fatalf("the cluster has %d jobs, want 1", len(jobs))
	}
	for _, only := range jobs {
		return only
	}
	return job{}
}

// jobs returns the jobs that the cluster knows, by their ids.
func (j *jobManager) jobs() map[string]job {
	j.t.Helper()
	var overview struct {
		Jobs []struct {
			ID    string `json:"jid"`
			State string `json:"state"`
		} `json:"jobs"`
	}
	j.get("/jobs/overview", &overview)
	jobs := map[string]job{}
	for _, known := range overview.Jobs {
		jobs[known.ID] = j.details(job{ID: known.ID, State: known.State})
	}
	return jobs
}

// details fills in what the overview does not have.
func (j *jobManager) details(found job) job {
	j.t.Helper()
	var checkpoints struct {
		Latest struct {
			Restored *struct {
				Path string `json:"external_path"`
			} `json:"restored"`
		} `json:"latest"`
	}
	j.get("/jobs/"+found.ID+"/checkpoints", &checkpoints)
	if restored := checkpoints.Latest.Restored; restored != nil {
		found.RestoredFrom = restored.Path
	}
	var details struct {
		Vertices []struct {
			Parallelism int `json:"parallelism"`
		} `json:"vertices"`
	}
	j.get("/jobs/"+found.ID, &details)
	for _, vertex := range details.Vertices {
		found.Parallelism = max(found.Parallelism, vertex.Parallelism)
	}
	return found
}
