package tfkit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// PrivateReader is a resource's private state, which no plan shows, as a
// request has it.
type PrivateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateWriter is a resource's private state as a response has it.
type PrivateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// ReadPrivate returns what WritePrivate wrote under the key; the zero value when
// there is nothing.
func ReadPrivate[T any](ctx context.Context, from PrivateReader, key string) (T, diag.Diagnostics) {
	var value T
	text, diags := from.GetKey(ctx, key)
	if len(text) == 0 || diags.HasError() {
		return value, diags
	}
	if err := json.Unmarshal(text, &value); err != nil {
		diags.AddError("The private state cannot be read", fmt.Sprintf("The value of %q is broken: %s. This is a bug in the provider; please report it.", key, err))
	}
	return value, diags
}

// WritePrivate writes a value under the key of a private state, as JSON.
func WritePrivate[T any](ctx context.Context, to PrivateWriter, key string, value T) diag.Diagnostics {
	text, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The private state cannot be written",
			fmt.Sprintf("The value of %q has no JSON form: %s. This is a bug in the provider; please report it.", key, err))}
	}
	return to.SetKey(ctx, key, text)
}
