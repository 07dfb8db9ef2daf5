package object

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// place is the data of the attribute environment. It has no namespace: an
// environment of these platforms goes by its name.
type place struct {
	Platform *string `tfsdk:"platform"`
	Name     *string `tfsdk:"name"`
	Settings *string `tfsdk:"settings"`
}

// through is the data of the attribute of that name: of an environment, what says how its
// objects are reached.
type through struct {
	Settings *string `tfsdk:"settings"`
}

// placeIdentity are its attributes that say which environment it is.
func placeIdentity() []tfkit.Identifying {
	return []tfkit.Identifying{{At: []string{"environment", "platform"}}, {At: []string{"environment", "name"}}}
}

// check checks, in a configuration or plan, where the object shall be, as far as it
// is known.
func (t Type[T]) check(ctx context.Context, raw tftypes.Value) diag.Diagnostics {
	var given struct {
		Environment *place `tfsdk:"environment"`
	}
	unknown, diags := tfkit.DecodeValue(ctx, raw, nil, &given)
	if diags.HasError() || given.Environment == nil {
		return diags
	}
	offer := fmt.Sprintf("Platforms with %ss are: %s.", t.Noun, strings.Join(t.Platforms, ", "))
	platformAt, nameAt := path.Root("environment").AtName("platform"), path.Root("environment").AtName("name")
	is := ptr.Deref(given.Environment.Platform, "")
	if slices.Contains(t.Unplaced, is) {
		diags.AddAttributeError(path.Root("environment"), fmt.Sprintf("A %s of the platform %q is in no environment", t.Noun, is),
			"All environments of the platform share it. Leave environment out.")
		return diags
	}
	switch {
	case slices.Contains(t.Platforms, is), unknown.Contains(platformAt):
	case is == "":
		diags.AddAttributeError(platformAt, fmt.Sprintf("The platform of the %s is not given", t.Noun),
			fmt.Sprintf("%s An environment that names none is of another platform. Set platform = %q.", offer, t.platforms(t.Parent)[0]))
	default:
		diags.AddAttributeError(platformAt, fmt.Sprintf("The platform %q has no %ss", is, t.Noun),
			fmt.Sprintf("%s Take an environment of one of these, or leave the %s out.", offer, t.Noun))
	}
	if ptr.Deref(given.Environment.Name, "") == "" && !unknown.Contains(nameAt) {
		diags.AddAttributeError(nameAt, "The environment has no name",
			fmt.Sprintf("Name the environment that the %s is in: environment = { platform = %q, name = \"prod\" }.", t.Noun, t.platforms(t.Parent)[0]))
	}
	return diags
}
