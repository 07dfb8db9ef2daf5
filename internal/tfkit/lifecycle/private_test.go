package lifecycle

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// An apply that was killed is gone on with, also when what it wrote has been
// rolled out meanwhile: nobody has had it prove itself, and its mark is still
// there.
func TestWhatIsLeftOfAnApply(t *testing.T) {
	const upgrade, resumes = planner.ActionSavepoint, planner.ActionResume
	for name, test := range map[string]struct {
		left, marked planner.Action
		rolledOut    bool
		want         planner.Action
	}{
		"nothing":                         {},
		"nothing of what is rolled out":   {rolledOut: true},
		"a wait that was interrupted":     {left: upgrade, want: upgrade},
		"that came to its end since":      {left: upgrade, rolledOut: true},
		"a kill on the way":               {marked: upgrade, want: upgrade},
		"a kill, and it is rolled out":    {marked: upgrade, rolledOut: true, want: upgrade},
		"an interrupt that left its mark": {left: upgrade, marked: upgrade, rolledOut: true, want: upgrade},
		"a kill after an interrupt":       {left: upgrade, marked: resumes, want: upgrade},
	} {
		t.Run(name, func(t *testing.T) {
			observed := &platform.Observed{UID: "1", RolledOut: test.rolledOut, Unfinished: test.marked}
			if got := (resume{UID: "1", Unfinished: test.left}).after("x", observed); got.Unfinished != test.want {
				t.Errorf("left is %q, want %q", got.Unfinished, test.want)
			}
		})
	}
}
