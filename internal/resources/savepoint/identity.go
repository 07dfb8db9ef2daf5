package savepoint

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// identity tells one savepoint from all others. Its parts, in this order, are the
// attribute id, and what an import names.
type identity struct {
	Platform string `tfsdk:"platform"`
	// Namespace or Environment is where it is, whichever the platform places by.
	Namespace   *string `tfsdk:"namespace"`
	Environment *string `tfsdk:"environment"`
	// Deployment is nil where the name alone tells the savepoint from others of its
	// place (platform.NameSavepoints).
	Deployment *string `tfsdk:"deployment"`
	// Name is the one that the platform has it under.
	Name string `tfsdk:"name"`
}

// place is where the savepoint is, empty for an identity that does not say it.
func (i identity) place() string {
	if i.Environment != nil {
		return *i.Environment
	}
	return ptr.Deref(i.Namespace, "")
}

// id is the attribute id.
func (i identity) id() string {
	parts := []string{i.Platform, i.place()}
	if i.Deployment != nil {
		parts = append(parts, *i.Deployment)
	}
	return strings.Join(append(parts, i.Name), "/")
}

// parse reads an id.
func (r *savepointResource) parse(id string) (out identity, ok bool) {
	parts := strings.Split(id, "/")
	if !slices.Contains(r.platforms.Names(platform.KindSavepoint), parts[0]) || slices.Contains(parts, "") {
		return out, false
	}
	out = identity{Platform: parts[0], Name: parts[len(parts)-1]}
	switch {
	case len(parts) == 3 && names(r.platforms, out.Platform):
	case len(parts) == 4 && !names(r.platforms, out.Platform):
		out.Deployment = &parts[2]
	default:
		return out, false
	}
	if r.platforms.PlacedBy(out.Platform) == platform.PlacedByName {
		out.Environment = &parts[1]
	} else {
		out.Namespace = &parts[1]
	}
	return out, true
}

// forms are those of the ids of all platforms.
func (r *savepointResource) forms() string {
	var forms []string
	for _, name := range r.platforms.Names(platform.KindSavepoint) {
		form := fmt.Sprintf("%s/<%s>/", name, tfkit.PlaceNoun(r.platforms.PlacedBy(name)))
		if !names(r.platforms, name) {
			form += "<deployment>/"
		}
		forms = append(forms, form+"<name>")
	}
	return strings.Join(forms, " or ")
}

// names tells whether a savepoint of a platform goes by its own name.
func names(of platform.Known, on string) bool {
	rules, known := of.Named(on)
	return !known || rules.Can(platform.NameSavepoints)
}
