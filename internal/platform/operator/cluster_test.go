package operator_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// patience bounds what takes a second or two on an idle machine.
const patience = 2 * time.Minute

var flinkDeployments = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkdeployments"}

// bench is one deployment on the embedded control plane with the operator's
// stand-in.
type bench struct {
	*testing.T
	cluster     *acctest.ClusterHandle
	deployments *operator.Deployments
	want        platform.Deployment
}

func connect(t *testing.T, cluster *acctest.ClusterHandle) *kube.Client {
	t.Helper()
	client, err := kube.Connect(kube.Config{ConfigPath: cluster.Kubeconfig})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newBench(t *testing.T, version string) *bench {
	t.Helper()
	cluster := acctest.Cluster(t, version)
	flinkVersion := "v1_20"
	if version == "1.7" {
		flinkVersion = "v1_18"
	}
	return &bench{
		T: t, cluster: cluster,
		deployments: operator.NewDeployments(connect(t, cluster), operator.Options{}),
		want: platform.Deployment{
			Ref: platform.Ref{Namespace: cluster.Namespace(t), Name: "orders"},
			Spec: flink.DeploymentSpec{
				Image: new("flink:1.20"), FlinkVersion: &flinkVersion, ServiceAccount: new(acctest.ServiceAccount),
				FlinkConfiguration: flink.Configuration{
					"high-availability.type":       new("kubernetes"),
					"high-availability.storageDir": new("file:///state/ha"),
					"state.checkpoints.dir":        new("file:///state/checkpoints"),
					"state.savepoints.dir":         new("file:///state/savepoints"),
				},
				PodTemplate: flink.Document{"spec": map[string]any{"containers": []any{map[string]any{"name": "flink-main-container"}}}},
				Job: &flink.Job{
					JarURI: new("local:///job.jar"), EntryClass: new("Orders"), Parallelism: new(int64(1)),
					State: new(flink.JobRunning), UpgradeMode: new(flink.UpgradeSavepoint),
				},
				JobManager:  &flink.JobManager{Resource: &flink.Resource{CPU: new(0.5), Memory: new("1g")}},
				TaskManager: &flink.TaskManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("1g")}},
			},
		},
	}
}

func (b *bench) context() context.Context {
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	b.Cleanup(cancel)
	return ctx
}

// creation is the change that creates the deployment.
func (b *bench) creation() platform.Change {
	return platform.Change{Deployment: b.want, Rollout: planner.Rollout{Action: planner.ActionCreate}}
}

// create creates the deployment and waits until its job runs.
func (b *bench) create() *platform.Observed {
	b.Helper()
	ctx := b.context()
	written, err := b.deployments.Begin(ctx, b.creation())
	if err != nil {
		b.Fatal(err)
	}
	return b.await(ctx, written)
}

// update changes the deployment and waits.
func (b *bench) update(action planner.Action, change func(*flink.DeploymentSpec)) (*platform.Observed, error) {
	b.Helper()
	previous := b.want.Spec
	b.want.Spec = copySpec(b.T, previous)
	change(&b.want.Spec)
	ctx := b.context()
	rollout := planner.Rollout{Action: action}
	written, err := b.deployments.Begin(ctx, platform.Change{Deployment: b.want, Was: &platform.Was{Spec: previous}, Rollout: rollout, Rollback: true})
	if err != nil {
		b.Fatal(err)
	}
	b.deployments.ShortenPodErrorGrace(time.Second)
	return written.Await(ctx)
}

func (b *bench) await(ctx context.Context, written platform.Rollout) *platform.Observed {
	b.Helper()
	observed, err := written.Await(ctx)
	if err != nil {
		b.Fatal(err)
	}
	return observed
}

// annotate sets an annotation of the stand-in, which injects a fault.
func (b *bench) annotate(name, value string) {
	b.Helper()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{"standin.flink/" + name: value}}})
	if err != nil {
		b.Fatal(err)
	}
	b.patch(string(patch))
}

// patch changes the object as somebody else would.
func (b *bench) patch(patch string) {
	b.Helper()
	_, err := b.cluster.Client.Resource(flinkDeployments).Namespace(b.want.Namespace).
		Patch(b.context(), b.want.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "somebody"})
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) live() *unstructured.Unstructured {
	b.Helper()
	object, err := b.cluster.Client.Resource(flinkDeployments).Namespace(b.want.Namespace).Get(b.context(), b.want.Name, metav1.GetOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return object
}

func copySpec(t *testing.T, spec flink.DeploymentSpec) flink.DeploymentSpec {
	t.Helper()
	tree, err := flink.TreeOf(spec)
	if err != nil {
		t.Fatal(err)
	}
	out, err := flink.SpecOf(tree)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func failed(t *testing.T, err error) *platform.RolloutError {
	t.Helper()
	var out *platform.RolloutError
	if !errors.As(err, &out) {
		t.Fatalf("the error is %v, want one of a rollout", err)
	}
	return out
}

func mentions(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

// TestOnTheOperator goes through the life of a deployment on each generation of
// the operator.
func TestOnTheOperator(t *testing.T) {
	for _, version := range acctest.Operators() {
		t.Run(version, func(t *testing.T) {
			t.Run("create, upgrade, suspend, resume, delete", func(t *testing.T) { wholeLife(newBench(t, version)) })
			t.Run("a bad image is rolled back", func(t *testing.T) { badImage(newBench(t, version)) })
			t.Run("a rollback that the operator cannot make", func(t *testing.T) { lostState(newBench(t, version), version != "1.7") })
			t.Run("a job that fails at start is rolled back", func(t *testing.T) { failingJob(newBench(t, version)) })
			t.Run("a refused change is rolled back", func(t *testing.T) { refusedChange(newBench(t, version)) })
			t.Run("an interrupted create is continued", func(t *testing.T) { interruptedCreate(newBench(t, version)) })
			t.Run("a finished job runs again", func(t *testing.T) { rerun(newBench(t, version)) })
			t.Run("an interrupted delete goes on", func(t *testing.T) { interruptedDelete(newBench(t, version)) })
		})
	}
}

func wholeLife(b *bench) {
	created := b.create()
	if !created.RolledOut || created.Status.JobState != flink.StateRunning || !created.Status.Deployed {
		b.Errorf("created %+v", created.Status)
	}
	if !flink.Equal(flink.Observe(created.Spec, created.Spec), created.Spec) {
		b.Error("the specification does not observe itself")
	}

	upgraded, err := b.update(planner.ActionSavepoint, func(s *flink.DeploymentSpec) { s.Job.Parallelism = new(int64(2)) })
	if err != nil {
		b.Fatal(err)
	}
	if upgraded.Generation <= created.Generation || upgraded.Status.SavepointPath == "" || !upgraded.RolledOut {
		b.Errorf("upgraded from generation %d to %d with %+v", created.Generation, upgraded.Generation, upgraded.Status)
	}
	acknowledged, err := b.update(planner.ActionConfigOnly, func(s *flink.DeploymentSpec) {
		s.FlinkConfiguration["kubernetes.operator.savepoint.history.max.count"] = new("5")
	})
	if err != nil {
		b.Fatal(err)
	}
	if acknowledged.Status.JobID != upgraded.Status.JobID {
		b.Error("a key of the operator restarted the job")
	}
	suspended, err := b.update(planner.ActionSuspend, func(s *flink.DeploymentSpec) { s.Job.State = new(flink.JobSuspended) })
	if err != nil {
		b.Fatal(err)
	}
	if suspended.Status.LifecycleState != flink.LifecycleSuspended || !suspended.RolledOut {
		b.Errorf("suspended %+v", suspended.Status)
	}
	if _, err := b.update(planner.ActionDeferred, func(s *flink.DeploymentSpec) { s.Job.Parallelism = new(int64(3)) }); err != nil {
		b.Fatal(err)
	}
	if _, err := b.update(planner.ActionResume, func(s *flink.DeploymentSpec) { s.Job.State = new(flink.JobRunning) }); err != nil {
		b.Fatal(err)
	}
	deleted, err := b.deployments.Delete(b.context(), b.want.Ref, platform.DeleteOptions{UID: created.UID, Savepoint: true})
	if err != nil || deleted.SavepointPath == "" || deleted.Note != "" {
		b.Errorf("the delete left %+v, %v", deleted, err)
	}
	var absent *platform.NotFoundError
	if _, err := b.deployments.Read(b.context(), b.want.Ref); !errors.As(err, &absent) {
		b.Errorf("after the delete the read returned %v", err)
	}
}

func badImage(b *bench) {
	b.create()
	observed, err := b.update(planner.ActionSavepoint, func(s *flink.DeploymentSpec) { s.Image = new("flink:nope") })
	told := failed(b.T, err)
	mentions(b.T, told.Summary, `The new version of "orders" does not start: image "`, `nope" cannot be pulled`)
	mentions(b.T, told.Detail, "ErrImagePull", "pod orders-", "Rolled back: the previous version (image flink:1.20) runs again, restored from file:")
	if !told.RolledBack || !observed.RolledOut {
		b.Errorf("rolled back %v, and %+v", told.RolledBack, observed.Status)
	}
}

// lostState is a rollback from the savepoint of the update: in place where the
// operator can redeploy from it, and by creating the object again before 1.8.
func lostState(b *bench, redeploys bool) {
	created := b.create()
	b.annotate("manual-restore", "true")
	observed, err := b.update(planner.ActionSavepoint, func(s *flink.DeploymentSpec) { s.Image = new("flink:nope") })
	told := failed(b.T, err)
	mentions(b.T, told.Detail, "runs again, restored from file:")
	if !told.RolledBack || !observed.RolledOut {
		b.Errorf("rolled back %v, and %+v", told.RolledBack, observed.Status)
	}
	if again := observed.UID != created.UID; again == redeploys {
		b.Errorf("created again: %v", again)
	}
	// What the rollback needed is not left behind.
	b.want.Spec.Image = new("flink:1.20")
	if _, err := b.update(planner.ActionSavepoint, func(s *flink.DeploymentSpec) { s.Job.Parallelism = new(int64(2)) }); err != nil {
		b.Fatal(err)
	}
	job, _, _ := unstructured.NestedMap(b.live().Object, "spec", "job")
	if job["initialSavepointPath"] != nil || job["savepointRedeployNonce"] != nil {
		b.Errorf("the job has %v", job)
	}
}

func failingJob(b *bench) {
	b.create()
	_, err := b.update(planner.ActionSavepoint, func(s *flink.DeploymentSpec) { s.Job.Args = []string{"--fail-start"} })
	told := failed(b.T, err)
	mentions(b.T, told.Summary, "the job fails: ")
	if !told.RolledBack {
		b.Errorf("not rolled back:\n%s", told.Detail)
	}
}

func refusedChange(b *bench) {
	created := b.create()
	observed, err := b.update(planner.ActionSavepoint, func(s *flink.DeploymentSpec) { delete(s.FlinkConfiguration, "state.savepoints.dir") })
	told := failed(b.T, err)
	mentions(b.T, told.Summary, "the operator refuses the specification: Job could not be upgraded with savepoint")
	mentions(b.T, told.Detail, "was never stopped and runs on")
	if !told.RolledBack || observed.Status.JobID != created.Status.JobID {
		b.Errorf("rolled back %v from job %s to %s", told.RolledBack, created.Status.JobID, observed.Status.JobID)
	}
}

func interruptedCreate(b *bench) {
	killed, err := b.deployments.Begin(b.context(), b.creation())
	if err != nil {
		b.Fatal(err)
	}
	b.deployments = operator.NewDeployments(connect(b.T, b.cluster), operator.Options{})
	if observed := b.create(); observed.UID != killed.Observed().UID {
		b.Errorf("created %s beside %s", observed.UID, killed.Observed().UID)
	}
	if annotations := b.live().GetAnnotations(); len(annotations) != 0 {
		b.Errorf("the create has ended and the object has annotations %v", annotations)
	}
	var exists *kube.ExistsError
	if _, err := b.deployments.Begin(b.context(), b.creation()); !errors.As(err, &exists) {
		b.Errorf("a second create returned %v", err)
	}
}

func rerun(b *bench) {
	b.want.Spec.Job.Args = []string{"--count", "200"}
	b.create()
	finished := func(ctx context.Context) (bool, error) {
		read, err := b.deployments.Read(ctx, b.want.Ref)
		return err == nil && read.Status.JobState == flink.StateFinished, err
	}
	if err := wait.PollUntilContextTimeout(b.context(), 50*time.Millisecond, patience, true, finished); err != nil {
		b.Fatal(err)
	}
	observed, err := b.update(planner.ActionRerun, func(s *flink.DeploymentSpec) { s.Job.Args = []string{"--count", "100000"} })
	if err != nil {
		b.Fatal(err)
	}
	if observed.Status.JobState != flink.StateRunning || !observed.RolledOut {
		b.Errorf("runs again as %+v", observed.Status)
	}
	if mode, _, _ := unstructured.NestedString(b.live().Object, "spec", "job", "upgradeMode"); mode != flink.UpgradeSavepoint {
		b.Errorf("the upgrade mode is %s", mode)
	}
}

func interruptedDelete(b *bench) {
	created := b.create()
	ctx, kill := context.WithCancel(b.context())
	b.annotate("savepoint-fails", "true")
	time.AfterFunc(time.Second, kill)
	if _, err := b.deployments.Delete(ctx, b.want.Ref, platform.DeleteOptions{UID: created.UID, Savepoint: true}); !errors.Is(err, context.Canceled) {
		b.Fatalf("the delete returned %v", err)
	}
	b.annotate("savepoint-fails", "false")

	// First somebody changes their mind: the next apply keeps the job.
	if _, err := b.update(planner.ActionSavepoint, func(s *flink.DeploymentSpec) { s.Job.Parallelism = new(int64(2)) }); err != nil {
		b.Fatal(err)
	}
	deleted, err := b.deployments.Delete(b.context(), b.want.Ref, platform.DeleteOptions{UID: created.UID, Savepoint: true})
	if err != nil || deleted.SavepointPath == "" {
		b.Errorf("the delete left %+v, %v", deleted, err)
	}
}
