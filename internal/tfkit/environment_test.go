package tfkit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
)

func TestResolve(t *testing.T) {
	settings := defaults.Settings{Environment: "prod", Defaults: &defaults.Layer{DeploymentSpec: flink.DeploymentSpec{Image: new("flink:1.20")}}}
	text, err := settings.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		environment EnvironmentModel
		want        Target
		wrong       string // the attribute that is wrong, or empty
	}{
		"a whole environment": {
			EnvironmentModel{Platform: new("operator"), Name: new("prod"), Namespace: new("flink-prod"), Settings: &text},
			Target{Platform: "operator", Namespace: "flink-prod", Settings: settings},
			"",
		},
		"only a namespace": {
			EnvironmentModel{Namespace: new("flink-dev")},
			Target{Platform: "operator", Namespace: "flink-dev"},
			"",
		},
		"the settings know the name": {
			EnvironmentModel{Namespace: new("flink-prod"), Settings: &text},
			Target{Platform: "operator", Namespace: "flink-prod", Settings: settings},
			"",
		},
		"no namespace":    {EnvironmentModel{Name: new("prod")}, Target{Platform: "operator"}, "environment.namespace"},
		"empty namespace": {EnvironmentModel{Namespace: new("")}, Target{Platform: "operator"}, "environment.namespace"},
		"another platform": {
			EnvironmentModel{Namespace: new("flink-prod"), Platform: new("u2rztywt")},
			Target{Platform: "u2rztywt", Namespace: "flink-prod"},
			"environment.platform",
		},
		"no name of a namespace": {
			EnvironmentModel{Namespace: new("aOoGSSKyfFo")},
			Target{Platform: "operator", Namespace: "aOoGSSKyfFo"},
			"environment.namespace",
		},
		"other settings": {
			EnvironmentModel{Namespace: new("flink-prod"), Settings: new("{")},
			Target{Platform: "operator", Namespace: "flink-prod"},
			"environment.settings",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, diags := test.environment.Resolve(platformtest.Known, platform.KindDeployment, path.Root("environment"))
			if wrong := strings.Join(attributes(diags), " "); wrong != test.wrong {
				t.Errorf("wrong is %q, want %q", wrong, test.wrong)
			}
			if (got.Rules != nil) != (got.Platform == "operator") {
				t.Errorf("the rules of %s are %v", got.Platform, got.Rules)
			}
			got.Rules = nil
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
