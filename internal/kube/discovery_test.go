package kube

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

func gauge(version string) Kind {
	return Kind{GroupVersionResource: schema.GroupVersionResource{Group: "example.com", Version: version, Resource: "gauges"}, Kind: "Gauge"}
}

func TestServed(t *testing.T) {
	t.Parallel()
	resources := func(names ...string) string {
		text := ""
		for i, name := range names {
			if i > 0 {
				text += ","
			}
			text += fmt.Sprintf(`{"name":%q,"namespaced":true,"kind":"X"}`, name)
		}
		return `{"kind":"APIResourceList","apiVersion":"v1","resources":[` + text + `]}`
	}
	for name, test := range map[string]struct {
		// versions are what the server has, by version.
		versions map[string]string
		want     string
		requests []string
	}{
		"the first":               {map[string]string{"v2": resources("gauges", "gauges/status"), "v1": resources("gauges")}, "v2", []string{"v2"}},
		"another version":         {map[string]string{"v1": resources("gauges")}, "v1", []string{"v2", "v1"}},
		"the version without it":  {map[string]string{"v2": resources("meters", "gauges/status"), "v1": resources("gauges")}, "v1", []string{"v2", "v1"}},
		"neither":                 {map[string]string{}, "", []string{"v2", "v1", "v2", "v1"}},
		"the group without it":    {map[string]string{"v1": resources("meters")}, "", []string{"v2", "v1", "v2", "v1"}},
		"an answer that is none":  {map[string]string{"v2": `<html>`}, "", nil},
		"a version that is empty": {map[string]string{"v2": resources(), "v1": resources("gauges")}, "v1", []string{"v2", "v1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				version := r.URL.Path[len("/apis/example.com/"):]
				mu.Lock()
				asked = append(asked, version)
				mu.Unlock()
				body, ok := test.versions[version]
				if !ok {
					http.NotFound(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, body)
			}))
			t.Cleanup(server.Close)
			client := clientOf(t, server.URL, patient)
			for range 2 {
				kind, err := client.Served(t.Context(), gauge("v2"), gauge("v1"))
				unserved, isUnserved := errors.AsType[*NotServedError](err)
				switch {
				case kind.Version != test.want:
					t.Fatalf("got the version %q, want %q: %v", kind.Version, test.want, err)
				case (err == nil) != (test.want != ""):
					t.Fatalf("got the error %v", err)
				case test.requests != nil && test.want == "" && (!isUnserved || unserved.Kind != gauge("v2")):
					t.Fatalf("got the error %v, want one about v2", err)
				case test.requests == nil && isUnserved:
					t.Fatalf("an answer that is none counts as a kind that is not served: %v", err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if test.requests != nil && !slices.Equal(asked, test.requests) {
				t.Errorf("asked for %v, want %v", asked, test.requests)
			}
		})
	}
}
