package kube

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"k8s.io/client-go/rest"
)

// BenchmarkReadOfAThousandObjects is the refresh of 1,000 objects of 10 kB each.
// retained-MB is what the list cache keeps until the end of the plan.
func BenchmarkReadOfAThousandObjects(b *testing.B) {
	const objects, page = 1000, 500
	settings := make([]string, 200)
	for i := range settings {
		settings[i] = fmt.Sprintf(`"some.option.of.the.job.%d":"a value of the option"`, i)
	}
	pages := make([]string, objects/page)
	for p := range pages {
		items := make([]string, page)
		for i := range items {
			items[i] = fmt.Sprintf(`{"metadata":{"name":"job-%d","namespace":"ns","resourceVersion":"5"},"spec":{%s}}`, p*page+i, strings.Join(settings, ","))
		}
		more := fmt.Sprint(p + 1)
		if p == len(pages)-1 {
			more = ""
		}
		pages[p] = fmt.Sprintf(`{"kind":"JobList","apiVersion":"example.com/v1","metadata":{"resourceVersion":"9","continue":%q},"items":[%s]}`, more, strings.Join(items, ","))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("continue"), &n)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, pages[n])
	}))
	defer server.Close()
	var before, after runtime.MemStats
	for b.Loop() {
		client, err := newClient(&rest.Config{Host: server.URL}, patient)
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range objects {
			if _, err := client.Read(b.Context(), jobs, Key{"ns", fmt.Sprintf("job-%d", i)}); err != nil {
				b.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if got := client.Requests()["list jobs"]; got != objects/page {
			b.Fatalf("%d requests", got)
		}
	}
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/(1<<20), "retained-MB")
}
