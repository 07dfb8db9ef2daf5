package vvp

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Back returns the specification that a Deployment comes from, in the words of a
// flink.DeploymentSpec, with what the platform has filled in.
func Back(deployment flink.Tree) flink.Tree {
	spec, _ := deployment["spec"].(flink.Tree)
	out := plain(spec)
	if job, ok := out["job"].(flink.Tree); ok {
		job["state"] = stateOf(deployment)
		if mark, unfinished := MarkOf(deployment); unfinished && mark.Mode != "" {
			job["upgradeMode"] = mark.Mode
		}
	}
	var said flink.Tree
	if text, ok := at(deployment, "metadata", "annotations", AnnotationSaid).(string); ok {
		// What cannot be read says nothing.
		said, _ = flink.ParseTree([]byte(text))
	}
	restoreSaid(out, said, spec)
	return out
}

// Live is Back with what no attribute has in the platform's own words, also where the provider
// has not said it.
func Live(deployment flink.Tree) flink.Tree {
	out := Back(deployment)
	if at(out, "ververica", "deploymentTemplate") == nil {
		template, _ := at(deployment, "spec", "template").(flink.Tree)
		if rest := unsaid(template); len(rest) > 0 {
			put(out, rest, "ververica", "deploymentTemplate")
		}
	}
	return out
}

// plain is Back without what only an annotation tells.
func plain(spec flink.Tree) flink.Tree {
	out, job := flink.Tree{}, flink.Tree{}
	template, _ := at(spec, "template", "spec").(flink.Tree)
	artifact, _ := template["artifact"].(flink.Tree)
	set(out, "deploymentName", spec["sessionClusterName"])
	set(out, "image", imageText(artifact))
	if number, ok := artifact["flinkVersion"].(string); ok {
		if version, err := flink.VersionOfRelease(number); err == nil {
			out["flinkVersion"] = version.String()
		}
	}
	for from, to := range map[string]string{"jarUri": "jarURI", "entryClass": "entryClass"} {
		set(job, to, artifact[from])
	}
	if text, ok := artifact["mainArgs"].(string); ok && text != "" {
		job["args"] = argumentsOf(text)
	}
	set(job, "parallelism", template["parallelism"])
	strategiesOf(spec, job)
	if spec["state"] != nil {
		out["job"] = job
	}
	sizesOf(template, out)
	set(out, "flinkConfiguration", template["flinkConfiguration"])
	kubernetes, _ := template["kubernetes"].(flink.Tree)
	podsOf(kubernetes, out)
	if text, ok := at(spec, "template", "metadata", "annotations", AnnotationRestart).(string); ok {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			out["restartNonce"] = json.Number(text)
		}
	}
	own := flink.Tree{}
	for from, to := range map[string]string{
		"maxJobCreationAttempts": "maxJobCreationAttempts", "maxSavepointCreationAttempts": "maxSavepointCreationAttempts",
		"jobFailureExpirationTime": "jobFailureExpirationTime", "deploymentTargetName": "deploymentTarget",
	} {
		set(own, to, spec[from])
	}
	set(out, "ververica", tree(own))
	return out
}

func imageText(artifact flink.Tree) any {
	registry, _ := artifact["flinkImageRegistry"].(string)
	repository, _ := artifact["flinkImageRepository"].(string)
	tag, _ := artifact["flinkImageTag"].(string)
	if text := (image{registry, repository, tag}).String(); text != "" {
		return text
	}
	return nil
}

// strategiesOf puts into a job how it is upgraded. What the provider itself would not have
// written has no word here.
func strategiesOf(spec, job flink.Tree) {
	upgrade, _ := at(spec, "upgradeStrategy", "kind").(string)
	restore, _ := at(spec, "restoreStrategy", "kind").(string)
	set(job, "allowNonRestoredState", at(spec, "restoreStrategy", "allowNonRestoredState"))
	switch {
	case upgrade == upgradeStateful && restore != RestoreNone:
		job["upgradeMode"] = flink.UpgradeSavepoint
	case upgrade == upgradeStateless && restore == RestoreLatestState:
		job["upgradeMode"] = flink.UpgradeLastState
	case upgrade == upgradeStateless && restore == RestoreNone:
		job["upgradeMode"] = flink.UpgradeStateless
	case upgrade != "" || restore != "":
		job["upgradeMode"] = upgrade + " " + restore
	}
}

// stateOf is job.state. The platform cannot suspend what does not run, so then it is asked
// for another state; and a change that is not seen through may have stopped a job that shall
// run.
func stateOf(deployment flink.Tree) string {
	state := at(deployment, "spec", "state")
	if mark, unfinished := MarkOf(deployment); unfinished && mark.Final == StateRunning {
		state = StateRunning
	}
	switch state {
	case StateSuspended:
		return flink.JobSuspended
	case StateCancelled:
		if at(deployment, "metadata", "annotations", AnnotationState) == flink.JobSuspended {
			return flink.JobSuspended
		}
		return flink.JobCancelled
	}
	return flink.JobRunning
}

func sizesOf(template, into flink.Tree) {
	for from, to := range map[string]string{"jobmanager": "jobManager", "taskmanager": "taskManager"} {
		if size, ok := at(template, "resources", from).(flink.Tree); ok && len(size) > 0 {
			into[to] = flink.Tree{"resource": within(size, flink.Tree{"cpu": nil, "memory": nil})}
		}
	}
	if replicas := template["numberOfTaskManagers"]; replicas != nil {
		worker, _ := into["taskManager"].(flink.Tree)
		worker = maps.Clone(worker)
		if worker == nil {
			worker = flink.Tree{}
		}
		worker["replicas"] = replicas
		into["taskManager"] = worker
	}
}

// saidPaths are what a Deployment does not tell apart, or has in other words, and untold what
// it has nowhere.
var (
	saidPaths = []flink.Path{{"image"}, {"job", "args"}, {"podTemplate"}, {"jobManager", "podTemplate"}, {"taskManager", "podTemplate"}}
	untold    = []flink.Path{{"job", "initialSavepointPath"}, {"ververica", "deploymentTemplate"}}
)

// Said returns the text of AnnotationSaid for a specification; empty where the Deployment
// tells all.
func Said(spec flink.DeploymentSpec) (string, error) {
	whole, err := flink.TreeOf(spec)
	if err != nil {
		return "", err
	}
	sent, err := Spec(spec)
	if err != nil {
		return "", err
	}
	told, said := plain(sent), flink.Tree{}
	differs := false
	for _, path := range slices.Concat(saidPaths, untold) {
		value := at(whole, path...)
		differs = differs || !reflect.DeepEqual(value, at(told, path...))
		if value != nil {
			put(said, value, path...)
		}
	}
	if !differs {
		return "", nil
	}
	text, err := json.Marshal(said)
	return string(text), err
}

// restoreSaid puts what an annotation says in the place of what a Deployment alone tells,
// where the Deployment is still what that comes to.
func restoreSaid(out, said, spec flink.Tree) {
	if len(said) == 0 {
		return
	}
	own, _ := at(said, "ververica", "deploymentTemplate").(flink.Tree)
	if own != nil {
		template, _ := spec["template"].(flink.Tree)
		put(out, within(template, own), "ververica", "deploymentTemplate")
	}
	if path := at(said, "job", "initialSavepointPath"); path != nil && out["job"] != nil {
		put(out, path, "job", "initialSavepointPath")
	}
	candidate := clone(out)
	for _, path := range saidPaths {
		remove(candidate, path...)
		if value := at(said, path...); value != nil {
			put(candidate, value, path...)
		}
	}
	typed, err := flink.SpecOf(candidate)
	if err != nil {
		return
	}
	sent, err := Spec(typed)
	if err != nil {
		return
	}
	for _, region := range [][]string{{"artifact", "flinkImageRegistry"}, {"artifact", "flinkImageRepository"}, {"artifact", "flinkImageTag"}, {"artifact", "mainArgs"}, {"kubernetes", managerPods}, {"kubernetes", workerPods}} {
		path := append([]string{"template", "spec"}, region...)
		// What is not said may be the server's.
		if value := at(sent, path...); value != nil && !reflect.DeepEqual(value, at(spec, path...)) {
			return
		}
	}
	maps.Copy(out, candidate)
	for key := range out {
		if _, kept := candidate[key]; !kept {
			delete(out, key)
		}
	}
}

func clone(of flink.Tree) flink.Tree {
	out := maps.Clone(of)
	for key, value := range out {
		if inside, ok := value.(flink.Tree); ok {
			out[key] = clone(inside)
		}
	}
	return out
}

func put(into flink.Tree, value any, path ...string) {
	for _, step := range path[:len(path)-1] {
		inside, _ := into[step].(flink.Tree)
		if inside == nil {
			inside = flink.Tree{}
			into[step] = inside
		}
		into = inside
	}
	into[path[len(path)-1]] = value
}

func remove(from flink.Tree, path ...string) {
	for _, step := range path[:len(path)-1] {
		from, _ = from[step].(flink.Tree)
	}
	delete(from, path[len(path)-1])
}

// Imported returns of a Deployment what somebody has said of it, without what is as the
// defaults of the server have it. What no attribute has is said in the platform's own words.
func Imported(deployment, defaults flink.Tree) flink.Tree {
	spec, _ := deployment["spec"].(flink.Tree)
	own := Without(spec, defaults)
	for _, field := range []string{"state", "deploymentTargetName", "sessionClusterName", "upgradeStrategy", "restoreStrategy"} {
		// How a job runs is said, also where the server says the same.
		set(own, field, spec[field])
	}
	for _, field := range saidAlways(own) {
		if value := at(spec, append([]string{"template", "spec", "artifact"}, field)...); value != nil {
			own = flink.Overlay(own, nil, flink.Tree{"template": flink.Tree{"spec": flink.Tree{"artifact": flink.Tree{field: value}}}})
		}
	}
	if at(own, "restoreStrategy", "allowNonRestoredState") == false {
		own["restoreStrategy"] = flink.Tree{"kind": at(own, "restoreStrategy", "kind")}
	}
	return Live(flink.Tree{"metadata": deployment["metadata"], "spec": own})
}

// saidAlways are the fields of an artifact that are said whatever the defaults are: the
// version, which the provider asks for, and all of an image or nothing.
func saidAlways(own flink.Tree) []string {
	fields := []string{"flinkVersion"}
	image := []string{"flinkImageRegistry", "flinkImageRepository", "flinkImageTag"}
	if slices.ContainsFunc(image, func(field string) bool { return at(own, "template", "spec", "artifact", field) != nil }) {
		fields = append(fields, image...)
	}
	return fields
}

// toldFields are the parts of a template that attributes have.
var toldFields = flink.Tree{
	"metadata": flink.Tree{"annotations": flink.Tree{AnnotationRestart: nil}},
	"spec": flink.Tree{
		"parallelism": nil, "numberOfTaskManagers": nil, "flinkConfiguration": nil,
		"resources":  flink.Tree{"jobmanager": flink.Tree{"cpu": nil, "memory": nil}, "taskmanager": flink.Tree{"cpu": nil, "memory": nil}},
		"kubernetes": flink.Tree{managerPods: nil, workerPods: nil},
		"artifact":   flink.Tree{"flinkVersion": nil, "flinkImageRegistry": nil, "flinkImageRepository": nil, "flinkImageTag": nil, "jarUri": nil, "entryClass": nil, "mainArgs": nil},
	},
}

// unsaid is what of a template no attribute has. That an artifact is a JAR goes without
// saying.
func unsaid(template flink.Tree) flink.Tree {
	rest := beyond(template, toldFields)
	if at(rest, "spec", "artifact", "kind") == artifactJAR {
		remove(rest, "spec", "artifact", "kind")
	}
	// Newer servers fill these in by themselves.
	remove(rest, "spec", "artifact", "artifactKind")
	remove(rest, "spec", "latestCheckpointFetchInterval")
	return pruned(rest)
}

// beyond is what a tree has beside the paths of another one.
func beyond(tree, told flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range tree {
		below, known := told[key]
		inside, isTree := value.(flink.Tree)
		within, alsoTree := below.(flink.Tree)
		switch {
		case !known:
			out[key] = value
		case isTree && alsoTree:
			out[key] = beyond(inside, within)
		}
	}
	return out
}

// pruned is a tree without empty objects, empty texts of the server's and nulls.
func pruned(tree flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range tree {
		if inside, isTree := value.(flink.Tree); isTree {
			if part := pruned(inside); len(part) > 0 {
				out[key] = part
			}
		} else if value != nil {
			out[key] = value
		}
	}
	return out
}
