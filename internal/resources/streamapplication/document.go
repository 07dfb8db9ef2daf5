package streamapplication

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// document is what a streamlet is told, and how its pods get it.
type document struct {
	text []byte
	// secret is the Secret that has it, empty where the pods carry it themselves. Its name goes by
	// the content: a version that is rolled back, or another color, finds its own.
	secret string
	layer  defaults.Layer
	// runtime is what runs the streamlet, empty for Flink.
	runtime string
}

// document renders what a streamlet is told; nil while not all of that is known. keeps tells
// whether the platform keeps Secrets for deployments.
func (w *whole) document(streamlet string, keeps bool) (*document, error) {
	if w.vague[streamlet] || w.settings == nil || w.Name == nil {
		return nil, nil
	}
	name, rendering := w.rendering(streamlet)
	text, err := rendering.Document(name)
	if unknown := (*blueprint.UnknownError)(nil); errors.As(err, &unknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &document{text: text, runtime: w.blueprint.Streamlets[streamlet].Runtime}
	var template flink.Document
	if keeps {
		sum := sha256.Sum256(text)
		out.secret = w.objects[streamlet] + "-" + hex.EncodeToString(sum[:5])
		template, err = rendering.PodTemplate(name, out.secret)
	} else {
		template, err = rendering.AnnotatedPodTemplate(name, nil)
	}
	out.layer = defaults.Layer{
		DeploymentSpec: flink.DeploymentSpec{PodTemplate: template},
		Labels:         map[string]*string{platform.ApplicationLabel: &w.blueprint.Name, platform.StreamletLabel: &name},
	}
	return out, err
}

// rendering renders a streamlet under the name that its deployment has in the cluster, which is
// its former one where it was moved: nothing of that restarts it.
func (w *whole) rendering(streamlet string) (string, blueprint.Rendering) {
	on := blueprint.Connections{Kafka: w.kafka(), Registry: w.registry()}
	if name := strings.TrimPrefix(w.objects[streamlet], w.blueprint.Name+"-"); name != streamlet {
		return name, w.blueprint.Renamed(streamlet, name).Render(on)
	}
	if w.rendered == nil {
		once := w.blueprint.Render(on)
		w.rendered = &once
	}
	return streamlet, *w.rendered
}

// settingsFor are the settings of an environment with what is rendered for a streamlet; unknown where that
// is.
func (p *planning) settingsFor(w *whole, rendered *document) (tftypes.Value, error) {
	if rendered == nil {
		return tftypes.NewValue(tftypes.String, tftypes.UnknownValue), nil
	}
	settings, err := p.taken(text(fields(w.values["environment"])["settings"]), rendered.runtime)
	if err != nil {
		return tftypes.NewValue(tftypes.String, nil), err
	}
	with, err := defaults.WithRendered(settings, rendered.layer)
	return tftypes.NewValue(tftypes.String, with), err
}

// rendered is what the engine calls a change of what was rendered (rollout.Decide).
var rendered = regexp.MustCompile(`\bapplication_document\b`)

// inBlueprint are the words of a rollout in those of the blueprint: what has changed in the document of
// a streamlet takes the place of what carries it.
func inBlueprint(r planner.Rollout, before, after *document) planner.Rollout {
	changes := strings.Join(changesOf(before, after), ", ")
	var because []string
	for _, cause := range r.Because {
		if cause = inWords(cause); changes != "" && rendered.MatchString(cause) {
			if !slices.Contains(because, changes) {
				because = append(because, changesOf(before, after)...)
			}
			continue
		}
		because = append(because, cause)
	}
	r.Because = slices.Compact(because)
	r.Summary = inWords(r.Summary)
	if changes != "" {
		r.Summary = inChanges(r.Summary, changes)
	}
	return r
}

// inChanges is a text in which what has changed in the document takes its place.
func inChanges(text, changes string) string { return rendered.ReplaceAllLiteralString(text, changes) }

// changesOf names what differs between two documents, as the attributes of the application that
// say it.
func changesOf(before, after *document) []string {
	if before == nil || after == nil || bytes.Equal(before.text, after.text) {
		return nil
	}
	var was, is map[string]any
	if json.Unmarshal(before.text, &was) != nil || json.Unmarshal(after.text, &is) != nil {
		return nil
	}
	var out []string
	names := maps.Clone(was)
	maps.Copy(names, is)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if same(was[name], is[name]) {
			continue
		}
		attribute, byKey := attributeOf(name)
		if !byKey {
			out = append(out, attribute)
			continue
		}
		old, _ := was[name].(map[string]any)
		now, _ := is[name].(map[string]any)
		keys := map[string]any{}
		maps.Copy(keys, old)
		maps.Copy(keys, now)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if !same(old[key], now[key]) {
				out = append(out, fmt.Sprintf("%s[%q]", attribute, key))
			}
		}
	}
	return out
}

// attributeOf is the attribute that says a part of the document, and whether the part is a map whose
// keys it has.
func attributeOf(part string) (attribute string, byKey bool) {
	switch part {
	case "config", "inlets", "outlets":
		return part, true
	case "config_files":
		return "config_secrets", true
	case "kafka":
		return "kafka (of the environment)", false
	case "registry", "schema_registry":
		return "schema_registry (of the environment)", false
	}
	return part, false
}

func same(a, b any) bool {
	was, err := json.Marshal(a)
	is, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(was, is)
}

// inBlueprintValue is inBlueprint of the attribute rollout.
func inBlueprintValue(ctx context.Context, raw tftypes.Value, before, after *document) (tftypes.Value, error) {
	if !raw.IsKnown() || raw.IsNull() {
		return raw, nil
	}
	value, err := types.ObjectType{AttrTypes: tfkit.RolloutTypes}.ValueFromTerraform(ctx, raw)
	if err != nil {
		return raw, err
	}
	object, _ := value.(types.Object)
	return tfkit.RolloutObject(inBlueprint(tfkit.RolloutOf(object), before, after)).ToTerraformValue(ctx)
}
