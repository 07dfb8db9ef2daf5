package deployment_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
)

// TestWriteOnlyValuesAreTakenWithAnotherVersion gives values under a version that
// had none: no apply writes the Secret of a version that is in the state already,
// so no plan names it. The shortcut, which sees no values, says the same.
func TestWriteOnlyValuesAreTakenWithAnotherVersion(t *testing.T) {
	t.Parallel()
	const given = `"secret_configuration_wo": {"s3.secret-key": "planted"}, "secret_configuration_wo_version": `
	with := func(text string) string {
		return strings.Replace(orders, `"labels"`, text+`, "labels"`, 1)
	}
	m := &memory{t: t}
	c := newCore(t, m)
	c.apply(c.config(with(`"secret_configuration_wo_version": 1`)))
	plan := c.plan(c.config(with(given + "1")))
	if !c.unchanged(plan) {
		t.Errorf("the same version plans %s", c.fields(c.value(plan.PlannedState))["effective_spec"])
	}
	if _, settled := deployment.NewShortcut(t.Context(), platformtest.Known).Settled(t.Context(), nil, c.state, c.private); !settled {
		t.Error("the shortcut finds something to do")
	}
	plan = c.plan(c.config(with(given + "2")))
	var effective string
	if planned := c.fields(c.value(plan.PlannedState))["effective_spec"]; !planned.IsKnown() || planned.As(&effective) != nil {
		t.Fatalf("effective_spec is %s", planned)
	}
	if !strings.Contains(effective, "secret:orders-secret-configuration-2,key:s3.secret-key") || strings.Contains(effective, "planted") {
		t.Errorf("another version plans %s", effective)
	}
	if value := c.fields(c.value(plan.PlannedState))["secret_configuration_wo"]; !value.Equal(tftypes.NewValue(value.Type(), nil)) {
		t.Errorf("the plan has %s", value)
	}
}
