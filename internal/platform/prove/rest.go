package prove

import (
	"context"
	"errors"
	"time"
)

// FlinkREST asks Flink's REST API for a path, for example "/jobs/overview", which may have
// a query, and returns the body of the answer. The error of an answer that is no success
// is a Refusal.
type FlinkREST func(ctx context.Context, path string) ([]byte, error)

// Refusal is the error of an answer that is no success, as *kube.ServiceError and
// *rest.StatusError are.
type Refusal interface {
	error
	// HTTPStatus is the status of the answer, for example 404.
	HTTPStatus() int
}

// refusedWith returns the HTTP status of a Refusal, 0 for any other error.
func refusedWith(err error) int {
	if refused, ok := errors.AsType[Refusal](err); ok {
		return refused.HTTPStatus()
	}
	return 0
}

// AnswerTimeout bounds the questions about an execution, and those about exceptions: the
// JobManager may be the very thing that hangs.
const AnswerTimeout = 3 * time.Second
