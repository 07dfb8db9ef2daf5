package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// plainModel is the model of a type that has nothing of its own.
type plainModel struct{ Model }

func (*plainModel) Layer() defaults.Layer { return defaults.Layer{} }
func (*plainModel) Choices() Choices      { return Choices{} }
func (*plainModel) RunsOn() string        { return "" }

var plainType = Type{Name: "plain", Kind: "plain thing", Platforms: platformtest.Known, New: func() Data { return &plainModel{} }}

// dataOf is a provider's on a platform of one part.
func dataOf(part any) *tfkit.ProviderData {
	return &tfkit.ProviderData{Platforms: platformtest.Of(part)}
}

// plainResource is a resource of that type.
type plainResource struct{ Resource }

func (*plainResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = plainType.Attributes(ctx, "it runs")
	resp.Schema.Attributes["name"] = schema.StringAttribute{Required: true}
}
