package clowd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// played is the pod of a Deployment.
type played struct {
	version string
	since   time.Time
}

// Steps until the job of a pod runs, and of one that starts slowly.
const startSteps, slowSteps = 2, 10

// play plays what Kubernetes makes of the Deployments of an application, and counts them.
func (c *controller) play(ctx context.Context, app *unstructured.Unstructured) (managed, ready int32, err error) {
	all, err := c.ownedBy(ctx, app)
	if err != nil {
		return 0, 0, err
	}
	for i := range all {
		up, err := c.isUp(ctx, &all[i])
		if err != nil {
			return 0, 0, err
		}
		managed++
		if up {
			ready++
		}
	}
	return managed, ready, nil
}

// isUp tells whether a Deployment has the pods that it shall have, and plays these where the cluster has no nodes.
func (c *controller) isUp(ctx context.Context, d *unstructured.Unstructured) (bool, error) {
	if !c.nodes {
		return c.playOne(ctx, d)
	}
	var is struct {
		Metadata struct{ Generation int64 }
		Spec     struct{ Replicas int32 }
		Status   struct {
			ObservedGeneration             int64
			UpdatedReplicas, ReadyReplicas int32
		}
	}
	err := decode(d.Object, &is)
	return is.Status.ObservedGeneration == is.Metadata.Generation && is.Status.UpdatedReplicas == is.Spec.Replicas && is.Status.ReadyReplicas == is.Spec.Replicas, err
}

// playOne plays one Deployment, of which there is one pod at most: the strategy is Recreate.
func (c *controller) playOne(ctx context.Context, d *unstructured.Unstructured) (up bool, err error) {
	name := types.NamespacedName{Namespace: d.GetNamespace(), Name: d.GetName()}
	replicas, _, _ := unstructured.NestedInt64(d.Object, "spec", "replicas")
	template, _, _ := unstructured.NestedMap(d.Object, "spec", "template")
	text, err := json.Marshal(template)
	if err != nil {
		return false, err
	}
	version := hash(text)[:10]
	pod := d.GetName() + "-" + version[:8] + "-" + version[5:]
	if err := c.endOthers(ctx, d, pod, replicas); err != nil {
		return false, err
	}
	if replicas == 0 {
		c.mutex.Lock()
		delete(c.played, name)
		c.mutex.Unlock()
		return true, c.workloadStatus(ctx, d, 0, 0)
	}
	now := c.since(name, version+string(d.GetUID()))
	container, status := podStatus(template, time.Since(now), c.step)
	if err := c.writePod(ctx, d, pod, template, status); err != nil {
		return false, err
	}
	up, _ = container["ready"].(bool)
	count := int64(0)
	if up {
		count = 1
	}
	return up, c.workloadStatus(ctx, d, 1, count)
}

// since is since when the pod of a Deployment has been of a version.
func (c *controller) since(name types.NamespacedName, version string) time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.played[name].version != version {
		c.played[name] = played{version, time.Now()}
	}
	return c.played[name].since
}

// endOthers ends the pods of a Deployment but the one of its present version, and that too where it has
// none.
func (c *controller) endOthers(ctx context.Context, d *unstructured.Unstructured, pod string, replicas int64) error {
	client := c.client.Resource(pods).Namespace(d.GetNamespace())
	list, err := client.List(ctx, metav1.ListOptions{LabelSelector: "pod=" + d.GetName()})
	if err != nil {
		return err
	}
	zero := int64(0)
	for _, item := range list.Items {
		if item.GetName() != pod || replicas == 0 {
			if err := ignoreAbsent(client.Delete(ctx, item.GetName(), metav1.DeleteOptions{GracePeriodSeconds: &zero})); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *controller) writePod(ctx context.Context, d *unstructured.Unstructured, name string, template map[string]any, status map[string]any) error {
	client := c.client.Resource(pods).Namespace(d.GetNamespace())
	if _, err := client.Get(ctx, name, metav1.GetOptions{}); err != nil {
		if ignoreAbsent(err) != nil {
			return err
		}
		labels, _, _ := unstructured.NestedMap(template, "metadata", "labels")
		spec, _, _ := unstructured.NestedMap(template, "spec")
		spec["serviceAccountName"] = "default"
		spec["automountServiceAccountToken"] = false
		object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{
			"name": name, "namespace": d.GetNamespace(), "labels": labels,
			"ownerReferences": []any{map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": d.GetName(), "uid": string(d.GetUID()), "controller": true, "blockOwnerDeletion": true}},
		}, "spec": spec}}
		if _, err := client.Create(ctx, object, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return err
	}
	_, err = client.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// podStatus is what a kubelet says of a pod that is so old.
func podStatus(template map[string]any, age, step time.Duration) (container, status map[string]any) {
	containers, _, _ := unstructured.NestedSlice(template, "spec", "containers")
	first, _ := containers[0].(map[string]any)
	image, _ := first["image"].(string)
	var args []string
	for _, arg := range listOf(first["args"]) {
		text, _ := arg.(string)
		args = append(args, text)
	}
	container = map[string]any{"name": first["name"], "image": image, "imageID": "", "ready": false, "restartCount": int64(0)}
	status = map[string]any{"phase": "Pending", "containerStatuses": []any{container}}
	waiting := func(reason, message string) {
		container["state"] = map[string]any{"waiting": map[string]any{"reason": reason, "message": message}}
	}
	steps := startSteps
	if slices.Contains(args, "--slow-start") {
		steps = slowSteps
	}
	_, tag, _ := strings.Cut(path.Base(image), ":")
	switch {
	case age < step:
		waiting("ContainerCreating", "")
	case strings.HasPrefix(tag, "nope"):
		waiting("ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q: ErrImagePull: not found", image))
	case slices.Contains(args, "--fail-start"):
		status["phase"], container["restartCount"] = "Running", int64(3)
		container["lastState"] = map[string]any{"terminated": map[string]any{"reason": "Error", "exitCode": int64(1)}}
		waiting("CrashLoopBackOff", fmt.Sprintf("back-off 10s restarting failed container=%v", first["name"]))
	case age < time.Duration(steps)*step:
		// It runs, and its probe says that the job does not.
		status["phase"] = "Running"
		container["state"] = map[string]any{"running": map[string]any{"startedAt": time.Now().UTC().Format(time.RFC3339)}}
	default:
		status["phase"], container["ready"] = "Running", true
		container["state"] = map[string]any{"running": map[string]any{"startedAt": time.Now().Add(-age).UTC().Format(time.RFC3339)}}
	}
	return container, status
}

func listOf(value any) []any {
	out, _ := value.([]any)
	return out
}

// workloadStatus writes the status of a Deployment.
func (c *controller) workloadStatus(ctx context.Context, d *unstructured.Unstructured, replicas, ready int64) error {
	before, _, _ := unstructured.NestedMap(d.Object, "status")
	available := "False"
	if ready == replicas {
		available = "True"
	}
	status := map[string]any{
		"observedGeneration": d.GetGeneration(), "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": ready, "availableReplicas": ready,
		"conditions": []any{map[string]any{"type": "Available", "status": available, "reason": "MinimumReplicas", "message": ""}},
	}
	was, err := json.Marshal(before)
	if err != nil {
		return err
	}
	is, err := json.Marshal(status)
	if err != nil || bytes.Equal(was, is) {
		return err
	}
	next := d.DeepCopy()
	next.Object["status"] = status
	_, err = c.client.Resource(deployments).Namespace(d.GetNamespace()).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	return err
}
