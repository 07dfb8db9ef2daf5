// Package defaults expands a deployment: it merges the defaults of its
// environment, what the deployment says, and the overrides of the environment
// into one specification, and knows which of them gave each value.
package defaults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Settings are what an environment says about its deployments. Their JSON is
// the attribute settings of an environment, which travels with it.
type Settings struct {
	// Environment is the environment's name, for messages.
	Environment string `json:"environment,omitempty"`
	// Defaults fill what a deployment leaves out.
	Defaults *Layer `json:"deployment_defaults,omitempty"`
	// Overrides win over what a deployment says.
	Overrides *Layer `json:"deployment_overrides,omitempty"`
	// Rendered is what a stream application adds to one of its streamlets, which wins over all.
	// No environment says it.
	Rendered *Layer `json:"rendered,omitempty"`
	// Kafka and SchemaRegistry are what its stream applications have, nil for none.
	Kafka          *Kafka          `json:"kafka,omitempty"`
	SchemaRegistry *SchemaRegistry `json:"schema_registry,omitempty"`
	// CustomResources are nil where the platform itself is written to.
	CustomResources *CustomResources `json:"custom_resources,omitempty"`
}

// Layer is one source of a deployment's values: the deployment itself, or the
// defaults or overrides of its environment. A nil map value removes the key
// from what the layers below gave.
type Layer struct {
	flink.DeploymentSpec
	Labels      map[string]*string `json:"labels,omitempty"`
	Annotations map[string]*string `json:"annotations,omitempty"`
	Upgrade     *Upgrade           `json:"upgrade,omitempty"`
	// SecretConfiguration are the configuration keys that Kubernetes Secrets give.
	SecretConfiguration map[string]*flink.SecretRef `json:"secretConfiguration,omitempty"`
	// Remove are paths whose values in the layers below are removed: the nulls
	// of maps whose type cannot hold one, for example
	// {"logConfiguration", "log4j-console.properties"}.
	Remove []flink.Path `json:"remove,omitempty"`
}

// Upgrade is how deployments are upgraded, apart from the specification.
type Upgrade struct {
	// OnFailure is "rollback" or "keep".
	OnFailure *string `json:"onFailure,omitempty"`
	// Strategy is flink.StrategyInPlace or flink.StrategyBlueGreen.
	Strategy *string `json:"strategy,omitempty"`
	// ProveFor is a duration that flink.ParseDuration reads.
	ProveFor *string `json:"proveFor,omitempty"`
	// BlueGreen are the texts that flink.ParseBlueGreen reads.
	BlueGreen map[string]*string `json:"blueGreen,omitempty"`
}

// Encode returns the settings as stable JSON text: keys sorted, empty parts
// left out.
func (s Settings) Encode() (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode settings: %w", err)
	}
	var tree map[string]any
	if tree, err = flink.ParseTree(text); err != nil {
		return "", err
	}
	text, err = json.Marshal(tree)
	return string(text), err
}

// WithRendered returns the text of settings with what a stream application adds to one of its
// streamlets.
func WithRendered(text string, layer Layer) (string, error) {
	added, err := json.Marshal(Settings{Rendered: &layer})
	if err != nil {
		return "", fmt.Errorf("encode what is rendered: %w", err)
	}
	return text + "\n" + string(added), nil
}

// Decode reads what Encode and WithRendered wrote. The empty text has no settings. Those of one text are
// decoded once and shared: nobody may change them.
func Decode(text string) (Settings, error) {
	// What is encoded has no line breaks.
	base, added, hasAdded := strings.Cut(text, "\n")
	settings, err := decodedOnce(base)
	if err == nil && hasAdded {
		err = decodeInto(&settings, added)
	}
	return settings, err
}

func decodeInto(settings *Settings, text string) error {
	if text == "" {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	// Numbers of pod templates keep their text.
	decoder.UseNumber()
	if err := decoder.Decode(settings); err != nil {
		return fmt.Errorf("settings of the environment are not what an environment wrote: %w", err)
	}
	return nil
}

// mostDecoded is how many texts are remembered. A configuration has few environments.
const mostDecoded = 32

// decoded are the settings of the texts that were decoded: all deployments of an environment have the
// same, and each decodes them several times in a plan.
var decoded = struct {
	sync.Mutex
	of map[string]Settings
}{of: map[string]Settings{}}

func decodedOnce(text string) (Settings, error) {
	decoded.Lock()
	defer decoded.Unlock()
	if known, has := decoded.of[text]; has {
		return known, nil
	}
	var settings Settings
	if err := decodeInto(&settings, text); err != nil {
		return settings, err
	}
	if len(decoded.of) >= mostDecoded {
		clear(decoded.of)
	}
	decoded.of[text] = settings
	return settings, nil
}

// decode reads a Tree of a layer's JSON into a Layer.
func decode(tree flink.Tree, layer *Layer) error {
	text, err := json.Marshal(tree)
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(text))
		// Numbers of a document keep all their digits.
		decoder.UseNumber()
		err = decoder.Decode(layer)
	}
	if err != nil {
		return fmt.Errorf("read the expanded specification: %w", err)
	}
	return nil
}
