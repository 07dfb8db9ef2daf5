package tfkit

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// StrategyAttribute is upgrade.strategy.
func StrategyAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "How a change that restarts the job is made. `in_place` (default): the running job is stopped and restarted. " +
			"`blue_green`: a second job starts from a savepoint beside the running one, which is deleted when the new one has proved that it works; there is no gap, and both process the same input for a while (at-least-once). " +
			"Another strategy for an existing job deletes the deployment with a savepoint and creates it again from it. Of no effect on session clusters and their jobs.",
		Validators: []validator.String{stringvalidator.OneOf(flink.StrategyInPlace, flink.StrategyBlueGreen)},
	}
}

// BlueGreenAttribute is upgrade.blue_green: a map of texts, because each
// attribute of a deployment costs in every plan, and few deployments have these.
func BlueGreenAttribute() schema.Attribute {
	return schema.MapAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "The choices of the strategy `blue_green`, all of them optional, for example `{ deletion_delay = \"5m\" }`: " +
			"`engine` (`provider`: the provider exchanges two FlinkDeployments, `<name>-blue` and `<name>-green`; `operator`: the operator does, by a FlinkBlueGreenDeployment, which it has from version 1.14 on; " +
			"`auto`, the default: what exists stays, and a new deployment takes `provider`), " +
			"`abort_grace_period` (how long a new version may take until it runs, after which it is removed and the old one stays; default `10m`), " +
			"`deletion_delay` (how long the old job stays after the switch; default `0s`) and " +
			"`service_type` (the type of the Service `<name>-active`, which leads to the active JobManager, with the engine `provider`; default `ClusterIP`).",
		Validators: []validator.Map{mapvalidator.NoNullValues(), blueGreenCheck{}},
	}
}

// blueGreenCheck checks each text of upgrade.blue_green.
type blueGreenCheck struct{}

// Description implements validator.Describer.
func (blueGreenCheck) Description(context.Context) string {
	return "choices of the strategy blue_green"
}

// MarkdownDescription implements validator.Describer.
func (c blueGreenCheck) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateMap implements validator.Map.
func (blueGreenCheck) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements := req.ConfigValue.Elements()
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		value, ok := elements[key].(types.String)
		if !ok || value.IsNull() || value.IsUnknown() {
			continue
		}
		if err := flink.CheckBlueGreen(key, value.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "The choice of the strategy blue_green cannot be taken", Sentence(err.Error())+" Correct or remove it.")
		}
	}
}
