package bluegreen

import (
	"maps"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// ByProvider is the form of a deployment whose two colors the provider itself exchanges.
var ByProvider = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineProvider}

// ColorRef names the object of a color.
func ColorRef(whole platform.Ref, color string) platform.Ref {
	return platform.Ref{Namespace: whole.Namespace, Name: whole.Name + "-" + color}
}

// ColorOf returns what a color of a deployment shall be. label is that of a color with the name of
// its deployment.
func ColorOf(want platform.Deployment, color, label string) platform.Deployment {
	out := want
	out.Ref, out.Form = ColorRef(want.Ref, color), flink.Form{}
	if out.Labels = maps.Clone(want.Labels); out.Labels == nil {
		out.Labels = map[string]string{}
	}
	out.Labels[label] = want.Name
	return out
}

// Whole returns the deployment that an observed color stands for; nil for nil.
func Whole(observed *platform.Observed, whole platform.Ref, label string) *platform.Observed {
	if observed == nil {
		return nil
	}
	out := *observed
	out.Ref, out.Form = whole, ByProvider
	out.Status.ActiveColor = strings.TrimPrefix(observed.Name, whole.Name+"-")
	out.Labels = maps.Clone(observed.Labels)
	delete(out.Labels, label)
	return &out
}

// Switching tells of a deployment that has two colors: a switch is on its way.
func Switching(whole *platform.Observed) {
	whole.RolledOut = false
	if whole.Unfinished == "" {
		whole.Unfinished = planner.ActionBlueGreen
	}
}
