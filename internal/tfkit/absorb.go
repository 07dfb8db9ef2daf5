package tfkit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// notAbsorbed are the fields of a specification whose attributes keep what is
// configured, whatever the cluster has: another session cluster would replace the
// resource, and a nonce does not tell the triggers that it is made of.
var notAbsorbed = map[string]bool{"deploymentName": true, "restartNonce": true}

// Absorb returns a resource's values with what its own layer would say, so that a
// plan shows drift in the attribute that is configured and ignore_changes finds
// it there. Only what is configured changes: an attribute that is null stays so.
// A value that does not fit its attribute leaves it as it is. Pod templates stay
// JSON, or become YAML as flink.FormatDocument writes it.
func Absorb(ctx context.Context, raw tftypes.Value, own []defaults.Own) tftypes.Value {
	for _, value := range own {
		if notAbsorbed[value.Path[0]] {
			continue
		}
		if changed, err := absorb(ctx, raw, pathOf(value.Path).Steps(), value); err == nil {
			raw = changed
		}
	}
	return raw
}

func absorb(ctx context.Context, into tftypes.Value, steps path.PathSteps, own defaults.Own) (tftypes.Value, error) {
	if into.IsNull() || !into.IsKnown() {
		return into, nil
	}
	if len(steps) == 0 {
		return absorbed(ctx, into, own)
	}
	var name string
	switch step := steps[0].(type) {
	case path.PathStepAttributeName:
		name = string(step)
	case path.PathStepElementKeyString:
		name = string(step)
	default:
		return into, fmt.Errorf("no step to an attribute: %s", step)
	}
	fields := map[string]tftypes.Value{}
	if err := into.As(&fields); err != nil {
		return into, err
	}
	field, ok := fields[name]
	if !ok {
		return into, nil
	}
	changed, err := absorb(ctx, field, steps[1:], own)
	if err != nil {
		return into, err
	}
	// The map is the one inside of the value, which others have too.
	fields = maps.Clone(fields)
	fields[name] = changed
	if into.Type().Is(tftypes.Map{}) && own.Value == nil && !own.Inherited {
		delete(fields, name)
	}
	return tftypes.NewValue(into.Type(), fields), nil
}

// absorbed returns the value of an attribute in the place of another one.
func absorbed(ctx context.Context, before tftypes.Value, own defaults.Own) (tftypes.Value, error) {
	field := own.Path[len(own.Path)-1]
	switch {
	case len(own.Path) > 1 && flink.IsMap(own.Path[len(own.Path)-2]):
	case flink.IsDocument(field):
		return absorbedDocument(before, own.Value)
	case field == "upgradeMode":
		mode, _ := own.Value.(string)
		name := UpgradeModeName(&mode)
		if name == nil {
			return before, fmt.Errorf("no upgrade mode: %s", mode)
		}
		return tftypes.NewValue(before.Type(), *name), nil
	}
	return encode(ctx, before.Type(), reflect.ValueOf(own.Value))
}

// absorbedDocument writes a document in the notation of the text that it replaces.
func absorbedDocument(before tftypes.Value, value any) (tftypes.Value, error) {
	document, ok := value.(map[string]any)
	if !ok {
		return tftypes.NewValue(tftypes.String, nil), nil
	}
	var text string
	if err := before.As(&text); err != nil {
		return before, err
	}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		encoded, err := json.Marshal(document)
		return tftypes.NewValue(tftypes.String, string(encoded)), err
	}
	text, err := flink.FormatDocument(document)
	return tftypes.NewValue(tftypes.String, text), err
}
