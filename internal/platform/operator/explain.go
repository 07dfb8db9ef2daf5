package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file is where errors leave the package: what Kubernetes answers becomes the
// platform's errors, with words for people. Inside, they are what they are.

// explain returns an error of this package or of Kubernetes as one of the platform.
func explain(err error) error {
	var (
		rollout     *platform.RolloutError
		other       *platform.OtherObjectError
		inUse       *platform.InUseError
		begun       *platform.BegunError
		conflict    *kube.ConflictError
		invalid     *kube.InvalidError
		denied      *kube.DeniedError
		exists      *kube.ExistsError
		unreachable *kube.UnreachableError
		credentials *kube.CredentialsError
		notServed   *kube.NotServedError
		noNamespace *kube.NamespaceNotFoundError
		webhook     *kube.WebhookUnavailableError
		notFound    *kube.NotFoundError
	)
	because := func(cause, remedy string) error {
		return &platform.ExplainedError{Cause: cause, Err: err, Remedy: remedy}
	}
	switch {
	case err == nil, errors.As(err, &rollout), errors.As(err, &other), errors.As(err, &inUse), errors.As(err, &begun):
		return err
	case errors.As(err, &conflict):
		return conflicts(conflict)
	case errors.As(err, &invalid) && len(invalid.Causes) == 0:
		return because("the Kubernetes cluster rejects it", "Correct the configuration.")
	case errors.As(err, &invalid):
		return causes(invalid)
	case errors.As(err, &denied) && denied.Admission != "":
		remedy, known := fko.JarRemedy(denied.Message)
		if !known {
			remedy = fmt.Sprintf("Correct the configuration as the message of %s asks.", denied.Admission)
		}
		return because("admission control refuses it", remedy)
	case errors.As(err, &denied):
		return because("it is not allowed",
			fmt.Sprintf("Grant %s the verb %s on %s, or use other credentials in the provider block's kubernetes.", orElse(denied.User, "the user of these credentials"), denied.Verb, denied.Resource))
	case errors.As(err, &exists):
		return &platform.ExistsError{Err: err, Ours: exists.Ours()}
	case errors.As(err, &unreachable):
		return because("the Kubernetes cluster cannot be reached",
			"Check that the cluster runs and that this machine reaches it, and that the provider block's kubernetes (or KUBECONFIG) names the right one.")
	case errors.As(err, &credentials):
		return because("the Kubernetes cluster does not accept the credentials",
			"Check token, client_certificate or exec in the provider block's kubernetes, or the user in the kubeconfig.")
	case errors.As(err, &notServed):
		return because("the cluster does not know "+notServed.Kind.Kind,
			"Install the Flink Kubernetes Operator with its custom resource definitions, or upgrade it.")
	case errors.As(err, &noNamespace):
		return because("the namespace does not exist", "Create the namespace first, for example with a flink_environment.")
	case errors.As(err, &webhook):
		return because("a webhook of the cluster does not answer", "Check that the operator's pod with the webhook runs, then apply again.")
	case errors.As(err, &notFound):
		return because("it does not exist", "Apply again: Terraform then creates it anew.")
	case errors.Is(err, context.DeadlineExceeded):
		return because("it takes too long", "Raise the timeout in the attribute timeouts, or look at the object with kubectl describe.")
	}
	return err
}

// explained are deployments whose errors are the platform's.
type explained struct {
	platform.Told

	secrets    platform.SecretKeeper
	savepoints platform.SavepointKeeper
}

var (
	_ platform.SecretKeeper    = explained{}
	_ platform.SavepointKeeper = explained{}
)

func newExplained(savepoints platform.SavepointKeeper, inner interface {
	platform.Deployments
	platform.SecretKeeper
	platform.Inspector
},
) explained {
	tell := func(observed *platform.Observed, err error) (*platform.Observed, error) {
		return observed, explain(err)
	}
	return explained{platform.Told{Inner: inner, Tell: tell}, inner, savepoints}
}

// KeepSavepoint implements platform.SavepointKeeper.
func (e explained) KeepSavepoint(ctx context.Context, ref platform.Ref, spec flink.DeploymentSpec, path string) (string, error) {
	risk, err := e.savepoints.KeepSavepoint(ctx, ref, spec, path)
	return risk, explain(err)
}

// KeepSecret implements platform.SecretKeeper.
func (e explained) KeepSecret(ctx context.Context, ref platform.Ref, secret platform.OwnSecret) error {
	return explain(e.secrets.KeepSecret(ctx, ref, secret))
}

// DiscardSecret implements platform.SecretKeeper.
func (e explained) DiscardSecret(ctx context.Context, ref platform.Ref, name string, failed error) error {
	return explain(e.secrets.DiscardSecret(ctx, ref, name, failed))
}

// DropSecrets implements platform.SecretKeeper.
func (e explained) DropSecrets(ctx context.Context, ref platform.Ref, except ...string) error {
	return explain(e.secrets.DropSecrets(ctx, ref, except...))
}

// explainedEnvironments are environments whose errors are the platform's.
type explainedEnvironments struct{ inner *Environments }

// Find implements platform.Environments.
func (e explainedEnvironments) Find(ctx context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	found, err := e.inner.Find(ctx, name, namespace)
	return found, explain(err)
}

// Read implements platform.Environments.
func (e explainedEnvironments) Read(ctx context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	observed, err := e.inner.Read(ctx, want)
	return observed, explain(err)
}

// Apply implements platform.Environments.
func (e explainedEnvironments) Apply(ctx context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	observed, err := e.inner.Apply(ctx, want, previous)
	return observed, explain(err)
}

// Delete implements platform.Environments.
func (e explainedEnvironments) Delete(ctx context.Context, want platform.Environment) error {
	return explain(e.inner.Delete(ctx, want))
}

// explainedSavepoints are savepoints whose errors are the platform's.
type explainedSavepoints struct{ inner *Savepoints }

// Read implements platform.Savepoints.
func (s explainedSavepoints) Read(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	observed, err := s.inner.Read(ctx, known)
	return observed, explain(err)
}

// Take implements platform.Savepoints.
func (s explainedSavepoints) Take(ctx context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	observed, err := s.inner.Take(ctx, want)
	return observed, explain(err)
}

// Await implements platform.Savepoints.
func (s explainedSavepoints) Await(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	observed, err := s.inner.Await(ctx, known)
	return observed, explain(err)
}

// Find implements platform.Savepoints.
func (s explainedSavepoints) Find(ctx context.Context, ref platform.Ref, deployment string) (*platform.ObservedSavepoint, error) {
	observed, err := s.inner.Find(ctx, ref, deployment)
	return observed, explain(err)
}

// Change implements platform.Savepoints.
func (s explainedSavepoints) Change(ctx context.Context, known platform.ObservedSavepoint, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	changed, err := s.inner.Change(ctx, known, want)
	return changed, explain(err)
}

// Delete implements platform.Savepoints.
func (s explainedSavepoints) Delete(ctx context.Context, known platform.ObservedSavepoint) (string, error) {
	note, err := s.inner.Delete(ctx, known)
	return note, explain(err)
}

// Explain returns an error of Kubernetes as one of the platform, for platforms that keep their
// objects there too.
func Explain(err error) error { return explain(err) }
