package watch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// word is news of these tests; trouble has no text.
type word struct {
	text    string
	trouble error
}

func (w word) Trouble() error { return w.trouble }

// telling tells so much, one word a second, and then waits for the end.
func telling(words ...word) watch.Source[word] {
	return func(ctx context.Context) <-chan word {
		out := make(chan word)
		go func() {
			defer close(out)
			for _, w := range words {
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
					return
				}
				select {
				case out <- w:
				case <-ctx.Done():
					return
				}
			}
			<-ctx.Done()
		}()
		return out
	}
}

var (
	errBroken = errors.New("broken")
	errDenied = errors.New("denied")
)

func TestUntil(t *testing.T) {
	news := telling(word{text: "a"}, word{trouble: errBroken}, word{text: "b"}, word{trouble: errDenied}, word{text: "c"})
	for _, test := range []struct {
		name string
		over string
		// heals has a wait ask about trouble.
		heals func(error) error
		err   error
		seen  []string
		took  time.Duration
	}{
		{name: "what is waited for comes", over: "b", seen: []string{"a", "b"}, took: 3 * time.Second},
		{name: "trouble that does not heal", over: "c", heals: func(err error) error {
			if errors.Is(err, errDenied) {
				return err
			}
			return nil
		}, err: errDenied, seen: []string{"a", "b"}, took: 4 * time.Second},
		{name: "trouble that nobody asks about", over: "c", seen: []string{"a", "b", "c"}, took: 5 * time.Second},
		{name: "the time is over", over: "d", err: context.DeadlineExceeded, seen: []string{"a", "b", "c"}, took: time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var seen []string
				began := time.Now()
				err := watch.Wait[word]{Trouble: test.heals, See: func(w word) bool {
					seen = append(seen, w.text)
					return w.text == test.over
				}}.Until(ctx, news)
				if !errors.Is(err, test.err) || !slices.Equal(seen, test.seen) || time.Since(began) != test.took {
					t.Errorf("saw %v and returned %v after %s", seen, err, time.Since(began))
				}
			})
		})
	}
}

// A wait looks at its times too, and is made ready before each thing that it
// waits for.
func TestUntilLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(400 * time.Millisecond)
		defer ticker.Stop()
		looked, ready := 0, 0
		err := watch.Wait[word]{
			See: func(word) bool { return false }, Times: ticker.C, Ready: func() { ready++ },
			Look: func(time.Time) bool { looked++; return looked == 3 },
		}.Until(t.Context(), telling(word{text: "a"}))
		if err != nil || looked != 3 || ready != 4 {
			t.Errorf("looked %d times, was ready %d times, and returned %v", looked, ready, err)
		}
	})
}

// An interrupt ends a wait at once, also one whose source has closed.
func TestUntilIsInterrupted(t *testing.T) {
	closed := func(context.Context) <-chan word {
		out := make(chan word)
		close(out)
		return out
	}
	silent := telling()
	for name, source := range map[string]watch.Source[word]{"silent": silent, "closed": closed, "joined": watch.Join(silent, telling())} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			began := time.Now()
			time.AfterFunc(time.Second, cancel)
			err := watch.Wait[word]{See: func(word) bool { return true }}.Until(ctx, source)
			if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
				t.Errorf("%s: returned %v after %s", name, err, time.Since(began))
			}
		})
	}
}

// Joined sources are all heard, each in its order, and all stop with the wait.
func TestJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		louder := watch.Map(telling(word{text: "a"}, word{text: "b"}), func(w word) word { return word{text: w.text + "!"} })
		var seen []string
		err := watch.Wait[word]{See: func(w word) bool {
			seen = append(seen, w.text)
			return len(seen) == 4
		}}.Until(t.Context(), watch.Join(telling(word{text: "c"}, word{text: "d"}), louder))
		slices.Sort(seen)
		if err != nil || !slices.Equal(seen, []string{"a!", "b!", "c", "d"}) {
			t.Errorf("saw %v and returned %v", seen, err)
		}
	})
}
