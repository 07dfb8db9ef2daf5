package vvp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/described"
)

// Checks compares what is asked and answered with the vendor's Swagger files. Those are
// of 2.0 and 2.1, so an operation that they do not have is not compared, and neither is
// what newer servers are known to do otherwise: see relax and operation.Answer.
type Checks struct {
	described.Log

	routers []routers.Router
}

// LoadChecks reads Swagger 2.0 files of a server.
func LoadChecks(files ...string) (*Checks, error) {
	c := &Checks{}
	for _, file := range files {
		router, err := load(file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		c.routers = append(c.routers, router)
	}
	return c, nil
}

func load(file string) (routers.Router, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var swagger openapi2.T
	if err := json.Unmarshal(content, &swagger); err != nil {
		return nil, err
	}
	document, err := openapi2conv.ToV3(&swagger)
	if err != nil {
		return nil, err
	}
	// The test's address is another one than the vendor's example.
	document.Servers = nil
	relax(document)
	return gorillamux.NewRouter(document)
}

// relax has the document take what newer servers take: a name in place of an id in a
// path, null for what is not set, and states of savepoints that came later.
func relax(document *openapi3.T) {
	for name, schema := range document.Components.Schemas {
		for property, inside := range schema.Value.Properties {
			if inside.Value == nil {
				continue
			}
			if inside.Ref != "" {
				// What refers to a schema cannot be null by itself.
				schema.Value.Properties[property] = &openapi3.SchemaRef{Value: &openapi3.Schema{AllOf: openapi3.SchemaRefs{inside}, Nullable: true}}
				inside.Value.Nullable = true
				continue
			}
			inside.Value.Nullable = true
			if elements := inside.Value.AdditionalProperties.Schema; elements != nil && elements.Value != nil {
				// A merge patch takes a key out of a map by null.
				elements.Value.Nullable = true
			}
			if name == "SavepointStatus" && property == "state" {
				inside.Value.Enum = nil
			}
		}
	}
	for _, path := range document.Paths.Map() {
		for _, operation := range path.Operations() {
			for _, parameter := range operation.Parameters {
				if parameter.Value != nil && parameter.Value.In == openapi3.ParameterInPath && parameter.Value.Schema != nil {
					parameter.Value.Schema.Value.Format = ""
				}
			}
			// Created is answered as OK is.
			if ok, created := operation.Responses.Value("200"), operation.Responses.Value("201"); ok != nil && created != nil && len(created.Value.Content) == 0 {
				created.Value.Content = ok.Value.Content
			}
		}
	}
}

// serve answers a request by a handler, and checks both.
func (c *Checks) serve(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	route, parameters := c.find(r)
	if route == nil {
		handler.ServeHTTP(w, r)
		return
	}
	c.Serve(w, r, handler, operation{route, parameters})
}

// operation is one of the API. It implements described.Judge.
type operation struct {
	route      *routers.Route
	parameters map[string]string
}

// Request implements described.Judge.
func (o operation) Request(r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	input := &openapi3filter.RequestValidationInput{Request: r, Route: o.route, PathParams: o.parameters}
	return input, openapi3filter.ValidateRequest(r.Context(), input)
}

// find returns the operation of a request, nil where no file has it.
func (c *Checks) find(r *http.Request) (*routers.Route, map[string]string) {
	// It looks like a deployment of this name.
	if strings.HasSuffix(r.URL.Path, "/deployments/with-cr") {
		return nil, nil
	}
	for _, router := range c.routers {
		route, parameters, err := router.FindRoute(r)
		if err == nil {
			return route, parameters
		}
		if errors.Is(err, routers.ErrMethodNotAllowed) {
			return nil, nil
		}
	}
	return nil, nil
}

// Answer implements described.Judge. Of those that are no success the files have codes alone, and not
// all of them.
func (operation) Answer(request *openapi3filter.RequestValidationInput, recorded *httptest.ResponseRecorder) error {
	if recorded.Code >= http.StatusBadRequest {
		return nil
	}
	return openapi3filter.ValidateResponse(request.Request.Context(), (&openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: recorded.Code, Header: recorded.Header(),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}).SetBodyBytes(recorded.Body.Bytes()))
}
