package operator

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// This file is about an object that the operator has rolled back by itself
// (kubernetes.operator.deployment.rollback.enabled): it runs the last stable
// specification again, and leaves the one that failed in the object.

// restartNonce is the field of spec whose change restarts a job that has no other
// change.
const restartNonce = "restartNonce"

// complete fills in what depends on the object that is written over. Its restart nonce stays when
// the configuration has none by its triggers, since operators before 1.8 restart
// a job when its nonce goes. Of an object that the operator has rolled back, new
// labels leave the version that failed where it is, as another restarts the job.
// And that version gets another nonce to be tried again, because a write that
// changes nothing does nothing.
func complete(live, object *unstructured.Unstructured, action planner.Action) error {
	failed, err := fko.SpecOf(live)
	if err != nil {
		return err
	}
	sent, err := fko.SpecOf(object)
	if err != nil {
		return err
	}
	rolledBack := fko.StatusOf(live).RolledBack()
	if rolledBack && action == planner.ActionMetadata {
		object.Object["spec"] = toWire(flink.Observe(sent, failed))
	}
	nonce, had, _ := unstructured.NestedFieldCopy(live.Object, "spec", restartNonce)
	switch {
	case sent[restartNonce] != nil:
		return nil
	case rolledBack && action != planner.ActionMetadata && flink.Equal(flink.Observe(sent, failed), sent):
		nonce = time.Now().Unix()
	case !had:
		return nil
	}
	return unstructured.SetNestedField(object.Object, nonce, "spec", restartNonce)
}
