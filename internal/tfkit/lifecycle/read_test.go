package lifecycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// What a killed apply has written beyond what the state knows shows in a refresh,
// so that a configuration that does not want it takes it away.
func TestARefreshShowsWhatAKilledApplyHasWritten(t *testing.T) {
	live := flink.Tree{"image": "a:2", "restartNonce": 7, "job": flink.Tree{"jarURI": "a.jar", "args": []any{"--fail-start"}}}
	for name, test := range map[string]struct {
		written flink.Tree
		want    flink.Tree
	}{
		"nothing is unfinished": {nil, flink.Tree{
			"image": "a:2", "job": flink.Tree{"jarURI": "a.jar"}, "metadata": flink.Tree{"labels": flink.Tree{"team": "a"}},
		}},
		"an apply was killed": {flink.Tree{
			"image": "a:2", "job": flink.Tree{"args": []any{"--fail-start"}}, "metadata": flink.Tree{"labels": flink.Tree{"more": "b"}},
		}, flink.Tree{
			"image": "a:2", "job": flink.Tree{"jarURI": "a.jar", "args": []any{"--fail-start"}}, "metadata": flink.Tree{"labels": flink.Tree{"team": "a", "more": "b"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := &Model{Record: Record{EffectiveSpec: types.StringValue(`{"image":"a:1","job":{"jarURI":"a.jar"},"metadata":{"labels":{"team":"a"}}}`)}}
			drifted, _, diags := m.refresh(&platform.Observed{Spec: live, Written: test.written, Labels: map[string]string{"team": "a", "more": "b"}})
			if !drifted || diags.HasError() {
				t.Fatalf("drifted %v, %v", drifted, diags)
			}
			got, err := m.effective()
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("(-want +got):\n%s%v", diff, err)
			}
		})
	}
}
