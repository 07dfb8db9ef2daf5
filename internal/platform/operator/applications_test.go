package operator

import (
	"errors"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// TestReadFindsEveryForm looks a deployment up in the list of its namespace. A
// FlinkBlueGreenDeployment is asked for only where there may be one.
func TestReadFindsEveryForm(t *testing.T) {
	put := func(f *fake, kind kube.Kind, name string, labels map[string]string) {
		object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"image": name}}}
		object.SetNamespace(orders.Namespace)
		object.SetName(name)
		object.SetLabels(labels)
		f.put(kind, object)
	}
	const deployment = "find FlinkDeployment prod/orders"
	ours := map[string]string{deploymentLabel: "orders"}
	for _, test := range []struct {
		name    string
		prepare func(f *fake)
		form    flink.Form
		image   string
		calls   []string
	}{
		{
			name:    "in place",
			prepare: func(f *fake) { put(f, deploymentKind, "orders", nil) },
			image:   "orders", calls: []string{deployment},
		},
		{
			name:    "two colors",
			prepare: func(f *fake) { put(f, deploymentKind, "orders-green", ours) },
			form:    bluegreen.ByProvider, image: "orders-green", calls: []string{deployment, deployment + "-blue", deployment + "-green"},
		},
		{
			name: "the operator's own",
			prepare: func(f *fake) {
				put(f, blueGreenKind, "orders", nil)
				put(f, deploymentKind, "orders-blue", map[string]string{fko.ChildLabel: "BLUE"})
			},
			form: byOperator, image: "orders-blue",
			calls: []string{deployment, deployment + "-blue", deployment + "-green", "find FlinkBlueGreenDeployment prod/orders", deployment + "-blue", deployment + "-green"},
		},
		{
			name: "deployments that only have such names, in place",
			prepare: func(f *fake) {
				put(f, deploymentKind, "orders", nil)
				put(f, deploymentKind, "orders-blue", nil)
			},
			image: "orders", calls: []string{deployment},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			test.prepare(f)
			observed, err := NewApplications(f, Options{}).Read(t.Context(), orders)
			if err != nil {
				t.Fatal(err)
			}
			if observed.Ref != orders || observed.Form != test.form || observed.Spec["image"] != test.image && test.form != byOperator {
				t.Errorf("observed %+v", observed)
			}
			if !slices.Equal(f.calls, test.calls) {
				t.Errorf("the calls are %q", f.calls)
			}
		})
	}
	t.Run("a deployment of that name that is a color of another is not one", func(t *testing.T) {
		f := newFake(t)
		put(f, deploymentKind, "orders", map[string]string{deploymentLabel: "all"})
		var absent *platform.NotFoundError
		if _, err := NewApplications(f, Options{}).Read(t.Context(), orders); !errors.As(err, &absent) {
			t.Errorf("the read returned %v", err)
		}
		if _, err := NewApplications(f, Options{}).Import(t.Context(), orders); !errors.As(err, &absent) {
			t.Errorf("the import returned %v", err)
		}
	})
}
