package ververica

import (
	"context"
	"fmt"
	"net/http"

	"github.com/hashicorp/go-version"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// oldest is the first version that is not out of support: 2.12 is until 2026-12-22 (the
// vendor's release notes).
const oldest = "2.13"

// Generations of the server. What they differ in is said where it matters.
const (
	generation2 = 2
	generation3 = 3
)

// systemInfo is the path of what a server tells of itself.
var systemInfo = []string{"api", "v1", "status", "system-info"}

// serverVersion is what a server is.
type serverVersion struct {
	// build is for example "2.15.1".
	build string
	// generation is generation2 or generation3.
	generation int
}

// version returns the server's version. It is asked for once, with the token of
// a namespace, as there may be no other.
func (c *Client) version(ctx context.Context, namespace string) (serverVersion, error) {
	return rest.Once(ctx, c.base, "system-info", func(ctx context.Context) (serverVersion, error) {
		var told struct {
			Status struct {
				Revision struct {
					Build string `json:"buildVersion"`
				} `json:"revisionInformation"`
			} `json:"status"`
		}
		if err := c.do(ctx, namespace, rest.Request{Method: http.MethodGet, Path: systemInfo}, &told); err != nil {
			return serverVersion{}, err
		}
		return versionOf(told.Status.Revision.Build), nil
	})
}

// versionOf reads a version. One that is none, as a build of a branch has, is taken for
// one of the generation 2.
func versionOf(build string) serverVersion {
	is := serverVersion{build: build, generation: generation2}
	if read, err := version.NewVersion(build); err == nil && read.Segments()[0] >= generation3 {
		is.generation = generation3
	}
	return is
}

// require is an error where the server is too old for this provider.
func (c *Client) require(ctx context.Context, namespace string) error {
	is, err := c.version(ctx, namespace)
	if err != nil || atLeast(is.build, oldest) {
		return err
	}
	return &platform.ExplainedError{
		Cause:  "the server is too old",
		Err:    fmt.Errorf("this provider needs %s %s, and the server at %s is %s", product, oldest, c.Endpoint(), is.build),
		Remedy: "Upgrade the server: the vendor does not support older versions either.",
	}
}

// atLeast compares two versions. What comes before a release counts as the release, and
// what is no version as new.
func atLeast(has, needs string) bool {
	first, err := version.NewVersion(needs)
	if err != nil {
		return true
	}
	is, err := version.NewVersion(has)
	return err != nil || is.Core().GreaterThanOrEqual(first)
}
