package watch_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// A poller asks at once, then less and less often, and stops with the wait.
func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var asked []time.Duration
		source := watch.Poll(time.Second, 4*time.Second, func(context.Context) word {
			asked = append(asked, time.Since(began))
			return word{text: "a", trouble: map[bool]error{true: errBroken}[len(asked) == 2]}
		})
		seen := 0
		err := watch.Wait[word]{See: func(word) bool { seen++; return seen == 4 }}.Until(t.Context(), source)
		want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 11 * time.Second}
		if err != nil || !slices.Equal(asked, want) {
			t.Errorf("asked at %v: %v", asked, err)
		}
	})
}
