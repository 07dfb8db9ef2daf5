package kube

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// maxServiceAnswer bounds what is read of a service's answer. What is asked for
// is a few kilobytes of JSON; nothing may fill the memory of the provider.
const maxServiceAnswer = 1 << 20

// ServiceError is an answer of a service, or of the API server's proxy in front
// of it, that is no success.
type ServiceError struct {
	Service string // "flink-prod/orders-rest:8081"
	Code    int    // HTTP status; 503 from the proxy itself when no pod is ready
	Body    string // the beginning of it
}

func (e *ServiceError) Error() string {
	return fmt.Sprintf("The service %s answers %d: %s.", e.Service, e.Code, strings.TrimSuffix(strings.TrimSpace(e.Body), "."))
}

// HTTPStatus is Code, for who tells errors of several clients apart.
func (e *ServiceError) HTTPStatus() int { return e.Code }

var serviceKind = Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "services"}, Kind: "Service"}

// ServiceGet sends a GET request to a port of a service through the API
// server's proxy
// (https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/),
// so that the service needs no way in from outside. path may have a query. It is
// best effort: it is not repeated, and an answer of more than 1 MiB is an error.
func (c *Client) ServiceGet(ctx context.Context, namespace, service string, port int, path string) ([]byte, error) {
	name := fmt.Sprintf("%s/%s:%d", namespace, service, port)
	ref := Ref{serviceKind, Key{namespace, service}}
	base, _, err := rest.DefaultServerUrlFor(c.config)
	if err != nil {
		return nil, &ConfigError{Attribute: "host", Problem: fmt.Sprintf("The host %q is no URL of an API server: %s.", c.endpoint, err)}
	}
	target, query, _ := strings.Cut(path, "?")
	u := base.JoinPath("api", "v1", "namespaces", namespace, "services", service+":"+strconv.Itoa(port), "proxy", target)
	u.RawQuery = query
	req, err := http.NewRequestWithContext(answerWithin(ctx, c.timing.readOutage), http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("the path %q of service %s is no path: %w", path, name, err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, interrupted(ctx, operation{verb: "get", ref: ref})
		}
		return nil, c.classify(err, "get", ref)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxServiceAnswer+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, interrupted(ctx, operation{verb: "get", ref: ref})
	case err != nil:
		return nil, c.classify(err, "get", ref)
	case resp.StatusCode == http.StatusUnauthorized:
		return nil, &CredentialsError{Endpoint: c.endpoint, Message: http.StatusText(resp.StatusCode)}
	case resp.StatusCode >= http.StatusMultipleChoices:
		return nil, &ServiceError{Service: name, Code: resp.StatusCode, Body: string(body[:min(len(body), 512)])}
	case len(body) > maxServiceAnswer:
		return nil, fmt.Errorf("the answer of service %s to %s is longer than %d bytes", name, path, maxServiceAnswer)
	}
	return body, nil
}
