// Package flinkapi is what the stand-ins of servers need of the cluster in which their jobs run.
package flinkapi

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Client reaches a cluster with the Flink Kubernetes Operator, or a stand-in of it.
type Client struct {
	Objects dynamic.Interface
	// Raw reaches what is behind the API server's proxy.
	Raw rest.Interface
}

// Load returns the client of a kubeconfig, which asks as often as it likes.
func Load(kubeconfig string) (Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return Client{}, err
	}
	config.QPS = -1
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return Client{}, err
	}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	raw, err := rest.UnversionedRESTClientFor(config)
	return Client{Objects: objects, Raw: raw}, err
}

// Group and Version are those of the operator's resources.
const (
	Group   = "flink.apache.org"
	Version = "v1beta1"
)

// The operator's resources.
var (
	FlinkDeployments    = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "flinkdeployments"}
	FlinkSessionJobs    = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "flinksessionjobs"}
	FlinkStateSnapshots = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "flinkstatesnapshots"}
)
