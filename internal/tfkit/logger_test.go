package tfkit

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

func TestLowerLayersWriteToTheProvidersLog(t *testing.T) {
	var out bytes.Buffer
	ctx := WithLogger(tflogtest.RootLogger(t.Context(), &out), "name", "orders")
	logger := logctx.From(ctx)
	logger.Info("status changed", "lifecycle_state", "STABLE", "waited", 3*time.Second)
	logger.With("generation", 2).WithGroup("job").Warn("restarts", "state", "RESTARTING", slog.Group("last", "error", "boom"))
	logger.Error("failed")
	logger.Debug("request")
	logger.Log(ctx, slog.LevelDebug-4, "detail")

	got, err := tflogtest.MultilineJSONDecode(&out)
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"@level": "info", "@message": "status changed", "name": "orders", "lifecycle_state": "STABLE", "waited": "3s"},
		{"@level": "warn", "@message": "restarts", "name": "orders", "generation": 2.0, "job.state": "RESTARTING", "job.last.error": "boom"},
		{"@level": "error", "@message": "failed", "name": "orders"},
		{"@level": "debug", "@message": "request", "name": "orders"},
		{"@level": "trace", "@message": "detail", "name": "orders"},
	}
	for _, line := range got {
		delete(line, "@module")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
