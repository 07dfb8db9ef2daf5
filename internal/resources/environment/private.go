package environment

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// privateKey is where the resource's private state has the namespace's uid.
const privateKey = "namespace"

// private is what the provider remembers of an environment beside its state.
type private struct {
	UID string `json:"uid"`
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// remember records which namespace is the environment's own.
func remember(ctx context.Context, to privateWriter, observed *platform.ObservedEnvironment) diag.Diagnostics {
	text, err := json.Marshal(private{UID: observed.NamespaceUID})
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The namespace's uid cannot be recorded", err.Error())}
	}
	return to.SetKey(ctx, privateKey, text)
}

// recall returns what remember recorded; the zero value when there is nothing.
func recall(ctx context.Context, from privateReader) (private, diag.Diagnostics) {
	var known private
	text, diags := from.GetKey(ctx, privateKey)
	if len(text) == 0 || diags.HasError() {
		return known, diags
	}
	if err := json.Unmarshal(text, &known); err != nil {
		diags.AddError("The recorded namespace's uid cannot be read", err.Error())
	}
	return known, diags
}

// replaced tells whether the namespace is another one than the recorded one,
// deleted and created again by somebody.
func replaced(known private, observed *platform.ObservedEnvironment) bool {
	return known.UID != "" && observed.NamespaceUID != "" && known.UID != observed.NamespaceUID
}
