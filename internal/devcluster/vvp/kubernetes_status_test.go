package vvp

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestTroubleThatPasses ends a wait at once for what is final, and for an error beside another state only when
// the same one has stayed.
func TestTroubleThatPasses(t *testing.T) {
	t.Parallel()
	of := func(lifecycle, message string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: object{"status": object{"lifecycleState": lifecycle, "error": message}}}
	}
	const mount = `{"type":"DeploymentFailedException","message":"MountVolume.SetUp failed"}`
	var told trouble
	for _, is := range []*unstructured.Unstructured{of("CREATED", ""), of("DEPLOYED", mount), of("DEPLOYED", mount)} {
		if err := told.ends(is); err != nil {
			t.Fatalf("it ends with %v", err)
		}
	}
	told.since = time.Now().Add(-patience - time.Second)
	if err := told.ends(of("DEPLOYED", "another")); err != nil {
		t.Errorf("another error has not stayed: %v", err)
	}
	told = trouble{"MountVolume.SetUp failed", time.Now().Add(-patience - time.Second)}
	if err := told.ends(of("DEPLOYED", mount)); err == nil || err.Error() != "MountVolume.SetUp failed" {
		t.Errorf("an error that stays ends with %v", err)
	}
	told = trouble{}
	if err := told.ends(of(stateFailed, mount)); err == nil {
		t.Error("what is final does not end it")
	}
}
