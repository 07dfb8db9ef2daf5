package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// StatusTypes are the attributes of status.
var StatusTypes = map[string]attr.Type{
	"lifecycle_state": types.StringType,
	"job_state":       types.StringType,
	"job_id":          types.StringType,
	"job_manager":     types.StringType,
	"savepoint_path":  types.StringType,
	"state_location":  types.StringType,
	"kept_savepoint":  types.StringType,
	"active_color":    types.StringType,
	"error":           types.StringType,
	"flink_version":   types.StringType,
	"rest_url":        types.StringType,
	"uid":             types.StringType,
	"proof":           types.StringType,
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
	// A session cluster has no job of its own, but an address or a JobManager.
	s.Deployed = s.JobState != "" || s.SavepointPath != "" || s.RestURL != "" || s.JobManager == flink.ManagerReady || s.JobManager == flink.ManagerError
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
		"kept_savepoint":  &s.KeptSavepoint,
		"active_color":    &s.ActiveColor,
		"error":           &s.Error,
		"flink_version":   &s.FlinkVersion,
		"rest_url":        &s.RestURL,
		"uid":             &s.UID,
		"proof":           &s.Proof,
	}
}
