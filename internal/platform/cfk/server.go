package cfk

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// What the custom resources do not tell is asked of the server, where the provider is told where
// that is.

// asks tells whether the server can be asked.
func (c *Client) asks() bool { return c.options.Server != nil }

// unknownToServer refuses to create what the server has already: the controller takes over by
// its name whatever is there, whoever has made it.
func (c *Client) unknownToServer(ctx context.Context, kind string, ref platform.Ref, look func(context.Context, *confluent.Client) error) error {
	if !c.asks() {
		return nil
	}
	client, err := c.options.Server(ctx)
	if err != nil {
		return err
	}
	err = look(ctx, client)
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		return nil
	}
	if _, absent := errors.AsType[*platform.NoEnvironmentError](err); absent {
		return nil
	}
	if err != nil {
		return err
	}
	return &platform.ExistsError{Err: fmt.Errorf("%s has %s %s, and there is no custom resource of it: %s would take it over", server, kind, ref, product)}
}

// fromServer is the server, for what is to be taken over from it as it is there.
func (c *Client) fromServer(ctx context.Context) (*confluent.Client, error) {
	if !c.asks() {
		return nil, &platform.ExplainedError{
			Cause: "the server is not known", Err: fmt.Errorf("what is on %s now has to be read there, so that the custom resource says the same and nothing restarts", server),
			Remedy: "Leave confluent.endpoint in the provider block (or CONFLUENT_CMF_URL) until this apply is over.",
		}
	}
	return c.options.Server(ctx)
}
