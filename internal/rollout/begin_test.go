package rollout

import (
	"context"
	"errors"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// written are deployments of which one was written by an earlier apply.
type written struct {
	platform.Deployments
	platform.Rollout
	observed platform.Observed
}

func (w written) Begin(_ context.Context, change platform.Change) (platform.Rollout, error) {
	if !change.Begun {
		return nil, errors.New("a change was written")
	}
	return w, nil
}

func (w written) Observed() *platform.Observed { return &w.observed }

// An apply that only goes on with a wait takes no other object of the name for
// the one of the state.
func TestAWaitIsNotGoneOnWithForAnotherObject(t *testing.T) {
	t.Parallel()
	ref := platform.Ref{Namespace: "shop", Name: "orders"}
	for _, test := range []struct {
		name  string
		found platform.Observed
		other bool
	}{
		{"the same", platform.Observed{UID: "a"}, false},
		{"one in its place", platform.Observed{UID: "b", Replaces: []string{"a"}}, false},
		{"another", platform.Observed{UID: "b"}, true},
	} {
		rollout, err := Begin(t.Context(), written{observed: test.found}, ref, Record{UID: "a"}, &Decision{}, Choices{}, true, platform.KindDeployment)
		var other *platform.OtherObjectError
		if errors.As(err, &other) != test.other || test.other == (rollout != nil) {
			t.Errorf("%s: %v", test.name, err)
		}
		if test.other && (other.Kind != "deployment" || other.UID != "b" || other.Planned != "a") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
