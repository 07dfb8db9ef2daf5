//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// flink is the image and the version of Flink that the jobs run, unless a test
// chooses: the newest 1.x of the node's images that the operator takes.
var flink struct{ image, version string }

// flinks are the versions of all images of the node that the operator takes, the
// oldest first.
var flinks []string

func TestMain(m *testing.M) {
	if err := chooseFlink(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "Which Flink the operator takes could not be found out:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// chooseFlink sets flink by the versions that the operator's CRD allows.
func chooseFlink(ctx context.Context) error {
	client, err := cluster()
	if err != nil {
		return err
	}
	body, err := client.Get().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/flinkdeployments.flink.apache.org").DoRaw(ctx)
	if err != nil {
		return err
	}
	var definition unstructured.Unstructured
	if err := json.Unmarshal(body, &definition); err != nil {
		return err
	}
	served, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	for _, version := range served {
		schema, _ := version.(map[string]any)
		allowed, _, _ := unstructured.NestedStringSlice(schema,
			"schema", "openAPIV3Schema", "properties", "spec", "properties", "flinkVersion", "enum")
		for _, known := range []string{"1.18", "1.20", "2.3"} {
			version := "v" + strings.ReplaceAll(known, ".", "_")
			if !slices.Contains(allowed, version) || slices.Contains(flinks, known) {
				continue
			}
			flinks = append(flinks, known)
			if strings.HasPrefix(known, "1.") {
				flink.image, flink.version = "flink:"+known, version
			}
		}
	}
	if flink.version == "" {
		return fmt.Errorf("the CRD allows neither v1_18 nor v1_20: %s", body)
	}
	return nil
}

// cluster returns a client of the cluster that KUBECONFIG names.
func cluster() (rest.Interface, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	return rest.UnversionedRESTClientFor(config)
}

// jobManager is the REST interface of a job's JobManager, through the
// apiserver's service proxy.
type jobManager struct {
	t       *testing.T
	client  rest.Interface
	service string
	// last is what job returned last.
	last job
}

func newJobManager(t *testing.T, namespace, deployment string) *jobManager {
	t.Helper()
	client, err := cluster()
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
	j.last = found
	return found
}
