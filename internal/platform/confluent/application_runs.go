package confluent

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// The server keeps an application as it is told, and hands it to the operator with what
// its environment says. What then runs shows only in what the operator has taken up.

// runs tells whether the operator has taken up all that an object says. The upgrade
// mode that it notes is how it has started the job, for example without a state that
// there was not yet.
func runs(o *unstructured.Unstructured) bool {
	reconciled := reconciledOn(o)
	says, err := fko.SpecOf(o)
	says = handedOn(says)
	unstructured.RemoveNestedField(says, "job", "upgradeMode")
	return err == nil && reconciled != nil && flink.Equal(flink.Observe(says, reconciled), says)
}

// reconciledOn is the specification that the operator has taken up last: that of the
// object with what the environment adds, nil for none.
func reconciledOn(o *unstructured.Unstructured) flink.Tree {
	text, _, _ := unstructured.NestedString(o.Object, "status", "reconciliationStatus", "lastReconciledSpec")
	noted, err := flink.ParseTree([]byte(text))
	if err != nil {
		return nil
	}
	reconciled, _ := noted["spec"].(map[string]any)
	return reconciled
}

// enforcedOn is what the operator has taken up of an object beside its specification.
// While it has not taken up that one, nothing is known of it.
func enforcedOn(o *unstructured.Unstructured) flink.Tree {
	says, err := fko.SpecOf(o)
	if status := fko.StatusOf(o); err != nil || status.Observed < o.GetGeneration() || status.ReconciliationState != fko.ReconcileDeployed {
		return nil
	}
	reconciled := reconciledOn(o)
	unstructured.RemoveNestedField(reconciled, "job", "upgradeMode")
	return without(reconciled, says)
}

// without is what a tree has, other than null, and another one lacks.
func without(tree, other flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range tree {
		has, both := other[key]
		inside, isTree := value.(map[string]any)
		said, isSaid := has.(map[string]any)
		switch {
		case isTree && (isSaid || !both):
			if inside = without(inside, said); len(inside) > 0 {
				out[key] = inside
			}
		case !both && value != nil:
			out[key] = value
		}
	}
	return out
}

// runsAlike tells whether the operator has nothing to do for an object that is written
// over another one: both mean the same, with what the environment adds to them.
func runsAlike(live, next *unstructured.Unstructured) bool {
	is, err := fko.SpecOf(live)
	says, err2 := fko.SpecOf(next)
	if err != nil || err2 != nil {
		return false
	}
	added := live.Object[operator.EnforcedField]
	was, err := defaults.Merge(added, handedOn(is))
	will, err2 := defaults.Merge(added, handedOn(says))
	before, _ := was.(flink.Tree)
	after, _ := will.(flink.Tree)
	return err == nil && err2 == nil && flink.Equal(before, after)
}
