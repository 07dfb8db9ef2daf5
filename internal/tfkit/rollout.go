package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// RolloutTypes are the attributes of rollout, of every type that runs something
// (planner.Rollout).
var RolloutTypes = map[string]attr.Type{
	"revision": types.Int64Type,
	"action":   types.StringType,
	"because":  types.ListType{ElemType: types.StringType},
	"state":    types.StringType,
	"downtime": types.BoolType,
	"summary":  types.StringType,
}

// RolloutObject returns a rollout as the attribute rollout.
func RolloutObject(r planner.Rollout) types.Object {
	because := make([]attr.Value, 0, len(r.Because))
	for _, cause := range r.Because {
		because = append(because, types.StringValue(cause))
	}
	return types.ObjectValueMust(RolloutTypes, map[string]attr.Value{
		"revision": types.Int64Value(r.Revision),
		"action":   types.StringValue(string(r.Action)),
		"because":  types.ListValueMust(types.StringType, because),
		"state":    types.StringValue(string(r.State)),
		"downtime": types.BoolValue(r.Downtime),
		"summary":  types.StringValue(r.Summary),
	})
}

// RolloutOf reads the attribute rollout; the zero Rollout when there is none.
func RolloutOf(object types.Object) planner.Rollout {
	values := object.Attributes()
	text := func(value attr.Value) string {
		known, _ := value.(types.String)
		return known.ValueString()
	}
	revision, _ := values["revision"].(types.Int64)
	downtime, _ := values["downtime"].(types.Bool)
	because, _ := values["because"].(types.List)
	out := planner.Rollout{
		Revision: revision.ValueInt64(),
		Action:   planner.Action(text(values["action"])),
		State:    planner.State(text(values["state"])),
		Downtime: downtime.ValueBool(),
		Summary:  text(values["summary"]),
	}
	for _, cause := range because.Elements() {
		out.Because = append(out.Because, text(cause))
	}
	return out
}
