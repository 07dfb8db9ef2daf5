package environment

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// connector returns the environments of the platform that the provider is
// configured for.
type connector func(ctx context.Context, data *tfkit.ProviderData) (platform.Environments, error)

// operatorEnvironments connects to the platform operator.
func operatorEnvironments(ctx context.Context, data *tfkit.ProviderData) (platform.Environments, error) {
	client, err := data.Kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	return operator.NewEnvironments(client, operator.Options{ForceConflicts: data.ForceConflicts}), nil
}
