#!/usr/bin/env bash
# Library: github.com/hashicorp/go-retryablehttp 0.7.8, NewRequestWithContext, and net/http.
# Input: a POST whose body is a variable of the type []byte that is nil.
# Behaviour: the nil slice is a value in the interface that the library takes, and so a body: it is sent with Transfer-Encoding: chunked
#   and no chunk but the last. A literal nil is sent with Content-Length: 0. net/http finds out for a GET, and not for a POST or a PUT.
# Seen: "a nil slice: length -1, [chunked]", "nil: length 0, []".
# What follows: servers read both alike, and a proxy between may not: some refuse a request without a length (411), and one that reads
#   a body by its length alone leaves the server waiting for the last chunk. The provider gives the library no body where there is none
#   (internal/rest/client.go, send; TestDoSendsNoBody).
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

	"github.com/hashicorp/go-retryablehttp"
)

// sent posts a body and returns how it was sent.
func sent(body any) string {
	var how string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		how = fmt.Sprintf("length %d, %v", r.ContentLength, r.TransferEncoding)
	}))
	defer server.Close()
	client := retryablehttp.NewClient()
	client.Logger = nil
	request, err := retryablehttp.NewRequestWithContext(context.Background(), http.MethodPost, server.URL, body)
	if err != nil {
		panic(err)
	}
	response, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	response.Body.Close()
	return how
}

func main() {
	var slice []byte
	chunked, plain := sent(slice), sent(nil)
	fmt.Printf("a nil slice: %s\nnil: %s\n", chunked, plain)
	if chunked != "length -1, [chunked]" || plain != "length 0, []" {
		fmt.Println("CHANGED: a nil slice is sent as nil is")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get github.com/hashicorp/go-retryablehttp@v0.7.8
prepare go build -o finding .
look ./finding
