package platform

import (
	"context"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Kind is what a platform may have, in the words of messages.
type Kind string

// The kinds that Terraform types are of.
const (
	KindEnvironment    Kind = "environment"
	KindDeployment     Kind = "deployment"
	KindSessionCluster Kind = "session cluster"
	KindSessionJob     Kind = "session job"
	KindSavepoint      Kind = "savepoint"
	// KindStreamApplication is of deployments that are joined by topics.
	KindStreamApplication Kind = "stream application"
)

// The attributes of an environment that may say where something is.
const (
	PlacedByNamespace = "namespace"
	PlacedByName      = "name"
)

// Ability is something that not every platform can do for a deployment or with its
// savepoints.
type Ability string

const (
	// KeepSecrets is to keep values for it that nobody else has (SecretKeeper).
	KeepSecrets Ability = "keep secrets"
	// Route is to have an ingress lead to whichever color is active.
	Route Ability = "route"
	// DisposeSavepoints is to delete the files of a savepoint with it.
	DisposeSavepoints Ability = "dispose savepoints"
	// PinSavepoints is to keep a savepoint out of reach of what cleans up.
	PinSavepoints Ability = "pin savepoints"
	// FormatSavepoints is to take a savepoint in a format that is asked for.
	FormatSavepoints Ability = "format savepoints"
	// PlaceSavepoints is to write a savepoint to a directory that is asked for.
	PlaceSavepoints Ability = "place savepoints"
	// NameSavepoints is to have a savepoint under the name that it was asked for by.
	NameSavepoints Ability = "name savepoints"
)

// Rules is what a platform means. It is pure and needs no connection, so a plan
// needs none.
type Rules interface {
	planner.Semantics
	// Name is the value of environment.platform.
	Name() string
	// Has tells whether the platform has anything of a kind.
	Has(kind Kind) bool
	// Can tells whether the platform can do something for its deployments.
	Can(ability Ability) bool
	// PlacedBy is the attribute of an environment that says where its deployments
	// are, which is the Namespace of their Ref: PlacedByNamespace or PlacedByName.
	PlacedBy() string
	// ValidateEnvironment returns what is wrong with the name of an environment, as
	// a sentence; empty for nothing.
	ValidateEnvironment(name string) string
	// Validate returns what the platform would say of a specification, as far as it
	// depends on that alone.
	Validate(name string, spec flink.DeploymentSpec) []flink.Finding
	// ValidateSecrets returns what is wrong with configuration keys that take their
	// values from Secrets, beside the keys that have them in clear.
	ValidateSecrets(plain flink.Configuration, secrets map[string]flink.SecretRef) []flink.Finding
	// ValidateLayer returns what is wrong with the defaults or the overrides of an
	// environment, wherever they come to apply.
	ValidateLayer(spec flink.DeploymentSpec) []flink.Finding
	// Mappings are what becomes of each attribute of a deployment, all of flink.Attributes and
	// attributes inside of them of which there is something else to say. Validate refuses those
	// without a field.
	Mappings() []flink.Mapping
	// Engines are those that can make a blue/green switch, in the words of
	// upgrade.blue_green; none where there is no such switch.
	Engines() []string
	// LongestName is how many characters the name of a deployment of a form may
	// have.
	LongestName(form flink.Form) int
	// HasFailed tells whether a status says that something is down for good. A job
	// that was stopped on purpose is not.
	HasFailed(status flink.Status) bool
}

// Runtimes are Rules of a platform some of whose streamlets are no jobs of Flink.
type Runtimes interface {
	// Runtimes are what else runs streamlets, in the words of the attribute runtime.
	Runtimes() []string
	// Takes returns what a layer of an environment says to streamlets of such a runtime.
	Takes(runtime string, layer defaults.Layer) defaults.Layer
}

// Platform is one that is connected.
type Platform interface {
	// Deployments are those of a kind that the platform has (Rules.Has).
	Deployments(kind Kind) Deployments
	Environments() Environments
	Savepoints() Savepoints
}

// Connect connects to a platform. It contacts nothing itself.
type Connect func(ctx context.Context) (Platform, error)

// Known are the platforms that environment.platform may name. The first is that
// of an environment that names none.
type Known []Rules

// Default is the name of the platform of an environment that names none.
func (k Known) Default() string { return k[0].Name() }

// Named returns the rules of the platform with the name; ok is false when there
// is none.
func (k Known) Named(name string) (rules Rules, ok bool) {
	at := slices.IndexFunc(k, func(r Rules) bool { return r.Name() == name })
	if at < 0 {
		return nil, false
	}
	return k[at], true
}

// PlacedBy is Rules.PlacedBy of the platform with the name; PlacedByNamespace where
// there is none.
func (k Known) PlacedBy(name string) string {
	if rules, known := k.Named(name); known {
		return rules.PlacedBy()
	}
	return PlacedByNamespace
}

// Names are the names of all platforms that have something of a kind.
func (k Known) Names(kind Kind) []string {
	var out []string
	for _, rules := range k {
		if rules.Has(kind) {
			out = append(out, rules.Name())
		}
	}
	return out
}
