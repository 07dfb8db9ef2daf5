package confluent

import (
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// List implements operator.Store: applications by their labels. Of other kinds nothing is kept
// here.
func (a *applications) List(ctx context.Context, kind kube.Kind, environment, selector string) ([]unstructured.Unstructured, error) {
	if !isApplication(kind) {
		return nil, nil
	}
	picks, err := labels.Parse(selector)
	if err != nil {
		return nil, err
	}
	all, err := a.client.list(ctx, a.in(environment))
	if err != nil {
		return nil, meaning(err, "list", kind, kube.Key{Namespace: environment})
	}
	var out []unstructured.Unstructured
	for _, name := range slices.Sorted(maps.Keys(all)) {
		object, err := a.Read(ctx, kind, kube.Key{Namespace: environment, Name: name})
		if err != nil {
			return nil, err
		}
		if picks.Matches(labels.Set(object.GetLabels())) {
			out = append(out, *object)
		}
	}
	return out, nil
}
