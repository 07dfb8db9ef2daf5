package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Registered is a schema that its subject has now.
type Registered struct {
	ID, Version int
	// Already tells that the subject had it before.
	Already bool
	// Ignored is what the registry has left out of the schema: "aliases", "doc".
	Ignored []string
}

// The pause between two tries to register grows from shortest to longest.
const shortest, longest = 100 * time.Millisecond, time.Second

// Register makes a schema a version of a subject, unless it is one. No schema is
// registered twice: where no answer comes, or one that does not say what has become
// of the request, it is looked up before the next try, for ten seconds. When the
// context ends, a request on its way has ten seconds more for its answer, as every
// write of rest.Client.Do. An error is
//
//   - an *InvalidSchemaError, an *IncompatibleError or a *ModeError: the registry
//     does not take it;
//   - an *UnsettledError: it may be registered, or not;
//   - an *AccessError, a *ForeignError, or one of rest.Client.Do.
func (c *Client) Register(ctx context.Context, subject, text string) (Registered, error) {
	if err := sound(subject, text); err != nil {
		return Registered{}, err
	}
	found, _, err := c.lookup(ctx, subject, text)
	if err != nil {
		return Registered{}, refusal(subject, err)
	}
	if found != nil {
		return Registered{ID: found.ID, Version: found.Version, Already: true, Ignored: ignored(text, found.Text)}, nil
	}
	until := time.Now().Add(c.patience)
	for pause := shortest; ; pause = min(2*pause, longest) {
		var made wire
		err := c.do(ctx, &made, rest.Request{Method: http.MethodPost, Path: []string{"subjects", subject, "versions"}, Body: proposal{text}})
		if err == nil {
			return c.numbered(ctx, subject, text, made)
		}
		unsettled, ok := errors.AsType[*rest.UnknownOutcomeError](err)
		if !ok {
			return Registered{}, refusal(subject, err)
		}
		found, _, err := c.lookup(ctx, subject, text)
		switch {
		case found != nil:
			return Registered{ID: found.ID, Version: found.Version, Ignored: ignored(text, found.Text)}, nil
		case err != nil:
			return Registered{}, &UnsettledError{Subject: subject, Err: fmt.Errorf("%w Looking it up fails too: %w", unsettled, err)}
		case time.Now().Add(pause).After(until):
			return Registered{}, &UnsettledError{Subject: subject, Err: unsettled}
		}
		select {
		case <-ctx.Done():
			return Registered{}, &UnsettledError{Subject: subject, Err: fmt.Errorf("%w Waiting for it was interrupted: %w", unsettled, context.Cause(ctx))}
		case <-time.After(pause):
		}
	}
}
