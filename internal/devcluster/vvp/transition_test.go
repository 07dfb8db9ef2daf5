package vvp

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTransitions follows a deployment through its states, by what is written, the state
// that this leads to, and the events on the way.
func TestTransitions(t *testing.T) {
	const (
		started  = "CREATING_A_NEW_JOB SPINNING_UP_A_CLUSTER_FOR_A_JOB AWAITING_A_JOB_TO_START JOB_SUCCESSFULLY_STARTED STATE_TRANSITION_IS_COMPLETED"
		stopped  = "CREATING_A_SAVEPOINT_BEFORE_SUSPENSION AWAITING_SAVEPOINT_COMPLETION_TO_TRANSITION_TO_SUSPENDED FOUND_A_COMPLETED_SAVEPOINT_READY_FOR_SUSPENSION AWAITING_A_JOB_TO_TERMINATE"
		ended    = "FOUND_A_JOB_TO_TERMINATE AWAITING_A_JOB_TO_TERMINATE"
		needed   = "STATE_TRANSITION_IS_NEEDED "
		strategy = "USING_AN_UPGRADE_STRATEGY "
		done     = " STATE_TRANSITION_IS_COMPLETED"
		template = `"template":{"spec":{"parallelism":%}}`
	)
	for name, test := range map[string]struct {
		// writes are the patches of a deployment that runs, each after the transition of the
		// one before.
		writes           []string
		state, events    string
		savepoints, from string
	}{
		"stateful": {[]string{`{"spec":{` + template + `}}`}, stateRunning, needed + strategy + stopped + " " + started, "SUSPEND_AND_UPGRADE=COMPLETED", "/savepoints/savepoint-"},
		"stateless from a retained checkpoint": {
			[]string{`{"spec":{"upgradeStrategy":{"kind":"STATELESS"},` + template + `}}`},
			stateRunning,
			needed + strategy + ended + " " + started, "RETAINED_CHECKPOINT=COMPLETED", "/chk-",
		},
		"stateless from savepoints alone": {
			[]string{`{"spec":{"upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"LATEST_SAVEPOINT"},` + template + `}}`},
			stateRunning,
			needed + strategy + ended + " " + started, "RETAINED_CHECKPOINT=COMPLETED", "",
		},
		"stateful from nothing": {[]string{`{"spec":{"restoreStrategy":{"kind":"NONE"},` + template + `}}`}, stateRunning, needed + strategy + stopped + " " + started, "SUSPEND_AND_UPGRADE=COMPLETED", ""},
		"no upgrade":            {[]string{`{"spec":{"upgradeStrategy":{"kind":"NONE"},` + template + `}}`}, stateRunning, "", "", ""},
		"not of the template":   {[]string{`{"metadata":{"displayName":"Orders"},"spec":{"maxJobCreationAttempts":2,"upgradeStrategy":{"kind":"STATELESS"}}}`}, stateRunning, "", "", ""},
		"suspended":             {[]string{`{"spec":{"state":"SUSPENDED"}}`}, stateSuspended, needed + stopped + done, "SUSPEND=COMPLETED", ""},
		"resumed":               {[]string{`{"spec":{"state":"SUSPENDED"}}`, `{"spec":{"state":"RUNNING"}}`}, stateRunning, needed + started, "SUSPEND=COMPLETED", "/savepoints/savepoint-"},
		"cancelled":             {[]string{`{"spec":{"state":"CANCELLED"}}`}, stateCancelled, needed + ended + done, "RETAINED_CHECKPOINT=COMPLETED", ""},
		"cancelled when it is suspended": {
			[]string{`{"spec":{"state":"SUSPENDED"}}`, `{"spec":{"state":"CANCELLED"}}`}, stateCancelled, needed + strings.TrimSpace(done), "SUSPEND=COMPLETED", "",
		},
		"suspended when it is cancelled": {
			[]string{`{"spec":{"state":"CANCELLED"}}`, `{"spec":{"state":"SUSPENDED"}}`}, stateCancelled, "COULD_NOT_FIND_A_JOB_TO_SUSPEND", "RETAINED_CHECKPOINT=COMPLETED", "",
		},
		"without a directory": {
			[]string{`{"spec":{"upgradeStrategy":{"kind":"STATELESS"},"template":{"spec":{"flinkConfiguration":{"state.savepoints.dir":null}}}}}`, `{"spec":{"state":"SUSPENDED"}}`},
			stateFailed,
			needed + "JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT", "RETAINED_CHECKPOINT=COMPLETED", "/chk-",
		},
		"savepoints that fail": {
			[]string{`{"metadata":{"annotations":{"standin.flink/savepoint-fails":"disk full"}},"spec":{"state":"SUSPENDED","maxSavepointCreationAttempts":1}}`},
			stateFailed,
			needed + "CREATING_A_SAVEPOINT_BEFORE_SUSPENSION AWAITING_SAVEPOINT_COMPLETION_TO_TRANSITION_TO_SUSPENDED AN_UNRECOVERABLE_FAILURE_WHILE_TAKING_A_SAVEPOINT TOO_MANY_FAILED_SUSPENSION_ATTEMPTS", "SUSPEND=FAILED", "",
		},
		"an artifact that does not start": {
			[]string{`{"metadata":{"annotations":{"standin.flink/fails":"no main"}},"spec":{"maxJobCreationAttempts":1,` + template + `}}`},
			stateFailed,
			needed + strategy + stopped + " CREATING_A_NEW_JOB SPINNING_UP_A_CLUSTER_FOR_A_JOB AWAITING_A_JOB_TO_START FAILED_CREATING_A_NEW_JOB " + ended + " TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS",
			"SUSPEND_AND_UPGRADE=COMPLETED", "/savepoints/savepoint-",
		},
		"failed and cancelled": {
			[]string{`{"metadata":{"annotations":{"standin.flink/fails":"no main"}},"spec":{"maxJobCreationAttempts":1,` + template + `}}`, `{"spec":{` + strings.ReplaceAll(template, "%", "4") + `}}`, `{"spec":{"state":"CANCELLED"}}`},
			stateCancelled, needed + strings.TrimSpace(done), "SUSPEND_AND_UPGRADE=COMPLETED", "/savepoints/savepoint-",
		},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, Options{}, func(c *client) {
				c.must(http.MethodPost, in("deployments"), orders("", ""))
				is := c.become(stateRunning, "deployments/orders")
				// The first checkpoint completes.
				time.Sleep(stepsCheckpoint * pace)
				c.events(is)
				got := ""
				for _, write := range test.writes {
					c.must(http.MethodPatch, in("deployments/orders"), strings.ReplaceAll(write, "%", "3"))
					time.Sleep(20 * pace)
					got = c.events(is)
				}
				is = c.must(http.MethodGet, in("deployments/orders"), "")
				if state(is) != test.state || got != test.events {
					t.Errorf("it is %s after\n\t%s\nwant %s after\n\t%s", state(is), got, test.state, test.events)
				}
				if got := c.savepointsOf(is); got != test.savepoints {
					t.Errorf("there are the savepoints %q, want %q", got, test.savepoints)
				}
				from := text(part(c.job(is), "spec"), "savepointLocation")
				if test.from == "" && from != "" || !strings.Contains(from, test.from) {
					t.Errorf("the last job began with %q, want %q", from, test.from)
				}
				if running := part(is, "status", "running"); (running != nil) != (test.state == stateRunning) || running != nil && running["jobId"] != id(c.job(is)) {
					t.Errorf("the status is %v", is["status"])
				}
			})
		})
	}
}

// TestNewestWins acts upon the newest of two changes of a transition that runs, after it.
func TestNewestWins(t *testing.T) {
	with(t, Options{}, func(c *client) {
		c.must(http.MethodPost, in("deployments"), orders(`"standin.flink/slow":"10s"`, ""))
		is := c.become(stateTransitioning, "deployments/orders")
		if got := part(is, "metadata", "annotations"); got[transitioning] != "true" || got[transitionSince] == nil {
			t.Errorf("the annotations are %v", got)
		}
		for _, parallelism := range []string{"7", "8"} {
			c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"parallelism":`+parallelism+`}}}}`)
		}
		time.Sleep(60 * pace)
		var got []int
		for _, job := range c.items("jobs?deploymentId=" + id(is)) {
			got = append(got, number(part(job, "spec"), "parallelism", 0))
		}
		if len(got) != 2 || got[0] != 1 || got[1] != 8 {
			t.Errorf("the jobs have had the parallelism %v, want 1 and 8", got)
		}
	})
}

// TestNoTarget fails a deployment whose target is not there.
func TestNoTarget(t *testing.T) {
	with(t, Options{}, func(c *client) {
		c.must(http.MethodPost, in("deployments"), strings.ReplaceAll(orders("", ""), `"here"`, `"nowhere"`))
		is := c.become(stateFailed, "deployments/orders")
		if got := c.events(is); got != "STATE_TRANSITION_IS_NEEDED CREATING_A_NEW_JOB REFERENCED_DEPLOYMENT_TARGET_DOES_NOT_EXIST" {
			t.Errorf("the events are %s", got)
		}
	})
}

// TestCancelledWhileItStarts does not wait for a job that is not wanted any more.
func TestCancelledWhileItStarts(t *testing.T) {
	with(t, Options{}, func(c *client) {
		c.must(http.MethodPost, in("deployments"), orders("", ""))
		c.become(stateTransitioning, "deployments/orders")
		c.refused(http.StatusConflict, "has to be CANCELLED", http.MethodDelete, in("deployments/orders"), "")
		c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"state":"CANCELLED"}}`)
		is := c.become(stateCancelled, "deployments/orders")
		if got := state(c.job(is)); got != "TERMINATED" {
			t.Errorf("its job is %s", got)
		}
		c.must(http.MethodDelete, in("deployments/orders"), "")
	})
}

// TestJobs has jobs that do not just run.
func TestJobs(t *testing.T) {
	condition := func(o object, kind string) string {
		list, _ := part(o, "status", "running")["conditions"].([]any)
		for _, one := range list {
			if is, _ := one.(object); is["type"] == kind {
				return text(is, "status")
			}
		}
		return ""
	}
	t.Run("finishes", func(t *testing.T) {
		with(t, Options{}, func(c *client) {
			c.must(http.MethodPost, in("deployments"), orders(`"standin.flink/finishes":"true"`, ""))
			is := c.become(stateFinished, "deployments/orders")
			if got := state(c.job(is)); got != stateFinished || part(is, "spec")["state"] != stateRunning {
				t.Errorf("its job is %s, and it shall be %v", got, part(is, "spec")["state"])
			}
			c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"parallelism":2}}}}`)
			c.become(stateTransitioning, "deployments/orders")
			c.become(stateFinished, "deployments/orders")
		})
	})
	t.Run("crashes", func(t *testing.T) {
		with(t, Options{}, func(c *client) {
			c.must(http.MethodPost, in("deployments"), orders(`"standin.flink/crashes":"java.lang.IllegalStateException: no orders"`, ""))
			is := c.become(stateRunning, "deployments/orders")
			if got := condition(is, "JobFailing"); got != "False" {
				t.Errorf("it is failing at once: %s", got)
			}
			time.Sleep(20 * pace)
			is = c.must(http.MethodGet, in("deployments/orders"), "")
			started := part(c.job(is), "status", "started")
			if got := condition(is, "JobFailing"); got != "True" || number(started, "observedFlinkJobRestarts", 0) < restartsThatTell {
				t.Errorf("it is failing: %s, after %v", got, started)
			}
			ui := "/flink-ui/v1/namespaces/default/jobs/" + text(part(is, "status", "running"), "jobId")
			exceptions := c.must(http.MethodGet, ui+"/jobs/"+text(started, "flinkJobId")+"/exceptions", "")
			if got := text(exceptions, "root-exception"); !strings.HasPrefix(got, "java.lang.IllegalStateException: no orders") {
				t.Errorf("Flink says %v", exceptions)
			}
			checkpoints := c.must(http.MethodGet, ui+"/jobs/"+text(started, "flinkJobId")+"/checkpoints", "")
			if got := part(checkpoints, "counts")["completed"]; got != 0.0 {
				t.Errorf("it has completed %v checkpoints", got)
			}
		})
	})
	t.Run("ends", func(t *testing.T) {
		with(t, Options{}, func(c *client) {
			c.must(http.MethodPost, in("deployments"), orders(`"standin.flink/ends":"out of memory"`, ""))
			is := c.become(stateFailed, "deployments/orders")
			if got := text(part(c.job(is), "status", "failure"), "message"); got != "out of memory" {
				t.Errorf("its job has failed by %q", got)
			}
			c.refused(http.StatusBadRequest, "cancel it first", http.MethodPatch, in("deployments/orders"), `{"spec":{"state":"SUSPENDED"}}`)
			c.must(http.MethodPatch, in("deployments/orders"), `{"metadata":{"annotations":{"standin.flink/ends":null}},"spec":{"state":"CANCELLED"}}`)
			c.become(stateCancelled, "deployments/orders")
			c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"state":"RUNNING"}}`)
			c.become(stateRunning, "deployments/orders")
		})
	})
	t.Run("does not restore what it does not have", func(t *testing.T) {
		with(t, Options{}, func(c *client) {
			c.must(http.MethodPost, in("deployments"), orders(`"standin.flink/operators":"orders,totals"`, `"maxJobCreationAttempts":1,`))
			c.become(stateRunning, "deployments/orders")
			change := `{"metadata":{"annotations":{"standin.flink/operators":"orders"}},"spec":{"restoreStrategy":{"allowNonRestoredState":%},"template":{"spec":{"parallelism":2}}}}`
			c.must(http.MethodPatch, in("deployments/orders"), strings.ReplaceAll(change, "%", "false"))
			is := c.become(stateFailed, "deployments/orders")
			if got := text(part(c.job(is), "status", "failure"), "message"); !strings.Contains(got, "Cannot map checkpoint/savepoint state for operator totals") {
				t.Errorf("its job has failed by %q", got)
			}
			c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"state":"CANCELLED"}}`)
			c.become(stateCancelled, "deployments/orders")
			c.must(http.MethodPatch, in("deployments/orders"), strings.ReplaceAll(strings.ReplaceAll(change, "%", "true"), `"spec":{`, `"spec":{"state":"RUNNING",`))
			c.become(stateRunning, "deployments/orders")
		})
	})
}

// TestSavepoints takes, copies and deletes savepoints.
func TestSavepoints(t *testing.T) {
	with(t, Options{}, func(c *client) {
		c.must(http.MethodPost, in("deployments"), orders("", ""))
		is := c.become(stateRunning, "deployments/orders")
		of := `{"kind":"Savepoint","metadata":{"deploymentId":"` + id(is) + `"}%}`
		taken := c.must(http.MethodPost, in("savepoints"), strings.ReplaceAll(of, "%", ""))
		if state(taken) != savepointStarted {
			t.Errorf("it is %s", state(taken))
		}
		c.refused(http.StatusConflict, "still being taken", http.MethodDelete, in("savepoints/"+id(taken)), "")
		taken = c.become(savepointCompleted, "savepoints/"+id(taken))
		path := text(part(taken, "spec"), "savepointLocation")
		if !strings.HasPrefix(path, "s3://flink/savepoints/savepoint-") {
			t.Errorf("it is at %q", path)
		}
		c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"state":"CANCELLED"}}`)
		c.become(stateCancelled, "deployments/orders")
		copied := c.must(http.MethodPost, in("savepoints"), strings.ReplaceAll(of, "%", `,"spec":{"savepointLocation":"`+path+`"}`))
		if got := c.savepointsOf(is); state(copied) != savepointCompleted || got != "USER_REQUEST=COMPLETED RETAINED_CHECKPOINT=COMPLETED COPIED=COMPLETED" {
			t.Errorf("there are %q", got)
		}
		c.must(http.MethodDelete, in("savepoints/"+id(taken)+"?force=true"), "")
		c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"maxJobCreationAttempts":1,"state":"RUNNING"}}`)
		c.become(stateFailed, "deployments/orders")
		if got := text(part(c.job(is), "status", "failure"), "message"); !strings.Contains(got, path) {
			t.Errorf("the file of both is gone, and its job has failed by %q", got)
		}
	})
}
