package operator

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// A job that starts from a savepoint in the mode CLAIM owns it from then on: Flink
// deletes its files when newer checkpoints have taken its place, and until then the
// job's checkpoints may share them. Nothing tells whether they are still there. Disposing
// of them would take from the job what it still needs, and the operator does not look
// what became of it (AbstractFlinkService.disposeSavepoint only asks for it).

// claims tells whether the job of an object has taken a savepoint for its own.
func claims(object *unstructured.Unstructured, location string) bool {
	tree, err := fko.SpecOf(object)
	if err != nil || location == "" || flink.SnapshotFolder(fko.InitialPath(tree)) != flink.SnapshotFolder(location) {
		return false
	}
	spec := flink.DeploymentSpec{FlinkConfiguration: configurationIn(tree)}
	if fko.IsSessionJob(tree) {
		spec.DeploymentName = new("")
	}
	_, claimed := flink.Claims(spec)
	return claimed
}

// claimant returns the job that has taken a savepoint for its own, of those in its
// namespace, as the words of a sentence; empty for none that is known.
func (s *Savepoints) claimant(ctx context.Context, of platform.Ref, location string) string {
	found, err := s.cluster.List(ctx, deploymentKind, of.Namespace, "")
	if err != nil {
		// Who may not list deployments knows of no other job.
		logctx.From(ctx).DebugContext(ctx, "Nobody can say who has claimed the savepoint", "savepoint", of.String(), "error", err.Error())
		return ""
	}
	for i := range found {
		if claims(&found[i], location) {
			return claimedBy(s.called(deploymentKind), kube.KeyOf(&found[i]).String())
		}
	}
	return ""
}

// claimedByOwn is claimant for the job alone that the savepoint was taken of: a refresh
// has read it already, and lists nothing for this.
func (s *Savepoints) claimedByOwn(ctx context.Context, of platform.ObservedSavepoint) string {
	if of.Job.Session || of.Job.Name == "" || of.Location == "" {
		return ""
	}
	object, err := s.cluster.Read(ctx, deploymentKind, keyOf(jobOf(of.Savepoint)))
	if err != nil || !claims(object, of.Location) {
		return ""
	}
	return claimedBy(s.called(deploymentKind), jobOf(of.Savepoint).String())
}

func claimedBy(kind, name string) string {
	return fmt.Sprintf("%s %s has started from it in the mode CLAIM, so Flink owns its files and deletes them when newer checkpoints have taken their place", kind, name)
}
