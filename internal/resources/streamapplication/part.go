package streamapplication

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"
)

// jobAttributes are the attributes of a deployment's job that a streamlet has in its midst.
var jobAttributes = []string{"jar_uri", "entry_class", "args", "parallelism", "state", "allow_non_restored_state", "initial_savepoint_path"}

// ofWhole are the attributes that an application has for all of its streamlets.
var ofWhole = []string{"wait_for", "timeouts"}

// computedOf are the attributes of a deployment that an application has by streamlet.
var computedOf = []string{"effective_spec", "rollout", "status"}

// part returns the values of the deployment that a streamlet becomes. settings are those of the
// environment with what is rendered for the streamlet.
func (r *Resource) part(w *whole, streamlet string, settings tftypes.Value) tftypes.Value {
	of := r.partType()
	own, known := w.streamlets[streamlet], w.streamlets[streamlet].IsKnown()
	said := fields(own)
	out := make(map[string]tftypes.Value, len(of.AttributeTypes))
	for name, attribute := range of.AttributeTypes {
		value, has := said[name]
		switch {
		case name == "job":
			out[name] = jobOf(attribute, own, said)
		case slices.Contains(ofWhole, name):
			out[name] = w.values[name]
		case slices.Contains(computedOf, name):
			out[name] = element(w.values[name], attribute, streamlet)
		case name == "id":
			out[name] = element(w.values["deployment_ids"], attribute, streamlet)
		case name == "name":
			out[name] = tftypes.NewValue(attribute, w.objects[streamlet])
			if w.Name == nil && !w.values["name"].IsKnown() {
				out[name] = tftypes.NewValue(attribute, tftypes.UnknownValue)
			}
		case name == "environment":
			out[name] = withSettings(w.values[name], settings)
		case has:
			out[name] = value
		case known:
			out[name] = tftypes.NewValue(attribute, nil)
		default:
			out[name] = tftypes.NewValue(attribute, tftypes.UnknownValue)
		}
	}
	return tftypes.NewValue(of, out)
}

// jobOf is the job of a deployment with what its streamlet says.
func jobOf(of tftypes.Type, own tftypes.Value, said map[string]tftypes.Value) tftypes.Value {
	if !own.IsKnown() {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	job, _ := of.(tftypes.Object)
	out := map[string]tftypes.Value{}
	for name := range job.AttributeTypes {
		out[name] = said[name]
	}
	return tftypes.NewValue(of, out)
}

// element is an element of a map, unknown or null as the map is, null where the map lacks it.
func element(of tftypes.Value, as tftypes.Type, key string) tftypes.Value {
	if !of.IsKnown() {
		return tftypes.NewValue(as, tftypes.UnknownValue)
	}
	if value, has := fields(of)[key]; has {
		return value
	}
	return tftypes.NewValue(as, nil)
}

// withSettings is an environment with other settings.
func withSettings(environment, settings tftypes.Value) tftypes.Value {
	values := fields(environment)
	if values == nil {
		return environment
	}
	values = maps.Clone(values)
	values["settings"] = settings
	return tftypes.NewValue(environment.Type(), values)
}

// streamletFrom is a streamlet's values with those of its deployment, into which a refresh may have
// put what the cluster has.
func streamletFrom(own, part tftypes.Value) tftypes.Value {
	values, is := maps.Clone(fields(own)), fields(part)
	if values == nil || is == nil {
		return own
	}
	for name := range values {
		if value, has := is[name]; has {
			values[name] = value
		}
	}
	for name, value := range fields(is["job"]) {
		if slices.Contains(jobAttributes, name) {
			values[name] = value
		}
	}
	return tftypes.NewValue(own.Type(), values)
}

// inStreamlet are diagnostics about a deployment as those about its streamlet. changes are what differs
// in its document, and take the place of what carries that.
func inStreamlet(streamlet string, diags diag.Diagnostics, changes ...string) diag.Diagnostics {
	var out diag.Diagnostics
	for _, given := range diags {
		at := path.Root("streamlets").AtMapKey(streamlet)
		if placed, ok := given.(diag.DiagnosticWithPath); ok {
			at = streamletPath(streamlet, placed.Path())
		}
		summary, detail := inWords(given.Summary()), inWords(given.Detail())
		if len(changes) > 0 {
			detail = inChanges(detail, strings.Join(changes, ", "))
			if carrier := path.Root("streamlets").AtMapKey(streamlet).AtName("pod_template"); at.Equal(carrier) {
				// Nobody has said it there.
				at = carrier.ParentPath()
			}
		}
		at, detail = onItsLine(at, detail)
		if given.Severity() == diag.SeverityError {
			out.AddAttributeError(at, summary, detail)
		} else {
			out.AddAttributeWarning(at, summary, detail)
		}
	}
	return out
}

// onItsLine returns a path as far as the CLI finds its line in a configuration, which is an entry of
// streamlets or topics, and a detail that names the attribute inside of it.
func onItsLine(at path.Path, detail string) (path.Path, string) {
	const entry = 2
	steps := at.Steps()
	if len(steps) <= entry {
		return at, detail
	}
	if _, inMap := steps[1].(path.PathStepElementKeyString); !inMap {
		return at, detail
	}
	whole := at.String()
	for range len(steps) - entry {
		at = at.ParentPath()
	}
	return at, fmt.Sprintf("%s: %s", whole, detail)
}

// onceEach has a warning once that several streamlets have in the same words: its cause is the
// environment's.
func onceEach(diags diag.Diagnostics) diag.Diagnostics {
	var out diag.Diagnostics
	seen := map[[2]string]bool{}
	for _, given := range diags {
		words := [2]string{given.Summary(), given.Detail()}
		if given.Severity() == diag.SeverityWarning && seen[words] {
			continue
		}
		seen[words] = true
		out = append(out, given)
	}
	return out
}

// streamletPath is the path of a deployment's attribute in an application.
func streamletPath(streamlet string, at path.Path) path.Path {
	out := path.Root("streamlets").AtMapKey(streamlet)
	for i, step := range at.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			name := string(step)
			if i == 0 && (slices.Contains(ofWhole, name) || name == "environment" || name == "name" || name == "deletion_protection") {
				out = path.Root(name)
				continue
			}
			if i == 0 && name == "job" {
				continue
			}
			out = out.AtName(name)
		case path.PathStepElementKeyString:
			out = out.AtMapKey(string(step))
		case path.PathStepElementKeyInt:
			out = out.AtListIndex(int(step))
		}
	}
	return out
}

// flat replaces the attributes of a job by those that a streamlet has.
var flat = func() *strings.Replacer {
	var pairs []string
	for _, name := range jobAttributes {
		pairs = append(pairs, "job."+name, name)
	}
	return strings.NewReplacer(pairs...)
}()

// inWords is a text about a deployment in the words of a streamlet.
func inWords(text string) string { return flat.Replace(text) }

// parallel is how many streamlets are rolled out at a time.
func (w *whole) parallel() int { return int(ptr.Deref(w.RolloutParallelism, defaultParallelism)) }

const defaultParallelism = 4
