package kube

import (
	"errors"
	"net/http"
	"testing"
)

func TestMergePatchForOneVersionIsNotRepeated(t *testing.T) {
	const (
		conflict = `{"code":409,"reason":"Conflict","message":"the object has been modified","details":{"name":"orders"}}`
		stored   = `{"kind":"Job","apiVersion":"example.com/v1","metadata":{"name":"orders","namespace":"prod"}}`
	)
	for name, test := range map[string]struct {
		patch    Patch
		requests int32
	}{
		"with a version":    {Patch{}.Set("7", "metadata", "resourceVersion"), 1},
		"without a version": {Patch{}.RemoveAnnotations("a"), 2},
	} {
		t.Run(name, func(t *testing.T) {
			host, requests := answering(t, conflict, stored)
			_, err := clientOf(t, host, patient).MergePatch(t.Context(), jobs, Key{Namespace: "prod", Name: "orders"}, test.patch)
			var server *ServerError
			if conflicted := errors.As(err, &server) && server.Code == http.StatusConflict; conflicted != (test.requests == 1) {
				t.Errorf("returned %v", err)
			}
			if n := requests.Load(); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}
