package clowd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// reconcileEnvironment makes one pass of a ClowdEnvironment.
func (c *controller) reconcileEnvironment(ctx context.Context, name string) (time.Duration, error) {
	client := c.client.Resource(environments)
	object, err := client.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return 0, ignoreAbsent(err)
	}
	typed, proceed, err := settle[clowdEnvironment](ctx, client, object, environmentFinalizer)
	if err != nil || !proceed {
		return 0, err
	}
	failure, err := c.provide(ctx, object, typed)
	if err != nil {
		return 0, err
	}
	status := typed.Status
	status.TargetNamespace = typed.Spec.TargetNamespace
	if status.TargetNamespace == "" {
		status.TargetNamespace = "clowdenv-" + name
	}
	if status.Apps, err = c.appsOf(ctx, name); err != nil {
		return 0, err
	}
	status.Conditions = conditionsOf(failure, true, status.Conditions)
	if failure == "" {
		status.Generation, status.Ready = object.GetGeneration(), true
	}
	err = writeStatus(ctx, client, object, typed.Status, status)
	// Applications come and go, and what is missing may come.
	return 10 * c.step, err
}

// provide is what a ClowdEnvironment needs. The failure is what Clowder says.
func (c *controller) provide(ctx context.Context, object *unstructured.Unstructured, typed *clowdEnvironment) (failure string, err error) {
	if target := typed.Spec.TargetNamespace; target != "" {
		_, err := c.client.Resource(namespaces).Get(ctx, target, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			c.event(ctx, object, "NamespaceMissing", fmt.Sprintf("Requested Target Namespace [%s] is missing", target))
			return fmt.Sprintf("Namespace %q not found", target), nil
		}
		if err != nil {
			return "", err
		}
	}
	kafka := typed.Spec.Providers.Kafka
	switch kafka.Mode {
	case "operator":
		if !c.speaksStrimzi() {
			return `runapp: envprovide: no matches for kind "Kafka" in version "kafka.strimzi.io/v1beta2"`, nil
		}
	case "app-interface":
		service := clusterName(typed) + "-kafka-bootstrap"
		_, err := c.client.Resource(services).Namespace(clusterNamespace(typed)).Get(ctx, service, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return fmt.Sprintf("Cannot find kafka bootstrap service %s:%s", clusterNamespace(typed), service), nil
		}
		return "", err
	case "managed":
		ref := kafka.ManagedSecretRef
		_, err := c.client.Resource(secrets).Namespace(ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) || ref.Name == "" {
			return fmt.Sprintf("secrets %q not found", ref.Name), nil
		}
		return "", err
	}
	return "", nil
}

// speaksStrimzi tells whether the cluster has Strimzi as Clowder speaks it.
func (c *controller) speaksStrimzi() bool {
	_, err := c.served.ServerResourcesForGroupVersion(topics.GroupVersion().String())
	return err == nil
}

func clusterName(e *clowdEnvironment) string {
	if name := e.Spec.Providers.Kafka.Cluster.Name; name != "" {
		return name
	}
	name, _ := e.Metadata["name"].(string)
	return name
}

func clusterNamespace(e *clowdEnvironment) string {
	if namespace := e.Spec.Providers.Kafka.Cluster.Namespace; namespace != "" {
		return namespace
	}
	return e.Spec.TargetNamespace
}

func topicNamespace(e *clowdEnvironment) string {
	if namespace := e.Spec.Providers.Kafka.TopicNamespace; namespace != "" {
		return namespace
	}
	return clusterNamespace(e)
}

// appsOf are the applications of an environment.
func (c *controller) appsOf(ctx context.Context, environment string) ([]appInfo, error) {
	all, err := c.client.Resource(apps).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var out []appInfo
	for _, item := range all.Items {
		var app clowdApp
		if err := decode(item.Object, &app); err != nil || app.Spec.EnvName != environment {
			continue
		}
		info := appInfo{Name: item.GetName(), Deployments: []deploymentInfo{}}
		for _, d := range app.Spec.Deployments {
			info.Deployments = append(info.Deployments, deploymentInfo{Name: item.GetName() + "-" + d.Name})
		}
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b appInfo) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func ignoreAbsent(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
