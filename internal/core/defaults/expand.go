package defaults

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// OnFailureRollback applies the previous specification again when a new one
// does not come up; it is what a deployment does unless it says otherwise.
const OnFailureRollback = "rollback"

// DefaultProveFor is how long a new version has to run unless somebody says
// otherwise.
const DefaultProveFor = 30 * time.Second

// Result is a deployment after expansion.
type Result struct {
	Spec        flink.DeploymentSpec
	Labels      map[string]string
	Annotations map[string]string
	// Plain is Spec.FlinkConfiguration without what Secrets gives, which are the
	// configuration keys that Kubernetes Secrets give.
	Plain   flink.Configuration
	Secrets map[string]flink.SecretRef
	// OnFailure is "rollback" or "keep".
	OnFailure string
	// ProveFor is how long a new version has to run without a restart, unless its
	// first checkpoint completes before; zero asks for no proof.
	ProveFor time.Duration
	// Strategy is flink.StrategyInPlace or flink.StrategyBlueGreen.
	Strategy string
	// BlueGreen are the choices of the latter, with their defaults.
	BlueGreen flink.BlueGreen
	// Origins knows which layer gave each value.
	Origins Origins
}

// MergeError says which value of which layer cannot be merged.
type MergeError struct {
	// Layer is the origin as Origins.Of names it; empty for the deployment.
	Layer string
	// Path leads to the value in the specification.
	Path flink.Path
	Err  error
}

func (e *MergeError) Error() string {
	if e.Layer == "" {
		return fmt.Sprintf("%s: %s", e.Path.Attribute(), e.Err)
	}
	return fmt.Sprintf("%s (%s): %s", e.Path.Attribute(), e.Layer, e.Err)
}

func (e *MergeError) Unwrap() error { return e.Err }

// within prefixes the path of a MergeError with a key, on the way out of the
// object that holds it.
func within(key string, err error) error {
	var merge *MergeError
	if !errors.As(err, &merge) {
		merge = &MergeError{Err: err}
	}
	merge.Path = append(flink.Path{key}, merge.Path...)
	return merge
}

// Expand merges the defaults of an environment, what a deployment says, the
// overrides of the environment and what is rendered for it, in this order: scalars and lists of a later
// layer win, maps are merged key by key and null removes, pod templates are
// merged by Kubernetes strategic merge. It then fills the provider's own
// defaults: a job runs, and is upgraded by the safest mode that its
// configuration allows. Everything else stays unset when nobody set it.
//
// A deployment without a job is a session cluster; what the environment says
// about jobs does not give it one. A session job takes of the environment only
// what it has itself: the rest is its session cluster's. The layers are not changed. A *MergeError
// says what cannot be merged.
func Expand(settings Settings, own Layer) (Result, error) {
	origins := Origins{environment: settings.Environment}
	for _, source := range []struct {
		kind  layerKind
		layer *Layer
	}{
		{environmentDefaults, settings.Defaults},
		{deployment, &own},
		{environmentOverrides, settings.Overrides},
		{rendered, settings.Rendered},
	} {
		if source.layer == nil {
			continue
		}
		tree, err := treeOf(*source.layer)
		if err != nil {
			return Result{}, err
		}
		if own.Job == nil {
			delete(tree, "job")
		}
		if own.IsSessionJob() {
			maps.DeleteFunc(tree, func(field string, _ any) bool { return !sessionJobFields[field] })
			if source.kind != deployment {
				// They are about a cluster of its own.
				tree = remove(remove(tree, flink.Path{"ververica", "deploymentTarget"}), flink.Path{"ververica", "deploymentTemplate"})
			}
		}
		origins.layers = append(origins.layers, layerTree{source.kind, tree, source.layer.Remove})
	}
	merged := flink.Tree{}
	for _, layer := range origins.layers {
		for _, path := range layer.remove {
			merged = remove(merged, path)
		}
		next, err := mergeValue(merged, layer.tree, specStrategies)
		if err != nil {
			var merge *MergeError
			if errors.As(err, &merge) {
				merge.Layer = origins.name(layer.kind)
			}
			return Result{}, err
		}
		merged, _ = next.(flink.Tree)
	}
	origins.merged = merged
	result, err := resultOf(merged)
	if err != nil {
		return Result{}, err
	}
	result.Origins = origins
	fill(&result)
	return result, nil
}

// sessionJobFields are the fields of a layer that a FlinkSessionJob has.
var sessionJobFields = map[string]bool{
	"deploymentName": true, "flinkConfiguration": true, "job": true, "restartNonce": true,
	"labels": true, "annotations": true, "upgrade": true, "ververica": true,
}

// fill sets the provider's own defaults.
func fill(result *Result) {
	if result.OnFailure == "" {
		result.OnFailure = OnFailureRollback
	}
	if result.Strategy == "" {
		result.Strategy = flink.StrategyInPlace
	}
	job := result.Spec.Job
	if job == nil {
		return
	}
	if job.State == nil {
		job.State = new(flink.JobRunning)
	}
	if job.UpgradeMode == nil {
		job.UpgradeMode = new(flink.DefaultUpgradeMode(result.Spec))
	}
}

// treeOf returns a layer as a Tree without its removals. Pod templates are
// taken over as they are: they are decoded already, and by far the largest part.
func treeOf(layer Layer) (flink.Tree, error) {
	templates := detachTemplates(&layer.DeploymentSpec)
	layer.Remove = nil
	tree, err := flink.TreeOf(layer)
	if err != nil {
		return nil, err
	}
	for owner, template := range templates {
		if len(template) == 0 {
			continue
		}
		object := tree
		if owner != "" {
			object, _ = tree[owner].(map[string]any)
		}
		object["podTemplate"] = map[string]any(template)
	}
	return tree, nil
}

// detachTemplates takes the pod templates out of a specification, whose other
// owners keep theirs, and returns them by the field that holds them.
func detachTemplates(spec *flink.DeploymentSpec) map[string]flink.Document {
	templates := map[string]flink.Document{"": spec.PodTemplate}
	spec.PodTemplate = nil
	if spec.JobManager != nil {
		copied := *spec.JobManager
		templates["jobManager"], copied.PodTemplate = copied.PodTemplate, nil
		spec.JobManager = &copied
	}
	if spec.TaskManager != nil {
		copied := *spec.TaskManager
		templates["taskManager"], copied.PodTemplate = copied.PodTemplate, nil
		spec.TaskManager = &copied
	}
	return templates
}

// resultOf returns the typed form of merged layers, which are not changed.
func resultOf(merged flink.Tree) (Result, error) {
	small := make(flink.Tree, len(merged))
	templates := map[string]any{}
	for key, value := range merged {
		object, ok := value.(map[string]any)
		switch {
		case key == "podTemplate":
			templates[""] = value
		case ok && (key == "jobManager" || key == "taskManager") && object["podTemplate"] != nil:
			templates[key] = object["podTemplate"]
			small[key] = remove(object, flink.Path{"podTemplate"})
		default:
			small[key] = value
		}
	}
	var layer Layer
	if err := decode(small, &layer); err != nil {
		return Result{}, err
	}
	document := func(owner string) flink.Document {
		object, _ := templates[owner].(map[string]any)
		return object
	}
	layer.PodTemplate = document("")
	if layer.JobManager != nil {
		layer.JobManager.PodTemplate = document("jobManager")
	}
	if layer.TaskManager != nil {
		layer.TaskManager.PodTemplate = document("taskManager")
	}
	result := Result{
		Plain:       layer.FlinkConfiguration,
		Secrets:     secretsOf(layer.SecretConfiguration),
		Spec:        layer.DeploymentSpec,
		Labels:      values(layer.Labels),
		Annotations: values(layer.Annotations),
	}
	result.Spec.FlinkConfiguration = flink.WithSecrets(result.Plain, result.Secrets)
	upgrade := layer.Upgrade
	if upgrade == nil {
		upgrade = &Upgrade{}
	}
	if upgrade.OnFailure != nil {
		result.OnFailure = *upgrade.OnFailure
	}
	if upgrade.Strategy != nil {
		result.Strategy = *upgrade.Strategy
	}
	result.ProveFor = DefaultProveFor
	if upgrade.ProveFor != nil {
		need, err := flink.ParseDuration(*upgrade.ProveFor)
		if err != nil {
			return Result{}, fmt.Errorf("upgrade.prove_for: %w", err)
		}
		result.ProveFor = need
	}
	var err error
	result.BlueGreen, err = flink.ParseBlueGreen(values(upgrade.BlueGreen))
	return result, err
}

// secretsOf returns the merged references to Secrets, in which no null is left.
func secretsOf(merged map[string]*flink.SecretRef) map[string]flink.SecretRef {
	if len(merged) == 0 {
		return nil
	}
	out := make(map[string]flink.SecretRef, len(merged))
	for key, ref := range merged {
		out[key] = *ref
	}
	return out
}

// values returns a merged map, in which no null is left.
func values(merged map[string]*string) map[string]string {
	if len(merged) == 0 {
		return nil
	}
	out := make(map[string]string, len(merged))
	for key, value := range merged {
		out[key] = *value
	}
	return out
}
