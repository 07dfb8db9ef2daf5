package lifecycle

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// addressAttributes are those of status that a restart in place leaves as they are.
var addressAttributes = []string{"rest_url", "active_color"}

// keptAttribute names the savepoint of before a change that put the state at risk.
const keptAttribute = "kept_savepoint"

// withKept is a status that names a savepoint, none when it is empty. What is not known
// stays so.
func withKept(status types.Object, kept string) types.Object {
	if status.IsNull() || status.IsUnknown() {
		return status
	}
	values := maps.Clone(status.Attributes())
	if values[keptAttribute] = types.StringNull(); kept != "" {
		values[keptAttribute] = types.StringValue(kept)
	}
	return types.ObjectValueMust(StatusTypes, values)
}

// statusAt is the status that a restart in place leads to: nothing of it is known
// but where the JobManager answers, so that what depends on the address is not
// planned to change with every upgrade.
func statusAt(prior types.Object) types.Object {
	before := prior.Attributes()
	if address, ok := before["rest_url"].(types.String); !ok || address.ValueString() == "" {
		return types.ObjectUnknown(StatusTypes)
	}
	values := map[string]attr.Value{}
	for name := range StatusTypes {
		values[name] = types.StringUnknown()
	}
	for _, name := range addressAttributes {
		values[name] = before[name]
	}
	return types.ObjectValueMust(StatusTypes, values)
}

// asPlanned returns an observed status with what was planned of it. A wait that was
// interrupted may have seen a moment in which nothing was deployed, and Terraform
// takes nothing else than what it was promised.
func asPlanned(planned, observed types.Object) types.Object {
	promised := planned.Attributes()
	values := maps.Clone(observed.Attributes())
	for _, name := range append([]string{keptAttribute}, addressAttributes...) {
		if value, ok := promised[name]; ok && !value.IsUnknown() {
			values[name] = value
		}
	}
	return types.ObjectValueMust(StatusTypes, values)
}
