package operator

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// bookkeeping are the prefixes of annotations that tools keep for themselves.
var bookkeeping = []string{"kubectl.kubernetes.io/", "meta.helm.sh/"}

// Import returns a deployment with only what its claimants have said about it:
// fields that the operator filled in, or an autoscaler set, are left out. The
// server records who set which field.
func (d *Deployments) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	object, err := d.cluster.Get(ctx, d.kind, keyOf(ref))
	if err != nil {
		return nil, d.translate(err, ref)
	}
	observed, err := observe(object)
	if err != nil {
		return nil, err
	}
	return observed, onlyClaimed(object, observed, "spec")
}

// importNative returns a FlinkBlueGreenDeployment in the same manner: what its
// template says.
func (a *Applications) importNative(ref platform.Ref, n *fko.BlueGreen) (*platform.Observed, error) {
	observed, err := observeNative(*n, ref)
	if err != nil {
		return nil, err
	}
	ingress, hasIngress := observed.Spec["ingress"]
	observed.Spec = n.Template()
	if err := onlyClaimed(n.Parent, observed, "spec", "template", "spec"); err != nil {
		return nil, err
	}
	if hasIngress {
		observed.Spec["ingress"] = ingress
	}
	observed.Choices = choicesOf(n.Parent)
	return observed, nil
}

// choicesOf returns what a FlinkBlueGreenDeployment says otherwise than by
// default about how its colors take turns, as upgrade.blue_green has it.
func choicesOf(parent *unstructured.Unstructured) map[string]string {
	said, _, _ := unstructured.NestedStringMap(parent.Object, "spec", "configuration")
	choices := map[string]string{}
	for key, choice := range map[string]struct {
		name   string
		absent time.Duration
	}{
		keyAbortGracePeriod: {"abort_grace_period", flink.DefaultAbortGracePeriod},
		keyDeletionDelay:    {"deletion_delay", 0},
	} {
		value, err := flink.ParseDuration(said[key])
		if err == nil && value != choice.absent {
			choices[choice.name] = said[key]
		}
	}
	return choices
}

// onlyClaimed leaves of what was observed what the claimants of an object have
// said. The specification is at a path of the object.
func onlyClaimed(object *unstructured.Unstructured, observed *platform.Observed, at ...string) (err error) {
	if observed.LeftOut, err = leftOut(object); err != nil {
		return err
	}
	observed.Applied = kube.HasManager(object)
	for key := range observed.Annotations {
		if slices.ContainsFunc(bookkeeping, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
			delete(observed.Annotations, key)
		}
	}
	claimed := claimedFields(object)
	if claimed.Empty() {
		return nil
	}
	if spec, ok := prune(observed.Spec, claimed, at...).(map[string]any); ok {
		observed.Spec = spec
	}
	for name, values := range map[string]map[string]string{"labels": observed.Labels, "annotations": observed.Annotations} {
		maps.DeleteFunc(values, func(key, _ string) bool { return !kube.Owns(claimed, "metadata", name, key) })
	}
	return nil
}

// claimedFields are the fields that the claimants of an object own; empty when
// there is no record.
func claimedFields(object *unstructured.Unstructured) *fieldpath.Set {
	claimed := fieldpath.NewSet()
	for _, manager := range claimants(object) {
		claimed = claimed.Union(kube.OwnedFields(object, manager))
	}
	return claimed
}

// claimants are the field managers that say what a deployment shall be: this
// provider once it has applied the object, before that the tools that apply
// manifests, or for want of one whoever else wrote it. Managers of controllers,
// such as autoscalers, and the operator are none.
func claimants(object *unstructured.Unstructured) []string {
	if kube.HasManager(object) {
		return []string{kube.FieldManager}
	}
	operators := operatorsOf(object)
	var tools, others []string
	for _, manager := range kube.Managers(object) {
		switch {
		case appliers.MatchString(manager):
			tools = append(tools, manager)
		case !operators[manager]:
			others = append(others, manager)
		}
	}
	if len(tools) > 0 {
		return tools
	}
	return others
}

// operatorsOf are the field managers that write the status of an object.
func operatorsOf(object *unstructured.Unstructured) map[string]bool {
	names := map[string]bool{}
	for _, entry := range object.GetManagedFields() {
		if entry.Subresource == "status" && entry.Manager != kube.FieldManager {
			names[entry.Manager] = true
		}
	}
	return names
}

// prune returns the claimed part of a value, nil for none. Lists are claimed as
// a whole or not at all.
func prune(value any, claimed *fieldpath.Set, keys ...string) any {
	object, isObject := value.(map[string]any)
	if !isObject || len(object) == 0 {
		if kube.Owns(claimed, keys...) {
			return value
		}
		return nil
	}
	kept := make(map[string]any, len(object))
	for key, item := range object {
		if item = prune(item, claimed, append(keys[:len(keys):len(keys)], key)...); item != nil {
			kept[key] = item
		}
	}
	if len(kept) == 0 {
		// An object that the schema treats as one value has no fields of its
		// own in the record.
		if kube.Owns(claimed, keys...) {
			return value
		}
		return nil
	}
	return kept
}
