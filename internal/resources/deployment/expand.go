package deployment

import (
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// modeNames are the values of upgrade.mode, in the order of wireModes.
var modeNames = []string{"savepoint", "last_state", "stateless"}

var wireModes = []string{flink.UpgradeSavepoint, flink.UpgradeLastState, flink.UpgradeStateless}

// translate returns the element of to at the place where from has text.
func translate(text *string, from, to []string) *string {
	for i := range from {
		if text != nil && *text == from[i] {
			return &to[i]
		}
	}
	return nil
}

// expansion is a deployment after expansion.
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

// layer returns what the deployment itself says.
func (m *model) layer() (defaults.Layer, diag.Diagnostics) {
	spec, diags := m.Spec(path.Empty())
	spec.Job = &flink.Job{}
	if job := m.Job; job != nil {
		spec.Job = &flink.Job{
			JarURI:                job.JarURI,
			EntryClass:            job.EntryClass,
			Args:                  job.Args,
			Parallelism:           job.Parallelism,
			State:                 job.State,
			AllowNonRestoredState: job.AllowNonRestoredState,
			InitialSavepointPath:  job.InitialSavepointPath,
		}
	}
	layer := defaults.Layer{DeploymentSpec: spec, Labels: m.Labels, Annotations: m.Annotations}
	layer.RestartNonce = flink.RestartNonce(m.RestartTriggers)
	if up := m.Upgrade; up != nil {
		layer.Job.UpgradeMode = translate(up.Mode, modeNames, wireModes)
		if up.OnFailure != nil {
			layer.Upgrade = &defaults.Upgrade{OnFailure: up.OnFailure}
		}
	}
	return layer, diags
}

// expand merges the environment's settings with what the deployment says. All
// of the configuration must be known.
func (m *model) expand() (expansion, diag.Diagnostics) {
	var out expansion
	target, diags := m.Environment.Resolve(path.Root("environment"))
	layer, more := m.layer()
	diags.Append(more...)
	if diags.HasError() {
		return out, diags
	}
	result, err := defaults.Expand(target.Settings, layer)
	if err != nil {
		diags.AddError("The deployment cannot be expanded", tfkit.Sentence(err.Error())+" Correct the named part of the environment's defaults or overrides, or of the deployment.")
		return out, diags
	}
	out.target, out.Result = target, result
	if out.effective, err = effectiveTree(result); err != nil {
		diags.AddError("The effective specification cannot be written", tfkit.Sentence(err.Error()))
	}
	return out, diags
}

// effectiveTree returns a specification with its labels and annotations.
func effectiveTree(result defaults.Result) (flink.Tree, error) {
	tree, err := flink.TreeOf(result.Spec)
	if err != nil {
		return nil, err
	}
	metadata := flink.Tree{}
	for name, values := range map[string]map[string]string{"labels": result.Labels, "annotations": result.Annotations} {
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

// effectiveText returns a tree as the attribute effective_spec.
func effectiveText(tree flink.Tree) (string, error) {
	text, err := json.Marshal(tree)
	return string(text), err
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

// wanted returns what the platform shall have, from an effective specification.
func wanted(ref platform.Ref, effective flink.Tree) (platform.Deployment, error) {
	text, err := effectiveText(effective)
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
	return platform.Deployment{Ref: ref, Labels: texts(metadata["labels"]), Annotations: texts(metadata["annotations"]), Spec: spec}, nil
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
