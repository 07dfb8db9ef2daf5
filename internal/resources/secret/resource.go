// Package secret is the resource flink_secret: values that nobody shall see.
package secret

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// secretResource is the resource flink_secret.
type secretResource struct {
	object.Resource[platform.Secret]
}

var (
	_ object.Full                         = (*secretResource)(nil)
	_ resource.ResourceWithValidateConfig = (*secretResource)(nil)
)

// NewResource returns the resource flink_secret of the platforms with these names: of
// those on which all environments share a secret, and of those on which it is in one.
func NewResource(shared, placed []string) resource.Resource {
	return &secretResource{object.Resource[platform.Secret]{Type: object.Type[platform.Secret]{
		Name:      "secret",
		Noun:      "secret",
		Platforms: slices.Concat(shared, placed),
		Parent:    object.InEnvironment,
		Unplaced:  shared,
		New:       func() object.Data[platform.Secret] { return &model{} },
		Schema:    secretSchema,
		Told:      []string{"data_wo_version", "server_version", "environments"},
		Computed:  []string{"server_version", "environments"},
		Of: func(ctx context.Context, data *tfkit.ProviderData, on tfkit.Target) (platform.Objects[platform.Secret], error) {
			return data.ConnectSecrets(ctx, on)
		},
	}}}
}

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	// data are the values, which only a configuration has.
	data          map[string]string
	DataVersion   *string  `tfsdk:"data_wo_version"`
	ServerVersion *string  `tfsdk:"server_version"`
	Environments  []string `tfsdk:"environments"`
}

// Want implements object.Data.
func (m *model) Want() (platform.Secret, diag.Diagnostics) {
	return platform.Secret{Described: m.Described(), Data: m.data, Version: ptr.Deref(m.DataVersion, "")}, nil
}

// Take implements object.Data. When somebody else has changed the values, nobody
// knows them any more: the version that the state has is not theirs.
func (m *model) Take(observed platform.Secret) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	if m.ServerVersion != nil && *m.ServerVersion != observed.Version {
		m.DataVersion = nil
	}
	m.ServerVersion = &observed.Version
	m.Environments = append([]string{}, observed.Environments...)
	return nil
}

// TakeWriteOnly implements object.WriteOnly.
func (m *model) TakeWriteOnly(ctx context.Context, config tftypes.Value) diag.Diagnostics {
	var given struct {
		Data map[string]string `tfsdk:"data_wo"`
	}
	unknown, diags := tfkit.DecodeValue(ctx, config, nil, &given)
	if len(given.Data) == 0 || unknown.Contains(path.Root("data_wo")) {
		diags.AddAttributeError(path.Root("data_wo"), "The values of the secret are not known", "They must be known when they are written. Nothing was written.")
	}
	diags.Append(checkKeys(m.Environment != nil, slices.Sorted(maps.Keys(given.Data)))...)
	m.data = given.Data
	return diags
}
