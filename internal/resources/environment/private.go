package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// privateKey is where the resource's private state has the namespace's uid.
const privateKey = "namespace"

// private is what the provider remembers of an environment beside its state.
type private struct {
	UID string `json:"uid"`
}

// remember records which namespace is the environment's own.
func remember(ctx context.Context, to tfkit.PrivateWriter, observed *platform.ObservedEnvironment) diag.Diagnostics {
	return tfkit.WritePrivate(ctx, to, privateKey, private{UID: observed.NamespaceUID})
}

// recall returns what remember recorded; the zero value when there is nothing.
func recall(ctx context.Context, from tfkit.PrivateReader) (private, diag.Diagnostics) {
	return tfkit.ReadPrivate[private](ctx, from, privateKey)
}

// replaced tells whether the namespace is another one than the recorded one,
// deleted and created again by somebody.
func replaced(known private, observed *platform.ObservedEnvironment) bool {
	return known.UID != "" && observed.NamespaceUID != "" && known.UID != observed.NamespaceUID
}
