#!/usr/bin/env bash
# Library: github.com/getkin/kin-openapi 0.153.0, openapi3filter.ValidateResponse with no options.
# Input: a valid OpenAPI 3.0 description of one operation whose only answer is 200, with a field of the format uuid and one of
#   the format date-time; and answers: 200 without a required field, 404 with any body, 200 with texts that are neither UUID nor time.
# Behaviour: an answer whose status the description does not know passes, with whatever is in it, unless Options.IncludeResponseStatus
#   is set. The format uuid is not looked at, while date-time is.
# Seen: "200 without a field: refused", "404: passes", "404 with IncludeResponseStatus: refused", "no UUID: passes", "no date-time:
#   refused".
# What follows: a suite that checks a server against its description sees no fault in answers that the description has not got. The
#   stand-in of Confluent Manager for Apache Flink sets the option, and lists the answers that the vendor's own description lacks
#   (internal/devcluster/cmf/checks.go; TestChecks).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

const description = `
openapi: 3.0.3
info: {title: things, version: "1"}
paths:
  /things:
    get:
      responses:
        "200":
          description: a thing
          content:
            application/json:
              schema:
                type: object
                required: [name]
                properties: {name: {type: string}, id: {type: string, format: uuid}, at: {type: string, format: date-time}}
`

func main() {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(description))
	if err == nil {
		err = spec.Validate(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	router, err := gorillamux.NewRouter(spec)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	changed := false
	check := func(what string, code int, body string, options *openapi3filter.Options, passes bool) {
		request := httptest.NewRequest(http.MethodGet, "/things", nil)
		route, parameters, err := router.FindRoute(request)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		err = openapi3filter.ValidateResponse(context.Background(), (&openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
			Status:                 code, Header: http.Header{"Content-Type": {"application/json"}}, Options: options,
		}).SetBodyBytes([]byte(body)))
		told := "refused"
		if err == nil {
			told = "passes"
		}
		fmt.Printf("%s: %s\n", what, told)
		changed = changed || (err == nil) != passes
	}
	check("200 without a field", 200, `{}`, nil, false)
	check("404", 404, `["anything"]`, nil, true)
	check("404 with IncludeResponseStatus", 404, `["anything"]`, &openapi3filter.Options{IncludeResponseStatus: true}, false)
	check("no UUID", 200, `{"name":"a","id":"seven"}`, nil, true)
	check("no date-time", 200, `{"name":"a","at":"today"}`, nil, false)
	if changed {
		fmt.Println("CHANGED: other answers pass")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get github.com/getkin/kin-openapi@v0.153.0
prepare go mod tidy
prepare go build -o finding .
look ./finding
