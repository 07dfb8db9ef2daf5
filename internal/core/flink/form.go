package flink

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Strategies of an upgrade, in the words of the attribute upgrade.strategy.
const (
	// StrategyInPlace stops the running job and starts it again.
	StrategyInPlace = "in_place"
	// StrategyBlueGreen starts a second job beside the running one and
	// switches over.
	StrategyBlueGreen = "blue_green"
)

// Engines of the strategy blue_green: who makes the switch.
const (
	// EngineAuto keeps what exists, and is the provider for what does not.
	EngineAuto     = "auto"
	EngineProvider = "provider"
	EngineOperator = "operator"
)

// The two colors of a blue/green deployment.
const (
	Blue  = "blue"
	Green = "green"
)

// OtherColor returns the color that is not the given one.
func OtherColor(color string) string {
	if color == Blue {
		return Green
	}
	return Blue
}

// Form is of which objects a deployment consists. The zero Form is one object
// that is upgraded in place.
type Form struct {
	// Strategy is StrategyBlueGreen, or empty for in place.
	Strategy string `json:"strategy,omitempty"`
	// Engine is EngineProvider or EngineOperator; empty for in place.
	Engine string `json:"engine,omitempty"`
}

// BlueGreen tells whether two colors take turns.
func (f Form) BlueGreen() bool { return f.Strategy == StrategyBlueGreen }

// ByPlatform tells whether the platform exchanges the colors by itself.
func (f Form) ByPlatform() bool { return f.BlueGreen() && f.Engine != EngineProvider }

// BlueGreen are the choices of the strategy blue_green, in the words of the
// attribute upgrade.blue_green.
type BlueGreen struct {
	Engine string
	// AbortGracePeriod is how long a new color may take until it runs.
	AbortGracePeriod time.Duration
	// DeletionDelay is how long the old color stays after the switch.
	DeletionDelay time.Duration
	// ServiceType is the type of the Service that leads to the active
	// JobManager, for example "ClusterIP".
	ServiceType string
}

// DefaultAbortGracePeriod is the operator's as well
// (kubernetes.operator.bluegreen.abort.grace-period).
const DefaultAbortGracePeriod = 10 * time.Minute

// DefaultServiceType is the type of the Service that leads to the active color where
// nobody says another one.
const DefaultServiceType = "ClusterIP"

// blueGreenChoices are the values that the texts of upgrade.blue_green may have;
// nil for a duration.
var blueGreenChoices = map[string][]string{
	"engine":             {EngineAuto, EngineProvider, EngineOperator},
	"abort_grace_period": nil,
	"deletion_delay":     nil,
	"service_type":       {"ClusterIP", "NodePort", "LoadBalancer"},
}

// CheckBlueGreen returns what is wrong with one text of upgrade.blue_green.
func CheckBlueGreen(key, value string) error {
	choices, known := blueGreenChoices[key]
	switch {
	case !known:
		return fmt.Errorf("there is no %s; there are %s", key, strings.Join(slices.Sorted(maps.Keys(blueGreenChoices)), ", "))
	case choices == nil:
		_, err := ParseDuration(value)
		return err
	case !slices.Contains(choices, value):
		return fmt.Errorf("%s is one of %s, not %q", key, strings.Join(choices, ", "), value)
	}
	return nil
}

// ParseBlueGreen reads the texts of upgrade.blue_green, and fills in defaults.
// Of several errors it returns that of the first key.
func ParseBlueGreen(texts map[string]string) (BlueGreen, error) {
	out := BlueGreen{Engine: EngineAuto, AbortGracePeriod: DefaultAbortGracePeriod, ServiceType: DefaultServiceType}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		value := texts[key]
		if err := CheckBlueGreen(key, value); err != nil {
			return out, fmt.Errorf("upgrade.blue_green[%q]: %w", key, err)
		}
		switch key {
		case "engine":
			out.Engine = value
		case "service_type":
			out.ServiceType = value
		case "abort_grace_period":
			out.AbortGracePeriod, _ = ParseDuration(value)
		case "deletion_delay":
			out.DeletionDelay, _ = ParseDuration(value)
		}
	}
	return out, nil
}
