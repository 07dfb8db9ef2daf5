package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// jobServer serves jobs of namespace ns in pages of two.
func jobServer(t *testing.T, names []string, intercept func(w http.ResponseWriter, r *http.Request) bool) string {
	t.Helper()
	item := func(name string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q,"namespace":"ns","resourceVersion":"5","managedFields":[
			{"manager":"kubectl","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:a":{}}}},
			{"manager":%q,"operation":"Apply","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:b":{}}}}]},"spec":{"a":1,"b":2}}`, name, FieldManager)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if intercept != nil && intercept(w, r) {
			return
		}
		_, name, single := strings.Cut(r.URL.Path, "/namespaces/ns/jobs/")
		switch {
		case single && contains(names, name):
			fmt.Fprint(w, strings.Replace(item(name), "{", `{"apiVersion":"example.com/v1","kind":"Job",`, 1))
		case single:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure",%s`, missing[1:])
		default:
			start := 0
			_, _ = fmt.Sscanf(r.URL.Query().Get("continue"), "from-%d", &start)
			end, more := start+2, ""
			if end >= len(names) {
				end = len(names)
			} else {
				more = fmt.Sprintf("from-%d", end)
			}
			var items []string
			for _, name := range names[start:end] {
				items = append(items, item(name))
			}
			fmt.Fprintf(w, `{"kind":"JobList","apiVersion":"example.com/v1","metadata":{"resourceVersion":"9","continue":%q},"items":[%s]}`, more, strings.Join(items, ","))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func fail(w http.ResponseWriter, status string) {
	var code int
	_, _ = fmt.Sscanf(status, `{"code":%d`, &code)
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure",%s`, status[1:])
}

func TestReadListsOnceForAll(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	client := clientOf(t, jobServer(t, names, nil), patient)
	var wg sync.WaitGroup
	for range 4 {
		for _, name := range names {
			wg.Go(func() {
				obj, err := client.Read(t.Context(), jobs, Key{"ns", name})
				if err != nil {
					t.Error(err)
					return
				}
				if obj.GetName() != name || obj.GetKind() != "Job" || obj.GetAPIVersion() != "example.com/v1" {
					t.Errorf("read %s %s %s", obj.GetAPIVersion(), obj.GetKind(), obj.GetName())
				}
				if b, ok, err := unstructured.NestedInt64(obj.Object, "spec", "b"); b != 2 || !ok || err != nil {
					t.Errorf("spec.b is %d, %v", b, err)
				}
				fields := obj.GetManagedFields()
				if len(fields) != 2 || fields[0].Manager != "kubectl" || fields[0].FieldsV1 != nil || fields[1].FieldsV1 == nil {
					t.Errorf("managed fields %v", fields)
				}
			})
		}
	}
	wg.Wait()
	if got := client.Requests(); got["list jobs"] != 3 || len(got) != 1 {
		t.Errorf("requests %v, want three pages", got)
	}
	var notFound *NotFoundError
	if _, err := client.Read(t.Context(), jobs, Key{"ns", "new"}); !errors.As(err, &notFound) {
		t.Errorf("got %v", err)
	}
	if got := client.Requests()["get jobs"]; got != 1 {
		t.Errorf("an object that is not in the list is looked up %d times", got)
	}
}

func TestReadGetsWhatWasWritten(t *testing.T) {
	client := clientOf(t, jobServer(t, []string{"a", "orders"}, nil), patient)
	if _, err := client.Read(t.Context(), jobs, Key{"ns", "a"}); err != nil {
		t.Fatal(err)
	}
	if err := apply(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"orders", "a"} {
		if _, err := client.Read(t.Context(), jobs, Key{"ns", name}); err != nil {
			t.Fatal(err)
		}
	}
	if got := client.Requests(); got["list jobs"] != 1 || got["get jobs"] != 1 {
		t.Errorf("requests %v", got)
	}
}

func TestReadDoesNotKeepFailures(t *testing.T) {
	var fails atomic.Bool
	fails.Store(true)
	client := clientOf(t, jobServer(t, []string{"a"}, func(w http.ResponseWriter, _ *http.Request) bool {
		if fails.Load() {
			fail(w, unserved)
		}
		return fails.Load()
	}), patient)
	var notServed *NotServedError
	if _, err := client.Read(t.Context(), jobs, Key{"ns", "a"}); !errors.As(err, &notServed) {
		t.Fatalf("got %v", err)
	}
	fails.Store(false)
	if _, err := client.Read(t.Context(), jobs, Key{"ns", "a"}); err != nil {
		t.Error(err)
	}
}

func TestReadWithoutTheRightToList(t *testing.T) {
	client := clientOf(t, jobServer(t, []string{"a", "b"}, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/jobs") {
			fail(w, denied)
			return true
		}
		return false
	}), patient)
	for _, name := range []string{"a", "b"} {
		if _, err := client.Read(t.Context(), jobs, Key{"ns", name}); err != nil {
			t.Error(err)
		}
	}
	if got := client.Requests(); got["list jobs"] != 1 || got["get jobs"] != 2 {
		t.Errorf("requests %v", got)
	}
}

func TestACancelledReaderDoesNotFailTheOthers(t *testing.T) {
	started := make(chan struct{})
	var once sync.Once
	client := clientOf(t, jobServer(t, []string{"a"}, func(_ http.ResponseWriter, r *http.Request) bool {
		hang := false
		once.Do(func() { hang = true })
		if hang {
			close(started)
			<-r.Context().Done()
		}
		return hang
	}), patient)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := client.Read(ctx, jobs, Key{"ns", "a"})
		first <- err
	}()
	<-started
	second := make(chan error)
	go func() {
		_, err := client.Read(t.Context(), jobs, Key{"ns", "a"})
		second <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the canceled one got %v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("the other one got %v", err)
	}
}

func TestAnExpiredListStartsAgainInOnePiece(t *testing.T) {
	var whole atomic.Bool
	client := clientOf(t, jobServer(t, []string{"a", "b", "c"}, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("continue") != "" && !whole.Load() {
			fail(w, `{"code":410,"reason":"Expired","message":"the continue token is too old"}`)
			return true
		}
		if r.URL.Query().Get("limit") == "" {
			whole.Store(true)
		}
		return false
	}), patient)
	objects, err := client.List(t.Context(), jobs, "ns", "app=orders")
	if err != nil || len(objects) != 3 || objects[2].GetName() != "c" {
		t.Errorf("%d objects, %v", len(objects), err)
	}
}

// TestFindBelievesTheList asks for what is not there without a request for it.
func TestFindBelievesTheList(t *testing.T) {
	client := clientOf(t, jobServer(t, []string{"a", "orders"}, nil), patient)
	var notFound *NotFoundError
	for range 3 {
		if _, err := client.Find(t.Context(), jobs, Key{"ns", "a"}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Find(t.Context(), jobs, Key{"ns", "other"}); !errors.As(err, &notFound) {
			t.Fatalf("got %v", err)
		}
	}
	if got := client.Requests(); got["list jobs"] != 1 || got["get jobs"] != 0 {
		t.Errorf("requests %v", got)
	}
	if err := apply(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Find(t.Context(), jobs, Key{"ns", "orders"}); err != nil || client.Requests()["get jobs"] != 1 {
		t.Errorf("what was written is read singly: %v, %v", client.Requests(), err)
	}
}

// TestFindWithoutAList asks for each object where kinds may not be listed.
func TestFindWithoutAList(t *testing.T) {
	client := clientOf(t, jobServer(t, []string{"a"}, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/jobs") {
			fail(w, `{"code":403,"reason":"Forbidden","message":"no"}`)
			return true
		}
		return false
	}), patient)
	if _, err := client.Find(t.Context(), jobs, Key{"ns", "a"}); err != nil {
		t.Error(err)
	}
	var notFound *NotFoundError
	if _, err := client.Find(t.Context(), jobs, Key{"ns", "b"}); !errors.As(err, &notFound) {
		t.Errorf("got %v", err)
	}
}
