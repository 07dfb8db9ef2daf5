package operator

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var (
	serviceKind = coreKind("", "Service", "services")
	ingressKind = coreKind("networking.k8s.io", "Ingress", "ingresses")
)

// serviceRef names the Service that leads to the JobManager of the active
// color.
func serviceRef(whole platform.Ref) platform.Ref {
	return platform.Ref{Namespace: whole.Namespace, Name: whole.Name + "-active"}
}

// lead makes the Service and the ingress of a deployment lead to a color. The
// ingress leads to the Service, so a switch changes one selector.
func (d *Deployments) lead(ctx context.Context, want platform.Deployment, color string) error {
	service, err := serviceOf(want, color)
	if err != nil {
		return err
	}
	if err := d.own(ctx, serviceKind, service); err != nil {
		return err
	}
	if want.Spec.Ingress == nil {
		return d.disown(ctx, ingressKind, want.Ref)
	}
	return d.own(ctx, ingressKind, ingressOf(want))
}

// unlead removes the Service and the ingress of a deployment.
func (d *Deployments) unlead(ctx context.Context, whole platform.Ref) error {
	if err := d.disown(ctx, ingressKind, whole); err != nil {
		return err
	}
	return d.disown(ctx, serviceKind, serviceRef(whole))
}

// own applies an object that the provider keeps beside the deployment, and
// takes none that is somebody else's.
func (d *Deployments) own(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) error {
	_, err := d.cluster.Create(ctx, kind, object)
	var exists *kube.ExistsError
	switch {
	case !errors.As(err, &exists):
		return err
	case exists.Object.GetLabels()[managedByLabel] != kube.FieldManager:
		return fmt.Errorf("the %s %s/%s, which leads to the active color of the deployment, exists already and is not the provider's. Rename or delete it, and apply again", kind.Kind, object.GetNamespace(), object.GetName())
	}
	_, err = d.cluster.Apply(ctx, kind, object, kube.ApplyOptions{Force: d.options.ForceConflicts})
	return err
}

// disown deletes an object that the provider keeps beside the deployment, if
// there is one. Who may not read it has not made it.
func (d *Deployments) disown(ctx context.Context, kind kube.Kind, ref platform.Ref) error {
	object, err := d.cluster.Get(ctx, kind, keyOf(ref))
	var absent *kube.NotFoundError
	var denied *kube.DeniedError
	switch {
	case errors.As(err, &absent):
		return nil
	case errors.As(err, &denied):
		logctx.From(ctx).InfoContext(ctx, "Not looking for what leads to the active color", "error", err.Error())
		return nil
	case err != nil:
		return err
	case object.GetLabels()[managedByLabel] != kube.FieldManager:
		return nil
	}
	return d.cluster.Delete(ctx, kind, keyOf(ref), object.GetUID())
}

// beside returns an object that the provider keeps beside a deployment.
func beside(kind kube.Kind, apiVersion string, ref platform.Ref, whole string, labels, annotations map[string]string, spec map[string]any) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": apiVersion, "kind": kind.Kind, "spec": spec}}
	object.SetNamespace(ref.Namespace)
	object.SetName(ref.Name)
	all := map[string]string{}
	for key, value := range labels {
		all[key] = value
	}
	all[managedByLabel], all[deploymentLabel] = kube.FieldManager, whole
	object.SetLabels(all)
	if len(annotations) > 0 {
		object.SetAnnotations(annotations)
	}
	return object
}

// serviceOf returns the Service that leads to a color's JobManager, whose pods
// Flink and the operator label alike.
func serviceOf(want platform.Deployment, color string) (*unstructured.Unstructured, error) {
	spec, err := flink.TreeOf(want.Spec)
	if err != nil {
		return nil, err
	}
	port := int64(restPort(spec))
	return beside(serviceKind, "v1", serviceRef(want.Ref), want.Name, nil, nil, map[string]any{
		"type":     orElse(want.BlueGreen.ServiceType, "ClusterIP"),
		"selector": map[string]any{"app": colorRef(want.Ref, color).Name, "component": "jobmanager"},
		"ports":    []any{map[string]any{"name": "rest", "port": port, "targetPort": port, "protocol": "TCP"}},
	}), nil
}

// ingressOf returns the ingress that leads to the Service, as the operator would
// make it of the same specification (IngressUtils).
func ingressOf(want platform.Deployment) *unstructured.Unstructured {
	ingress := want.Spec.Ingress
	template := ""
	if ingress.Template != nil {
		template = *ingress.Template
	}
	host, path := flink.IngressAddress(template, want.Name, want.Namespace)
	rule := map[string]any{"http": map[string]any{"paths": []any{map[string]any{
		"path": orElse(path, "/"), "pathType": "ImplementationSpecific",
		"backend": map[string]any{"service": map[string]any{"name": serviceRef(want.Ref).Name, "port": map[string]any{"name": "rest"}}},
	}}}}
	if host != "" {
		rule["host"] = host
	}
	spec := map[string]any{"rules": []any{rule}}
	if ingress.ClassName != nil {
		spec["ingressClassName"] = *ingress.ClassName
	}
	var certificates []any
	for _, tls := range ingress.TLS {
		certificate := map[string]any{}
		if len(tls.Hosts) > 0 {
			hosts := make([]any, len(tls.Hosts))
			for i, host := range tls.Hosts {
				hosts[i] = host
			}
			certificate["hosts"] = hosts
		}
		if tls.SecretName != nil {
			certificate["secretName"] = *tls.SecretName
		}
		certificates = append(certificates, certificate)
	}
	if len(certificates) > 0 {
		spec["tls"] = certificates
	}
	return beside(ingressKind, "networking.k8s.io/v1", want.Ref, want.Name, ingress.Labels, ingress.Annotations, spec)
}
