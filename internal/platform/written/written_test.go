package written_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
)

func TestWrite(t *testing.T) {
	var log written.Log[string]
	before := log.Moment()
	if log.Has("a") {
		t.Error("what was never written is written")
	}
	ends := log.Write("a")
	during := log.Moment()
	if !log.Has("a") || !log.Since(before, "a") {
		t.Error("a write that has begun is not noted")
	}
	if log.Has("b") {
		t.Error("a write of one object is noted of another")
	}
	if log.Since(during, "a") {
		t.Error("a write has ended before its end")
	}
	ends()
	if !log.Since(during, "a") {
		t.Error("the end of a write is not noted: what was asked for during the write may not have it")
	}
	if log.Since(log.Moment(), "a") {
		t.Error("there is a write after the last one")
	}
}
