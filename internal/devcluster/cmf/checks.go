package cmf

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/described"
)

// Checks compares what is asked and answered with the vendor's OpenAPI file.
type Checks struct {
	described.Log

	router routers.Router
}

// LoadChecks reads the OpenAPI file of a server.
func LoadChecks(file string) (*Checks, error) {
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	// The test's address is another one than the vendor's example.
	document.Servers = nil
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return &Checks{router: router}, nil
}

// serve answers a request by a handler, and checks both.
func (c *Checks) serve(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	if isWebUI(r) {
		handler.ServeHTTP(w, r)
		return
	}
	c.Serve(w, r, handler, c)
}

// isWebUI tells whether a request is for Flink's web interface, which the vendor's
// command line tool uses and its file does not have.
func isWebUI(r *http.Request) bool { return strings.Contains(r.URL.Path, "/flink-web-ui/") }

// isOf24 tells whether a request is for an operation that came with 2.4, and which the
// file of 2.3 does not have.
func isOf24(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/savepoints/") && r.Method == http.MethodPut || strings.HasSuffix(r.URL.Path, "/savepoints") && r.Method == http.MethodDelete
}

// Request implements described.Judge. A path that the description does not have is a violation.
func (c *Checks) Request(r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, parameters, err := c.router.FindRoute(r)
	if err != nil {
		if errors.Is(err, routers.ErrPathNotFound) {
			return nil, errors.New("the API has no such path")
		}
		return nil, err
	}
	input := &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: parameters}
	return input, openapi3filter.ValidateRequest(r.Context(), input)
}

// undocumented are answers that the file does not have: one that the vendor's
// documentation shows, and one by which a server would say no.
var undocumented = map[string]int{"deleteSecret": http.StatusConflict, "detachSavepointFromFlinkApplication": http.StatusConflict}

// ambiguous are the operations whose answers the file does not allow at all: the data
// of an event is one of two schemas that each take what the other takes.
var ambiguous = map[string]bool{"getApplicationEvents": true}

// Answer implements described.Judge: the code must be one of the operation's.
func (*Checks) Answer(request *openapi3filter.RequestValidationInput, recorded *httptest.ResponseRecorder) error {
	if ambiguous[request.Route.Operation.OperationID] && recorded.Code == http.StatusOK {
		return nil
	}
	if code, known := undocumented[request.Route.Operation.OperationID]; known && code == recorded.Code {
		return nil
	}
	return openapi3filter.ValidateResponse(request.Request.Context(), (&openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: recorded.Code, Header: recorded.Header(),
		// The vendor marks specifications as writeOnly that the server gives back.
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeWriteOnlyValidations: true},
	}).SetBodyBytes(recorded.Body.Bytes()))
}
