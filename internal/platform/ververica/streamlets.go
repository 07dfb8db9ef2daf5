package ververica

import (
	"context"
	"net/http"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

var _ platform.StreamletFinder = applications{}

// Streamlets implements platform.StreamletFinder. The colors of a deployment have its labels.
func (a applications) Streamlets(ctx context.Context, namespace, application string) (map[string]platform.Ref, error) {
	all, err := a.client.items(ctx, namespace, deployments)
	if rest.Code(err) == http.StatusNotFound {
		return nil, a.client.noNamespace(ctx, namespace, err)
	}
	if err != nil {
		return nil, err
	}
	out := map[string]platform.Ref{}
	for _, deployment := range all {
		labels := texts(deployment, "metadata", "labels")
		if streamlet := labels[platform.StreamletLabel]; streamlet != "" && labels[platform.ApplicationLabel] == application {
			out[streamlet] = platform.Ref{Namespace: namespace, Name: application + "-" + streamlet}
		}
	}
	return out, nil
}

// KeptSecret implements platform.StreamletFinder: the platform keeps no Secrets of Kubernetes.
func (applications) KeptSecret(context.Context, platform.Ref, string) (map[string]string, error) {
	return nil, nil
}

// KeepsSecrets implements platform.StreamletFinder.
func (applications) KeepsSecrets(context.Context, platform.Ref) (bool, error) { return false, nil }
