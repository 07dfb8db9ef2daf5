package sessioncluster

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// operatorClusters connects to the platform operator.
func operatorClusters(ctx context.Context, data *tfkit.ProviderData) (platform.Deployments, error) {
	client, err := data.Kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	return operator.NewSessionClusters(client, operator.Options{ForceConflicts: data.ForceConflicts}), nil
}
