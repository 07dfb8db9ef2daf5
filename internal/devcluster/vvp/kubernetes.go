package vvp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinkapi"
)

// Kubernetes is a World in a cluster with the Flink Kubernetes Operator, or a stand-in of
// it: each job is a FlinkDeployment, or a FlinkSessionJob on that of a session cluster.
// Each is a new object, so the operator upgrades none.
type Kubernetes struct{ flinkapi.Client }

// LoadKubernetes returns the cluster of a kubeconfig.
func LoadKubernetes(kubeconfig string) (*Kubernetes, error) {
	client, err := flinkapi.Load(kubeconfig)
	return &Kubernetes{client}, err
}

const (
	// fieldManager is the platform's in the cluster.
	fieldManager = "ververica-platform"
	// poll is how often the cluster is asked while something is on its way.
	poll = 100 * time.Millisecond
)

// kindOf is what a job is in Kubernetes.
func (k *Kubernetes) kindOf(job Job) (kind string, objects dynamic.ResourceInterface) {
	if job.Cluster != "" {
		return "FlinkSessionJob", k.Objects.Resource(flinkapi.FlinkSessionJobs).Namespace(job.Namespace)
	}
	return "FlinkDeployment", k.Objects.Resource(flinkapi.FlinkDeployments).Namespace(job.Namespace)
}

// Start implements World.
func (k *Kubernetes) Start(ctx context.Context, job Job) error {
	kind, objects := k.kindOf(job)
	made := &unstructured.Unstructured{Object: object{
		"apiVersion": flinkapi.Group + "/" + flinkapi.Version, "kind": kind,
		"metadata": object{"name": objectName(job.Deployment, job.ID), "namespace": job.Namespace, "annotations": handedOn(job.Annotations)},
		"spec":     jobSpec(job),
	}}
	if _, err := objects.Create(ctx, made, metav1.CreateOptions{FieldManager: fieldManager}); err != nil {
		return err
	}
	var told trouble
	return k.await(ctx, objects, made.GetName(), func(is *unstructured.Unstructured) (bool, error) {
		if err := told.ends(is); err != nil {
			return false, err
		}
		state, _, _ := unstructured.NestedString(is.Object, "status", "jobStatus", "state")
		flinkID, _, _ := unstructured.NestedString(is.Object, "status", "jobStatus", "jobId")
		return flinkID != "" && (state == stateRunning || state == stateFinished || state == "RESTARTING"), nil
	})
}

// await looks at an object until it is as wanted, or cannot become so.
func (k *Kubernetes) await(ctx context.Context, objects dynamic.ResourceInterface, name string, done func(*unstructured.Unstructured) (bool, error)) error {
	for {
		is, err := objects.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if ok, err := done(is); ok || err != nil {
			return err
		}
		if err := pause(ctx, poll); err != nil {
			return err
		}
	}
}

// Observe implements World.
func (k *Kubernetes) Observe(ctx context.Context, job Job) (Observation, error) {
	_, objects := k.kindOf(job)
	is, err := objects.Get(ctx, objectName(job.Deployment, job.ID), metav1.GetOptions{})
	if err != nil {
		return Observation{}, err
	}
	seen := Observation{}
	seen.Status, _, _ = unstructured.NestedString(is.Object, "status", "jobStatus", "state")
	seen.FlinkJobID, _, _ = unstructured.NestedString(is.Object, "status", "jobStatus", "jobId")
	if seen.Status == stateFailed {
		seen.Failure, _ = failureOf(is)
		return seen, nil
	}
	if seen.Restarts, err = k.restarts(ctx, job, seen.FlinkJobID); err != nil {
		return seen, fmt.Errorf("the JobManager does not answer: %w", err)
	}
	return seen, nil
}

// Savepoint implements World.
func (k *Kubernetes) Savepoint(ctx context.Context, job Job) (string, error) {
	kind, objects := k.kindOf(job)
	name := objectName(job.Deployment, job.ID)
	if err := k.Annotate(ctx, job); err != nil {
		return "", err
	}
	snapshots := k.Objects.Resource(flinkapi.FlinkStateSnapshots).Namespace(job.Namespace)
	snapshot := &unstructured.Unstructured{Object: object{
		"apiVersion": flinkapi.Group + "/" + flinkapi.Version, "kind": "FlinkStateSnapshot",
		"metadata": object{"generateName": name + "-", "namespace": job.Namespace},
		"spec": object{
			"jobReference": object{"kind": kind, "name": name},
			"savepoint":    object{"disposeOnDelete": false, "formatType": "CANONICAL"}, "backoffLimit": int64(0),
		},
	}}
	made, err := snapshots.Create(ctx, snapshot, metav1.CreateOptions{FieldManager: fieldManager})
	if apierrors.IsNotFound(err) {
		// The operator is older than snapshots are.
		return k.savepointByNonce(ctx, objects, name)
	}
	if err != nil {
		return "", err
	}
	path := ""
	return path, k.await(ctx, snapshots, made.GetName(), func(is *unstructured.Unstructured) (bool, error) {
		state, _, _ := unstructured.NestedString(is.Object, "status", "state")
		path, _, _ = unstructured.NestedString(is.Object, "status", "path")
		if state == stateFailed || state == "ABANDONED" {
			why, _, _ := unstructured.NestedString(is.Object, "status", "error")
			return false, errors.New(why)
		}
		return state == savepointCompleted, nil
	})
}

// nonceTimeout is how long an operator has that does not tell of a savepoint that fails.
const nonceTimeout = time.Minute

// savepointByNonce has an operator before 1.10 take a savepoint.
func (k *Kubernetes) savepointByNonce(ctx context.Context, objects dynamic.ResourceInterface, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, nonceTimeout)
	defer cancel()
	nonce := time.Now().UnixMilli()
	if _, err := objects.Patch(ctx, name, types.MergePatchType, fmt.Appendf(nil, `{"spec":{"job":{"savepointTriggerNonce":%d}}}`, nonce), metav1.PatchOptions{FieldManager: fieldManager}); err != nil {
		return "", err
	}
	path := ""
	err := k.await(ctx, objects, name, func(is *unstructured.Unstructured) (bool, error) {
		of, _, _ := unstructured.NestedInt64(is.Object, "status", "jobStatus", "savepointInfo", "lastSavepoint", "triggerNonce")
		path, _, _ = unstructured.NestedString(is.Object, "status", "jobStatus", "savepointInfo", "lastSavepoint", "location")
		return of == nonce, nil
	})
	return path, err
}

// Suspend implements World.
func (k *Kubernetes) Suspend(ctx context.Context, job Job) (string, error) {
	_, objects := k.kindOf(job)
	name := objectName(job.Deployment, job.ID)
	if err := k.Annotate(ctx, job); err != nil {
		return "", err
	}
	before, err := objects.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	last := text(part(before.Object, "status"), "error")
	_, err = objects.Patch(ctx, name, types.MergePatchType, []byte(`{"spec":{"job":{"state":"suspended","upgradeMode":"savepoint"}}}`), metav1.PatchOptions{FieldManager: fieldManager})
	if err != nil {
		return "", err
	}
	path := ""
	err = k.await(ctx, objects, name, func(is *unstructured.Unstructured) (bool, error) {
		if why := text(part(is.Object, "status"), "error"); why != "" && why != last {
			return false, errors.New(messageOf(why))
		}
		job := part(is.Object, "status", "jobStatus")
		if path = text(job, "upgradeSavepointPath"); path == "" {
			path = text(part(job, "savepointInfo", "lastSavepoint"), "location")
		}
		return text(part(is.Object, "status"), "lifecycleState") == stateSuspended, nil
	})
	if err != nil {
		// The operator would try for ever.
		_, again := objects.Patch(ctx, name, types.MergePatchType, []byte(`{"spec":{"job":{"state":"running"}}}`), metav1.PatchOptions{FieldManager: fieldManager})
		return "", errors.Join(err, again)
	}
	return path, k.remove(ctx, objects, name)
}

// seen tells whether the operator has seen a generation of an object. Before 1.10 it does not tell.
func seen(is *unstructured.Unstructured, generation int64) bool {
	last, tells, _ := unstructured.NestedInt64(is.Object, "status", "observedGeneration")
	return !tells || last >= generation
}

// Annotate implements World.
func (k *Kubernetes) Annotate(ctx context.Context, job Job) error {
	_, objects := k.kindOf(job)
	name := objectName(job.Deployment, job.ID)
	is, err := objects.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	annotations := handedOn(job.Annotations)
	for key := range is.GetAnnotations() {
		if _, still := annotations[key]; !still && strings.HasPrefix(key, handedPrefix) {
			annotations[key] = nil
		}
	}
	patch, err := json.Marshal(object{"metadata": object{"annotations": annotations}})
	if err != nil {
		return err
	}
	_, err = objects.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: fieldManager})
	return err
}

// Cancel implements World.
func (k *Kubernetes) Cancel(ctx context.Context, job Job) (string, error) {
	_, objects := k.kindOf(job)
	name := objectName(job.Deployment, job.ID)
	retained := ""
	if is, err := objects.Get(ctx, name, metav1.GetOptions{}); err == nil && retains(job.Spec) {
		if state, _, _ := unstructured.NestedString(is.Object, "status", "jobStatus", "state"); state != stateFinished {
			flinkID, _, _ := unstructured.NestedString(is.Object, "status", "jobStatus", "jobId")
			retained = k.checkpoint(ctx, job, flinkID)
		}
	}
	return retained, k.remove(ctx, objects, name)
}

// remove deletes an object and waits until it is gone.
func (k *Kubernetes) remove(ctx context.Context, objects dynamic.ResourceInterface, name string) error {
	err := objects.Delete(ctx, name, metav1.DeleteOptions{})
	if err == nil {
		err = k.await(ctx, objects, name, func(*unstructured.Unstructured) (bool, error) { return false, nil })
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// Forget implements World: the files of a savepoint stay where they are.
func (k *Kubernetes) Forget(string) {}

// StartCluster implements World.
func (k *Kubernetes) StartCluster(ctx context.Context, cluster Cluster) error {
	objects := k.Objects.Resource(flinkapi.FlinkDeployments).Namespace(cluster.Namespace)
	made := &unstructured.Unstructured{Object: object{
		"apiVersion": flinkapi.Group + "/" + flinkapi.Version, "kind": "FlinkDeployment",
		"metadata": object{"name": objectName(cluster.Name, cluster.ID), "namespace": cluster.Namespace, "annotations": handedOn(cluster.Annotations)},
		"spec":     clusterSpec(cluster.Spec),
	}}
	is, err := objects.Apply(ctx, made.GetName(), made, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
	if err != nil {
		return err
	}
	var told trouble
	return k.await(ctx, objects, made.GetName(), func(now *unstructured.Unstructured) (bool, error) {
		if err := told.ends(now); err != nil {
			return false, err
		}
		return seen(now, is.GetGeneration()) && text(part(now.Object, "status"), "jobManagerDeploymentStatus") == "READY", nil
	})
}

// StopCluster implements World.
func (k *Kubernetes) StopCluster(ctx context.Context, cluster Cluster) error {
	return k.remove(ctx, k.Objects.Resource(flinkapi.FlinkDeployments).Namespace(cluster.Namespace), objectName(cluster.Name, cluster.ID))
}

// Flink implements World.
func (k *Kubernetes) Flink(w http.ResponseWriter, r *http.Request, job Job, path string) {
	request := k.Raw.Get().AbsPath(k.jobManager(job) + path)
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
		refuse(code, "%s", err).write(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body)
}

// jobManager is the path of the REST interface of a job's cluster, by way of the API
// server.
func (k *Kubernetes) jobManager(job Job) string {
	name := objectName(job.Deployment, job.ID)
	if job.Cluster != "" {
		name = objectName(job.ClusterName, job.Cluster)
	}
	return fmt.Sprintf("/api/v1/namespaces/%s/services/%s-rest:8081/proxy", job.Namespace, name)
}

// longestName is what the operator takes for the name of a FlinkDeployment.
const longestName = 45

// objectName is the name of an object for one with a name and an id.
func objectName(name, id string) string {
	const short = 8
	return strings.Trim(name[:min(len(name), longestName-short-1)], "-") + "-" + id[:short]
}

// handedPrefix begins the annotations that stand-ins follow.
const handedPrefix = "standin.flink/"

// handedOn are the annotations that ask the stand-in of the operator for something.
func handedOn(annotations object) object {
	out := object{}
	for key, value := range annotations {
		if strings.HasPrefix(key, handedPrefix) {
			out[key] = value
		}
	}
	return out
}
