package operator

import (
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// revealed is the specification before a change with the secrets that its object
// has: the state has fingerprints of those that somebody else has changed, and a
// rollback puts back what ran.
func revealed(previous flink.DeploymentSpec, live *unstructured.Unstructured) (flink.DeploymentSpec, error) {
	applied, err := flink.TreeOf(previous)
	if err != nil || !flink.HasFingerprints(applied) {
		return previous, err
	}
	observed, err := observe(live)
	if err != nil {
		return previous, err
	}
	return flink.SpecOf(flink.Reveal(applied, observed.Spec))
}

// hasItsSecrets refuses a specification with fingerprints in the place of secrets:
// Flink would take them for passwords.
func hasItsSecrets(spec flink.DeploymentSpec) error {
	tree, err := flink.TreeOf(spec)
	if err == nil && flink.HasFingerprints(tree) {
		err = errors.New("a secret of the previous version was changed by somebody else and then removed, so its value is not known")
	}
	return err
}
