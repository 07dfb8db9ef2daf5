package confluent

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// This file is where errors leave the package: what the server answers becomes the
// platform's errors, with words for people. Inside, they are what they are.

// explain returns an error of this package or of the server as one of the platform.
func explain(err error) error {
	var (
		explained   *platform.ExplainedError
		credentials *rest.CredentialsError
		config      *rest.ConfigError
		unreachable *rest.UnreachableError
		unreadable  *rest.UnreadableError
	)
	because := func(cause, remedy string) error {
		return &platform.ExplainedError{Cause: cause, Err: err, Remedy: remedy}
	}
	switch code := rest.Code(err); {
	case errors.As(err, &explained):
		return err
	case errors.As(err, &credentials), code == http.StatusUnauthorized:
		return because("the server does not accept the credentials",
			"Check token, basic, oauth or mtls in the provider block's confluent, or the environment variables. Where the server has role-based access control, it answers so too when the user has no role for this.")
	case code == http.StatusForbidden:
		return because("it is not allowed", "Grant the user of these credentials a role for it, or use other credentials in the provider block's confluent.")
	case code == http.StatusBadRequest, code == http.StatusUnprocessableEntity:
		return because("the server rejects it", "Correct the configuration as the server's message asks. Nothing was changed.")
	case errors.As(err, &unreachable):
		return because("the server cannot be reached",
			"Check that the server runs and that this machine reaches it, and that the provider block's confluent (or "+variableURL+") names the right one.")
	case errors.As(err, &unreadable), code == http.StatusNotFound:
		return because("this is not its API", "Check endpoint in the provider block's confluent: it is the URL before /cmf/api/v1.")
	case errors.As(err, &config):
		remedy := "Say in the provider block's confluent how to reach the server, or set " + variableURL + "."
		if config.Attribute != "endpoint" && config.Attribute == strings.ToLower(config.Attribute) {
			remedy = "Correct confluent." + config.Attribute + " in the provider block."
		}
		return because("there is no usable configuration of the server", remedy)
	case code != 0:
		return because("the server answers with an error", "Apply again when the cause is gone.")
	}
	return err
}

// explained are objects whose errors are the platform's.
type explained[T any] struct{ inner platform.Objects[T] }

// Create implements platform.Objects.
func (e explained[T]) Create(ctx context.Context, want T) (T, error) {
	created, err := e.inner.Create(ctx, want)
	return created, explain(err)
}

// Await implements platform.Objects.
func (e explained[T]) Await(ctx context.Context, known T) (T, error) {
	observed, err := e.inner.Await(ctx, known)
	return observed, explain(err)
}

// Read implements platform.Objects.
func (e explained[T]) Read(ctx context.Context, ref platform.Ref) (T, error) {
	observed, err := e.inner.Read(ctx, ref)
	return observed, explain(err)
}

// Update implements platform.Objects.
func (e explained[T]) Update(ctx context.Context, want, before T) (T, error) {
	written, err := e.inner.Update(ctx, want, before)
	return written, explain(err)
}

// Delete implements platform.Objects.
func (e explained[T]) Delete(ctx context.Context, known T) error {
	return explain(e.inner.Delete(ctx, known))
}
