package defaults

import (
	"encoding/json"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Effective returns the specification with the object's labels and annotations
// under "metadata": what the attribute effective_spec of a deployment says.
func (r Result) Effective() (flink.Tree, error) {
	tree, err := flink.TreeOf(r.Spec)
	if err != nil {
		return nil, err
	}
	metadata := flink.Tree{}
	for name, values := range map[string]map[string]string{"labels": r.Labels, "annotations": r.Annotations} {
		if len(values) == 0 {
			continue
		}
		part := flink.Tree{}
		for key, value := range values {
			part[key] = value
		}
		metadata[name] = part
	}
	if len(metadata) > 0 {
		tree["metadata"] = metadata
	}
	return tree, nil
}

// EffectiveText returns what Effective returns as the text of the attribute:
// JSON with sorted keys.
func EffectiveText(effective flink.Tree) (string, error) {
	text, err := json.Marshal(effective)
	if err != nil {
		return "", fmt.Errorf("encode the effective specification: %w", err)
	}
	return string(text), nil
}
