package clowd

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// reconcileApp makes one pass of a ClowdApp.
func (c *controller) reconcileApp(ctx context.Context, name types.NamespacedName) (time.Duration, error) {
	client := c.client.Resource(apps).Namespace(name.Namespace)
	object, err := client.Get(ctx, name.Name, metav1.GetOptions{})
	if err != nil {
		return 0, ignoreAbsent(err)
	}
	typed, proceed, err := settle[clowdApp](ctx, client, object, appFinalizer)
	if err != nil || !proceed {
		return 0, err
	}
	retry := 5 * c.step
	environment, err := c.environmentOf(ctx, typed)
	switch {
	case apierrors.IsNotFound(err):
		// It has no status at all until there is one.
		c.event(ctx, object, "ClowdEnvMissing", fmt.Sprintf("Clowder Environment [%s] is missing", typed.Spec.EnvName))
		return retry, nil
	case err != nil:
		return 0, err
	}
	status := typed.Status
	var failure string
	if !reconciled(environment) {
		c.event(ctx, object, "ClowdEnvNotReconciled", fmt.Sprintf("Clowder Environment [%s] is not reconciled", typed.Spec.EnvName))
		failure = "clowd env not reconciled"
	} else if failure, err = c.carryOut(ctx, object, typed, environment); err != nil {
		return 0, err
	}
	managed, ready, err := c.play(ctx, object)
	if err != nil {
		return 0, err
	}
	status.Deployments = figures{ManagedDeployments: managed, ReadyDeployments: ready}
	if failure == "" {
		status.Generation = object.GetGeneration()
		status.Ready = managed == ready
	}
	status.Conditions = conditionsOf(failure, status.Ready, status.Conditions)
	return max(c.step, retry/5), writeStatus(ctx, client, object, typed.Status, status)
}

func (c *controller) environmentOf(ctx context.Context, app *clowdApp) (*clowdEnvironment, error) {
	object, err := c.client.Resource(environments).Get(ctx, app.Spec.EnvName, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	out := &clowdEnvironment{}
	return out, decode(object.Object, out)
}

func reconciled(e *clowdEnvironment) bool {
	for _, c := range e.Status.Conditions {
		if c.Type == "ReconciliationSuccessful" {
			return c.Status == "True"
		}
	}
	return false
}

// carryOut makes what an application asks for. The failure is what Clowder says.
func (c *controller) carryOut(ctx context.Context, object *unstructured.Unstructured, app *clowdApp, environment *clowdEnvironment) (failure string, err error) {
	configuration, failure, err := c.kafkaOf(ctx, app, environment)
	if err != nil || failure != "" {
		return failure, err
	}
	text, err := json.Marshal(configuration)
	if err != nil {
		return "", err
	}
	secret := map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": owned(object, object.GetName(), nil), "data": map[string]any{"cdappconfig.json": base64.StdEncoding.EncodeToString(text)}}
	if err := c.apply(ctx, secrets, secret); err != nil {
		return "", err
	}
	wanted := map[string]bool{}
	for _, d := range app.Spec.Deployments {
		made, err := deploymentOf(object, d, text)
		if err != nil {
			return "", err
		}
		wanted[object.GetName()+"-"+d.Name] = true
		if err := c.admit(ctx, object, d); err != nil {
			return "", err
		}
		if err := c.apply(ctx, deployments, made); err != nil {
			return "", err
		}
	}
	return "", c.sweep(ctx, object, wanted)
}

// owned is the metadata of something that an application owns.
func owned(app *unstructured.Unstructured, name string, more map[string]any) map[string]any {
	labels := map[string]any{"app": app.GetName()}
	for key, value := range app.GetLabels() {
		labels[key] = value
	}
	out := map[string]any{
		"name": name, "namespace": app.GetNamespace(), "labels": labels,
		"ownerReferences": []any{map[string]any{"apiVersion": app.GetAPIVersion(), "kind": app.GetKind(), "name": app.GetName(), "uid": string(app.GetUID()), "controller": true, "blockOwnerDeletion": true}},
	}
	maps.Copy(out, more)
	return out
}

// deploymentOf is the Deployment of an entry. It is what Clowder makes as far as somebody looks at it.
func deploymentOf(app *unstructured.Unstructured, d deployment, configuration []byte) (map[string]any, error) {
	name := app.GetName() + "-" + d.Name
	annotations := map[string]any{}
	// Those of the application come to all of its Deployments.
	for key, value := range app.GetAnnotations() {
		annotations[key] = value
	}
	for key, value := range d.Metadata.Annotations {
		annotations[key] = value
	}
	ofPods := map[string]any{"configHash": hash(configuration)}
	for key, value := range d.PodSpec.Metadata.Annotations {
		ofPods[key] = value
	}
	container := map[string]any{"name": name, "image": d.PodSpec.Image}
	spec, err := encode(d.PodSpec)
	if err != nil {
		return nil, err
	}
	for _, field := range []string{"command", "args", "env", "resources", "volumeMounts", "readinessProbe", "livenessProbe", "lifecycle"} {
		if value, has := spec[field]; has {
			container[field] = value
		}
	}
	pod := map[string]any{"containers": []any{container}, "serviceAccountName": name}
	if volumes, has := spec["volumes"]; has {
		pod["volumes"] = volumes
	}
	replicas := int64(1)
	for _, said := range []*int32{d.MinReplicas, d.Replicas} {
		if said != nil {
			replicas = int64(*said)
		}
	}
	strategy := "RollingUpdate"
	if d.DeploymentStrategy != nil && d.DeploymentStrategy.PrivateStrategy != "" {
		strategy = d.DeploymentStrategy.PrivateStrategy
	}
	labels := map[string]any{"app": app.GetName(), "pod": name}
	return map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": owned(app, name, map[string]any{"annotations": annotations, "labels": labels}),
		"spec": map[string]any{
			"replicas": replicas, "selector": map[string]any{"matchLabels": labels}, "strategy": map[string]any{"type": strategy},
			"template": map[string]any{"metadata": map[string]any{"labels": labels, "annotations": ofPods}, "spec": pod},
		},
	}, nil
}

// admit makes the service account of an entry's pods, which has its name, with the rights that it asks for.
func (c *controller) admit(ctx context.Context, app *unstructured.Unstructured, d deployment) error {
	name := app.GetName() + "-" + d.Name
	account := map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": owned(app, name, nil)}
	if err := c.apply(ctx, accounts, account); err != nil || d.K8sAccessLevel == "" || d.K8sAccessLevel == "default" {
		return err
	}
	return c.apply(ctx, bindings, map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": owned(app, name, nil),
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": d.K8sAccessLevel},
		"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": name, "namespace": app.GetNamespace()}},
	})
}

// sweep deletes the Deployments of an application that it does not ask for any more.
func (c *controller) sweep(ctx context.Context, app *unstructured.Unstructured, wanted map[string]bool) error {
	all, err := c.ownedBy(ctx, app)
	if err != nil {
		return err
	}
	background := metav1.DeletePropagationBackground
	for _, item := range all {
		if !wanted[item.GetName()] {
			if err := ignoreAbsent(c.client.Resource(deployments).Namespace(item.GetNamespace()).Delete(ctx, item.GetName(), metav1.DeleteOptions{PropagationPolicy: &background})); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownedBy are the Deployments of an application.
func (c *controller) ownedBy(ctx context.Context, app *unstructured.Unstructured) ([]unstructured.Unstructured, error) {
	list, err := c.client.Resource(deployments).Namespace(app.GetNamespace()).List(ctx, metav1.ListOptions{LabelSelector: "app=" + app.GetName()})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list.Items, func(item unstructured.Unstructured) bool {
		return !slices.ContainsFunc(item.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == app.GetUID() })
	}), nil
}

// apply writes something as Clowder does, which owns it as a whole.
func (c *controller) apply(ctx context.Context, kind resource, object map[string]any) error {
	u := &unstructured.Unstructured{Object: object}
	_, err := c.client.Resource(kind).Namespace(u.GetNamespace()).Apply(ctx, u.GetName(), u, metav1.ApplyOptions{FieldManager: "clowder", Force: true})
	return err
}
