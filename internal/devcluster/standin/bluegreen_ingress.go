package standin

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// reconcileIngress points the Ingress of the FlinkBlueGreenDeployment to the REST service of a color; without
// spec.ingress there is none.
func (b *blueGreenPass) reconcileIngress(ctx context.Context, c color) error {
	ingress, ok := b.spec.ingress.(map[string]any)
	if !ok {
		return b.api.remove(ctx, ingresses, b.key)
	}
	template, _ := ingress["template"].(string)
	template = templateName.ReplaceAllStringFunc(template, func(placeholder string) string {
		if strings.EqualFold(placeholder, "{{name}}") {
			return b.key.Name
		}
		return b.key.Namespace
	})
	if !strings.Contains(template, "://") {
		template = "http://" + template
	}
	target, err := url.Parse(template)
	if err != nil {
		return nil //nolint:nilerr // the operator throws; nothing shows it
	}
	port, err := strconv.ParseInt(b.children[c].pass.config["rest.port"], 10, 64)
	if err != nil {
		port = 8081
	}
	path := map[string]any{
		"pathType": "ImplementationSpecific",
		"backend":  map[string]any{"service": map[string]any{"name": b.childKey(c).Name + "-rest", "port": map[string]any{"number": port}}},
	}
	if target.Path != "" {
		path["path"] = target.Path
	}
	rule := map[string]any{"http": map[string]any{"paths": []any{path}}}
	if target.Hostname() != "" {
		rule["host"] = target.Hostname()
	}
	labels := map[string]any{}
	if custom, ok := ingress["labels"].(map[string]any); ok {
		maps.Copy(labels, custom)
	}
	labels["component"] = "ingress"
	spec := map[string]any{"ingressClassName": ingress["className"], "tls": ingress["tls"], "rules": []any{rule}}
	dropNulls(spec)
	return b.api.put(ctx, ingresses, map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
		"metadata": map[string]any{
			"namespace": b.key.Namespace, "name": b.key.Name, "labels": labels, "annotations": ingress["annotations"],
			"ownerReferences": owner(b.obj.GetAPIVersion(), b.obj.GetKind(), b.key.Name, b.obj.GetUID(), true),
		},
		"spec": spec,
	})
}
