package savepoint

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// NewResourceOn returns the resource on a platform of the test's own.
func NewResourceOn(savepoints platform.Savepoints) resource.Resource {
	return &savepointResource{connect: func(context.Context, *tfkit.ProviderData) (platform.Savepoints, error) { return savepoints, nil }}
}
