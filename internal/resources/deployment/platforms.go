package deployment

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// operatorDeployments connects to the platform operator.
func operatorDeployments(ctx context.Context, data *tfkit.ProviderData) (platform.Deployments, error) {
	client, err := data.Kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	return operator.NewApplications(client, operator.Options{ForceConflicts: data.ForceConflicts}), nil
}
