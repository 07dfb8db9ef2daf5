package cloudflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// crashAnnotation asks for a container that ends with a message.
const crashAnnotation = "standin.cloudflow/crash"

// playPods plays the Deployment controller and the kubelet for the Deployments of an application.
func (o *Operator) playPods(ctx context.Context, cr *unstructured.Unstructured, known *app) error {
	for _, entry := range entries(cr) {
		if entry["runtime"] != runtimeAkka {
			continue
		}
		workload, err := o.client.Resource(deployments).Namespace(cr.GetNamespace()).Get(ctx, podName(entry), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := o.playPodsOf(ctx, workload, known); err != nil {
			return err
		}
	}
	return nil
}

func (o *Operator) playPodsOf(ctx context.Context, workload *unstructured.Unstructured, known *app) error {
	template, _, _ := unstructured.NestedMap(workload.Object, "spec", "template")
	encoded, err := json.Marshal(template)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(encoded)
	prefix := workload.GetName() + "-" + hex.EncodeToString(sum[:4]) + "-"
	want, _, _ := unstructured.NestedInt64(workload.Object, "spec", "replicas")
	on := o.client.Resource(pods).Namespace(workload.GetNamespace())
	live, err := on.List(ctx, metav1.ListOptions{LabelSelector: nameLabel + "=" + workload.GetName()})
	if err != nil {
		return err
	}
	there := map[string]bool{}
	old := false
	for i := range live.Items {
		name := live.Items[i].GetName()
		wanted := false
		for n := range want {
			wanted = wanted || name == fmt.Sprint(prefix, n)
		}
		if !wanted {
			old = true
			if err := o.remove(ctx, pods, workload.GetNamespace(), name); err != nil {
				return err
			}
			continue
		}
		there[name] = true
	}
	if old {
		// The strategy is Recreate: others come when these are gone.
		return nil
	}
	ready := int64(0)
	for n := range want {
		name := fmt.Sprint(prefix, n)
		if !there[name] {
			if err := o.createPod(ctx, workload, template, name); err != nil {
				return err
			}
			known.born[name] = o.Now()
		}
		is := o.kubelet(template, known.born[name])
		if is.ready {
			ready++
		}
		if err := o.writePod(ctx, workload.GetNamespace(), name, is); err != nil {
			return err
		}
		known.podSeen = true
	}
	status := object{"observedGeneration": workload.GetGeneration(), "replicas": want, "updatedReplicas": want, "readyReplicas": ready}
	before, _, _ := unstructured.NestedMap(workload.Object, "status")
	if fmt.Sprint(before) == fmt.Sprint(status) {
		return nil
	}
	workload.Object["status"] = status
	_, err = o.client.Resource(deployments).Namespace(workload.GetNamespace()).UpdateStatus(ctx, workload, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (o *Operator) createPod(ctx context.Context, workload *unstructured.Unstructured, template object, name string) error {
	metadata, _ := template["metadata"].(object)
	pod := &unstructured.Unstructured{Object: object{
		"apiVersion": "v1", "kind": "Pod", "spec": template["spec"],
		"metadata": object{
			"name": name, "namespace": workload.GetNamespace(), "labels": metadata["labels"], "annotations": metadata["annotations"],
			"ownerReferences": []any{object{"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.GetName(), "uid": string(workload.GetUID()), "controller": true}},
		},
	}}
	_, err := o.client.Resource(pods).Namespace(workload.GetNamespace()).Create(ctx, pod, metav1.CreateOptions{})
	return err
}

// played is what a kubelet says of a pod.
type played struct {
	ready    bool
	restarts int64
	phase    string
	state    object
	last     object
}

// steps of a pod.
const (
	startSteps = 2
	pullSteps  = 4
	crashSteps = 2
	mostCrash  = 5
)

// kubelet says how a pod is that was created at a time.
func (o *Operator) kubelet(template object, born time.Time) played {
	steps := int64(o.Now().Sub(born) / o.Step)
	containers, _, _ := unstructured.NestedSlice(template, "spec", "containers")
	first, _ := containers[0].(object)
	image := text(first, "image")
	annotations, _, _ := unstructured.NestedMap(template, "metadata", "annotations")
	_, tag, _ := strings.Cut(path.Base(image), ":")
	switch {
	case strings.HasPrefix(tag, "nope") && steps >= startSteps:
		reason := "ErrImagePull"
		if steps >= pullSteps {
			reason = "ImagePullBackOff"
		}
		return played{phase: "Pending", state: object{"waiting": object{"reason": reason, "message": fmt.Sprintf("Back-off pulling image %q: not found", image)}}}
	case steps < startSteps:
		return played{phase: "Pending", state: object{"waiting": object{"reason": "ContainerCreating"}}}
	case text(annotations, crashAnnotation) != "":
		return played{
			phase: "Running", restarts: min(steps/crashSteps, mostCrash),
			state: object{"waiting": object{"reason": "CrashLoopBackOff", "message": "back-off restarting failed container"}},
			last:  object{"terminated": object{"exitCode": int64(1), "reason": "Error", "message": text(annotations, crashAnnotation)}},
		}
	}
	return played{ready: true, phase: "Running", state: object{"running": object{}}}
}

func (o *Operator) writePod(ctx context.Context, namespace, name string, is played) error {
	on := o.client.Resource(pods).Namespace(namespace)
	pod, err := on.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	container := object{"name": "streamlet", "image": "", "imageID": "", "ready": is.ready, "restartCount": is.restarts, "state": is.state}
	if is.last != nil {
		container["lastState"] = is.last
	}
	condition := "False"
	if is.ready {
		condition = "True"
	}
	status := object{"phase": is.phase, "containerStatuses": []any{container}, "conditions": []any{object{"type": "Ready", "status": condition}}}
	encoded, err := json.Marshal(status)
	if err != nil {
		return err
	}
	const mark = "standin.cloudflow/status"
	if pod.GetAnnotations()[mark] == string(encoded) {
		return nil
	}
	pod.Object["status"] = status
	written, err := on.UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	annotations := written.GetAnnotations()
	annotations[mark] = string(encoded)
	written.SetAnnotations(annotations)
	_, err = on.Update(ctx, written, metav1.UpdateOptions{})
	return err
}

// removePods deletes the pods of a streamlet.
func (o *Operator) removePods(ctx context.Context, cr *unstructured.Unstructured, streamlet string) error {
	live, err := o.client.Resource(pods).Namespace(cr.GetNamespace()).List(ctx, metav1.ListOptions{LabelSelector: streamletLabel + "=" + streamlet + "," + appLabel + "=" + cr.GetName()})
	if err != nil {
		return err
	}
	for i := range live.Items {
		if err := o.remove(ctx, pods, cr.GetNamespace(), live.Items[i].GetName()); err != nil {
			return err
		}
	}
	return nil
}
