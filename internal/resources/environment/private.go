package environment

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// privateKey is where the resource's private state has what it remembers.
const privateKey = "namespace"

// private is what the provider remembers of an environment beside its state.
type private struct {
	// UID is the namespace's, when it is the environment's own.
	UID string `json:"uid"`
	// Unkept tells that the settings could not be left on the platform, so that
	// it is no drift that they are not there.
	Unkept bool `json:"unkept,omitempty"`
}

// remember records which namespace is the environment's own, and whether its
// settings are kept.
func remember(ctx context.Context, to tfkit.PrivateWriter, observed *platform.ObservedEnvironment, unkept bool) diag.Diagnostics {
	return tfkit.WritePrivate(ctx, to, privateKey, private{UID: observed.NamespaceUID, Unkept: unkept})
}

// unkeptWarning tells that the settings are not kept; nil when they are.
func unkeptWarning(m model, observed *platform.ObservedEnvironment) diag.Diagnostics {
	if observed.Unkept == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("settings"),
		fmt.Sprintf("Other configurations will not find the environment %q", ptr.Deref(m.Name, "")),
		tfkit.Sentence(observed.Unkept.Error())+" Everything else is in place, and deployments that are assigned this resource get their defaults. "+
			"Only the data source flink_environment of other configurations does not find them. It is tried again with the next change of the environment.")}
}

// recall returns what remember recorded; the zero value when there is nothing.
func recall(ctx context.Context, from tfkit.PrivateReader) (private, diag.Diagnostics) {
	return tfkit.ReadPrivate[private](ctx, from, privateKey)
}

// of returns what the environment of a state has on its platform.
func (p private) of(state model) platform.Environment {
	want := state.want()
	want.NamespaceUID = p.UID
	return want
}

// replaced tells whether the namespace is another one than the recorded one,
// deleted and created again by somebody.
func replaced(known private, observed *platform.ObservedEnvironment) bool {
	return known.UID != "" && known.UID != observed.NamespaceUID
}
