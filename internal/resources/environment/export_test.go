package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// NewResourceOn returns the resource on a platform of the test's own.
func NewResourceOn(environments platform.Environments) resource.Resource {
	return &Resource{connect: func(context.Context, *tfkit.ProviderData) (platform.Environments, error) { return environments, nil }}
}
