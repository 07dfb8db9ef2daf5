package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// StatusTypes are the attributes of status.
var StatusTypes = map[string]attr.Type{
	"lifecycle_state": types.StringType,
	"job_state":       types.StringType,
	"job_id":          types.StringType,
	"job_manager":     types.StringType,
	"savepoint_path":  types.StringType,
	"state_location":  types.StringType,
	"active_color":    types.StringType,
	"error":           types.StringType,
	"flink_version":   types.StringType,
	"rest_url":        types.StringType,
	"uid":             types.StringType,
	"proof":           types.StringType,
}

// rolloutObject returns a rollout as the attribute rollout.
func rolloutObject(r planner.Rollout) types.Object {
	because := make([]attr.Value, 0, len(r.Because))
	for _, cause := range r.Because {
		because = append(because, types.StringValue(cause))
	}
	return types.ObjectValueMust(tfkit.RolloutTypes, map[string]attr.Value{
		"revision": types.Int64Value(r.Revision),
		"action":   types.StringValue(string(r.Action)),
		"because":  types.ListValueMust(types.StringType, because),
		"state":    types.StringValue(string(r.State)),
		"downtime": types.BoolValue(r.Downtime),
		"summary":  types.StringValue(r.Summary),
	})
}

// rolloutOf reads the attribute rollout; the zero Rollout when there is none.
func rolloutOf(object types.Object) planner.Rollout {
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

// StatusObject returns a status as the attribute status; what the platform did
// not say is null.
func StatusObject(s flink.Status) types.Object {
	values := map[string]attr.Value{}
	for name, text := range statusTexts(&s) {
		if *text == "" {
			values[name] = types.StringNull()
			continue
		}
		values[name] = types.StringValue(*text)
	}
	return types.ObjectValueMust(StatusTypes, values)
}

// statusOf reads the attribute status; the zero Status when there is none.
func statusOf(object types.Object) flink.Status {
	var s flink.Status
	values := object.Attributes()
	for name, text := range statusTexts(&s) {
		if value, ok := values[name].(types.String); ok {
			*text = value.ValueString()
		}
	}
	// A session cluster has no job of its own, but an address.
	s.Deployed = s.JobState != "" || s.SavepointPath != "" || s.RestURL != ""
	return s
}

// statusTexts names the fields of a status by their attribute.
func statusTexts(s *flink.Status) map[string]*string {
	return map[string]*string{
		"lifecycle_state": &s.LifecycleState,
		"job_state":       &s.JobState,
		"job_id":          &s.JobID,
		"job_manager":     &s.JobManager,
		"savepoint_path":  &s.SavepointPath,
		"state_location":  (*string)(&s.StateLocation),
		"active_color":    &s.ActiveColor,
		"error":           &s.Error,
		"flink_version":   &s.FlinkVersion,
		"rest_url":        &s.RestURL,
		"uid":             &s.UID,
		"proof":           &s.Proof,
	}
}
