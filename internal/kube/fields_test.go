package kube

import (
	"sync"
	"testing"
)

func TestHasField(t *testing.T) {
	t.Parallel()
	const schemas = `{"components":{"schemas":{
		"com.example.v1.Job":{"properties":{"spec":{"properties":{"size":{"type":"integer"}}},"status":{}},"x-kubernetes-group-version-kind":[{"group":"example.com","kind":"Job","version":"v1"}]},
		"com.example.v1.JobList":{"properties":{"items":{}},"x-kubernetes-group-version-kind":[{"group":"example.com","kind":"JobList","version":"v1"}]},
		"meta.v1.DeleteOptions":{"properties":{"kind":{}},"x-kubernetes-group-version-kind":[{"kind":"DeleteOptions"},{"kind":"Job"}]}}}}`
	for name, test := range map[string]struct {
		answer     string
		path       []string
		has, known bool
	}{
		"a field":                {schemas, []string{"spec", "size"}, true, true},
		"the kind itself":        {schemas, nil, true, true},
		"no such field":          {schemas, []string{"spec", "mode"}, false, true},
		"below what has none":    {schemas, []string{"status", "conditions"}, false, true},
		"another kind":           {`{"components":{"schemas":{}}}`, []string{"spec"}, false, false},
		"not allowed":            {denied, []string{"spec"}, false, false},
		"no such document":       {`{"code":404,"reason":"NotFound"}`, []string{"spec"}, false, false},
		"busy":                   {busy, []string{"spec"}, false, false},
		"an answer that is none": {`<html>`, []string{"spec"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, requests := answering(t, test.answer)
			client := clientOf(t, host, patient)
			var asking sync.WaitGroup
			for range 5 {
				asking.Go(func() {
					if has, known := client.HasField(t.Context(), jobs, test.path...); has != test.has || known != test.known {
						t.Errorf("has %t, known %t", has, known)
					}
				})
			}
			asking.Wait()
			if requests.Load() != 1 {
				t.Errorf("%d requests, want one", requests.Load())
			}
		})
	}
}
