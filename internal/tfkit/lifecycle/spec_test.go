package lifecycle

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// noted are deployments that note how they were asked to delete one.
type noted struct {
	platform.Deployments
	options *platform.DeleteOptions
}

func (n noted) Delete(_ context.Context, _ platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	*n.options = options
	return platform.Deleted{}, nil
}

const unreadableSummary = "The specification in the state cannot be read"

// unreadable are specifications that another version of the provider, or a hand,
// has left in a state.
var unreadable = []string{`{"job":{"parallelism":"many"}}`, `{`}

func unreadRecord(text string) Record {
	return Record{Name: new("orders"), ID: types.StringValue("operator/flink-prod/orders"), EffectiveSpec: types.StringValue(text), Status: StatusObject(ran)}
}

// TestAnUnreadableSpecificationCountsAsAJobWithState asks what rests on the
// specification in a state.
func TestAnUnreadableSpecificationCountsAsAJobWithState(t *testing.T) {
	t.Parallel()
	for _, text := range unreadable {
		data := &plainModel{Model: Model{Record: unreadRecord(text)}}
		warned := destroyWarnings(platformtest.Known[0], data, true)
		if len(warned) != 2 || warned[0].Summary() != unreadableSummary || !strings.HasPrefix(warned[1].Summary(), `The job "orders" will be destroyed`) {
			t.Errorf("%s: a destroy warns %v", text, warned)
		}
		spec, diags := data.Shared().spec()
		if len(diags) != 1 || diags[0].Summary() != unreadableSummary || spec.IsSessionCluster() {
			t.Errorf("%s: %+v, %v", text, spec, diags)
		}
	}
}

// TestADeleteOfAnUnreadableSpecificationSaves deletes what it cannot read, with a
// savepoint.
func TestADeleteOfAnUnreadableSpecificationSaves(t *testing.T) {
	t.Parallel()
	for _, text := range unreadable {
		var asked platform.DeleteOptions
		of := plainType
		of.New = func() Data { return &saving{} }
		r := &plainResource{Resource{Type: of, data: dataOf(noted{options: &asked})}}
		shortcut := NewShortcut(t.Context(), of, r)
		var schema resource.SchemaResponse
		r.Schema(t.Context(), resource.SchemaRequest{}, &schema)
		state := tfsdk.State{Schema: schema.Schema, Raw: stateWith(t, shortcut, nil, ran)}
		computed := computedValues{id: types.StringValue("operator/flink-prod/orders"), effective: types.StringValue(text), rollout: tfkit.RolloutObject(planner.Rollout{}), status: StatusObject(ran)}
		state.Raw, _ = computed.in(t.Context(), state.Raw)
		resp := resource.DeleteResponse{State: state}
		r.Delete(t.Context(), resource.DeleteRequest{State: state}, &resp)
		if resp.Diagnostics.HasError() || len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != unreadableSummary || !asked.Savepoint {
			t.Errorf("%s: %v, asked %+v", text, resp.Diagnostics, asked)
		}
	}
}

// saving is a job of which a destroy takes a savepoint.
type saving struct{ plainModel }

func (*saving) Choices() Choices { return Choices{SavepointOnDestroy: true} }

// TestARefreshTakesAnUnreadableSpecificationFromTheCluster mends the state, and
// forgets nothing.
func TestARefreshTakesAnUnreadableSpecificationFromTheCluster(t *testing.T) {
	t.Parallel()
	for _, text := range unreadable {
		for name, written := range map[string]flink.Tree{"what was written": {"image": "orders:1"}, "nobody knows what was written": nil} {
			m := &Model{Record: unreadRecord(text)}
			drifted, _, diags := m.refresh(&platform.Observed{Spec: flink.Tree{"image": "orders:1", "job": flink.Tree{"parallelism": int64(2)}}, Written: written, Status: ran})
			spec, left := m.spec()
			if diags.HasError() || len(left) > 0 || !drifted || spec.Job == nil && spec.Image == nil {
				t.Errorf("%s, %s: %v, then %s, %v", text, name, diags, m.EffectiveSpec, left)
			}
		}
	}
}
