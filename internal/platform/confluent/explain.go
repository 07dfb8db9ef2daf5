package confluent

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/answered"
)

// words are those in which errors speak of the configuration of a server.
var words = answered.Server{
	Block: Name, Base: "/cmf/api/v1", URL: VariableURL, Authority: variableAuthority,
	Unauthorized: "Check token, basic, oauth or mtls in the provider block's confluent, or the environment variables. Where the server has role-based access control, it answers so too when the user has no role for this.",
	Forbidden:    "Grant the user of these credentials a role for it, or use other credentials in the provider block's confluent.",
}

// explain returns an error of this package or of the server as one of the platform. It is called
// where errors leave the package: inside, they are what they are.
func explain(err error) error { return words.Explain(err) }

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
