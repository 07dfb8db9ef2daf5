package lifecycle

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// silent is a platform that does not answer.
type silent struct{ platform.Deployments }

func (silent) Check(ctx context.Context, _ platform.Deployment, _ bool) error {
	<-ctx.Done()
	return &platform.UncheckedError{Err: ctx.Err()}
}

func TestAPlanWaitsForNoCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &Resource{Type: plainType, data: dataOf(silent{})}
		plan := &plainModel{Model{Record: Record{Name: new("orders")}}}
		began := time.Now()
		for _, warnings := range []int{1, 0} { // once for all resources
			if diags := r.checkOnline(t.Context(), plan, nil, decision{target: tfkit.Target{Platform: plainType.Platforms.Default(), Rules: plainType.Platforms[0]}}); diags.HasError() || diags.WarningsCount() != warnings {
				t.Errorf("%d warnings wanted, got %v", warnings, diags)
			}
		}
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("two plans took %s", took)
		}
	})
}
