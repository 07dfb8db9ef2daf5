package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestCommandLinesOfADestroy(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"terraform destroy":                                       true,
		"/usr/bin/tofu -chdir=live destroy -no-color":             true,
		"terraform apply -auto-approve -destroy":                  true,
		"terraform plan --destroy=true -out=p":                    true,
		"terraform apply":                                         false,
		"terraform plan -target=terraform_data.a":                 false,
		"terraform apply -replace=null_resource.x -destroy=false": false,
		"terraform apply destroy":                                 false,
		"terraform plan -out=-destroy":                            false,
		"terraform state rm destroy":                              false,
		"terraform test -destroy":                                 false,
		"terraform -destroy":                                      false,
		"deployment.test -test.run=TestAcc -test.v":               false,
		"": false,
	} {
		if got := destroys(strings.Fields(line)); got != want {
			t.Errorf("%q: %t", line, got)
		}
	}
	if destroying() {
		t.Error("go test is told to destroy")
	}
}

// What is planned to refresh the state before a destroy has no errors, and is what
// the CLI proposes. The plan of the destroy itself has.
func TestNoErrorOfAPlanEndsADestroy(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	settled := p.applied(p.configuration())
	settled["deletion_protection"] = tftypes.NewValue(tftypes.Bool, true)
	none, before := tftypes.NewValue(p.of, nil), p.value(settled)
	invalid := p.configuration()
	invalid["name"], invalid["wait_for"] = text("Not A Name"), text("never")
	created := maps.Clone(invalid)
	for _, name := range []string{"id", "effective_spec", "rollout", "status"} {
		created[name] = tftypes.NewValue(p.of.AttributeTypes[name], tftypes.UnknownValue)
	}
	changed := maps.Clone(settled)
	changed["name"], changed["wait_for"] = text("Not A Name"), text("never")
	for _, test := range []struct {
		name                     string
		prior, proposed, planned tftypes.Value
	}{
		{"update", before, p.value(changed), p.value(changed)},
		{"create", none, p.value(invalid), p.value(created)},
		{"destroy", before, none, none},
	} {
		for _, destroys := range []bool{false, true} {
			p.server.destroying = func() bool { return destroys }
			answer, err := p.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: "flink_deployment", PriorState: p.dynamic(test.prior), ProposedNewState: p.dynamic(test.proposed), Config: p.dynamic(p.configured(test.proposed)),
			})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := failed(answer.Diagnostics), !destroys || test.proposed.IsNull(); got != want || len(answer.Diagnostics) == 0 {
				t.Errorf("%s, destroying %t: %v", test.name, destroys, answer.Diagnostics)
			}
			if planned, err := answer.PlannedState.Unmarshal(p.of); destroys && (err != nil || !planned.Equal(test.planned)) {
				t.Errorf("%s: %s is planned (%v), want %s", test.name, planned, err, test.planned)
			}
			validated, err := p.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "flink_deployment", Config: p.dynamic(p.configured(test.proposed))})
			if err != nil {
				t.Fatal(err)
			}
			if !test.proposed.IsNull() && (failed(validated.Diagnostics) == destroys || len(validated.Diagnostics) == 0) {
				t.Errorf("%s, destroying %t: the configuration has %v", test.name, destroys, validated.Diagnostics)
			}
		}
	}
}
