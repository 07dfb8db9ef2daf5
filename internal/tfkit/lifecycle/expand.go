package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// expansion is a resource after expansion.
type expansion struct {
	target tfkit.Target
	defaults.Result
	// effective is the specification with the object's labels and annotations
	// under "metadata": what the attribute effective_spec says.
	effective flink.Tree
}

func (e expansion) ref(name string) platform.Ref {
	return platform.Ref{Namespace: e.target.Namespace, Name: name}
}

// expand merges the environment's settings with what the resource says. All
// of the configuration must be known.
func expand(data Data) (expansion, diag.Diagnostics) {
	var out expansion
	target, diags := data.Shared().Environment.Resolve(path.Root("environment"))
	layer, more := data.Layer()
	diags.Append(more...)
	if diags.HasError() {
		return out, diags
	}
	result, err := defaults.Expand(target.Settings, layer)
	if err != nil {
		diags.AddError("The specification cannot be expanded", tfkit.Sentence(err.Error())+" Correct the named part of the environment's defaults or overrides, or of this resource.")
		return out, diags
	}
	out.target, out.Result = target, result
	if out.effective, err = result.Effective(); err != nil {
		diags.AddError("The effective specification cannot be written", tfkit.Sentence(err.Error()))
	}
	return out, diags
}

// splitEffective reads the attribute effective_spec.
func splitEffective(text string) (spec flink.Tree, metadata flink.Tree, err error) {
	tree, err := flink.ParseTree([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	metadata, _ = tree["metadata"].(flink.Tree)
	delete(tree, "metadata")
	return tree, metadata, nil
}

// wanted returns what the platform shall have.
func (d *decision) wanted(ref platform.Ref) (platform.Deployment, error) {
	text, err := defaults.EffectiveText(d.effective)
	if err != nil {
		return platform.Deployment{}, err
	}
	tree, metadata, err := splitEffective(text)
	if err != nil {
		return platform.Deployment{}, err
	}
	spec, err := flink.SpecOf(tree)
	if err != nil {
		return platform.Deployment{}, err
	}
	return platform.Deployment{Ref: ref, Labels: texts(metadata["labels"]), Annotations: texts(metadata["annotations"]), Spec: spec, Form: d.form, BlueGreen: d.BlueGreen}, nil
}

// texts returns a tree of texts as a map.
func texts(tree any) map[string]string {
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
