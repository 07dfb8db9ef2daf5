package operator

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// TestHeldCreate has a create that runs already be its caller's until that ends: another one is refused while the
// caller lives, and goes on where it was killed; released, the deployment exists.
func TestHeldCreate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		killed, released bool
		// begun is whether the refusal is that somebody creates it, and fits whether there is none.
		begun, fits bool
	}{
		"while the caller lives": {begun: true},
		"after it was killed":    {killed: true, fits: true},
		"after it was released":  {released: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				f.operator = obedient
				mine, ended := NewApplications(f, Options{}), make(chan struct{})
				change := creating(deployment("flink:1"))
				change.Held = ended
				written, err := mine.Begin(t.Context(), change)
				if err != nil {
					t.Fatal(err)
				}
				observed, err := written.Await(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if test.released {
					if err := newExplained(NewSavepoints(f), mine).Release(t.Context(), orders, observed.UID); err != nil {
						t.Fatal(err)
					}
				}
				if test.killed || test.released {
					close(ended)
					synctest.Wait()
				}
				_, err = NewApplications(neighbor{f}, Options{}).Begin(t.Context(), creating(deployment("flink:1")))
				_, begun := errors.AsType[*platform.BegunError](err)
				if (err == nil) != test.fits || begun != test.begun {
					t.Errorf("another create: %v", err)
				}
				if !test.killed && !test.released {
					close(ended)
				}
			})
		})
	}
}
