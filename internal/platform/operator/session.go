package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// sessionClusterOf returns the session cluster that runs the job of a
// specification; ok is false for a FlinkDeployment. The two are in one namespace.
func sessionClusterOf(namespace string, spec flink.Tree) (ref platform.Ref, ok bool) {
	name, ok := spec["deploymentName"].(string)
	return platform.Ref{Namespace: namespace, Name: name}, ok
}

// checkSessionCluster refuses to create a session job that nothing would run.
// One whose cluster is not ready yet just waits for it (finding 9 of the
// recorded timelines).
func (d *Deployments) checkSessionCluster(ctx context.Context, want platform.Deployment) error {
	if !want.Spec.IsSessionJob() {
		return nil
	}
	ref := platform.Ref{Namespace: want.Namespace, Name: *want.Spec.DeploymentName}
	refuse := func(why, remedy string) error {
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The session job %q cannot run: %s", want.Name, why),
			Detail:  "Nothing was created. " + remedy,
		}
	}
	object, err := d.cluster.Get(ctx, deploymentKind, keyOf(ref))
	var absent *kube.NotFoundError
	var denied *kube.DeniedError
	switch {
	case errors.As(err, &absent):
		return refuse(fmt.Sprintf("there is no session cluster %q in namespace %s", ref.Name, ref.Namespace),
			"A session job and its cluster are in the same namespace. Check session_cluster and the environment, and refer to the resource (session_cluster = flink_session_cluster.<name>.name), so that Terraform creates it first.")
	case errors.As(err, &denied):
		// The operator will tell.
		return nil
	case err != nil:
		return err
	case fko.SteadyStateOf(object) != fko.SessionReady:
		return refuse(fmt.Sprintf("%q is no session cluster", ref.Name),
			fmt.Sprintf("FlinkDeployment %s has a job of its own and takes no other. Name a flink_session_cluster in session_cluster.", ref))
	case object.GetDeletionTimestamp() != nil:
		return refuse(fmt.Sprintf("the session cluster %q is being deleted", ref.Name), "Apply again when it has been created anew.")
	}
	return nil
}

// blockedBy says what keeps a session job from being looked at: its cluster,
// about which the job's own status says nothing (findings 9 and 40). It is empty
// when the cluster takes jobs, and best effort.
func (r *rollout) blockedBy(ctx context.Context) string {
	ref, ok := sessionClusterOf(r.ref.Namespace, r.write.applied)
	if !ok {
		return ""
	}
	words, cancel := lastWords(ctx)
	defer cancel()
	object, err := r.deployments.cluster.Get(words, deploymentKind, keyOf(ref))
	switch {
	case isAbsent(err):
		return fmt.Sprintf("its session cluster %q does not exist any more", ref.Name)
	case err != nil:
		return ""
	}
	status := fko.StatusOf(object)
	if status.JobManager == fko.ManagerReady {
		return ""
	}
	cause := fmt.Sprintf("its session cluster %q is not ready (JobManager %s)", ref.Name, orElse(status.JobManager, "not deployed"))
	if status.Error != nil {
		cause += ": " + status.Error.Sentence()
	}
	return cause
}

// savepointDirectoryOf is where the job of an object has savepoints written,
// empty for nowhere: a session job also where its cluster says.
func (d *Deployments) savepointDirectoryOf(ctx context.Context, observed *platform.Observed) (string, error) {
	directory := savepointDirectory(observed.Spec)
	ref, ok := sessionClusterOf(observed.Namespace, observed.Spec)
	if directory != "" || !ok {
		return directory, nil
	}
	object, err := d.cluster.Get(ctx, deploymentKind, keyOf(ref))
	if isAbsent(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	spec, err := fko.SpecOf(object)
	return savepointDirectory(spec), err
}

// jobsOn lists the session jobs that use a session cluster.
func jobsOn(ctx context.Context, cluster Store, ref platform.Ref) ([]unstructured.Unstructured, error) {
	all, err := cluster.List(ctx, sessionJobKind, ref.Namespace, "")
	if err != nil {
		return nil, err
	}
	var jobs []unstructured.Unstructured
	for i := range all {
		if name, _, _ := unstructured.NestedString(all[i].Object, "spec", "deploymentName"); name == ref.Name {
			jobs = append(jobs, all[i])
		}
	}
	return jobs, nil
}

// users returns the names of the session jobs that use a session cluster, as far
// as they can be listed and are not on their way out.
func (d *Deployments) users(ctx context.Context, ref platform.Ref) []string {
	jobs, err := jobsOn(ctx, d.cluster, ref)
	if err != nil {
		logctx.From(ctx).InfoContext(ctx, "The session jobs of the cluster cannot be listed", "error", err.Error())
		return nil
	}
	var names []string
	for i := range jobs {
		if jobs[i].GetDeletionTimestamp() == nil {
			names = append(names, jobs[i].GetName())
		}
	}
	return names
}

// checkUnused refuses to delete a session cluster that jobs still use: the
// operator would keep it, marked for deletion, until somebody deletes them.
func (d *Deployments) checkUnused(ctx context.Context, object *unstructured.Unstructured) error {
	ref := platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()}
	if fko.SteadyStateOf(object) != fko.SessionReady || object.GetDeletionTimestamp() != nil {
		return nil
	}
	jobs := d.users(ctx, ref)
	if len(jobs) == 0 {
		return nil
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The session cluster %q is not deleted: session jobs use it", ref.Name),
		Detail: joinLines("FlinkSessionJobs in namespace "+ref.Namespace+": "+strings.Join(jobs, ", ")+".",
			"Nothing was deleted: the operator would keep the cluster in deletion as long as they exist.",
			"Destroy these jobs first. Jobs of this configuration are when they refer to the cluster (session_cluster = flink_session_cluster.<name>.name); others are deleted with kubectl delete flinksessionjob."),
	}
}
