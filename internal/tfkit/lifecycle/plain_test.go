package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// plainModel is the model of a type that has nothing of its own.
type plainModel struct{ Model }

func (*plainModel) Layer() (defaults.Layer, diag.Diagnostics) { return defaults.Layer{}, nil }
func (*plainModel) Choices() Choices                          { return Choices{} }
func (*plainModel) RunsOn() string                            { return "" }
func (*plainModel) Adopt(*platform.Observed, flink.DeploymentSpec) diag.Diagnostics {
	return nil
}

var plainType = Type{Name: "plain", Noun: "plain thing", New: func() Data { return &plainModel{} }}

// plainResource is a resource of that type.
type plainResource struct{ Resource }

func (*plainResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = plainType.Attributes(ctx, "it runs")
	resp.Schema.Attributes["name"] = schema.StringAttribute{Required: true}
}
