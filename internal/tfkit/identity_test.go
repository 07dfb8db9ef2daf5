package tfkit

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
)

// placed is a resource with an environment, a name and triggers. Values are
// texts, nil for null and tftypes.UnknownValue.
func placed(platform, namespace, name any, triggers any) tftypes.Value {
	text := func(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	environment := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"platform": tftypes.String, "namespace": tftypes.String}}
	of := tftypes.Map{ElementType: tftypes.String}
	if given, ok := triggers.(map[string]any); ok {
		elements := map[string]tftypes.Value{}
		for key, value := range given {
			elements[key] = text(value)
		}
		triggers = elements
	}
	where := tftypes.NewValue(environment, map[string]tftypes.Value{"platform": text(platform), "namespace": text(namespace)})
	if namespace == "nowhere" {
		where = tftypes.NewValue(environment, tftypes.UnknownValue)
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"environment": environment, "name": tftypes.String, "triggers": of}},
		map[string]tftypes.Value{"environment": where, "name": text(name), "triggers": tftypes.NewValue(of, triggers)})
}

func TestOnlyAKnownDifferenceIsAnotherObject(t *testing.T) {
	t.Parallel()
	identity := append(EnvironmentIdentity(platformtest.Known), Identifying{At: []string{"name"}}, Identifying{At: []string{"triggers"}})
	unknown := any(tftypes.UnknownValue)
	prior := placed(nil, "shop", "orders", map[string]any{"a": "1"})
	namespace := path.Root("environment").AtName("namespace")
	for name, test := range map[string]struct {
		plan tftypes.Value
		want path.Paths
	}{
		"the same":                     {prior, nil},
		"the default platform, named":  {placed("operator", "shop", "orders", map[string]any{"a": "1"}), nil},
		"another namespace":            {placed(nil, "other", "orders", map[string]any{"a": "1"}), path.Paths{namespace}},
		"an unknown namespace":         {placed(nil, unknown, "orders", map[string]any{"a": "1"}), nil},
		"an unknown environment":       {placed(nil, "nowhere", "orders", map[string]any{"a": "1"}), nil},
		"unknown beside a difference":  {placed(unknown, unknown, "baskets", map[string]any{"a": "1"}), path.Paths{path.Root("name")}},
		"unknown triggers":             {placed(nil, "shop", "orders", unknown), nil},
		"an unknown trigger":           {placed(nil, "shop", "orders", map[string]any{"a": unknown}), nil},
		"another trigger, one unknown": {placed(nil, "shop", "orders", map[string]any{"b": unknown}), path.Paths{path.Root("triggers")}},
		"more triggers, one unknown":   {placed(nil, "shop", "orders", map[string]any{"a": unknown, "b": "2"}), path.Paths{path.Root("triggers")}},
		"no triggers":                  {placed(nil, "shop", "orders", nil), path.Paths{path.Root("triggers")}},
	} {
		change := CompareIdentity(test.plan, prior, identity)
		if !equalPaths(change.Different, test.want) || change.Replaces() != (len(test.want) > 0) {
			t.Errorf("%s: %v, want %v", name, change.Different, test.want)
		}
		if settled := change.Settle(test.plan, prior); !change.Replaces() && name != "an unknown environment" {
			if again := CompareIdentity(settled, prior, identity); !settled.IsFullyKnown() || again.Replaces() {
				t.Errorf("%s: settles to %s", name, settled)
			}
		}
	}
}

func equalPaths(a, b path.Paths) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

func TestKnownWithout(t *testing.T) {
	t.Parallel()
	raw := placed(tftypes.UnknownValue, "shop", tftypes.UnknownValue, nil)
	if KnownWithout(raw, []string{"name"}) || KnownWithout(raw, []string{"environment", "platform"}) {
		t.Error("an unknown attribute counts as known")
	}
	if !KnownWithout(raw, []string{"name"}, []string{"environment", "platform"}) || !KnownWithout(raw, []string{"name"}, []string{"environment"}) {
		t.Error("what is left out counts as unknown")
	}
}
