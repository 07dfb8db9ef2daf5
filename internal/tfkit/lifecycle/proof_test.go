package lifecycle

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// What has shown that a job works is known to the state alone, and holds for the
// job that it was shown of.
func TestARefreshKeepsTheProof(t *testing.T) {
	t.Parallel()
	const proof = "first checkpoint completed"
	for _, test := range []struct{ job, want string }{{"1", proof}, {"2", ""}} {
		m := Model{Record: Record{EffectiveSpec: types.StringValue(`{"image":"orders:1"}`), Status: StatusObject(flink.Status{JobID: "1", Proof: proof})}}
		m.refresh(&platform.Observed{Spec: flink.Tree{"image": "orders:1"}, Status: flink.Status{JobID: test.job}})
		if got := statusOf(m.Status); got.Proof != test.want || got.JobID != test.job {
			t.Errorf("of the job %s the state has the proof %q, want %q", test.job, got.Proof, test.want)
		}
	}
}
