package tfkit

import (
	"context"
	"log/slog"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// WithLogger returns a context whose logger, the one of the lower layers,
// writes to the provider's log. The fields go with every line.
func WithLogger(ctx context.Context, fields ...any) context.Context {
	// The log of the provider is found in the context of the call to it, which
	// is not the one that a lower layer may log with.
	handler := logHandler{write: func(level slog.Level, message string, fields map[string]any) {
		switch {
		case level >= slog.LevelError:
			tflog.Error(ctx, message, fields)
		case level >= slog.LevelWarn:
			tflog.Warn(ctx, message, fields)
		case level >= slog.LevelInfo:
			tflog.Info(ctx, message, fields)
		case level >= slog.LevelDebug:
			tflog.Debug(ctx, message, fields)
		default:
			tflog.Trace(ctx, message, fields)
		}
	}}
	return logctx.With(ctx, slog.New(handler).With(fields...))
}

// logHandler hands records to tflog. Terraform filters them by level
// (TF_LOG_PROVIDER).
type logHandler struct {
	write  func(level slog.Level, message string, fields map[string]any)
	prefix string
	attrs  []slog.Attr
}

// Enabled tells that every level is handed on.
func (logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes a record to the provider's log.
func (h logHandler) Handle(_ context.Context, record slog.Record) error {
	fields := map[string]any{}
	for _, attr := range h.attrs {
		addField(fields, "", attr)
	}
	record.Attrs(func(attr slog.Attr) bool {
		addField(fields, h.prefix, attr)
		return true
	})
	h.write(record.Level, record.Message, fields)
	return nil
}

// WithAttrs returns a handler that adds the fields to every record.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.attrs = slices.Clone(h.attrs)
	for _, attr := range attrs {
		attr.Key = h.prefix + attr.Key
		h.attrs = append(h.attrs, attr)
	}
	return h
}

// WithGroup returns a handler that puts the fields that follow into a group.
func (h logHandler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.prefix += name + "."
	}
	return h
}

// addField flattens groups to dotted names.
func addField(fields map[string]any, prefix string, attr slog.Attr) {
	value := attr.Value.Resolve()
	switch {
	case value.Kind() == slog.KindGroup:
		if attr.Key != "" {
			prefix += attr.Key + "."
		}
		for _, inner := range value.Group() {
			addField(fields, prefix, inner)
		}
	case attr.Key == "":
		// An empty attribute is none, by the rules of slog.Handler.
	case value.Kind() == slog.KindDuration:
		fields[prefix+attr.Key] = value.Duration().String()
	default:
		fields[prefix+attr.Key] = value.Any()
	}
}
