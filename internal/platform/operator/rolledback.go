package operator

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// This file is about an object that the operator has rolled back by itself
// (kubernetes.operator.deployment.rollback.enabled): it runs the last stable
// specification again, and leaves the one that failed in the object.

// reconcileRolledBack is the reconciliation state from the rollback on until the
// object gets another specification.
const reconcileRolledBack = "ROLLED_BACK"

// rolledBack tells whether the operator has gone back, and nothing else has been
// written since.
func (s Status) rolledBack() bool {
	return s.ReconciliationState == reconcileRolledBack && s.Observed >= s.Generation
}

// lastStable returns the specification that the operator went back to, and the
// one in the object when it cannot be read.
func lastStable(object *unstructured.Unstructured, failed flink.Tree) flink.Tree {
	text, _, _ := unstructured.NestedString(object.Object, "status", "reconciliationStatus", "lastStableSpec")
	noted, err := flink.ParseTree([]byte(text))
	stable, ok := noted["spec"].(map[string]any)
	if err != nil || !ok {
		return failed
	}
	before, _ := failed["job"].(map[string]any)
	if job, ok := stable["job"].(map[string]any); ok && before["upgradeMode"] != nil {
		// The operator notes there how it started the job, and not what is
		// configured.
		job["upgradeMode"] = before["upgradeMode"]
	}
	return stable
}

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
	failed, err := specTree(live)
	if err != nil {
		return err
	}
	sent, err := specTree(object)
	if err != nil {
		return err
	}
	rolledBack := StatusOf(live).rolledBack()
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
