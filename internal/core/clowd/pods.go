package clowd

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Fields of a pod template that an entry has: of the pod and of Flink's container.
var (
	podFields       = []string{"volumes", "initContainers", "terminationGracePeriodSeconds"}
	containerFields = []string{"env", "volumeMounts", "lifecycle"}
	initFields      = []string{"name", "image", "command", "args", "env"}
)

// podParts is what a pod template comes to in the podSpec of an entry.
func podParts(spec flink.DeploymentSpec) (flink.Tree, error) {
	if wrong := podFaults(spec.PodTemplate); len(wrong) > 0 {
		return nil, fmt.Errorf("pod_template: %s", wrong[0])
	}
	template := flink.Tree(spec.PodTemplate)
	out := flink.Tree{}
	annotations := maps.Clone(treeAt(template, "metadata", "annotations"))
	if spec.RestartNonce != nil {
		if annotations == nil {
			annotations = flink.Tree{}
		}
		annotations[AnnotationRestart] = strconv.FormatInt(*spec.RestartNonce, 10)
	}
	if len(annotations) > 0 {
		out["metadata"] = flink.Tree{"annotations": annotations}
	}
	pod, container := treeAt(template, "spec"), mainContainer(template)
	for _, field := range podFields {
		set(out, field, pod[field])
	}
	for _, field := range containerFields {
		set(out, field, container[field])
	}
	return out, nil
}

// mainContainer is Flink's container of a pod template, nil for none.
func mainContainer(template flink.Tree) flink.Tree {
	for _, item := range listAt(template, "spec", "containers") {
		if container, _ := item.(flink.Tree); container["name"] == flink.MainContainer {
			return container
		}
	}
	return nil
}

// podFaults says what of a pod template an entry has nothing for, each as a sentence.
func podFaults(template flink.Document) []string {
	var out []string
	other := func(of flink.Tree, where string, has ...string) {
		for _, field := range slices.Sorted(maps.Keys(of)) {
			if !slices.Contains(has, field) && !zero(of[field]) {
				out = append(out, fmt.Sprintf("A deployment of a ClowdApp has no %s%s.", where, field))
			}
		}
	}
	tree := flink.Tree(template)
	other(tree, "", "metadata", "spec", "apiVersion", "kind")
	other(treeAt(tree, "metadata"), "metadata.", "annotations", "name")
	other(treeAt(tree, "spec"), "spec.", append([]string{"containers"}, podFields...)...)
	for _, item := range listAt(tree, "spec", "containers") {
		container, _ := item.(flink.Tree)
		if name, _ := container["name"].(string); name != flink.MainContainer {
			out = append(out, fmt.Sprintf("A deployment of a ClowdApp has one container, and no %q.", name))
			continue
		}
		other(container, "spec.containers[].", append([]string{"name"}, containerFields...)...)
		for _, item := range listAt(container, "env") {
			if variable, _ := item.(flink.Tree); slices.Contains(ownEnv, textAt(variable, "name")) {
				out = append(out, fmt.Sprintf("The provider sets the variable %s itself.", textAt(variable, "name")))
			}
		}
	}
	for _, item := range listAt(tree, "spec", "initContainers") {
		container, _ := item.(flink.Tree)
		other(container, "spec.initContainers[].", initFields...)
	}
	return out
}

// templateOf is the pod template that a live podSpec comes from, without what is the
// provider's own; nil for nothing.
func templateOf(pod flink.Tree) flink.Tree {
	out, container := flink.Tree{}, flink.Tree{}
	for _, field := range podFields {
		if !zero(pod[field]) {
			put(out, pod[field], "spec", field)
		}
	}
	for _, field := range containerFields {
		value := pod[field]
		if field == "env" {
			value = slices.DeleteFunc(slices.Clone(listAt(pod, "env")), func(item any) bool {
				variable, _ := item.(flink.Tree)
				return slices.Contains(ownEnv, textAt(variable, "name"))
			})
		}
		set(container, field, value)
	}
	if len(container) > 0 {
		container["name"] = flink.MainContainer
		put(out, []any{container}, "spec", "containers")
	}
	annotations := maps.Clone(treeAt(pod, "metadata", "annotations"))
	delete(annotations, AnnotationRestart)
	if len(annotations) > 0 {
		put(out, annotations, "metadata", "annotations")
	}
	return out
}

// envOf is the value of a variable of a container, empty for none.
func envOf(pod flink.Tree, name string) string {
	for _, item := range listAt(pod, "env") {
		if variable, _ := item.(flink.Tree); variable["name"] == name {
			return textAt(variable, "value")
		}
	}
	return ""
}

// podWords are the sentences of podFaults as one text.
func podWords(faults []string) string { return strings.Join(faults, " ") }
