package kube

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestEventsHaveTheTimeOfThisMachine has a server whose clock is an hour behind,
// as a runner's whose own is wrong sees it.
func TestEventsHaveTheTimeOfThisMachine(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"behind": -time.Hour, "ahead": time.Hour, "the same": 0} {
		now := time.Now()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			there := time.Now().Add(ahead)
			w.Header().Set("Date", there.UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"items":[{"involvedObject":{"kind":"Pod","name":"p"},"reason":"Failed","lastTimestamp":%q}]}`, there.Format(time.RFC3339))
		}))
		t.Cleanup(server.Close)
		events, err := clientOf(t, server.URL, patient).Events(t.Context(), "ns", Involved{Kind: "Pod"})
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v, %v", name, events, err)
		}
		if off := events[0].Last.Sub(now).Abs(); off > time.Minute {
			t.Errorf("%s: the event is %s off", name, off)
		}
	}
}

func TestAServerWithoutAClockHasOurs(t *testing.T) {
	t.Parallel()
	var clock serverClock
	now := time.Now()
	clock.note(&http.Response{Header: http.Header{}}, now)
	clock.note(&http.Response{Header: http.Header{"Date": {"today"}}}, now)
	if got := clock.here(now); !got.Equal(now) {
		t.Errorf("%s became %s", now, got)
	}
}
