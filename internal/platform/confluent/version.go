package confluent

import (
	"context"
	"fmt"
	"net/http"

	"github.com/hashicorp/go-version"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// before22 is how old a server is that does not tell its version: that came with
// 2.2.
const before22 = "older than 2.2"

// version returns the server's version, which is asked for once; empty for
// a server before 2.2.
func (c *Client) version(ctx context.Context) (string, error) {
	return rest.Once(ctx, c.rest, "system-information", func(ctx context.Context) (string, error) {
		answer, err := c.rest.Do(ctx, rest.Request{Method: http.MethodGet, Path: at("system-information")})
		if rest.Code(err) == http.StatusNotFound {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		var told struct {
			Status struct {
				Version string `json:"version"`
			} `json:"status"`
		}
		err = answer.Decode(&told)
		return told.Status.Version, err
	})
}

// require returns an error when the server is older than the first
// version that can do something.
func (c *Client) require(ctx context.Context, feature, needs string) error {
	has, err := c.version(ctx)
	if err != nil {
		return err
	}
	if atLeast(has, needs) {
		return nil
	}
	if has == "" {
		has = before22
	}
	return &platform.ExplainedError{
		Cause:  "the server is too old",
		Err:    fmt.Errorf("%s needs %s %s, and this is %s", feature, product, needs, has),
		Remedy: "Upgrade the server, or leave out what it cannot do.",
	}
}

// atLeast compares two versions. What comes before a release counts as the release.
func atLeast(has, needs string) bool {
	if has == "" {
		return false
	}
	first, err := version.NewVersion(needs)
	if err != nil {
		return true
	}
	is, err := version.NewVersion(has)
	return err != nil || is.Core().GreaterThanOrEqual(first)
}
