package cfk

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// explain returns an error of this package or of Kubernetes as one of the platform.
func explain(err error) error {
	var (
		explained *platform.ExplainedError
		absent    *platform.NotFoundError
		exists    *platform.ExistsError
		notServed *kube.NotServedError
	)
	switch {
	case errors.As(err, &explained), errors.As(err, &absent), errors.As(err, &exists):
		return err
	case errors.As(err, &notServed) && notServed.Kind.Group == apiGroup:
		return &platform.ExplainedError{
			Cause: "the cluster does not know " + notServed.Kind.Kind, Err: err,
			Remedy: "Install " + product + " with its custom resource definitions (the kinds of SQL since 3.3), with enableCMFDay2Ops, and enableFlinkSQL for SQL.",
		}
	}
	return operator.Explain(err)
}

// explained are objects whose errors are the platform's.
type explained[T any] struct {
	inner interface {
		platform.Objects[T]
		platform.TakesOver
	}
}

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

// TakeOver implements platform.TakesOver.
func (e explained[T]) TakeOver(ctx context.Context, ref platform.Ref) error {
	return explain(e.inner.TakeOver(ctx, ref))
}
