package tfkit

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateMap is a private state in memory.
type privateMap map[string][]byte

func (p privateMap) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

func TestPrivate(t *testing.T) {
	type note struct {
		UID string `json:"uid"`
	}
	state := privateMap{}
	if empty, diags := ReadPrivate[note](t.Context(), state, "note"); empty != (note{}) || diags.HasError() {
		t.Errorf("nothing was written, read %+v, %v", empty, diags)
	}
	if diags := WritePrivate(t.Context(), state, "note", note{UID: "a"}); diags.HasError() {
		t.Fatal(diags)
	}
	if back, diags := ReadPrivate[note](t.Context(), state, "note"); back.UID != "a" || diags.HasError() {
		t.Errorf("read %+v, %v", back, diags)
	}
	state["note"] = []byte("{")
	if _, diags := ReadPrivate[note](t.Context(), state, "note"); !diags.HasError() {
		t.Error("a broken value was read")
	}
	if diags := WritePrivate(t.Context(), state, "note", func() {}); !diags.HasError() {
		t.Error("a value without a JSON form was written")
	}
}
