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
	platform.ToldObjects[T]

	moves platform.TakesOver
}

// told are objects, which can be taken over, with the platform's errors.
func told[T any, O interface {
	platform.Objects[T]
	platform.TakesOver
}](objects O) explained[T] {
	return explained[T]{platform.ToldObjects[T]{Inner: objects, Tell: explain}, objects}
}

// TakeOver implements platform.TakesOver.
func (e explained[T]) TakeOver(ctx context.Context, ref platform.Ref) error {
	return explain(e.moves.TakeOver(ctx, ref))
}
