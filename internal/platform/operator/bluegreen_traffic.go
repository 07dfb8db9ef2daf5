package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
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

// route is where the Service and the ingress of a deployment lead, and how they
// look. Both belong to the version that runs: those of a new version come with
// the switch to it, and those of one that failed never.
type route struct {
	whole       platform.Ref
	color       string
	serviceType string
	port        int
	ingress     *flink.Ingress
}

// routeOf is the route to a color that has the wanted specification.
func routeOf(want platform.Deployment, color string) (route, error) {
	spec, err := flink.TreeOf(want.Spec)
	return route{want.Ref, color, want.BlueGreen.ServiceType, flink.RestPort(spec), want.Spec.Ingress}, err
}

// routeTo is the route to a color as it is.
func routeTo(whole platform.Ref, object *unstructured.Unstructured, serviceType string) (route, error) {
	spec, err := fko.SpecOf(object)
	r := route{whole, strings.TrimPrefix(object.GetName(), whole.Name+"-"), serviceType, flink.RestPort(spec), nil}
	if text, ok := object.GetAnnotations()[ingressAnnotation]; ok && err == nil {
		if err = json.Unmarshal([]byte(text), &r.ingress); err != nil {
			err = fmt.Errorf("decode annotation %s: %w", ingressAnnotation, err)
		}
	}
	return r, err
}

// lead makes the Service and the ingress of a deployment lead to a color. The
// ingress leads to the Service, so a switch changes one selector.
func (d *Deployments) lead(ctx context.Context, r route) error {
	if d.options.Unrouted {
		return nil
	}
	if err := d.own(ctx, serviceKind, r.service()); err != nil {
		return err
	}
	if r.ingress == nil {
		return d.disown(ctx, ingressKind, r.whole)
	}
	return d.own(ctx, ingressKind, r.ingressObject())
}

// rehearseLead asks whether the Service and the ingress of a deployment may be
// written, before its job depends on it.
func (d *Deployments) rehearseLead(ctx context.Context, want platform.Deployment) error {
	if d.options.Unrouted {
		return nil
	}
	r, err := routeOf(want, flink.Blue)
	if err != nil {
		return err
	}
	if err := d.rehearseOwn(ctx, serviceKind, r.service()); err != nil || r.ingress == nil {
		return err
	}
	return d.rehearseOwn(ctx, ingressKind, r.ingressObject())
}

func (d *Deployments) rehearseOwn(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) error {
	found, err := d.cluster.Get(ctx, kind, kube.KeyOf(object))
	if err == nil && found.GetLabels()[managedByLabel] != kube.FieldManager {
		return notOurs(kind, object)
	}
	var denied *kube.DeniedError
	if err != nil && !isAbsent(err) && !errors.As(err, &denied) {
		return err
	}
	_, err = d.cluster.Apply(ctx, kind, object, kube.ApplyOptions{DryRun: true, Force: true})
	return err
}

// leadBack makes them lead to a color whose change was rolled back, as it is by
// then.
func (d *Deployments) leadBack(ctx context.Context, whole platform.Ref, color string) error {
	if d.options.Unrouted {
		return nil
	}
	object, err := d.cluster.Get(ctx, deploymentKind, keyOf(bluegreen.ColorRef(whole, color)))
	if err != nil {
		return err
	}
	service, err := d.cluster.Get(ctx, serviceKind, keyOf(serviceRef(whole)))
	if err != nil {
		return err
	}
	kind, _, _ := unstructured.NestedString(service.Object, "spec", "type")
	r, err := routeTo(whole, object, kind)
	if err != nil {
		return err
	}
	return d.lead(ctx, r)
}

// unlead removes the Service and the ingress of a deployment.
func (d *Deployments) unlead(ctx context.Context, whole platform.Ref) error {
	if d.options.Unrouted {
		return nil
	}
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
		return notOurs(kind, object)
	}
	_, err = d.cluster.Apply(ctx, kind, object, kube.ApplyOptions{Force: d.options.ForceConflicts})
	return err
}

func notOurs(kind kube.Kind, object *unstructured.Unstructured) error {
	return fmt.Errorf("the %s %s/%s, which leads to the active color of the deployment, exists already and is not the provider's. Rename or delete it, and apply again", kind.Kind, object.GetNamespace(), object.GetName())
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

// service is the Service that leads to a color's JobManager, whose pods Flink and
// the operator label alike.
func (r route) service() *unstructured.Unstructured {
	port := int64(r.port)
	return beside(serviceKind, "v1", serviceRef(r.whole), r.whole.Name, nil, nil, map[string]any{
		"type":     orElse(r.serviceType, "ClusterIP"),
		"selector": map[string]any{"app": bluegreen.ColorRef(r.whole, r.color).Name, "component": "jobmanager"},
		"ports":    []any{map[string]any{"name": "rest", "port": port, "targetPort": port, "protocol": "TCP"}},
	})
}

// ingressObject is the ingress that leads to the Service, as the operator would
// make it of the same specification (IngressUtils).
func (r route) ingressObject() *unstructured.Unstructured {
	ingress := r.ingress
	template := ""
	if ingress.Template != nil {
		template = *ingress.Template
	}
	host, path := fko.IngressAddress(template, r.whole.Name, r.whole.Namespace)
	rule := map[string]any{"http": map[string]any{"paths": []any{map[string]any{
		"path": orElse(path, "/"), "pathType": "ImplementationSpecific",
		"backend": map[string]any{"service": map[string]any{"name": serviceRef(r.whole).Name, "port": map[string]any{"name": "rest"}}},
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
	return beside(ingressKind, "networking.k8s.io/v1", r.whole, r.whole.Name, ingress.Labels, ingress.Annotations, spec)
}
