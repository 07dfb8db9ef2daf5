package streamapplication

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/avro"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// askWithin bounds what a plan asks of a registry, and of what makes topics: it can do without
// the answer.
const askWithin = 2 * time.Second

// latest is the version of a subject that nobody names.
const latest = "latest"

// avroSchemas reads Avro schemas for a blueprint.
type avroSchemas struct{}

// Parse implements blueprint.Schemas.
func (avroSchemas) Parse(text string) error { return avro.Parse(text) }

// Mismatches implements blueprint.Schemas.
func (avroSchemas) Mismatches(reader, writer string) ([]blueprint.Mismatch, error) {
	found, err := avro.Mismatches(reader, writer)
	out := make([]blueprint.Mismatch, len(found))
	for i, m := range found {
		out[i] = blueprint.Mismatch(m)
	}
	return out, err
}

// portAt is a port of a blueprint, and where it is said.
type portAt struct {
	streamlet, name string
	port            blueprint.Port
	path            path.Path
}

// String is for example "ingest.valid".
func (p portAt) String() string { return p.streamlet + "." + p.name }

// ports are those of all streamlets, in order.
func (w *whole) ports() []portAt {
	var out []portAt
	for _, streamlet := range w.named() {
		for _, attribute := range []string{"inlets", "outlets"} {
			ports := w.blueprint.Streamlets[streamlet].Inlets
			if attribute == "outlets" {
				ports = w.blueprint.Streamlets[streamlet].Outlets
			}
			for _, name := range slices.Sorted(maps.Keys(ports)) {
				out = append(out, portAt{streamlet, name, ports[name], path.Root("streamlets").AtMapKey(streamlet).AtName(attribute).AtMapKey(name)})
			}
		}
	}
	return out
}

// fromRegistry are the ports that take their schema from the registry.
func (w *whole) fromRegistry() []portAt {
	return slices.DeleteFunc(w.ports(), func(at portAt) bool {
		return at.port.Subject == "" || !at.port.Unknown && at.port.Schema != "" && text(w.portValue(at, "schema")) != ""
	})
}

// portValue is the value of an attribute of a port.
func (w *whole) portValue(at portAt, attribute string) tftypes.Value {
	for _, side := range []string{"inlets", "outlets"} {
		ports := fields(fields(w.streamlets[at.streamlet])[side])
		if value, has := ports[at.name]; has && at.path.Equal(path.Root("streamlets").AtMapKey(at.streamlet).AtName(side).AtMapKey(at.name)) {
			return fields(value)[attribute]
		}
	}
	return tftypes.NewValue(tftypes.String, nil)
}

// resolve takes the schemas of ports from the registry. A numbered version that the state knows is
// not asked for again: it never changes. Without an answer the schema stays unknown, which
// a warning says once.
func (p *planning) resolve(ctx context.Context, w *whole) diag.Diagnostics {
	wanted := w.fromRegistry()
	if len(wanted) == 0 || w.registry() == nil {
		return nil
	}
	var diags diag.Diagnostics
	var known map[string]string
	if p.was != nil {
		known = texts(p.was.values["schemas"])
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	schemas, failed := p.registryOf(ctx, w)
	asked := map[[2]string]string{}
	for _, at := range wanted {
		if !w.portValue(at, "subject").IsKnown() || !w.portValue(at, "version").IsKnown() {
			continue
		}
		version := cmp.Or(at.port.Version, latest)
		if before, had := known[at.String()]; had && p.sameVersion(at, version) && version != latest {
			p.schemas[at.String()] = before
			continue
		}
		key := [2]string{at.port.Subject, version}
		text, has := asked[key]
		if !has && failed == nil {
			var err error
			text, err = schemas.Schema(ctx, at.port.Subject, version)
			var absent *platform.NotFoundError
			switch {
			case errors.As(err, &absent):
				diags.AddAttributeError(at.path.AtName("subject"), fmt.Sprintf("The schema of %q is not in the registry", at), tfkit.Sentence(err.Error())+" Register it, or correct subject and version.")
				continue
			case err != nil:
				failed = err
			default:
				asked[key], has = text, true
			}
		}
		if has {
			p.schemas[at.String()] = text
		}
	}
	if failed != nil {
		p.unanswered = failed
		diags.AddAttributeWarning(path.Root("environment"), noRegistry,
			tfkit.Sentence(failed.Error())+" The schemas that it has are not known in this plan, so that what depends on them is known after apply. The apply asks again before anything is written.")
	}
	return diags
}

// noRegistry is the summary of what is said where a registry gives no answer.
const noRegistry = "The schema registry does not answer"

// sameVersion tells whether the state has a port with the same version of the same subject.
func (p *planning) sameVersion(at portAt, version string) bool {
	for _, before := range p.was.fromRegistry() {
		if before.String() == at.String() {
			return before.port.Subject == at.port.Subject && cmp.Or(before.port.Version, latest) == version
		}
	}
	return false
}

// registryOf connects to the environment's registry.
func (p *planning) registryOf(ctx context.Context, w *whole) (platform.Schemas, error) {
	if p.data == nil || p.data.Schemas == nil {
		return nil, errors.New("the provider is not configured")
	}
	return p.data.Schemas(ctx, *w.registry(), ptr.Deref(w.environment.Namespace, p.target.Namespace))
}

// schemasValue is the attribute schemas.
func (p *planning) schemasValue() tftypes.Value {
	of := p.computed.of["schemas"]
	elements := map[string]tftypes.Value{}
	for _, at := range p.is.fromRegistry() {
		if text, known := p.schemas[at.String()]; known {
			elements[at.String()] = tftypes.NewValue(tftypes.String, text)
		} else {
			elements[at.String()] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
		}
	}
	return tftypes.NewValue(of, elements)
}

// registration is a schema that is to be in the registry.
type registration struct {
	subject, text string
	at            portAt
}

// registrations are the schemas of outlets under the subjects of their topics, each once.
func (p *planning) registrations() []registration {
	if !ptr.Deref(p.is.RegisterSchemas, false) || p.is.registry() == nil {
		return nil
	}
	var out []registration
	seen := map[[2]string]bool{}
	for _, at := range p.is.ports() {
		if at.port.Subject != "" || at.port.Schema == "" || at.port.Unknown {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(p.is.blueprint.Topics)) {
			topic := p.is.blueprint.Topics[key]
			if topic.NameUnknown || !slices.Contains(topic.Producers, at.String()) {
				continue
			}
			subject := topic.Named(key) + "-value"
			if id := [2]string{subject, at.port.Schema}; !seen[id] {
				seen[id] = true
				out = append(out, registration{subject, at.port.Schema, at})
			}
		}
	}
	return out
}

// planSchemas asks the registry whether it would take what is to be registered. Where nothing has
// changed since the last apply, it is not asked.
func (p *planning) planSchemas(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	wanted := p.registrations()
	if len(wanted) == 0 || p.data == nil || p.data.NeverOnline || p.was != nil && p.sameRegistrations(wanted) {
		return diags
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	if p.unanswered != nil {
		// It is not waited for twice, and the plan has said so.
		return diags
	}
	schemas, err := p.registryOf(ctx, p.is)
	for _, wanted := range wanted {
		if err != nil {
			break
		}
		err = schemas.Check(ctx, wanted.subject, wanted.text)
		if refused := refusedSchema(wanted, err); refused != nil {
			diags.Append(refused)
			err = nil
		}
	}
	if err != nil {
		diags.AddAttributeWarning(path.Root("register_schemas"), noRegistry,
			tfkit.Sentence(err.Error())+" Whether it takes the schemas is asked again in the apply, before anything is written.")
	}
	return diags
}

// sameRegistrations tells whether the state has asked for the same, of the same registry.
func (p *planning) sameRegistrations(wanted []registration) bool {
	if was := p.was.registry(); was == nil || was.URL != p.is.registry().URL {
		return false
	}
	before := planning{Resource: p.Resource, is: p.was}
	return slices.EqualFunc(before.registrations(), wanted, func(a, b registration) bool { return a.subject == b.subject && a.text == b.text })
}

// refusedSchema is the error about a schema that the registry does not take; nil for another
// error.
func refusedSchema(r registration, err error) diag.Diagnostic {
	var rejected *platform.RejectedError
	if !errors.As(err, &rejected) {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(r.at.path.AtName("schema"), fmt.Sprintf("The registry does not take the schema of %q", r.at),
		fmt.Sprintf("It would be the next version of the subject %q. %s answers: %s\n\nChange the schema so that it is compatible, or write to another topic.", r.subject, rejected.By, tfkit.Sentence(rejected.Message)))
}

// register has the schemas in the registry, after asking about all of them.
func (a *applying) register(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	wanted := a.registrations()
	if len(wanted) == 0 || a.was != nil && a.sameRegistrations(wanted) {
		return diags
	}
	schemas, err := a.registryOf(ctx, a.is)
	for _, step := range []func(context.Context, string, string) error{
		func(ctx context.Context, subject, text string) error { return schemas.Check(ctx, subject, text) },
		func(ctx context.Context, subject, text string) error {
			a.touched = true
			return schemas.Register(ctx, subject, text)
		},
	} {
		for _, wanted := range wanted {
			if err == nil {
				err = step(ctx, wanted.subject, wanted.text)
			}
			if refused := refusedSchema(wanted, err); refused != nil {
				diags.Append(refused)
				err = nil
			}
		}
		if err != nil {
			diags.AddAttributeError(path.Root("register_schemas"), "The schemas cannot be registered",
				tfkit.Sentence(err.Error())+" No streamlet was changed. Apply again when the cause is gone.")
		}
		if diags.HasError() {
			return diags
		}
	}
	return diags
}
