package operator

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// This file is about an object that the operator has rolled back by itself
// (kubernetes.operator.deployment.rollback.enabled): it runs the last stable
// specification again, and leaves the one that failed in the object.

// reconcileRolledBack is the reconciliation state from the rollback on until the
// object gets another specification.
const reconcileRolledBack = "ROLLED_BACK"

// lastStable returns the specification that the operator went back to, nil when
// it has not, or when another one has been written since.
func lastStable(object *unstructured.Unstructured) flink.Tree {
	status := StatusOf(object)
	if status.ReconciliationState != reconcileRolledBack || status.Observed < status.Generation {
		return nil
	}
	text, _, _ := unstructured.NestedString(object.Object, "status", "reconciliationStatus", "lastStableSpec")
	stable, err := flink.ParseTree([]byte(text))
	if err != nil {
		return nil
	}
	spec, _ := stable["spec"].(map[string]any)
	if job, ok := spec["job"].(map[string]any); ok {
		// The operator notes there how it started the job, and not what is
		// configured.
		if mode, said, _ := unstructured.NestedString(object.Object, "spec", "job", "upgradeMode"); said {
			job["upgradeMode"] = mode
		}
	}
	return spec
}

// restartNonce is the field of spec whose change restarts a job that has no other
// change.
const restartNonce = "restartNonce"

// tryAgain has the operator try a specification once more that it has rolled
// back, which is in the object already: a write that changes nothing does
// nothing.
func tryAgain(live, object *unstructured.Unstructured) error {
	if lastStable(live) == nil {
		return nil
	}
	failed, err := specTree(live)
	if err != nil {
		return err
	}
	sent, err := specTree(object)
	if err != nil {
		return err
	}
	if flink.Equal(flink.Observe(sent, failed), sent) {
		return unstructured.SetNestedField(object.Object, time.Now().Unix(), "spec", restartNonce)
	}
	return nil
}

// keepNonce leaves the restart nonce of an object where nobody asks for another:
// operators before 1.8 restart a job when its nonce goes.
func keepNonce(live, object *unstructured.Unstructured) {
	nonce, had, _ := unstructured.NestedFieldCopy(live.Object, "spec", restartNonce)
	if _, asked, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", restartNonce); had && !asked {
		_ = unstructured.SetNestedField(object.Object, nonce, "spec", restartNonce)
	}
}
