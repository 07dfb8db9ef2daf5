package kube

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestServiceGet(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") == "" || r.Method != http.MethodGet {
			t.Errorf("%s by %q", r.Method, r.Header.Get("User-Agent"))
		}
		switch path, ok := strings.CutPrefix(r.URL.RequestURI(), "/prefix/api/v1/namespaces/ns/services/orders-rest:8081/proxy"); {
		case !ok:
			t.Errorf("asked for %s", r.URL)
		case path == "/jobs/overview?x=1":
			fmt.Fprint(w, `{"jobs":[]}`)
		case path == "/large":
			_, _ = w.Write(bytes.Repeat([]byte("x"), maxServiceAnswer+1))
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"errors":["Job not found"]}`)
		}
	}))
	defer server.Close()
	client := clientOf(t, server.URL+"/prefix", patient)

	got, err := client.ServiceGet(t.Context(), "ns", "orders-rest", 8081, "/jobs/overview?x=1")
	if err != nil || string(got) != `{"jobs":[]}` {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := client.ServiceGet(t.Context(), "ns", "orders-rest", 8081, "large"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a large answer: %v", err)
	}
	_, err = client.ServiceGet(t.Context(), "ns", "orders-rest", 8081, "/jobs/0")
	var service *ServiceError
	if !errors.As(err, &service) || service.Code != http.StatusNotFound || !strings.Contains(err.Error(), "ns/orders-rest:8081 answers 404") || !strings.Contains(err.Error(), "Job not found") {
		t.Errorf("got %T %v", err, err)
	}

	server.Close()
	var unreachable *UnreachableError
	if _, err := client.ServiceGet(t.Context(), "ns", "orders-rest", 8081, "/jobs"); !errors.As(err, &unreachable) {
		t.Errorf("got %T %v", err, err)
	}
}
