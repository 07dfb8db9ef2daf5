package tfkit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Attempt is what a resource tried when an error came back.
type Attempt struct {
	// Doing completes "Cannot …", for example `create the deployment "orders"`.
	Doing string
	// Import is the command that takes over what exists already, or empty.
	Import string
}

// Diagnostics translates an error of a platform or of Kubernetes: the summary
// says what was tried and why it failed, the detail what came back and what to
// do. Errors about fields of a specification point to their attributes.
func (a Attempt) Diagnostics(err error) diag.Diagnostics {
	var (
		diags       diag.Diagnostics
		rollout     *platform.RolloutError
		inUse       *platform.InUseError
		absent      *platform.NotFoundError
		conflict    *kube.ConflictError
		invalid     *kube.InvalidError
		denied      *kube.DeniedError
		exists      *kube.ExistsError
		unreachable *kube.UnreachableError
		credentials *kube.CredentialsError
		config      *kube.ConfigError
		unknown     *UnknownConfigError
		notServed   *kube.NotServedError
		noNamespace *kube.NamespaceNotFoundError
		webhook     *kube.WebhookUnavailableError
		notFound    *kube.NotFoundError
	)
	switch {
	case errors.As(err, &rollout):
		diags.AddError(rollout.Summary, rollout.Detail)
	case errors.As(err, &conflict):
		a.conflicts(&diags, conflict)
	case errors.As(err, &invalid):
		a.causes(&diags, invalid)
	case errors.As(err, &inUse):
		a.add(&diags, "it is still in use", err,
			"Destroy these resources first. What Terraform does not manage is deleted with kubectl.")
	case errors.As(err, &denied) && denied.Admission != "":
		a.add(&diags, "admission control refuses it", err,
			fmt.Sprintf("Correct the configuration as the message of %s asks.", denied.Admission))
	case errors.As(err, &denied):
		a.add(&diags, "it is not allowed", err,
			fmt.Sprintf("Grant %s the verb %s on %s, or use other credentials in the provider block's kubernetes.", orElse(denied.User, "the user of these credentials"), denied.Verb, denied.Resource))
	case errors.As(err, &exists):
		remedy := "Delete it, choose another name, or import it."
		if a.Import != "" {
			remedy = "To manage it with Terraform, import it:\n\n  " + a.Import + "\n\nElse delete it or choose another name."
		}
		a.add(&diags, "it exists already", err, remedy)
	case errors.As(err, &unreachable):
		a.add(&diags, "the Kubernetes cluster cannot be reached", err,
			"Check that the cluster runs and that this machine reaches it, and that the provider block's kubernetes (or KUBECONFIG) names the right one.")
	case errors.As(err, &credentials):
		a.add(&diags, "the Kubernetes cluster does not accept the credentials", err,
			"Check token, client_certificate or exec in the provider block's kubernetes, or the user in the kubeconfig.")
	case errors.As(err, &unknown):
		a.add(&diags, "the provider's configuration is not known yet", err,
			"Apply what gives the value first (terraform apply -target=…), or set it to a known value.")
	case errors.As(err, &config):
		remedy := "Say in the provider block's kubernetes how to reach the cluster, or set KUBECONFIG."
		if config.Attribute != "" {
			remedy = fmt.Sprintf("Correct kubernetes.%s in the provider block.", strings.TrimPrefix(config.Attribute, "kubernetes."))
		}
		a.add(&diags, "there is no usable configuration of a Kubernetes cluster", err, remedy)
	case errors.As(err, &notServed):
		a.add(&diags, "the cluster does not know "+notServed.Kind.Kind, err,
			"Install the Flink Kubernetes Operator with its custom resource definitions, or upgrade it.")
	case errors.As(err, &noNamespace):
		a.add(&diags, "the namespace does not exist", err,
			"Create the namespace first, for example with a flink_environment.")
	case errors.As(err, &webhook):
		a.add(&diags, "a webhook of the cluster does not answer", err,
			"Check that the operator's pod with the webhook runs, then apply again.")
	case errors.As(err, &notFound), errors.As(err, &absent):
		a.add(&diags, "it does not exist", err, "Apply again: Terraform then creates it anew.")
	case errors.Is(err, context.DeadlineExceeded):
		a.add(&diags, "it takes too long", err, "Raise the timeout in the attribute timeouts, or look at the object with kubectl describe.")
	case errors.Is(err, context.Canceled):
		a.add(&diags, "Terraform was interrupted", err, "Apply again: it finishes what is left to do.")
	default:
		a.add(&diags, "the platform answers with an error", err, "Apply again when the cause is gone.")
	}
	return diags
}

// Refused tells whether an error, of a refresh, only means that the provider's
// configuration is not known yet. The state then stays as it is.
func Refused(err error) (diag.Diagnostic, bool) {
	var unknown *UnknownConfigError
	if !errors.As(err, &unknown) {
		return nil, false
	}
	return diag.NewWarningDiagnostic("The state is not refreshed: the provider's configuration is not known yet",
		err.Error()+" The plan rests on the last known state."), true
}

func (a Attempt) add(diags *diag.Diagnostics, cause string, err error, remedy string) {
	diags.AddError("Cannot "+a.Doing+": "+cause, Sentence(err.Error())+"\n\n"+remedy)
}

// conflicts reports each field that somebody else owns at its attribute.
func (a Attempt) conflicts(diags *diag.Diagnostics, err *kube.ConflictError) {
	for _, field := range err.Fields {
		remedies := fmt.Sprintf("Tried to %s. The field manager %q owns %s of %s with another value.\n\n"+
			"Ways out:\n"+
			"  - leave the attribute out of the configuration: what is not set is not managed, and %q keeps it\n"+
			"  - make %q give the field up\n"+
			"  - set force_conflicts = true in the provider block: Terraform takes such fields over",
			a.Doing, field.Manager, field.Path, err.Ref, field.Manager, field.Manager)
		if at, ok := SpecPath(field.Path); ok {
			diags.AddAttributeError(PathOf(at), fmt.Sprintf("%q owns %s", field.Manager, PathOf(at)), remedies)
		} else {
			diags.AddError(fmt.Sprintf("%q owns %s", field.Manager, strings.TrimPrefix(field.Path, ".")), remedies)
		}
	}
}

// causes reports each reason for which the API server rejects an object at its
// attribute.
func (a Attempt) causes(diags *diag.Diagnostics, err *kube.InvalidError) {
	if len(err.Causes) == 0 {
		a.add(diags, "the Kubernetes cluster rejects it", err, "Correct the configuration.")
	}
	for _, cause := range err.Causes {
		at, ok := SpecPath(cause.Field)
		detail := fmt.Sprintf("Tried to %s. The API server answers: %s", a.Doing, Sentence(cause.Message))
		if cause.Type == kube.CauseUnknownField {
			detail += "\n\n" + unknownField(at)
		}
		if ok {
			diags.AddAttributeError(PathOf(at), "The Kubernetes cluster rejects "+PathOf(at).String(), detail)
		} else {
			diags.AddError("Cannot "+a.Doing+": the Kubernetes cluster rejects "+orElse(cause.Field, "it"), detail)
		}
	}
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

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
