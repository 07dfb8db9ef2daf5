package fko

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// reconcileRolledBack is the reconciliation state from the rollback on until the
// object gets another specification.
const reconcileRolledBack = "ROLLED_BACK"

// RolledBack tells whether the operator has gone back, and nothing else has been
// written since.
func (s Status) RolledBack() bool {
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
	flink.NullsAsText(stable["flinkConfiguration"])
	if schedule, said := failed["savepointSchedule"]; said {
		// The operator does not know of it.
		stable["savepointSchedule"] = schedule
	}
	before, _ := failed["job"].(map[string]any)
	if job, ok := stable["job"].(map[string]any); ok && before["upgradeMode"] != nil {
		// The operator notes there how it started the job, and not what is
		// configured.
		job["upgradeMode"] = before["upgradeMode"]
	}
	return stable
}
