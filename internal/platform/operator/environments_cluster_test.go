package operator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// TestEnvironmentOnTheCluster goes through the life of an environment, with a
// namespace controller that really deletes.
func TestEnvironmentOnTheCluster(t *testing.T) {
	cluster := acctest.Cluster(t, acctest.Newest())
	environments := operator.NewEnvironments(connect(t, cluster), operator.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	want := platform.Environment{
		Namespace: cluster.Namespace(t) + "-env", CreateNamespace: true, ServiceAccount: "jobs", Labels: map[string]string{"team": "a"},
	}
	made, err := environments.Apply(ctx, want, nil)
	if err != nil {
		t.Fatal(err)
	}
	var exists *kube.ExistsError
	if _, err := environments.Apply(ctx, want, nil); !errors.As(err, &exists) {
		t.Errorf("a second create returned %v", err)
	}
	read, err := environments.Read(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, read); diff != "" {
		t.Errorf("read differs from what was made (-made +read):\n%s", diff)
	}

	previous := want
	want.ServiceAccount, want.Labels = "flink", map[string]string{"team": "b"}
	if _, err := environments.Apply(ctx, want, &previous); err != nil {
		t.Fatal(err)
	}
	allowed := func(account, resource, group, verb string) bool {
		t.Helper()
		review := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
			"spec": map[string]any{
				"user":               "system:serviceaccount:" + want.Namespace + ":" + account,
				"resourceAttributes": map[string]any{"namespace": want.Namespace, "resource": resource, "group": group, "verb": verb},
			},
		}}
		answer, err := cluster.Client.Resource(schema.GroupVersionResource{Group: "authorization.k8s.io", Version: "v1", Resource: "subjectaccessreviews"}).
			Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		yes, _, _ := unstructured.NestedBool(answer.Object, "status", "allowed")
		return yes
	}
	for _, can := range []struct {
		account, resource, group, verb string
		want                           bool
	}{
		{"flink", "pods", "", "create", true},
		{"flink", "configmaps", "", "watch", true},
		{"flink", "deployments", "apps", "get", true},
		{"flink", "secrets", "", "get", false},
		{"jobs", "pods", "", "create", false},
	} {
		if got := allowed(can.account, can.resource, can.group, can.verb); got != can.want {
			t.Errorf("%+v is %v", can, got)
		}
	}

	deployments := cluster.Client.Resource(flinkDeployments).Namespace(want.Namespace)
	orders := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment",
		"metadata": map[string]any{"name": "orders"}, "spec": map[string]any{"job": map[string]any{"state": "suspended"}},
	}}
	if _, err := deployments.Create(ctx, orders, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var used *platform.InUseError
	if err := environments.Delete(ctx, want); !errors.As(err, &used) || !strings.Contains(err.Error(), "FlinkDeployment orders") {
		t.Errorf("the delete of an environment in use returned %v", err)
	}
	if err := deployments.Delete(ctx, "orders", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	operatorLetsGo(ctx, t, cluster, want.Namespace)
	if err := environments.Delete(ctx, want); err != nil {
		t.Fatal(err)
	}
	var absent *platform.NotFoundError
	if _, err := environments.Read(ctx, want); !errors.As(err, &absent) {
		t.Errorf("after the delete the read returned %v", err)
	}
}

// operatorLetsGo waits until no deployment is left in a namespace.
func operatorLetsGo(ctx context.Context, t *testing.T, cluster *acctest.ClusterHandle, namespace string) {
	t.Helper()
	client := connect(t, cluster)
	kind := kube.Kind{GroupVersionResource: flinkDeployments, Kind: "FlinkDeployment"}
	following, stop := context.WithCancel(ctx)
	defer stop()
	for change := range client.Follow(following, kind, kube.Key{Namespace: namespace, Name: "orders"}) {
		if change.Err == nil && change.Object == nil {
			return
		}
	}
	t.Fatalf("the deployment is still there: %v", ctx.Err())
}
