package operator

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// conflicts says of each field that somebody else owns what to do about it.
func conflicts(err *kube.ConflictError) *platform.FieldsError {
	out := &platform.FieldsError{Err: err}
	for _, field := range err.Fields {
		of := platform.Field{Detail: fmt.Sprintf("The field manager %q owns %s of %s with another value.\n\n"+
			"Ways out:\n"+
			"  - leave the attribute out of the configuration: what is not set is not managed, and %q keeps it\n"+
			"  - make %q give the field up\n"+
			"  - set force_conflicts = true in the provider block: Terraform takes such fields over",
			field.Manager, field.Path, err.Ref, field.Manager, field.Manager)}
		name := strings.TrimPrefix(field.Path, ".")
		if at, ok := specPath(field.Path); ok {
			of.Path, name = at, at.Attribute()
		}
		of.Summary = fmt.Sprintf("%q owns %s", field.Manager, name)
		out.Fields = append(out.Fields, of)
	}
	return out
}

// causes says of each reason for which the API server rejects an object where it
// is.
func causes(err *kube.InvalidError) *platform.FieldsError {
	out := &platform.FieldsError{Err: err}
	for _, cause := range err.Causes {
		at, ok := specPath(cause.Field)
		inner, message := templatePath(cause.Field), cause.Message
		if inner != "" {
			// The value may be one of an environment variable.
			message, _, _ = strings.Cut(message, ", got ")
		}
		of := platform.Field{By: "The API server", Message: message}
		switch {
		case cause.Type == kube.CauseUnknownField && inner != "":
			of.Detail = fmt.Sprintf("The pods that the operator's custom resource definition describes have no field %s. Check its name and its indentation; a field of a newer Kubernetes needs an operator whose definition has it.", inner)
		case cause.Type == kube.CauseUnknownField:
			of.Detail = unknownField(at)
		}
		place := orElse(cause.Field, "it")
		if ok {
			of.Path = at
			if place = at.Attribute(); inner != "" {
				place += ": " + inner
			}
		}
		of.Summary = "the Kubernetes cluster rejects " + place
		out.Fields = append(out.Fields, of)
	}
	return out
}

// fieldSince has the fields that came to the operator's custom resource
// definition later than in 1.7, by their path.
var fieldSince = []struct{ prefix, version string }{
	{"jobManager.resources", "1.16"},
	{"taskManager.resources", "1.16"},
	{"ingress.labels", "1.8"},
	{"ingress.tls", "1.8"},
}

// unknownField says since when the operator knows a field.
func unknownField(field flink.Path) string {
	name := strings.Join(field, ".")
	for _, f := range fieldSince {
		if name == f.prefix || strings.HasPrefix(name, f.prefix+".") {
			return fmt.Sprintf("The operator knows this field from version %s on; the custom resource definition in the cluster is older. Upgrade the operator and its definitions, or leave the attribute out.", f.version)
		}
	}
	return "The custom resource definition in the cluster does not have this field. Upgrade the operator and its definitions, or leave the attribute out."
}

// specPath returns the path into a specification of a field that an API server
// names, for example "spec.job.parallelism" or ".spec.flinkConfiguration[a.b]";
// ok is false for fields outside the specification.
func specPath(field string) (p flink.Path, ok bool) {
	rest := strings.TrimPrefix(field, ".")
	if rest, ok = strings.CutPrefix(rest, "spec."); !ok {
		return nil, false
	}
	// A FlinkBlueGreenDeployment has the specification in its template.
	rest = strings.TrimPrefix(rest, "template.spec.")
	for rest != "" {
		if key, bracket := strings.CutPrefix(rest, "["); bracket {
			key, after, _ := strings.Cut(key, "]")
			p = append(p, strings.Trim(key, `"'`))
			rest = strings.TrimPrefix(after, ".")
			continue
		}
		if n := len(p); n > 0 && flink.IsMap(p[n-1]) {
			// The keys of a map may have dots of their own.
			return append(p, rest), true
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end > 0 {
			p = append(p, rest[:end])
		}
		rest = strings.TrimPrefix(rest[end:], ".")
	}
	return p, len(p) > 0
}

// templatePath returns the path inside a pod template of a field that an API
// server names, for example spec.containers[0].image for
// ".spec.jobManager.podTemplate.spec.containers[0].image"; empty for fields
// outside of pod templates.
func templatePath(field string) string {
	_, inner, _ := strings.Cut(field, ".podTemplate.")
	return inner
}
