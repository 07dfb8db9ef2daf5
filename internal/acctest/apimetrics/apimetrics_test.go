package apimetrics

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const metrics = `# HELP apiserver_request_total [STABLE] Counter of apiserver requests
apiserver_request_total{code="200",resource="jobs",scope="namespace",subresource="",verb="LIST"} 3
apiserver_request_total{code="410",resource="jobs",scope="namespace",subresource="",verb="LIST"} 1
apiserver_request_total{code="200",resource="jobs",scope="cluster",subresource="",verb="LIST"} 7
apiserver_request_total{code="200",resource="jobs",scope="resource",subresource="status",verb="PUT"} 2
apiserver_request_total{code="200",resource="leases",scope="resource",subresource="",verb="GET"} 100
apiserver_request_total{code="0",resource="jobs",scope="namespace",subresource="",verb="WATCH"} 4
apiserver_longrunning_requests{resource="jobs",scope="namespace",subresource="",verb="WATCH"} 1
apiserver_longrunning_requests{resource="jobs",scope="cluster",subresource="",verb="WATCH"} 9
`

func TestCounts(t *testing.T) {
	t.Parallel()
	got, err := parse(strings.NewReader(metrics), []string{"jobs"})
	if err != nil {
		t.Fatal(err)
	}
	want := Counts{"LIST jobs": 4, "PUT jobs/status": 2, "WATCH jobs": 5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	since := got.Since(Counts{"LIST jobs": 4, "PUT jobs/status": 1})
	if text := since.String(); text != "1 PUT jobs/status, 5 WATCH jobs" {
		t.Errorf("since then: %s", text)
	}
}
