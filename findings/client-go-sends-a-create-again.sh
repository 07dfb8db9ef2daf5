#!/usr/bin/env bash
# Library: k8s.io/client-go 0.37.2, Create of a typed client.
# Input: a proxy before an API server that answers 503 with Retry-After to a create which has been performed, because it has lost the
#   answer; asked again, the server says that the object exists.
# Behaviour: a POST is sent again after any 429 or 5xx that has Retry-After in whole seconds, ten times at most. The caller gets "already
#   exists" for the object that it has created itself.
# Seen: "2 POSTs: configmaps "a" already exists".
# What follows: "already exists" does not tell whose object it is. The provider writes by server-side apply, which may be sent again, and
#   marks what it creates, so that it finds it again (internal/platform/operator/creation.go; TestAKilledCreateIsContinuedByTheNext).
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

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func main() {
	posts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if posts++; posts == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","code":503}`)
			return
		}
		w.WriteHeader(http.StatusConflict)
		fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"AlreadyExists","message":"configmaps \"a\" already exists","code":409}`)
	}))
	defer server.Close()
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	_, err = client.CoreV1().ConfigMaps("default").Create(context.Background(),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{})
	fmt.Printf("%d POSTs: %v\n", posts, err)
	if posts != 2 || !apierrors.IsAlreadyExists(err) {
		fmt.Println("CHANGED: a create is sent once")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get k8s.io/client-go@v0.37.2 k8s.io/api@v0.37.2
prepare go mod tidy
prepare go build -o finding .
look ./finding
