#!/usr/bin/env bash
# Library: golang.org/x/oauth2 0.36.0, the client of clientcredentials.Config.
# Input: an authorization server whose tokens live for 300, 10 or 5 seconds, or say no time at all (expires_in 0), and five requests.
# Behaviour: a token counts as expired ten seconds before it is. One that lives for ten seconds or less is so when it arrives: each
#   request fetches another one, and none is an error. An expires_in of 0 is a token that never expires.
# Seen: "300 s: 1, 10 s: 5, 5 s: 5, 0 s: 1 tokens" for five requests.
# What follows: with such a server an apply of many resources asks for a token as often as it asks the API. The provider bears that:
#   a token that ends in mid-apply is fetched again (internal/rest/auth.go; TestCredentials).
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
	"sync/atomic"

	"golang.org/x/oauth2/clientcredentials"
)

// tokens counts those that five requests need.
func tokens(seconds int) int64 {
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			count.Add(1)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":"t","token_type":"Bearer","expires_in":%d}`, seconds)
		}
	}))
	defer server.Close()
	client := (&clientcredentials.Config{ClientID: "a", ClientSecret: "b", TokenURL: server.URL + "/token"}).Client(context.Background())
	for range 5 {
		response, err := client.Get(server.URL + "/api")
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		response.Body.Close()
	}
	return count.Load()
}

func main() {
	long, ten, five, none := tokens(300), tokens(10), tokens(5), tokens(0)
	fmt.Printf("300 s: %d, 10 s: %d, 5 s: %d, 0 s: %d tokens\n", long, ten, five, none)
	if long != 1 || ten != 5 || five != 5 || none != 1 {
		fmt.Println("CHANGED: short tokens are used again, or long ones are not")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get golang.org/x/oauth2@v0.36.0
prepare go mod tidy
prepare go build -o finding .
look ./finding
