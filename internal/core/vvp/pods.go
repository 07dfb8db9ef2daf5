package vvp

import (
	"maps"
	"reflect"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Fields of template.spec.kubernetes with the pods of one component each. The platform
// takes either these or the common options below "pods".
const (
	managerPods = "jobManagerPodTemplate"
	workerPods  = "taskManagerPodTemplate"
)

// pods are the pod templates of both components: the common one with that of the component
// over it, and the service account in both.
func pods(spec flink.DeploymentSpec) (flink.Tree, error) {
	var manager, worker flink.Document
	if spec.JobManager != nil {
		manager = spec.JobManager.PodTemplate
	}
	if spec.TaskManager != nil {
		worker = spec.TaskManager.PodTemplate
	}
	out := flink.Tree{}
	for field, own := range map[string]flink.Document{managerPods: manager, workerPods: worker} {
		template := flink.Tree(spec.PodTemplate)
		if len(own) > 0 {
			merged, err := defaults.MergePodTemplate(template, flink.Tree(own))
			if err != nil {
				return nil, err
			}
			template = merged
		}
		if spec.ServiceAccount != nil {
			template = flink.Overlay(template, nil, flink.Tree{"spec": flink.Tree{"serviceAccountName": *spec.ServiceAccount}})
		}
		set(out, field, tree(template))
	}
	return out, nil
}

// podsOf puts pod templates into a specification: what both components have in common, if
// they have nothing else.
func podsOf(kubernetes, into flink.Tree) {
	manager, _ := kubernetes[managerPods].(flink.Tree)
	worker, _ := kubernetes[workerPods].(flink.Tree)
	manager, account := withoutAccount(manager)
	worker, _ = withoutAccount(worker)
	set(into, "serviceAccount", account)
	if reflect.DeepEqual(manager, worker) {
		set(into, "podTemplate", tree(manager))
		return
	}
	for owner, template := range map[string]flink.Tree{"jobManager": manager, "taskManager": worker} {
		if len(template) > 0 {
			component, _ := into[owner].(flink.Tree)
			component = maps.Clone(component)
			if component == nil {
				component = flink.Tree{}
			}
			component["podTemplate"] = template
			into[owner] = component
		}
	}
}

// withoutAccount takes the service account out of a pod template.
func withoutAccount(template flink.Tree) (rest flink.Tree, account any) {
	inside, _ := template["spec"].(flink.Tree)
	account, has := inside["serviceAccountName"]
	if !has {
		return template, nil
	}
	rest, inside = maps.Clone(template), maps.Clone(inside)
	if delete(inside, "serviceAccountName"); len(inside) > 0 {
		rest["spec"] = inside
	} else {
		delete(rest, "spec")
	}
	return rest, account
}
