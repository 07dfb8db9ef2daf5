package watch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// shop is what the groups of these tests ask.
type shop struct {
	watch.Group[word]

	began time.Time

	// mu guards what follows.
	mu sync.Mutex
	// asked are the names that were asked for, "*" for all, each with its time.
	asked []string
	// heard is how much the waits have heard.
	heard int

	// pages is how many requests it takes to ask for all, 0 when that is refused, and
	// takes how long.
	pages int
	takes time.Duration
	// hidden is not among all, and slow takes as long on its own as all do.
	hidden, slow string
	// interrupted tells that somebody has stopped asking for all.
	interrupted bool
}

func newShop() *shop {
	s := &shop{began: time.Now(), pages: 1}
	s.Group = watch.Group[word]{
		Shortest: time.Second, Longest: 4 * time.Second,
		One: func(_ context.Context, name string) word {
			at := s.note(name)
			s.mu.Lock()
			slow, takes := s.slow == name, s.takes
			s.mu.Unlock()
			if slow {
				time.Sleep(takes)
			}
			return word{text: at}
		},
		All: func(ctx context.Context) watch.Answer[word] {
			at := s.note("*")
			s.mu.Lock()
			pages, takes := s.pages, s.takes
			s.mu.Unlock()
			select {
			case <-time.After(takes):
			case <-ctx.Done():
				s.set(func() { s.interrupted = true })
				return watch.Answer[word]{}
			}
			if pages == 0 {
				return watch.Answer[word]{}
			}
			return watch.Answer[word]{Requests: pages, Of: func(name string) (word, bool) { return word{text: at}, name != s.hidden }}
		},
	}
	return s
}

// set changes something while answers may be on their way.
func (s *shop) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *shop) note(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := fmt.Sprintf("%s %s", name, time.Since(s.began))
	s.asked = append(s.asked, at)
	return at
}

// since returns what was asked for since the last call, by name.
func (s *shop) since() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.asked)
	asked := s.asked
	s.asked = nil
	return asked
}

// waits begins so many waits that never end by themselves, and returns what ends each.
func (s *shop) waits(t *testing.T, number int) []context.CancelFunc {
	t.Helper()
	ends := make([]context.CancelFunc, number)
	for i := range ends {
		var ctx context.Context
		ctx, ends[i] = context.WithCancel(t.Context())
		go func() {
			_ = watch.Wait[word]{See: func(word) bool {
				s.set(func() { s.heard++ })
				return false
			}}.Until(ctx, s.Source(fmt.Sprint("thing-", i)))
		}()
		synctest.Wait()
	}
	return ends
}

// pass lets so much time go by, and then all that happens without more of it.
func pass(long time.Duration) {
	time.Sleep(long)
	synctest.Wait()
}

// Many waits are told by one answer each time, and a wait that is alone asks for its
// own thing: less and less often, at once in the beginning.
func TestGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		ends := s.waits(t, 1)
		pass(12 * time.Second)
		want := []string{"thing-0 0s", "thing-0 11s", "thing-0 1s", "thing-0 3s", "thing-0 7s"}
		if got := s.since(); !slices.Equal(got, want) {
			t.Errorf("alone, asks for %q", got)
		}
		ends[0]()
	})
	for _, number := range []int{2, 20, 200} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop()
			ends := s.waits(t, number)
			pass(12 * time.Second)
			// The first was alone for a moment; the others came half a second after it.
			want := []string{"* 1.5s", "* 11.5s", "* 3.5s", "* 500ms", "* 7.5s", "thing-0 0s"}
			if got := s.since(); !slices.Equal(got, want) || s.heard != 1+5*number {
				t.Errorf("%d waits ask for %q and hear %d things", number, got, s.heard)
			}
			for _, end := range ends {
				end()
			}
		})
	}
}

// A wait that has ended is asked for no more, and the last one ends everything, also
// what is on its way.
func TestGroupEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		ends := s.waits(t, 3)
		pass(10 * time.Second)
		s.since()
		ends[0]()
		ends[2]()
		pass(4 * time.Second)
		if got, want := s.since(), []string{"thing-1 11.5s"}; !slices.Equal(got, want) {
			t.Errorf("the wait that is left asks for %q", got)
		}
		ends[1]()
		pass(time.Minute)
		if got := s.since(); len(got) != 0 {
			t.Errorf("without waits, it asks for %q", got)
		}
		s.set(func() { s.takes = time.Hour })
		ends = s.waits(t, 2)
		// It is the second one that is due and asks for both.
		pass(time.Second)
		ends[1]()
		pass(time.Second)
		interrupted := func() (now bool) {
			s.set(func() { now = s.interrupted })
			return now
		}
		if interrupted() {
			t.Error("the end of one wait ends what the other waits for")
		}
		ends[0]()
		synctest.Wait()
		if !interrupted() {
			t.Error("nobody waits, and all things are still asked for")
		}
		// What was interrupted says nothing of the next time.
		s.set(func() { s.takes = 0 })
		s.since()
		began := time.Since(s.began)
		ends = s.waits(t, 2)
		pass(time.Second)
		if got, want := s.since(), []string{fmt.Sprint("* ", began+500*time.Millisecond), fmt.Sprint("thing-0 ", began)}; !slices.Equal(got, want) {
			t.Errorf("the next waits ask for %q", got)
		}
		for _, end := range ends {
			end()
		}
	})
}

// A wait that is canceled ends at once, whatever is on its way.
func TestGroupIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		s.set(func() { s.takes = time.Hour })
		ends := s.waits(t, 1)
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(10*time.Second, cancel)
		err := watch.Wait[word]{See: func(word) bool { return true }}.Until(ctx, s.Source("other"))
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took != 10*time.Second {
			t.Errorf("returned %v after %s", err, took)
		}
		ends[0]()
	})
}

// What was asked for before a wait began says nothing to it.
func TestGroupTellsNothingOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		s.set(func() { s.takes = 10 * time.Second })
		ends := s.waits(t, 2)
		pass(5 * time.Second)
		var first string
		err := watch.Wait[word]{See: func(w word) bool { first = w.text; return true }}.Until(t.Context(), s.Source("late"))
		if want := "late 10.5s"; err != nil || first != want {
			t.Errorf("a wait that begins at 5s first hears of %q: %v", first, err)
		}
		for _, end := range ends {
			end()
		}
	})
}

// What was asked for later is not told before what was asked for earlier.
func TestGroupKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		s.set(func() { s.slow, s.takes = "slow", 2*time.Second })
		slow := s.Source("slow")(t.Context())
		synctest.Wait()
		s.set(func() { s.takes = 0 })
		ends := s.waits(t, 2)
		heard := []string{(<-slow).text, (<-slow).text}
		if want := []string{"slow 0s", "* 3s"}; !slices.Equal(heard, want) {
			t.Errorf("heard %q", heard)
		}
		for _, end := range ends {
			end()
		}
	})
}

// A thing that is not among all is asked for on its own, each time.
func TestGroupAsksForWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		s.set(func() { s.hidden = "thing-1" })
		ends := s.waits(t, 3)
		pass(2 * time.Second)
		want := []string{"* 1.5s", "* 500ms", "thing-0 0s", "thing-1 1.5s", "thing-1 500ms"}
		if got := s.since(); !slices.Equal(got, want) {
			t.Errorf("asks for %q", got)
		}
		for _, end := range ends {
			end()
		}
	})
}

// When all things cannot be asked for, each wait asks for its own, and after a while
// all are asked for again.
func TestGroupIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		s.set(func() { s.pages = 0 })
		ends := s.waits(t, 2)
		pass(2 * time.Second)
		want := []string{"* 500ms", "thing-0 0s", "thing-0 500ms", "thing-1 1.5s", "thing-1 500ms"}
		if got := s.since(); !slices.Equal(got, want) {
			t.Errorf("asks for %q", got)
		}
		s.set(func() { s.pages = 1 })
		pass(time.Minute + time.Second)
		if got := s.since(); got[0] != "* 1m2.5s" {
			t.Errorf("after a minute, asks for %q", got)
		}
		for _, end := range ends {
			end()
		}
	})
}

// All things are asked for only where that takes fewer requests.
func TestGroupTakesWhatIsCheaper(t *testing.T) {
	for number, want := range map[int][]string{
		3: {"* 500ms", "thing-0 0s", "thing-1 1.5s", "thing-2 1.5s"},
		4: {"* 1.5s", "* 500ms", "thing-0 0s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop()
			s.set(func() { s.pages = 3 })
			ends := s.waits(t, number)
			pass(2 * time.Second)
			if got := s.since(); !slices.Equal(got, want) {
				t.Errorf("%d waits ask for %q", number, got)
			}
			for _, end := range ends {
				end()
			}
		})
	}
}

// Waits that began at other times come together, at the pace of the newest one while
// the others are due soon after it.
func TestGroupComesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		old := s.waits(t, 2)
		pass(12 * time.Second)
		s.since()
		// The old ones look at 15.5s; the new one comes at 12s.
		ends := s.waits(t, 1)
		pass(9 * time.Second)
		want := []string{"* 13.5s", "* 15.5s", "* 19.5s", "thing-0 12.5s"}
		if got := s.since(); !slices.Equal(got, want) {
			t.Errorf("asks for %q", got)
		}
		for _, end := range slices.Concat(old, ends) {
			end()
		}
	})
}

// A receiver that is busy hears the newest, and the others do not wait for it.
func TestGroupTellsTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		ends := s.waits(t, 2)
		busy := s.Source("busy")(t.Context())
		pass(12 * time.Second)
		heard := []string{(<-busy).text, (<-busy).text}
		if want := []string{"* 500ms", "* 11.5s"}; !slices.Equal(heard, want) {
			t.Errorf("heard %q", heard)
		}
		for _, end := range ends {
			end()
		}
	})
}
