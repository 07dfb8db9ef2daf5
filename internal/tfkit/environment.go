package tfkit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// EnvironmentModel is the environment attribute of a deployment. Every field is
// optional, so that a whole flink_environment, which has more, can be assigned.
type EnvironmentModel struct {
	Platform  *string `tfsdk:"platform"`
	Name      *string `tfsdk:"name"`
	Namespace *string `tfsdk:"namespace"`
	Settings  *string `tfsdk:"settings"`
}

// PlaceModel is the environment attribute of a resource to which the settings of
// an environment mean nothing.
type PlaceModel struct {
	Platform  *string `tfsdk:"platform"`
	Name      *string `tfsdk:"name"`
	Namespace *string `tfsdk:"namespace"`
}

// Target is where a deployment goes, and what its environment says about it.
type Target struct {
	// Platform is the name of the platform, and Rules what it means.
	Platform string
	Rules    platform.Rules
	// Namespace is what the object is in: a Kubernetes namespace, or an environment
	// by its name (platform.Rules.PlacedBy).
	Namespace string
	// Settings are the environment's; those of a place are empty, and those of what is only to be
	// found (Reach) say how.
	Settings defaults.Settings
}

// Ref is the object of a name in the environment.
func (t Target) Ref(name string) platform.Ref {
	return platform.Ref{Namespace: t.Namespace, Name: name}
}

// ID is the attribute id of the object of a name in the environment.
func (t Target) ID(name string) string {
	return fmt.Sprintf("%s/%s/%s", t.Platform, t.Namespace, name)
}

// Where names what the objects of the environment are in, for example "namespace
// flink-prod". The platform must be known.
func (t Target) Where() string { return PlaceNoun(t.Rules.PlacedBy()) + " " + t.Namespace }

// PlaceNoun says what is named by the attribute of an environment that places its
// objects.
func PlaceNoun(placedBy string) string {
	if placedBy == platform.PlacedByName {
		return "environment"
	}
	return "namespace"
}

// WhereOf is Target.Where of a resource with an id, for messages.
func WhereOf(of platform.Known, id string) string {
	name, rest, _ := strings.Cut(id, "/")
	in, _, _ := strings.Cut(rest, "/")
	return PlaceNoun(of.PlacedBy(name)) + " " + in
}

// Place is the environment without what it says, for what only has to find an
// object.
func (e EnvironmentModel) Place() PlaceModel { return PlaceModel{e.Platform, e.Name, e.Namespace} }

// Resolve returns the target of an environment attribute at the given path, for
// something of a kind on one of the platforms. Every value must be known. A wrong
// one is an error at its attribute.
func (e EnvironmentModel) Resolve(of platform.Known, kind platform.Kind, at path.Path) (Target, diag.Diagnostics) {
	target, diags := e.Place().Resolve(of, kind, at)
	settings, err := defaults.Decode(ptr.Deref(e.Settings, ""))
	if err != nil {
		diags.AddAttributeError(at.AtName("settings"), "The environment's settings cannot be read",
			fmt.Sprintf("%s Assign the attribute settings of a flink_environment unchanged, or leave it out.", Sentence(err.Error())))
	}
	return target.by(settings), diags
}

// Reach is Resolve for what only has to find an object: the settings are those that say how.
func (e EnvironmentModel) Reach(of platform.Known, kind platform.Kind, at path.Path) (Target, diag.Diagnostics) {
	target, diags := e.Place().Resolve(of, kind, at)
	return target.by(defaults.WayOf(ptr.Deref(e.Settings, ""))), diags
}

// by is a target with settings, and with the rules of the way that they say.
func (t Target) by(settings defaults.Settings) Target {
	t.Settings = settings
	if ways, has := t.Rules.(platform.RulesByCustomResources); has && settings.CustomResources != nil {
		t.Rules = ways.ByCustomResources()
	}
	return t
}

// Resolve returns the target, without settings, of an environment attribute at the
// given path, for something of a kind on one of the platforms. Every value must be
// known.
func (m PlaceModel) Resolve(of platform.Known, kind platform.Kind, at path.Path) (Target, diag.Diagnostics) {
	var diags diag.Diagnostics
	target := Target{Platform: ptr.Deref(m.Platform, of.Default())}
	rules, diag := PlatformOf(of, kind, target.Platform, at.AtName("platform"))
	diags.Append(diag...)
	target.Rules = rules
	if rules != nil && rules.PlacedBy() == platform.PlacedByName {
		target.Namespace = ptr.Deref(m.Name, "")
		diags.Append(CheckEnvironmentName(rules, target.Namespace, at.AtName("name"))...)
		return target, diags
	}
	target.Namespace = ptr.Deref(m.Namespace, "")
	if target.Namespace == "" {
		diags.AddAttributeError(at.AtName("namespace"), "The environment has no namespace",
			"Assign a whole flink_environment (environment = flink_environment.prod), or name the namespace: environment = { namespace = \"flink-dev\" }.")
	} else {
		checkNamespace(at.AtName("namespace"), target.Namespace, &diags)
	}
	return target, diags
}

// CheckEnvironmentName checks the name of an environment that goes by it.
func CheckEnvironmentName(rules platform.Rules, name string, at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	if name == "" {
		diags.AddAttributeError(at, "The environment has no name",
			fmt.Sprintf("Assign a whole flink_environment (environment = flink_environment.prod), or name it: environment = { platform = %q, name = \"prod\" }.", rules.Name()))
	} else if problem := rules.ValidateEnvironment(name); problem != "" {
		diags.AddAttributeError(at, "This is no name of an environment", fmt.Sprintf("The name is %q. %s", name, problem))
	}
	return diags
}

// Complete checks that a state has the environment and the name of its object. The
// provider writes both to each state, so only one that was edited lacks them.
func Complete(hasEnvironment, hasName bool) diag.Diagnostics {
	var diags diag.Diagnostics
	lacks := func(name string) {
		diags.AddAttributeError(path.Root(name), "The state has no "+name,
			"The provider writes "+name+" to each state, so this one was edited, or made by something else. It does not say any more which object it belongs to, and nothing was done. "+
				"Restore a backup of the state (`terraform state push`), or take the resource out of it (`terraform state rm`) and import its object again.")
	}
	if !hasEnvironment {
		lacks("environment")
	}
	if !hasName {
		lacks("name")
	}
	return diags
}

// PlatformOf returns the rules of a platform on which something of a kind shall be.
// A platform that is not known, and one that has nothing of the kind, is an error
// at the attribute that names it.
func PlatformOf(of platform.Known, kind platform.Kind, name string, at path.Path) (platform.Rules, diag.Diagnostics) {
	rules, known := of.Named(name)
	if known && rules.Has(kind) {
		return rules, nil
	}
	offer := fmt.Sprintf("Platforms with %ss are: %s.", kind, strings.Join(of.Names(kind), ", "))
	if known {
		return rules, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("The platform %q has no %ss", name, kind),
			fmt.Sprintf("The value of %s is %q. %s Take an environment of one of these, or leave the %s out.", at, name, offer, kind))}
	}
	return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "The platform is not supported",
		fmt.Sprintf("The value of %s is %q. %s The default is %s.", at, name, offer, of.Default()))}
}

// ImportPlace puts the place that an import names into a state: an id of the form
// <platform>/<namespace or environment>/<name>. example is a name, for the error about another
// id.
func ImportPlace(ctx context.Context, of platform.Known, kind platform.Kind, id, example string, into *tfsdk.State) diag.Diagnostics {
	whole, resources := CutCustomResources(id)
	parts := strings.Split(whole, "/")
	if len(parts) != 3 || !slices.Contains(of.Names(kind), parts[0]) || parts[1] == "" || parts[2] == "" {
		var forms []string
		for _, name := range of.Names(kind) {
			forms = append(forms, fmt.Sprintf("%s/<%s>/<name>", name, PlaceNoun(of.PlacedBy(name))))
		}
		return diag.Diagnostics{diag.NewErrorDiagnostic("The import id is not one of a "+string(kind),
			fmt.Sprintf("The id %s does not have the form %s, for example %s/flink-prod/%s.", id, strings.Join(forms, " or "), of.Default(), example))}
	}
	diags := into.SetAttribute(ctx, path.Root("id"), whole)
	if resources != "" {
		diags.Append(into.SetAttribute(ctx, path.Root("environment").AtName("settings"), BySettings(parts[1], resources))...)
	}
	if parts[0] != of.Default() {
		diags.Append(into.SetAttribute(ctx, path.Root("environment").AtName("platform"), parts[0])...)
	}
	diags.Append(into.SetAttribute(ctx, path.Root("environment").AtName(of.PlacedBy(parts[0])), parts[1])...)
	diags.Append(into.SetAttribute(ctx, path.Root("name"), parts[2])...)
	return diags
}
