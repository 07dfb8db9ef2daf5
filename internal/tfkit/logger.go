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
	return logctx.With(ctx, slog.New(logHandler{ctx: ctx}).With(fields...))
}

// logHandler hands records to tflog, which finds its logger in the context of
// the call to the provider. Terraform filters by level (TF_LOG_PROVIDER).
type logHandler struct {
	ctx    context.Context
	prefix string
	attrs  []slog.Attr
}

func (logHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h logHandler) Handle(_ context.Context, record slog.Record) error {
	fields := map[string]any{}
	for _, attr := range h.attrs {
		addField(fields, "", attr)
	}
	record.Attrs(func(attr slog.Attr) bool {
		addField(fields, h.prefix, attr)
		return true
	})
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(h.ctx, record.Message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(h.ctx, record.Message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(h.ctx, record.Message, fields)
	case record.Level >= slog.LevelDebug:
		tflog.Debug(h.ctx, record.Message, fields)
	default:
		tflog.Trace(h.ctx, record.Message, fields)
	}
	return nil
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.attrs = slices.Clone(h.attrs)
	for _, attr := range attrs {
		attr.Key = h.prefix + attr.Key
		h.attrs = append(h.attrs, attr)
	}
	return h
}

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
