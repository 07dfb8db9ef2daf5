package logctx

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

func TestFromReturnsTheLoggerOfTheContext(t *testing.T) {
	var out bytes.Buffer
	ctx := With(context.Background(), slog.New(slog.NewTextHandler(&out, nil)))
	From(ctx).Info("status changed", "lifecycle_state", "STABLE")
	if !strings.Contains(out.String(), "lifecycle_state=STABLE") {
		t.Fatalf("the logger of the context got %q", out.String())
	}
}

func TestFromDiscardsWithoutALogger(t *testing.T) {
	if From(context.Background()).Enabled(context.Background(), slog.LevelError) {
		t.Fatal("a context without a logger must discard")
	}
}
