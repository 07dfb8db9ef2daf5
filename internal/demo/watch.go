package main

import (
	"context"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// The deployment of the story of a job.
const (
	address = "flink_deployment.counter"
	name    = "counter"
)

var flinkDeployment = kube.Kind{
	GroupVersionResource: schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkdeployments"},
	Kind:                 "FlinkDeployment",
}

// watch shows what happens to the FlinkDeployments of a tale until the returned function is called.
func watch(ctx context.Context, cluster *kube.Client, told tale, con *console) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	for _, name := range told.deployments {
		watching.Go(func() { follow(ctx, cluster, kube.Key{Namespace: told.namespace, Name: name}, con) })
	}
	return func() {
		cancel()
		watching.Wait()
	}
}

// follow shows what happens to one FlinkDeployment until the context ends.
func follow(ctx context.Context, cluster *kube.Client, key kube.Key, con *console) {
	last := ""
	for change := range cluster.Follow(ctx, flinkDeployment, key) {
		line := ""
		switch {
		case change.Err != nil:
			continue
		case change.Deleted:
			line = "is gone"
		case change.Object != nil:
			line = describe(change.Object)
		}
		if line != "" && line != last {
			con.aside("FlinkDeployment %s/%s %s", key.Namespace, key.Name, line)
			last = line
		}
	}
}

// describe is the status of a FlinkDeployment on one line.
func describe(object *unstructured.Unstructured) string {
	var parts []string
	for _, field := range []struct {
		name string
		path []string
	}{
		{"lifecycle", []string{"status", "lifecycleState"}},
		{"JobManager", []string{"status", "jobManagerDeploymentStatus"}},
		{"job", []string{"status", "jobStatus", "state"}},
	} {
		if value, _, _ := unstructured.NestedString(object.Object, field.path...); value != "" {
			parts = append(parts, field.name+" "+value)
		}
	}
	if len(parts) == 0 {
		return "exists, the operator has not seen it yet"
	}
	return strings.Join(parts, ", ")
}
