package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
