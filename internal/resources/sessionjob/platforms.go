package sessionjob

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// operatorJobs connects to the platform operator.
func operatorJobs(ctx context.Context, data *tfkit.ProviderData) (platform.Deployments, error) {
	client, err := data.Kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	return operator.NewSessionJobs(client, operator.Options{ForceConflicts: data.ForceConflicts}), nil
}
