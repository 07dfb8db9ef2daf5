package confluent

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// webUI is the path of the web interface of the Flink that runs something of a
// collection of an environment.
func webUI(environment, collection, name string) []string {
	return at("environments", environment, collection, name, "flink-web-ui")
}

var _ prove.Refusal = (*rest.StatusError)(nil)

// flink is Flink's REST API, which is behind the server's way to the web interface.
func (c *Client) flink(environment, collection, name string) prove.FlinkREST {
	return func(ctx context.Context, path string) ([]byte, error) {
		target, query, _ := strings.Cut(path, "?")
		request := rest.Request{Method: http.MethodGet, Path: append(webUI(environment, collection, name), strings.Split(strings.Trim(target, "/"), "/")...)}
		var err error
		if request.Query, err = url.ParseQuery(query); err != nil {
			return nil, err
		}
		answer, err := c.rest.Do(ctx, request)
		if err != nil {
			return nil, err
		}
		return answer.Body, nil
	}
}
