package kube

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// servedSchemas remembers the schemas of the kinds of each group's version that was asked for.
type servedSchemas struct {
	mu    sync.Mutex
	known map[schema.GroupVersion]func() map[string]*servedSchema
}

// servedSchema is what is read of a schema
// (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3).
type servedSchema struct {
	Properties map[string]*servedSchema `json:"properties"`
	Kinds      []struct {
		Kind string `json:"kind"`
	} `json:"x-kubernetes-group-version-kind"`
}

// HasField tells whether the kind has a field in the schema that the API server serves, which every user may read who
// has the role system:discovery. known is false where that cannot be found out soon, or the server has no schema of the
// kind. The server is asked once for each group's version in the life of the client.
func (c *Client) HasField(ctx context.Context, kind Kind, path ...string) (has, known bool) {
	c.schemas.mu.Lock()
	ask, asked := c.schemas.known[kind.GroupVersion()]
	if !asked {
		ask = sync.OnceValue(func() map[string]*servedSchema { return c.schemasOf(ctx, kind) })
		if c.schemas.known == nil {
			c.schemas.known = map[schema.GroupVersion]func() map[string]*servedSchema{}
		}
		c.schemas.known[kind.GroupVersion()] = ask
	}
	c.schemas.mu.Unlock()
	at := ask()[kind.Kind]
	if at == nil {
		return false, false
	}
	for _, name := range path {
		if at = at.Properties[name]; at == nil {
			return false, true
		}
	}
	return true, true
}

// schemasOf reads the schemas of the version of a kind, by kind; nothing where they cannot be read.
func (c *Client) schemasOf(ctx context.Context, kind Kind) map[string]*servedSchema {
	ctx, cancel := context.WithTimeout(ctx, c.timing.firstContact)
	defer cancel()
	var document struct {
		Components struct {
			Schemas map[string]*servedSchema `json:"schemas"`
		} `json:"components"`
	}
	err := c.do(ctx, operation{verb: "describe", ref: Ref{Kind: kind}, probe: true}, func(ctx context.Context) error {
		body, err := answer(c.rest.Get().AbsPath("openapi", "v3", "apis", kind.Group, kind.Version).MaxRetries(0).Do(ctx))
		if err != nil {
			return err
		}
		return badJSON(json.Unmarshal(body, &document))
	})
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			logctx.From(ctx).InfoContext(ctx, "What fields kinds have is not known", "error", err.Error())
		}
		return nil
	}
	byKind := map[string]*servedSchema{}
	for _, name := range slices.Sorted(maps.Keys(document.Components.Schemas)) {
		// The lists of a kind name themselves.
		if s := document.Components.Schemas[name]; len(s.Kinds) == 1 {
			byKind[s.Kinds[0].Kind] = s
		}
	}
	return byKind
}
