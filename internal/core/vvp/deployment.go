package vvp

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Spec returns the spec of the Deployment that a specification comes to: what it says and
// nothing more. It has no deployment target unless the specification names one. An error
// names what the platform has no words for; Validate finds the same before.
func Spec(spec flink.DeploymentSpec) (flink.Tree, error) {
	out := flink.Tree{}
	own := ptr.Deref(spec.Ververica, flink.Ververica{})
	set(out, "maxJobCreationAttempts", number(own.MaxJobCreationAttempts))
	set(out, "maxSavepointCreationAttempts", number(own.MaxSavepointCreationAttempts))
	set(out, "jobFailureExpirationTime", text(own.JobFailureExpirationTime))
	set(out, "deploymentTargetName", text(own.DeploymentTarget))
	set(out, "sessionClusterName", text(spec.DeploymentName))
	if spec.Job != nil {
		out["state"] = desired(ptr.Deref(spec.Job.State, flink.JobRunning))
		maps.Copy(out, Strategies(spec))
	}
	template, err := template(spec)
	if err != nil {
		return nil, err
	}
	if len(own.DeploymentTemplate) > 0 {
		template = flink.Overlay(template, nil, flink.Tree(own.DeploymentTemplate))
	}
	set(out, "template", tree(template))
	return out, nil
}

// Strategies are the two fields of a Deployment that say how its job is upgraded.
func Strategies(spec flink.DeploymentSpec) flink.Tree {
	upgrade, restore := upgradeStateless, RestoreNone
	switch ptr.Deref(spec.Job.UpgradeMode, flink.UpgradeStateless) {
	case flink.UpgradeSavepoint:
		upgrade, restore = upgradeStateful, RestoreLatestState
	case flink.UpgradeLastState:
		restore = RestoreLatestState
	}
	return flink.Tree{"upgradeStrategy": flink.Tree{"kind": upgrade}, "restoreStrategy": Restore(restore, spec)}
}

// StrategiesOf are Strategies of a mode, for a Deployment that says by itself whether state may
// be left out.
func StrategiesOf(mode string, deployment flink.Tree) flink.Tree {
	allow, _ := at(deployment, "spec", "restoreStrategy", "allowNonRestoredState").(bool)
	return Strategies(flink.DeploymentSpec{Job: &flink.Job{UpgradeMode: &mode, AllowNonRestoredState: &allow}})
}

// Restore is the restore strategy of a kind for the job of a specification.
func Restore(kind string, spec flink.DeploymentSpec) flink.Tree {
	out := flink.Tree{"kind": kind}
	if kind != RestoreNone {
		// Written out, so that no default of the server's takes its place.
		out["allowNonRestoredState"] = spec.Job != nil && ptr.Deref(spec.Job.AllowNonRestoredState, false)
	}
	return out
}

// desired is the state of a Deployment for job.state.
func desired(state string) string {
	switch state {
	case flink.JobSuspended:
		return StateSuspended
	case flink.JobCancelled:
		return StateCancelled
	}
	return StateRunning
}

// template is the template of a specification's job.
func template(spec flink.DeploymentSpec) (flink.Tree, error) {
	inside, err := templateSpec(spec)
	if err != nil {
		return nil, err
	}
	out := flink.Tree{}
	set(out, "spec", tree(inside))
	if spec.RestartNonce != nil {
		out["metadata"] = flink.Tree{"annotations": flink.Tree{AnnotationRestart: strconv.FormatInt(*spec.RestartNonce, 10)}}
	}
	return out, nil
}

func templateSpec(spec flink.DeploymentSpec) (flink.Tree, error) {
	out := flink.Tree{}
	artifact, err := artifact(spec)
	if err != nil {
		return nil, err
	}
	set(out, "artifact", tree(artifact))
	if spec.Job != nil {
		set(out, "parallelism", number(spec.Job.Parallelism))
	}
	if spec.TaskManager != nil {
		set(out, "numberOfTaskManagers", number(spec.TaskManager.Replicas))
	}
	resources, err := resources(spec)
	if err != nil {
		return nil, err
	}
	set(out, "resources", tree(resources))
	configuration := flink.Tree{}
	for key, value := range spec.FlinkConfiguration {
		if value != nil {
			configuration[key] = *value
		}
	}
	set(out, "flinkConfiguration", tree(configuration))
	pods, err := pods(spec)
	if err != nil {
		return nil, err
	}
	set(out, "kubernetes", tree(pods))
	return out, nil
}

// artifact is what a job runs, and with which image.
func artifact(spec flink.DeploymentSpec) (flink.Tree, error) {
	out := flink.Tree{}
	if spec.FlinkVersion != nil {
		version, err := flink.ParseVersion(*spec.FlinkVersion)
		if err != nil {
			return nil, err
		}
		out["flinkVersion"] = version.Number()
	}
	if spec.Image != nil {
		of, err := imageOf(*spec.Image)
		if err != nil {
			return nil, fmt.Errorf("image: %w", err)
		}
		out["flinkImageRegistry"], out["flinkImageRepository"], out["flinkImageTag"] = of.registry, of.repository, of.tag
	}
	if spec.Job == nil {
		return out, nil
	}
	if kind := kindOf(spec); kind == artifactJAR {
		out["kind"] = kind
	}
	set(out, "jarUri", text(spec.Job.JarURI))
	set(out, "entryClass", text(spec.Job.EntryClass))
	if len(spec.Job.Args) > 0 {
		arguments, err := argumentsText(spec.Job.Args)
		if err != nil {
			return nil, fmt.Errorf("job.args: %w", err)
		}
		out["mainArgs"] = arguments
	}
	return out, nil
}

// kindOf is the kind of a specification's artifact.
func kindOf(spec flink.DeploymentSpec) string {
	if spec.Ververica != nil {
		if kind, ok := at(flink.Tree(spec.Ververica.DeploymentTemplate), "spec", "artifact", "kind").(string); ok {
			return kind
		}
	}
	return artifactJAR
}

// mebibyte is the unit of memory that the platform reads, like gibibytes.
const mebibyte = 1 << 20

// plainMemory matches the sizes that the platform is known to take as they are.
var plainMemory = regexp.MustCompile(`^[0-9]+[mMgG]$`)

// memoryText writes a size as the platform takes it: as it was said where it can.
func memoryText(said string) (string, error) {
	bytes, err := flink.ParseMemory(said)
	if err != nil || plainMemory.MatchString(said) {
		return said, err
	}
	return strconv.FormatInt((bytes+mebibyte-1)/mebibyte, 10) + "m", nil
}

func resources(spec flink.DeploymentSpec) (flink.Tree, error) {
	var manager, worker *flink.Resource
	if spec.JobManager != nil {
		manager = spec.JobManager.Resource
	}
	if spec.TaskManager != nil {
		worker = spec.TaskManager.Resource
	}
	out := flink.Tree{}
	for name, size := range map[string]*flink.Resource{"jobmanager": manager, "taskmanager": worker} {
		if size == nil {
			continue
		}
		part := flink.Tree{}
		if size.CPU != nil {
			part["cpu"] = json.Number(strconv.FormatFloat(*size.CPU, 'f', -1, 64))
		}
		if size.Memory != nil {
			memory, err := memoryText(*size.Memory)
			if err != nil {
				return nil, fmt.Errorf("%s memory: %w", name, err)
			}
			part["memory"] = memory
		}
		set(out, name, tree(part))
	}
	return out, nil
}

// set puts a value into a tree, unless there is none.
func set(into flink.Tree, key string, value any) {
	if value != nil {
		into[key] = value
	}
}

// at returns what stands at a path of a tree, nil for nothing.
func at(tree flink.Tree, path ...string) any {
	var value any = tree
	for _, step := range path {
		inside, _ := value.(flink.Tree)
		value = inside[step]
	}
	return value
}

// tree, text and number are values for set, nil for nothing.
func tree(value flink.Tree) any {
	if len(value) == 0 {
		return nil
	}
	return value
}

func text(value *string) any {
	if value == nil {
		return nil
	}
	return *value
}

func number(value *int64) any {
	if value == nil {
		return nil
	}
	return json.Number(strconv.FormatInt(*value, 10))
}

// Defaults is the spec of the DeploymentDefaults that a layer of an environment comes to.
func Defaults(layer flink.DeploymentSpec) (flink.Tree, error) {
	layer.Job = nil
	return Spec(layer)
}
