// Package logctx carries a logger in a context, so that the lower layers can
// report what they see without knowing who listens.
package logctx

import (
	"context"
	"log/slog"
)

type key struct{}

// With returns a context whose logger is logger.
func With(ctx context.Context, logger *slog.Logger) context.Context {
	return context.WithValue(ctx, key{}, logger)
}

// From returns the logger of ctx, or one that discards everything.
func From(ctx context.Context) *slog.Logger {
	if logger, ok := ctx.Value(key{}).(*slog.Logger); ok {
		return logger
	}
	return slog.New(slog.DiscardHandler)
}
