package tfkit

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
)

// TestChangeOfWay is what becomes of an object whose environment says another way to it.
func TestChangeOfWay(t *testing.T) {
	t.Parallel()
	by := func(namespace, class string) defaults.Settings {
		return defaults.Settings{CustomResources: &defaults.CustomResources{Namespace: namespace, Class: class}}
	}
	pods := by("a", "")
	pods.CustomResources.PodNamespace = "b"
	for name, test := range map[string]struct {
		before, now  defaults.Settings
		moves, error bool
	}{
		"over REST all the time":          {},
		"to custom resources":             {now: by("a", ""), moves: true},
		"back":                            {before: by("a", ""), error: true},
		"to another namespace":            {before: by("a", ""), now: by("b", ""), error: true},
		"another way of the controller":   {before: by("a", ""), now: by("a", "own"), moves: true},
		"where the pods are matters not":  {before: by("a", ""), now: pods},
		"custom resources all the time":   {before: by("a", "own"), now: by("a", "own")},
		"settings of an import come back": {before: defaults.WayOf(BySettings("prod", "a")), now: by("a", "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			moves, diags := ChangeOfWay(`deployment "orders"`, test.now, test.before, path.Root("environment"))
			if moves != test.moves || diags.HasError() != test.error {
				t.Errorf("moves %t, %v", moves, diags)
			}
		})
	}
}

// TestCutCustomResources reads an import id.
func TestCutCustomResources(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][2]string{
		"platform/prod/orders":           {"platform/prod/orders", ""},
		"platform/prod/orders@resources": {"platform/prod/orders", "resources"},
	} {
		if of, namespace := CutCustomResources(id); [2]string{of, namespace} != want {
			t.Errorf("%s is %s in %q", id, of, namespace)
		}
	}
}
