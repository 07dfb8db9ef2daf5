package rollout

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Expansion is what somebody says, after expansion.
type Expansion struct {
	defaults.Result
	// Effective is the specification with the object's labels and annotations
	// under "metadata".
	Effective flink.Tree
}

// Expand merges an environment's settings with what is said. Its finding is what
// cannot be expanded or written.
func Expand(settings defaults.Settings, said defaults.Layer) (Expansion, []flink.Finding) {
	var out Expansion
	result, err := defaults.Expand(settings, said)
	if err != nil {
		return out, fault(nil, "The specification cannot be expanded", sentence(err)+" Correct the named part of the environment's defaults or overrides, or of this resource.")
	}
	out.Result = result
	if out.Effective, err = result.Effective(); err != nil {
		return out, unwritable(err)
	}
	return out, nil
}

// Split reads the text of an effective specification.
func Split(text string) (spec, metadata flink.Tree, err error) {
	tree, err := flink.ParseTree([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	metadata, _ = tree["metadata"].(flink.Tree)
	delete(tree, "metadata")
	return tree, metadata, nil
}

// Wanted returns what the platform shall have.
func (d *Decision) Wanted(ref platform.Ref) (platform.Deployment, error) {
	text, err := defaults.EffectiveText(d.Effective)
	if err != nil {
		return platform.Deployment{}, err
	}
	tree, metadata, err := Split(text)
	if err != nil {
		return platform.Deployment{}, err
	}
	spec, err := flink.SpecOf(tree)
	if err != nil {
		return platform.Deployment{}, err
	}
	return platform.Deployment{Ref: ref, Labels: Texts(metadata["labels"]), Annotations: Texts(metadata["annotations"]), Spec: spec, Form: d.Form, BlueGreen: d.BlueGreen}, nil
}

// Texts returns a tree of texts as a map.
func Texts(tree any) map[string]string {
	values, ok := tree.(flink.Tree)
	if !ok {
		return nil
	}
	out := make(map[string]string, len(values))
	for key, value := range values {
		if text, ok := value.(string); ok {
			out[key] = text
		}
	}
	return out
}

func fault(at flink.Path, summary, detail string) []flink.Finding {
	return []flink.Finding{{Path: at, Severity: flink.Error, Summary: summary, Detail: detail}}
}

func warning(at flink.Path, summary, detail string) []flink.Finding {
	return []flink.Finding{{Path: at, Severity: flink.Warning, Summary: summary, Detail: detail}}
}

func unwritable(err error) []flink.Finding {
	return fault(nil, "The effective specification cannot be written", sentence(err))
}
