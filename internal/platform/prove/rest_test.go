package prove

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// refusal is an answer that is no success, by its HTTP status.
type refusal int

func (r refusal) Error() string { return fmt.Sprintf("the answer is %d", int(r)) }

func (r refusal) HTTPStatus() int { return int(r) }

// answers are those of a Flink by their path. What is not there, it does not know, and
// about what is empty it cannot be asked.
type answers map[string]string

func (a answers) get(_ context.Context, path string) ([]byte, error) {
	answer, known := a[path]
	switch {
	case !known:
		return nil, fmt.Errorf("asked by a client: %w", refusal(http.StatusNotFound))
	case answer == "":
		return nil, errors.New("away")
	}
	return []byte(answer), nil
}
