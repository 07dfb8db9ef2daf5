package savepoint

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// connector connects to the platform of a savepoint with what the provider
// block says.
type connector func(ctx context.Context, data *tfkit.ProviderData) (platform.Savepoints, error)

// operatorSavepoints connects to the platform operator.
func operatorSavepoints(ctx context.Context, data *tfkit.ProviderData) (platform.Savepoints, error) {
	client, err := data.Kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	return operator.NewSavepoints(client), nil
}
