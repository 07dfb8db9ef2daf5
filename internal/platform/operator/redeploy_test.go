package operator

import (
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// redeployFromGiven is a change of the initial savepoint path.
func redeployFromGiven(image string) platform.Change {
	change := changeTo(image)
	change.Spec.Job.InitialSavepointPath = new("file:/given")
	change.Rollout.Action = planner.ActionRedeploy
	change.AllowStateLoss = true
	return change
}

// before18 has the cluster answer as one with the definitions of an operator
// before 1.8.
func before18(f *fake) {
	f.reject = func(object *unstructured.Unstructured) error {
		if _, found, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "job", redeployNonce); found {
			return &kube.InvalidError{Causes: []kube.Cause{{Field: "spec.job.savepointRedeployNonce", Type: kube.CauseUnknownField}}}
		}
		return nil
	}
}

func TestRedeployWithoutANonceCreatesTheObjectAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, first := running(t, f, "flink:1")
		before18(f)
		s := &starts{plays: obedient}
		f.operator = s.operator
		observed, err := update(t, d, redeployFromGiven("flink:1"))
		if err != nil {
			t.Fatal(err)
		}
		if observed.UID == first.UID || len(s.from) != 1 || s.from[0] != "file:/given" {
			t.Errorf("object %s, started from %q", observed.UID, s.from)
		}
		nothingLeft(t, f, "file:/given")
	})
}

func TestRedeployIsRolledBackToTheStateThatItDrops(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(f *fake)
		again   bool
	}{
		{name: "in place", prepare: func(*fake) {}},
		{name: "by creating the object again", prepare: before18, again: true},
		// The definition allows numbers since operator 1.13.
		{name: "beside a number in the configuration", prepare: func(f *fake) {
			f.edit(func(object *unstructured.Unstructured) {
				_ = unstructured.SetNestedField(object.Object, int64(2), "spec", "flinkConfiguration", "taskmanager.numberOfTaskSlots")
			})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, first := running(t, f, "flink:1")
				f.edit(func(object *unstructured.Unstructured) {
					_ = unstructured.SetNestedField(object.Object, "file:/savepoints", "spec", "flinkConfiguration", flink.KeySavepointDirectory)
				})
				setStatus(t, f, statusOf(2, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint0))
				test.prepare(f)
				var from []string
				f.operator = func(object *unstructured.Unstructured) []step {
					state, _, _ := unstructured.NestedString(object.Object, "spec", "job", "state")
					if path := initialPath(object); path != "" && state == flink.JobRunning {
						from = append(from, path)
					}
					return obedient(object)
				}
				change := redeployFromGiven("flink:nope")
				change.Rollback = true
				observed, err := update(t, d, change)
				failed := failure(t, err)
				if !failed.RolledBack || observed.Status.JobState != flink.StateRunning {
					t.Errorf("rolled back %v to %+v:\n%s", failed.RolledBack, observed.Status, failed.Detail)
				}
				mentions(t, failed.Detail, "restored from "+savepoint1)
				if again := observed.UID != first.UID; again != test.again {
					t.Errorf("created again: %v", again)
				}
				if got := strings.Join(from, " "); got != "file:/given "+savepoint1 {
					t.Errorf("started from %s", got)
				}
				nothingLeft(t, f, "")
			})
		})
	}
}

func TestRedeployWithoutAKnownStateIsNotRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING", "savepoint", savepoint0))
		change := redeployFromGiven("flink:nope")
		change.Rollback = true
		_, err := update(t, d, change)
		failed := failure(t, err)
		if failed.RolledBack {
			t.Error("rolled back to nowhere")
		}
		mentions(t, failed.Detail, "Not rolled back: the state before the change was dropped")
	})
}

// lost is the status of a job whose last upgrade never ran, and which the
// operator does not start with any other specification.
func lost(generation int64, more ...string) map[string]any {
	return statusOf(generation, "FAILED", "DEPLOYED", "RECONCILING", "ERROR", append([]string{"error", timelines.RestoreError}, more...)...)
}

func TestAJobThatTheOperatorHasLostStartsFromItsNewestState(t *testing.T) {
	for name, prepare := range map[string]func(f *fake){"in place": func(*fake) {}, "created again": before18} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, _ := running(t, f, "flink:1")
				setStatus(t, f, lost(1, "savepoint", savepoint0))
				prepare(f)
				var from []string
				f.operator = func(object *unstructured.Unstructured) []step {
					if path := initialPath(object); path != "" {
						from = append(from, path)
					}
					return obedient(object)
				}
				if _, err := update(t, d, changeTo("flink:2")); err != nil {
					t.Fatal(err)
				}
				if len(from) != 1 || from[0] != savepoint0 {
					t.Errorf("started from %q", from)
				}
				nothingLeft(t, f, "")
			})
		})
	}
	t.Run("but not from an older one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d, _ := running(t, f, "flink:1")
			setStatus(t, f, lost(1, "savepoint", savepoint0, "stable", "{}"))
			f.operator = func(object *unstructured.Unstructured) []step {
				if initialPath(object) != "" {
					t.Errorf("started from %s", initialPath(object))
				}
				return []step{{0, lost(1, "savepoint", savepoint0, "stable", "{}")}}
			}
			_, err := update(t, d, changeTo("flink:2"))
			mentions(t, failure(t, err).Detail, "set job.initial_savepoint_path to its newest savepoint or retained checkpoint",
				"The newest savepoint of the job that the operator names is "+savepoint0+"; the job has run since.")
		})
	})
}

// Recorded finding 14: a first deployment with a bad image may not be
// repairable by a new specification, except by a stateless one.
func TestAFirstDeploymentThatNeverRanIsRepairedWithoutState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d, _ := begin(t, silent, "flink:nope")
		setStatus(t, f, statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "error", timelines.ImageError, "stable", ""))
		var modes []string
		f.operator = func(object *unstructured.Unstructured) []step {
			modes = append(modes, upgradeModeOf(object))
			if len(modes) == 1 && modes[0] != flink.UpgradeStateless {
				return []step{{0, lost(1, "stable", "")}}
			}
			return obedient(object)
		}
		observed, err := update(t, d, changeTo("flink:1"))
		if err != nil {
			t.Fatal(err)
		}
		if observed.Status.JobState != flink.StateRunning || strings.Join(modes, " ") != "stateless savepoint" {
			t.Errorf("%+v after the modes %v", observed.Status, modes)
		}
	})
}
