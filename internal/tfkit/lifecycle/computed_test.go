package lifecycle

import (
	"context"
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// unwritable is a value that Terraform cannot be told.
type unwritable struct{ basetypes.StringValue }

func (unwritable) ToTerraformValue(context.Context) (tftypes.Value, error) {
	return tftypes.Value{}, errors.New("no such value")
}

func TestAComputedValueThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	shortcut := NewShortcut(t.Context(), plainType, &plainResource{})
	raw := stateOf(t, shortcut, flink.Tree{"image": "orders:1"})
	broken := types.ObjectValueMust(map[string]attr.Type{"a": types.StringType}, map[string]attr.Value{"a": unwritable{}})
	for name, computed := range map[string]computedValues{"rollout": {rollout: broken}, "status": {status: broken}} {
		if got, diags := computed.in(t.Context(), raw); !diags.HasError() || !got.Equal(raw) {
			t.Errorf("%s: %v, %s", name, diags, got)
		}
	}
	if _, diags := new(computedValues).in(t.Context(), tftypes.NewValue(tftypes.String, "no object")); !diags.HasError() {
		t.Error("a plan that is no object is taken")
	}
}
