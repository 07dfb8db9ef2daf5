package environment

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// connector returns the environments of the platform that the provider is
// configured for.
type connector func(ctx context.Context, data *tfkit.ProviderData) (platform.Environments, error)

// operatorEnvironments connects to the platform operator.
func operatorEnvironments(ctx context.Context, data *tfkit.ProviderData) (platform.Environments, error) {
	if _, err := data.Kubernetes(ctx); err != nil {
		return nil, err
	}
	return nil, errors.New("this build has no platform operator")
}
