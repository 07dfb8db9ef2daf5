package flink

import (
	"encoding/json"
	"testing"
)

func TestSpecOfKeepsTheDigitsOfNumbers(t *testing.T) {
	const text = `{"podTemplate":{"spec":{"activeDeadlineSeconds":9007199254740993}}}`
	spec, err := SpecOf(parsed(t, text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	if string(out) != text {
		t.Errorf("got %s, want %s", out, text)
	}
}
