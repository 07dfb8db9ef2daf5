package provider

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
	"weak"
)

type keyOf string

func TestBorrowLendsTheContextForTheCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), keyOf("a"), "b"), time.Now().Add(time.Hour))
	var kept context.Context
	_, err := borrow(ctx, "request", func(lent context.Context, request string) (string, error) {
		kept = lent //nolint:fatcontext // What the framework does.
		child, stop := context.WithCancel(lent)
		defer stop()
		if request != "request" || child.Value(keyOf("a")) != "b" || child.Err() != nil {
			t.Errorf("request %q, value %v, error %v", request, child.Value(keyOf("a")), child.Err())
		}
		if _, limited := child.Deadline(); !limited {
			t.Error("the deadline is lost")
		}
		cancel()
		<-child.Done()
		return "", child.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
	if kept.Value(keyOf("a")) != nil || kept.Err() == nil {
		t.Errorf("after the call there is still the value %v, and the error %v", kept.Value(keyOf("a")), kept.Err())
	}
}

func TestBorrowLetsGo(t *testing.T) {
	t.Parallel()
	var cancels []context.CancelFunc
	value := func() weak.Pointer[[1 << 20]byte] {
		large := new([1 << 20]byte)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), keyOf("large"), large))
		defer cancel()
		if _, err := borrow(ctx, 0, func(lent context.Context, _ int) (int, error) {
			_, stop := context.WithCancel(lent)
			cancels = append(cancels, stop)
			return 0, nil
		}); err != nil {
			t.Fatal(err)
		}
		return weak.Make(large)
	}()
	runtime.GC()
	if value.Value() != nil {
		t.Error("what a cancel function keeps holds the call's values")
	}
	runtime.KeepAlive(cancels)
}
