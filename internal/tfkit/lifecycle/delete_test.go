package lifecycle

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// stored is a job with a secret, as a state has it.
type stored struct{ plainModel }

func (*stored) Layer() defaults.Layer { return secretiveOf("hunter2", "").Layer() }

// deleting are deployments whose delete quotes what the operator has said.
type deleting struct {
	platform.Deployments
	deleted platform.Deleted
	err     error
}

func (d deleting) Delete(ctx context.Context, _ platform.Ref, _ platform.DeleteOptions) (platform.Deleted, error) {
	logctx.From(ctx).Warn("No savepoint: cannot log in with hunter2", "error", "hunter2 is wrong")
	return d.deleted, d.err
}

func TestADestroyShowsNoSecret(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		of   deleting
		want string
	}{
		{"an error", deleting{err: errors.New("no savepoint: cannot log in with hunter2")}, "cannot log in with (sensitive:"},
		{"a note", deleting{deleted: platform.Deleted{Note: "It cannot log in with hunter2."}}, "cannot log in with (sensitive:"},
		{"a note and a savepoint", deleting{deleted: platform.Deleted{SavepointPath: "s3://a/1", Note: "It cannot log in with hunter2."}}, "cannot log in with (sensitive:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			of := plainType
			of.New = func() Data { return &stored{} }
			r := &plainResource{Resource{Type: of, data: dataOf(test.of)}}
			shortcut := NewShortcut(t.Context(), of, r)
			var schema resource.SchemaResponse
			r.Schema(t.Context(), resource.SchemaRequest{}, &schema)
			state := tfsdk.State{Schema: schema.Schema, Raw: stateWith(t, shortcut, anApplication, flink.Status{JobState: flink.StateRunning})}
			var log bytes.Buffer
			var resp resource.DeleteResponse
			r.Delete(tflogtest.RootLogger(t.Context(), &log), resource.DeleteRequest{State: state}, &resp)
			if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail(), test.want) || strings.Contains(resp.Diagnostics[0].Detail(), "hunter2") {
				t.Errorf("told: %v", resp.Diagnostics)
			}
			if text := log.String(); !strings.Contains(text, "cannot log in") || strings.Contains(text, "hunter2") {
				t.Errorf("logged: %s", text)
			}
		})
	}
}
