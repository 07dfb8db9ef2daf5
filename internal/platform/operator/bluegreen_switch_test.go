package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// sorted is how exchange.state tells of one color and its Service.
func runs(color, image string) string {
	return fmt.Sprintf("service to orders-%[1]s, orders-%[1]s %[2]s RUNNING", color, image)
}

func TestASwitchLeavesNoGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		created := e.start(t, "flink:1")
		if created.Ref != orders || created.Status.ActiveColor != "blue" || !created.RolledOut || created.Form != bluegreen.ByProvider || created.Labels[deploymentLabel] != "" {
			t.Errorf("created %+v", created)
		}
		if got := e.state(); got != runs("blue", "flink:1") {
			t.Errorf("after the create: %s", got)
		}
		observed, err := e.apply(t.Context(), to("flink:2"))
		if err != nil {
			t.Fatal(err)
		}
		if observed.Status.ActiveColor != "green" || !observed.RolledOut || observed.Unfinished != "" || observed.Spec["image"] != "flink:2" || observed.Ref != orders ||
			!slices.Contains(observed.Replaces, created.UID) || observed.Status.RestURL != "http://orders-green-rest.prod:8081" {
			t.Errorf("switched to %+v", observed)
		}
		if got := e.state(); got != runs("green", "flink:2") {
			t.Errorf("after the switch: %s", got)
		}
		if path := initialPath(e.color(t, "green")); path != "" {
			t.Errorf("green still has the initial savepoint path %s", path)
		}
		if _, err = e.apply(t.Context(), to("flink:3")); err != nil {
			t.Fatal(err)
		}
		if got := e.state(); got != runs("blue", "flink:3") {
			t.Errorf("after the switch back: %s", got)
		}
		if want := []string{"orders-blue from ", "orders-green from s3://sp/1", "orders-blue from s3://sp/2"}; !slices.Equal(e.starts, want) {
			t.Errorf("the colors were started %q", e.starts)
		}
		if e.gap != "" {
			t.Errorf("no job ran at %q", e.gap)
		}
	})
}

func TestTheOldColorStaysForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		change := to("flink:2")
		change.BlueGreen.DeletionDelay = time.Hour
		short, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		_, err := e.apply(short, change)
		var told *platform.RolloutError
		if !errors.As(err, &told) || told.RolledBack || !strings.Contains(told.Detail, "deletion_delay") {
			t.Errorf("the apply ended with %v", err)
		}
		if got := e.state(); got != "service to orders-green, orders-blue flink:1 RUNNING, orders-green flink:2 RUNNING" {
			t.Errorf("during the delay: %s", got)
		}
		observed, err := NewApplications(e, Options{}).Read(t.Context(), orders)
		if err != nil || observed.Status.ActiveColor != "green" || observed.Unfinished != planner.ActionBlueGreen || observed.RolledOut {
			t.Errorf("during the delay: %+v, %v", observed, err)
		}
		began := time.Now()
		if _, err := e.apply(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if rest := time.Since(began); rest < 20*time.Minute || rest > 40*time.Minute {
			t.Errorf("waited another %s", rest)
		}
		if got := e.state(); got != runs("green", "flink:2") {
			t.Errorf("after the delay: %s", got)
		}
	})
}

func TestAFailedSwitchLeavesTheOldColorAlone(t *testing.T) {
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("keep %v", keep), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newExchange(t)
				e.start(t, "flink:1")
				change := to("flink:nope")
				change.Rollback = !keep
				observed, err := e.apply(t.Context(), change)
				var told *platform.RolloutError
				if !errors.As(err, &told) || !told.RolledBack {
					t.Fatalf("the apply ended with %v", err)
				}
				if told.Summary != `The new version of "orders" does not start: image "flink:nope" cannot be pulled` {
					t.Errorf("the summary is %s", told.Summary)
				}
				left := runs("blue", "flink:1")
				what := "Removed the new version (green)."
				if keep {
					left, what = left+", orders-green flink:nope RECONCILING", "The new version (green) is left as it is"
				}
				for _, part := range []string{what, "The previous version (blue) was never stopped and runs on.", "The change stays in the next plan."} {
					if !strings.Contains(told.Detail, part) {
						t.Errorf("%q is missing in:\n%s", part, told.Detail)
					}
				}
				if got := e.state(); got != left || observed.Status.ActiveColor != "blue" || observed.Spec["image"] != "flink:1" {
					t.Errorf("after the failure: %s, %+v", got, observed)
				}
				if _, err := e.apply(t.Context(), to("flink:2")); err != nil {
					t.Fatal(err)
				}
				if got := e.state(); got != runs("green", "flink:2") || e.gap != "" {
					t.Errorf("after the corrected switch: %s; gap at %q", got, e.gap)
				}
				if want := []string{"orders-blue from ", "orders-green from s3://sp/1", "orders-green from s3://sp/2"}; !slices.Equal(e.starts, want) {
					t.Errorf("the colors were started %q", e.starts)
				}
			})
		})
	}
}

func TestANewVersionHasOnlyItsGracePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		e.operator = func(object *unstructured.Unstructured) []step {
			if object.GetName() == "orders-green" && object.GetDeletionTimestamp() == nil {
				return []step{{time.Second, statusOf(object.GetGeneration(), "DEPLOYED", "DEPLOYED", "RECONCILING", "DEPLOYING")}}
			}
			return e.plays(object)
		}
		began := time.Now()
		change := to("flink:2")
		change.BlueGreen.AbortGracePeriod = 3 * time.Minute
		_, err := e.apply(t.Context(), change)
		var told *platform.RolloutError
		if !errors.As(err, &told) || !told.RolledBack || !strings.Contains(told.Summary, "within 3m0s") {
			t.Errorf("the apply ended with %v", err)
		}
		if took := time.Since(began); took < 3*time.Minute || took > 4*time.Minute {
			t.Errorf("it took %s", took)
		}
		if got := e.state(); got != runs("blue", "flink:1") {
			t.Errorf("after the failure: %s", got)
		}
	})
}

func TestNoSavepointNoSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		e.fails = true
		_, err := e.apply(t.Context(), to("flink:2"))
		var told *platform.RolloutError
		if !errors.As(err, &told) || !told.RolledBack || !strings.Contains(told.Summary, "no savepoint of blue can be taken") || !strings.Contains(told.Detail, "the disk is full") {
			t.Errorf("the apply ended with %v", err)
		}
		if got := e.state(); got != runs("blue", "flink:1") || len(e.starts) != 1 {
			t.Errorf("after the failure: %s, started %q", got, e.starts)
		}
		stateless := to("flink:2")
		stateless.Spec.Job.UpgradeMode = new(flink.UpgradeStateless)
		if _, err := e.apply(t.Context(), stateless); err != nil {
			t.Errorf("without state: %v", err)
		}
		if want := []string{"orders-blue from ", "orders-green from "}; !slices.Equal(e.starts, want) {
			t.Errorf("the colors were started %q", e.starts)
		}
	})
}

// A switch of a job that failed meanwhile starts from its newest state, and from
// the operator's knowledge when nobody else has any.
func TestTheOldColorFailsBeforeTheSwitch(t *testing.T) {
	failed := func(more ...string) map[string]any {
		return statusOf(2, "FAILED", "DEPLOYED", "FAILED", "READY", more...)
	}
	for _, test := range []struct {
		name   string
		status map[string]any
		want   string
		starts []string
	}{
		{"its last checkpoint is known", failed("savepoint", "s3://cp/chk-7"), runs("green", "flink:2"), []string{"orders-blue from ", "orders-green from s3://cp/chk-7"}},
		{"only the operator knows", statusOf(2, "STABLE", "DEPLOYED", "RESTARTING", "READY"), runs("blue", "flink:2"), []string{"orders-blue from "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newExchange(t)
				e.start(t, "flink:1")
				e.status(t, "blue", test.status)
				if _, err := e.apply(t.Context(), to("flink:2")); err != nil {
					t.Fatal(err)
				}
				if got := e.state(); got != test.want || !slices.Equal(e.starts, test.starts) {
					t.Errorf("%s, started %q", got, e.starts)
				}
			})
		})
	}
}

func TestNeitherColorRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		e.status(t, "blue", statusOf(2, "FAILED", "DEPLOYED", "FAILED", "READY", "savepoint", "s3://cp/chk-7"))
		observed, err := e.apply(t.Context(), to("flink:nope"))
		var told *platform.RolloutError
		if !errors.As(err, &told) || !strings.Contains(told.Detail, "The newest known state of the job is in s3://cp/chk-7; the next apply starts from it.") {
			t.Fatalf("the apply ended with %v", err)
		}
		if observed.Status.SavepointPath != "s3://cp/chk-7" || observed.Status.ActiveColor != "blue" {
			t.Errorf("observed %+v", observed.Status)
		}
		if _, err := e.apply(t.Context(), to("flink:2")); err != nil {
			t.Fatal(err)
		}
		if got := e.state(); got != runs("green", "flink:2") || e.starts[len(e.starts)-1] != "orders-green from s3://cp/chk-7" {
			t.Errorf("%s, started %q", got, e.starts)
		}
	})
}

// What leaves the job alone, or stops it, is done to the active color.
func TestChangesWithoutASwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		change := to("flink:1")
		change.Spec.FlinkConfiguration["kubernetes.operator.savepoint.history.max.count"] = new("5")
		change.Spec.Ingress = &flink.Ingress{Template: new("flink.example.com/{{namespace}}/{{name}}(/|$)(.*)"), ClassName: new("nginx")}
		change.Annotations = map[string]string{"note": "b"}
		change.Rollout.Action = planner.ActionConfigOnly
		observed, err := e.apply(t.Context(), change)
		if err != nil {
			t.Fatal(err)
		}
		ingress, _ := observed.Spec["ingress"].(flink.Tree)
		if ingress["className"] != "nginx" || observed.Annotations["note"] != "b" || len(observed.Annotations) != 1 || observed.Status.ActiveColor != "blue" {
			t.Errorf("observed %+v with annotations %v", observed.Spec, observed.Annotations)
		}
		if got := e.state(); got != "Ingress orders, "+runs("blue", "flink:1") || activeSince(e.color(t, "blue")).IsZero() != true {
			t.Errorf("after the change: %s", got)
		}
		if _, has := e.color(t, "blue").Object["spec"].(map[string]any)["ingress"]; has {
			t.Error("the color has an ingress of its own")
		}
		change.Spec.Job.State = new(flink.JobSuspended)
		change.Rollout.Action = planner.ActionSuspend
		if observed, err = e.apply(t.Context(), change); err != nil || observed.Status.LifecycleState != flink.LifecycleSuspended || !observed.RolledOut {
			t.Errorf("suspended %+v, %v", observed, err)
		}
	})
}

// exchangers are the engines that exchange colors: what they make of the
// deployment of the tests, and of a change to an image.
var exchangers = []struct {
	name string
	want func(image string) platform.Deployment
	to   func(image string) platform.Change
	runs func(color, image string) string
}{
	{"provider", want, to, runs},
	{"operator", byOperatorWant, byOperatorTo, func(color, image string) string { return fmt.Sprintf("orders-%s %s RUNNING", color, image) }},
}

// Wherever a provider dies in a switch, the next apply ends in exactly one
// running color with the wanted specification, started from the savepoint that
// was taken last, and there was a running job all the time.
func TestASwitchKilledAnywhereGoesOn(t *testing.T) {
	for _, test := range []struct{ name, first, second string }{
		{"to the same specification", "flink:2", "flink:2"},
		{"to a third specification", "flink:2", "flink:3"},
		{"a failing version, then the corrected one", "flink:nope", "flink:3"},
		{"back to the first specification", "flink:2", "flink:1"},
	} {
		for _, engine := range exchangers {
			t.Run(engine.name+"/"+test.name, func(t *testing.T) {
				killEverywhere(t,
					func(t *testing.T, e *exchange) { e.create(t, engine.want("flink:1")) },
					func(ctx context.Context, e *exchange) error {
						_, err := e.apply(ctx, engine.to(test.first))
						return err
					},
					func(t *testing.T, e *exchange) {
						observed, err := NewApplications(e, Options{}).Read(t.Context(), orders)
						if err != nil {
							t.Fatalf("the deployment is not found: %v", err)
						}
						if observed.UID != "uid-1" && !slices.Contains(observed.Replaces, "uid-1") {
							t.Errorf("it is another deployment: %s replaces %v", observed.UID, observed.Replaces)
						}
						observed, err = e.apply(t.Context(), engine.to(test.second))
						if err != nil {
							t.Fatal(err)
						}
						if observed.Status.JobState != flink.StateRunning || observed.Spec["image"] != test.second || !observed.RolledOut {
							t.Errorf("ended with %+v", observed)
						}
						if got := e.state(); got != engine.runs(observed.Status.ActiveColor, test.second) {
							t.Errorf("ended with %s", got)
						}
						if e.gap != "" {
							t.Errorf("no job ran at %q", e.gap)
						}
						if n := len(e.starts); n > 1 && !strings.HasSuffix(e.starts[n-1], fmt.Sprintf(" from s3://sp/%d", e.taken)) {
							t.Errorf("the colors were started %q, and %d savepoints taken", e.starts, e.taken)
						}
					})
			})
		}
	}
}

func TestADeleteKilledAnywhereGoesOn(t *testing.T) {
	destroy := func(ctx context.Context, e *exchange) (platform.Deleted, error) {
		return NewApplications(e, Options{}).Delete(ctx, orders, platform.DeleteOptions{UID: "uid-1", Savepoint: true})
	}
	for _, engine := range exchangers {
		t.Run(engine.name, func(t *testing.T) {
			killEverywhere(t,
				func(t *testing.T, e *exchange) {
					e.create(t, engine.want("flink:1"))
					// A switch was given up while the new version started.
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(9*time.Second, cancel)
					_, _ = e.apply(ctx, engine.to("flink:2"))
					if got := e.state(); !strings.Contains(got, "orders-green") {
						t.Fatalf("prepared %s", got)
					}
				},
				func(ctx context.Context, e *exchange) error { _, err := destroy(ctx, e); return err },
				func(t *testing.T, e *exchange) {
					if _, err := NewApplications(e, Options{}).Read(t.Context(), orders); err == nil {
						deleted, err := destroy(t.Context(), e)
						if err != nil || deleted.SavepointPath == "" {
							t.Errorf("the delete left %+v, %v", deleted, err)
						}
					}
					// What is left goes with its owner.
					time.Sleep(5 * time.Second)
					e.fake.mu.Lock()
					defer e.fake.mu.Unlock()
					if len(e.objects) != 0 {
						t.Errorf("left %v", e.objects)
					}
				})
		})
	}
}

// killEverywhere is killEach of a process that makes a switch.
func killEverywhere(t *testing.T, prepare func(t *testing.T, e *exchange), process func(ctx context.Context, e *exchange) error, after func(t *testing.T, e *exchange)) {
	t.Helper()
	killEach(t, 8, func(t *testing.T) life {
		t.Helper()
		e := newOperated(t)
		prepare(t, e)
		return life{
			fake: e.fake, watch: e.watch,
			process: func(ctx context.Context) error { return process(ctx, e) },
			after:   func() { after(t, e) },
		}
	})
}

// A savepoint of a blue/green deployment is one of its active color.
// TestASnapshotOfSomebodyElseStays deletes a deployment beside which somebody has a
// snapshot with the name that those of switches have.
func TestASnapshotOfSomebodyElseStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		created := e.start(t, "flink:1")
		object := snapshotObject(savepointOf(orders, flink.Green, platform.FormatCanonical), creation{})
		object.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: "kubectl"}})
		object.SetUID("theirs")
		e.put(snapshotKind, object)
		if _, err := NewApplications(e, Options{}).Delete(t.Context(), orders, platform.DeleteOptions{UID: created.UID}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Get(t.Context(), snapshotKind, kube.KeyOf(object)); err != nil {
			t.Errorf("it is gone: %v", err)
		}
	})
}

func TestASavepointIsOfTheActiveColor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		if _, err := e.apply(t.Context(), to("flink:2")); err != nil {
			t.Fatal(err)
		}
		savepoints := NewSavepoints(e)
		taken, err := savepoints.Take(t.Context(), before)
		if err != nil {
			t.Fatal(err)
		}
		taken, err = savepoints.Await(t.Context(), *taken)
		if err != nil || taken.Location != "s3://sp/2" || taken.Job.Name != "orders-green" {
			t.Errorf("took %+v, %v", taken, err)
		}
	})
}
