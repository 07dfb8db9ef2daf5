package lifecycle

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// sameAnswer answers every read with the same.
type sameAnswer struct {
	platform.Deployments
	observed *platform.Observed
	err      error
	reads    int
}

func (o *sameAnswer) Read(context.Context, platform.Ref) (*platform.Observed, error) {
	o.reads++
	return o.observed, o.err
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	applied := flink.Tree{"image": "orders:1", "job": flink.Tree{"parallelism": json.Number("2")}}
	asApplied := func() *platform.Observed {
		return &platform.Observed{UID: "u", RolledOut: true, Spec: applied, Status: flink.Status{JobState: "RUNNING"}}
	}
	const private = `{"plain":"eyJ1aWQiOiJ1In0="}` // {"uid":"u"}
	for _, test := range []struct {
		name    string
		change  func(*platform.Observed)
		err     error
		private string
		known   string // the state of the job in the state, RUNNING for none
		current bool
		reads   int
	}{
		{name: "as it was", private: private, current: true, reads: 1},
		{name: "with fields of others", private: private, change: func(o *platform.Observed) {
			o.Spec = flink.Tree{"image": "orders:1", "mode": "native", "job": flink.Tree{"parallelism": json.Number("2"), "state": "running"}}
		}, current: true, reads: 1},
		{name: "another status", private: private, change: func(o *platform.Observed) { o.Status.JobState = "FAILED" }, reads: 1},
		{name: "a failure that is known already", private: private, known: flink.StateFailed, change: func(o *platform.Observed) { o.Status.JobState = "FAILED" }, reads: 1},
		{name: "drift", private: private, change: func(o *platform.Observed) {
			o.Spec = flink.Tree{"image": "orders:2", "job": flink.Tree{"parallelism": json.Number("2")}}
		}, reads: 1},
		{name: "other words", private: private, change: func(o *platform.Observed) {
			o.Spec = flink.Tree{"image": "orders:1", "job": flink.Tree{"parallelism": json.Number("2.0")}}
		}, reads: 1},
		{name: "the words that are known", private: privateOf(t, resume{UID: "u", Words: `{"image":"orders:1","job":{"parallelism":2.0}}`}), change: func(o *platform.Observed) {
			o.Spec = flink.Tree{"image": "orders:1", "job": flink.Tree{"parallelism": json.Number("2.0")}}
		}, current: true, reads: 1},
		{name: "words that are no longer the cluster's", private: privateOf(t, resume{UID: "u", Words: `{"image":"orders:1","job":{"parallelism":2.0}}`}), reads: 1},
		{name: "another object of the name", private: private, change: func(o *platform.Observed) { o.UID = "v" }, reads: 1},
		{name: "an update whose apply was killed", private: private, change: func(o *platform.Observed) {
			o.RolledOut, o.Unfinished = false, planner.ActionSavepoint
		}, reads: 1},
		{name: "no answer", private: private, err: errors.New("no answer"), reads: 1},
		{name: "no record of the object", private: ""},
		{name: "a private state of something else", private: "{"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			one := &sameAnswer{observed: asApplied(), err: test.err}
			if test.change != nil {
				test.change(one.observed)
			}
			shortcut := NewShortcut(t.Context(), plainType, &plainResource{})
			ctx, current := shortcut.Current(t.Context(), dataOf(one), stateWith(t, shortcut, applied, flink.Status{JobState: cmp.Or(test.known, flink.StateRunning)}), []byte(test.private))
			if current != test.current || one.reads != test.reads {
				t.Errorf("current: %t, want %t; %d reads, want %d", current, test.current, one.reads, test.reads)
			}
			if test.reads == 0 {
				return
			}
			// The resource takes the same answer.
			again := &Resource{Type: plainType}
			observed, err := again.observe(ctx, tfkit.Target{}, platform.Ref{}, false)
			if observed != one.observed || !errors.Is(err, test.err) || one.reads != test.reads {
				t.Errorf("the resource got %v and %v after %d reads", observed, err, one.reads)
			}
		})
	}
}

// privateOf is a private state as the framework stores it.
func privateOf(t *testing.T, left resume) string {
	t.Helper()
	own, err := json.Marshal(left)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string][]byte{"plain": own})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// stateOf is the state of a resource that was applied and runs.
func stateOf(t *testing.T, shortcut *Shortcut, applied flink.Tree) tftypes.Value {
	t.Helper()
	return stateWith(t, shortcut, applied, flink.Status{JobState: flink.StateRunning})
}

// stateWith is the state of a resource that was applied, with a status.
func stateWith(t *testing.T, shortcut *Shortcut, applied flink.Tree, status flink.Status) tftypes.Value {
	t.Helper()
	effective, err := json.Marshal(applied)
	if err != nil {
		t.Fatal(err)
	}
	of, ok := shortcut.Values().(tftypes.Object)
	if !ok {
		t.Fatalf("a resource is a %s", shortcut.Values())
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range of.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	environment, ok := of.AttributeTypes["environment"].(tftypes.Object)
	if !ok {
		t.Fatalf("an environment is a %s", of.AttributeTypes["environment"])
	}
	place := map[string]tftypes.Value{}
	for name, attribute := range environment.AttributeTypes {
		place[name] = tftypes.NewValue(attribute, nil)
	}
	place["namespace"] = tftypes.NewValue(tftypes.String, "flink-prod")
	values["environment"] = tftypes.NewValue(environment, place)
	values["name"] = tftypes.NewValue(tftypes.String, "orders")
	computed := computedValues{
		id: types.StringValue("operator/flink-prod/orders"), effective: types.StringValue(string(effective)),
		rollout: tfkit.RolloutObject(planner.Rollout{Revision: 1, Action: planner.ActionCreate}), status: StatusObject(status),
	}
	state, diags := computed.in(t.Context(), tftypes.NewValue(of, values))
	if diags.HasError() {
		t.Fatal(diags)
	}
	return state
}
