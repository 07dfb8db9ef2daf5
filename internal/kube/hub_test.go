package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stage is a server of jobs whose lists and watches a test plays by hand.
type stage struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	list    string // answer to a list
	version int    // its resource version
	down    bool   // whether requests are refused with 503

	// watches hands over each watch that begins.
	watches chan *play
}

// play is one watch.
type play struct {
	from   string      // resource version it starts from
	events chan string // what to send; closed to end the watch
	gone   <-chan struct{}
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, watches: make(chan *play)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// holds sets what a list answers: objects as "name/uid/version".
func (s *stage) holds(version int, objects ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := make([]string, len(objects))
	for i, o := range objects {
		items[i] = stageObject(o)
	}
	s.version = version
	s.list = fmt.Sprintf(`{"kind":"JobList","apiVersion":"example.com/v1","metadata":{"resourceVersion":"%d"},"items":[%s]}`, version, strings.Join(items, ","))
}

func (s *stage) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func stageObject(short string) string {
	parts := strings.Split(short, "/")
	return fmt.Sprintf(`{"apiVersion":"example.com/v1","kind":"Job","metadata":{"name":%q,"namespace":"ns","uid":%q,"resourceVersion":%q,"managedFields":[{"manager":"x"}]}}`, parts[0], parts[1], parts[2])
}

func event(kind, object string) string {
	return fmt.Sprintf(`{"type":%q,"object":%s}`, kind, stageObject(object))
}

func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	list, down := s.list, s.down
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if down {
		fail(w, busy)
		return
	}
	if r.Method == http.MethodPatch {
		fmt.Fprint(w, orders)
		return
	}
	if r.URL.Query().Get("watch") == "" {
		if version := r.URL.Query().Get("resourceVersion"); version == "0" {
			s.t.Error("the list may come from a stale cache")
		}
		fmt.Fprint(w, list)
		return
	}
	p := &play{from: r.URL.Query().Get("resourceVersion"), events: make(chan string), gone: r.Context().Done()}
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	select {
	case s.watches <- p:
	case <-r.Context().Done():
		return
	}
	for {
		select {
		case e, ok := <-p.events:
			if !ok {
				return
			}
			fmt.Fprintln(w, e)
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// next is the next change, as "uid/version", "absent", "deleted" or "error".
func next(t *testing.T, changes <-chan Change) string {
	t.Helper()
	select {
	case c, ok := <-changes:
		switch {
		case !ok:
			return "end"
		case c.Err != nil:
			return "error"
		case c.Deleted:
			return "deleted"
		case c.Object == nil:
			return "absent"
		case len(c.Object.GetManagedFields()) > 0:
			return "with managed fields"
		}
		return string(c.Object.GetUID()) + "/" + c.Object.GetResourceVersion()
	case <-time.After(20 * time.Second):
		t.Fatal("no change in 20 s")
		return ""
	}
}

func expect(t *testing.T, changes <-chan Change, want ...string) {
	t.Helper()
	var got []string
	for range want {
		got = append(got, next(t, changes))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("changes (-want +got):\n%s", diff)
	}
}

func TestFollowersShareOneWatch(t *testing.T) {
	s := newStage(t)
	s.holds(10, "a/ua/3", "b/ub/4")
	client := clientOf(t, s.URL, patient)
	ctx, cancel := context.WithCancel(t.Context())
	var followers []<-chan Change
	for range 20 {
		followers = append(followers, client.Follow(ctx, jobs, Key{"ns", "a"}))
	}
	absent := client.Follow(ctx, jobs, Key{"ns", "c"})
	watch := <-s.watches
	if watch.from != "10" {
		t.Errorf("the watch starts from %s", watch.from)
	}
	// Nobody receives yet, and nothing may be lost or merged.
	for v := 11; v <= 30; v++ {
		watch.events <- event("MODIFIED", fmt.Sprintf("a/ua/%d", v))
	}
	watch.events <- event("DELETED", "a/ua/31")
	watch.events <- event("ADDED", "c/uc/32")
	want := []string{"ua/3"}
	for v := 11; v <= 30; v++ {
		want = append(want, fmt.Sprintf("ua/%d", v))
	}
	for _, changes := range followers {
		expect(t, changes, append(want, "deleted")...)
	}
	expect(t, absent, "absent", "uc/32")
	expect(t, client.Follow(ctx, jobs, Key{"ns", "b"}), "ub/4")
	if got := client.Requests(); got["list jobs"] != 1 || got["watch jobs"] != 1 {
		t.Errorf("requests %v", got)
	}
	cancel()
	expect(t, absent, "end")
	select {
	case <-watch.gone:
	case <-time.After(20 * time.Second):
		t.Error("the watch outlives its last follower")
	}
}

func TestTheNextFollowerFindsTheWatchOfTheLast(t *testing.T) {
	s := newStage(t)
	s.holds(10, "a/ua/3", "b/ub/4")
	lingering := patient
	lingering.linger = time.Minute
	client := clientOf(t, s.URL, lingering)
	for _, name := range []string{"a", "b"} {
		ctx, cancel := context.WithCancel(t.Context())
		changes := client.Follow(ctx, jobs, Key{"ns", name})
		expect(t, changes, "u"+name+map[string]string{"a": "/3", "b": "/4"}[name])
		cancel()
		expect(t, changes, "end")
	}
	if got := client.Requests(); got["list jobs"] != 1 || got["watch jobs"] > 1 {
		t.Errorf("requests %v", got)
	}
}

func TestAnExpiredWatchIsListedAgain(t *testing.T) {
	s := newStage(t)
	s.holds(10, "a/u1/3", "b/u/4", "c/u/5", "d/u/6")
	client := clientOf(t, s.URL, patient)
	follow := func(name string) <-chan Change { return client.Follow(t.Context(), jobs, Key{"ns", name}) }
	a, b, c, d := follow("a"), follow("b"), follow("c"), follow("d")
	watch := <-s.watches
	expect(t, a, "u1/3")
	expect(t, b, "u/4")
	expect(t, c, "u/5")
	expect(t, d, "u/6")
	// Meanwhile a was replaced, b changed, c deleted, d stayed.
	s.holds(50, "a/u2/40", "b/u/41", "d/u/6")
	watch.events <- `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"reason":"Expired","message":"too old resource version"}}`
	watch = <-s.watches
	if watch.from != "50" {
		t.Errorf("the new watch starts from %s", watch.from)
	}
	expect(t, a, "deleted", "u2/40")
	expect(t, b, "u/41")
	expect(t, c, "deleted")
	watch.events <- event("MODIFIED", "d/u/51")
	expect(t, d, "u/51")
}

func TestAWatchOutlivesAnOutage(t *testing.T) {
	s := newStage(t)
	s.holds(10, "a/u/3")
	client := clientOf(t, s.URL, patient)
	changes := client.Follow(t.Context(), jobs, Key{"ns", "a"})
	watch := <-s.watches
	expect(t, changes, "u/3")
	s.setDown(true)
	close(watch.events)
	expect(t, changes, "error")
	s.holds(20, "a/u/15")
	s.setDown(false)
	watch = <-s.watches
	go func() { watch.events <- event("MODIFIED", "a/u/21") }()
	for {
		switch got := next(t, changes); got {
		case "error", "u/15": // as many failures as there were, and perhaps a new list
			continue
		case "u/21":
		default:
			t.Errorf("got %s", got)
		}
		return
	}
}

func TestAFollowerIsToldOfAnOutageFromTheStart(t *testing.T) {
	client := clientOf(t, refusing(t), patient)
	change := <-client.Follow(t.Context(), jobs, Key{"ns", "a"})
	var unreachable *UnreachableError
	if !errors.As(change.Err, &unreachable) {
		t.Errorf("got %+v", change)
	}
}

// An object just written must not be followed from a state before the write: it
// would look settled.
func TestFollowStartsAtTheOwnWrite(t *testing.T) {
	s := newStage(t)
	s.holds(5, "orders/u/3", "other/u/4")
	client := clientOf(t, s.URL, patient)
	other := client.Follow(t.Context(), jobs, Key{"ns", "other"})
	watch := <-s.watches
	expect(t, other, "u/4")
	if err := apply(t.Context(), client); err != nil { // answers version 7
		t.Fatal(err)
	}
	changes := client.Follow(t.Context(), jobs, job.Key)
	watch.events <- event("MODIFIED", "orders/u/6")
	watch.events <- event("MODIFIED", "other/u/7")
	expect(t, other, "u/7")
	watch.events <- event("MODIFIED", "orders/u/8")
	expect(t, changes, "u/8")

	// That the watch has not seen an object yet does not mean that it is gone.
	client.written.note(Ref{jobs, Key{"ns", "late"}}, "19")
	client.written.note(Ref{jobs, Key{"ns", "brief"}}, "20")
	late := client.Follow(t.Context(), jobs, Key{"ns", "late"})
	brief := client.Follow(t.Context(), jobs, Key{"ns", "brief"})
	watch.events <- event("ADDED", "late/u/19")
	expect(t, late, "u/19")
	bookmark, err := json.Marshal(map[string]any{"type": "BOOKMARK", "object": map[string]any{
		"apiVersion": "example.com/v1", "kind": "Job", "metadata": map[string]any{"resourceVersion": "20"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	watch.events <- string(bookmark)
	expect(t, brief, "absent")
}
