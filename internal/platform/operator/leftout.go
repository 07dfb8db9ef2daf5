package operator

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// leftOut returns the paths in an object of what its claimants have said in its
// specification and no attribute of Terraform holds, such as
// spec.job.savepointTriggerNonce.
func leftOut(object *unstructured.Unstructured) ([]flink.Path, error) {
	spec, err := fko.SpecOf(object)
	if err != nil {
		return nil, err
	}
	if claimed := claimedFields(object); !claimed.Empty() {
		spec, _ = prune(spec, claimed, "spec").(map[string]any)
	}
	if object.GetKind() != blueGreenKind.Kind {
		return unknownBelow(spec, "spec")
	}
	template, _ := spec["template"].(map[string]any)
	inner, _ := template["spec"].(map[string]any)
	paths, err := unknownBelow(inner, "spec", "template", "spec")
	if err != nil {
		return nil, err
	}
	ingress, err := unknownBelow(flink.Tree{"ingress": spec["ingress"]}, "spec")
	if err != nil {
		return nil, err
	}
	paths = append(paths, ingress...)
	others := func(object any, held []string, at ...string) {
		values, _ := object.(map[string]any)
		for key := range values {
			if !slices.Contains(held, key) {
				paths = append(paths, append(slices.Clone(flink.Path(at)), key))
			}
		}
	}
	others(spec["configuration"], []string{keyAbortGracePeriod, keyDeletionDelay}, "spec", "configuration")
	others(template, []string{"spec"}, "spec", "template")
	others(spec, []string{"configuration", "template", "ingress"}, "spec")
	slices.SortFunc(paths, flink.Path.Compare)
	return paths, nil
}

// unknownBelow is flink.UnknownFields of a specification at a path of an object.
func unknownBelow(spec flink.Tree, at ...string) ([]flink.Path, error) {
	unknown, err := flink.UnknownFields(spec)
	for i, path := range unknown {
		unknown[i] = append(slices.Clone(flink.Path(at)), path...)
	}
	return unknown, err
}

// keepLeftOut gives an object to send what the live one has and no attribute
// holds: leaving it out would remove it, as it is this provider's or will be,
// and restart the job for some of it (resources.claims). The nonce of a redeploy
// is the provider's own, and its end means nothing to the operator.
func keepLeftOut(live, object *unstructured.Unstructured) error {
	paths, err := leftOut(live)
	if err != nil {
		return err
	}
	for _, path := range paths {
		holder, last := path[:len(path)-1], path[len(path)-1]
		if last == redeployNonce {
			continue
		}
		value, _, _ := unstructured.NestedFieldCopy(live.Object, path...)
		inside, found, _ := unstructured.NestedMap(object.Object, holder...)
		if _, said := inside[last]; value == nil || !found || said {
			// What a list holds, or what is gone as a whole, goes with it.
			continue
		}
		_ = unstructured.SetNestedField(object.Object, value, path...)
	}
	return nil
}
