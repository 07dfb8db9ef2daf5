#!/usr/bin/env bash
# Library: k8s.io/client-go 0.37.2, rest.Config with an exec credential plugin.
# Input: a kubeconfig-like configuration whose credential program takes three seconds, and a transport that a caller wraps with
#   Config.Wrap to end requests with their context.
# Behaviour: the credentials are fetched outside of what Wrap adds. The wrapper is not reached before the program has ended, and
#   the context of the request does not end the program: a deadline of half a second is over after three.
# Seen: "the request ended after 3 s, the wrapper was reached after 3 s" (rounded).
# What follows: the provider puts its bound around the whole transport (internal/kube/interruptible.go;
#   TestAHangingCredentialProgramEndsWithTheContext).
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
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

type wrapper struct {
	next    http.RoundTripper
	reached *time.Time
}

func (w wrapper) RoundTrip(r *http.Request) (*http.Response, error) {
	*w.reached = time.Now()
	return w.next.RoundTrip(r)
}

func main() {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	defer server.Close()
	const answer = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}`
	config := &rest.Config{
		Host: server.URL, TLSClientConfig: rest.TLSClientConfig{Insecure: true},
		ExecProvider: &api.ExecConfig{
			Command: "sh", Args: []string{"-c", "sleep 3; echo '" + answer + "'"},
			APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: api.NeverExecInteractiveMode,
		},
	}
	var reached time.Time
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return wrapper{next, &reached} })
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	began := time.Now()
	response, err := client.Do(request)
	if err == nil {
		response.Body.Close()
	}
	ended := time.Since(began)
	if reached.IsZero() {
		reached = began
	}
	fmt.Printf("the request ended after %.0f s, the wrapper was reached after %.0f s\n", ended.Seconds(), reached.Sub(began).Seconds())
	if ended < 2*time.Second || reached.Sub(began) < 2*time.Second {
		fmt.Println("CHANGED: the credential program is bounded by the context, or the wrapper is outside of it")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get k8s.io/client-go@v0.37.2
prepare go mod tidy
prepare go build -o finding .
look ./finding
