package ververica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

const (
	asksForSavepoints = "GET /api/v1/namespaces/prod/savepoints"
	asksForOne        = "GET /api/v1/namespaces/prod/savepoints/s-1"
	takesSavepoint    = "POST /api/v1/namespaces/prod/savepoints"
	deletesSavepoint  = "DELETE /api/v1/namespaces/prod/savepoints/s-1"
	asksForOrders     = "GET /api/v1/namespaces/prod/deployments/orders"
	asksForJobs       = "GET /api/v1/namespaces/prod/jobs"
	asksForEvents     = "GET /api/v1/namespaces/prod/events"
	listsDeployments  = "GET /api/v1/namespaces/prod/deployments"
)

// orders is a deployment in a desired and an observed state.
func orders(desired, state string) string {
	return fmt.Sprintf(`{"metadata":{"id":"d-1","name":"orders"},"spec":{"state":%q,"template":{"spec":{"flinkConfiguration":{"s3.secret-key":"s3cret"}}}},"status":{"state":%q}}`, desired, state)
}

// one is a savepoint of it in a state.
func one(state string) string {
	return fmt.Sprintf(`{"metadata":{"id":"s-1","deploymentId":"d-1","origin":"USER_REQUEST","createdAt":"2026-01-01T00:00:00Z"},"spec":{"savepointLocation":"s3://flink/savepoint-1"},"status":{"state":%q}}`, state)
}

func listed(items ...string) string { return `{"items":[` + strings.Join(items, ",") + `]}` }

// move is the savepoint that the tests take.
var move = platform.Savepoint{Ref: platform.Ref{Namespace: "prod", Name: "move"}, Job: platform.JobRef{Name: "orders"}}

// moved is the same, taken.
func moved(edit func(*platform.ObservedSavepoint)) platform.ObservedSavepoint {
	known := platform.ObservedSavepoint{Savepoint: move, Receipt: "d-1/s-1", Handle: "orders/s-1", Location: "s3://flink/savepoint-1"}
	if edit != nil {
		edit(&known)
	}
	return known
}

// refusal is the error of a savepoint, in one text.
func refusal(t *testing.T, err error) string {
	t.Helper()
	var refused *platform.RolloutError
	if !errors.As(err, &refused) {
		t.Fatalf("refused with %v", err)
	}
	return refused.Error()
}

func TestASavepointIsTakenWhenTheJobRuns(t *testing.T) {
	t.Parallel()
	client, server := following(t, map[string][]said{
		asksForOrders:     {{code: 200, body: orders("RUNNING", "TRANSITIONING")}, {code: 200, body: orders("RUNNING", "RUNNING")}},
		asksForSavepoints: once(200, listed()),
		takesSavepoint:    {{code: 400, body: `{"message":"No active job for a deployment."}`}, {code: 201, body: one("STARTED")}},
		asksForOne:        {{code: 200, body: one("STARTED")}, {code: 200, body: one("COMPLETED")}},
	})
	taken, err := client.Savepoints().Take(t.Context(), move)
	if err != nil {
		t.Fatal(err)
	}
	if taken.Receipt != "d-1/s-1" || taken.Handle != "orders/s-1" || taken.State != platform.SavepointPending || taken.Location != "" || taken.Format != platform.FormatCanonical {
		t.Errorf("took %+v", taken)
	}
	if writes := server.writes(); len(writes) != 2 || !strings.Contains(writes[1], `"deploymentId":"d-1"`) || !strings.Contains(writes[1], `"flink-terraform.io/savepoint":"move"`) {
		t.Errorf("wrote %s", writes)
	}
	done, err := client.Savepoints().Await(t.Context(), *taken)
	if err != nil || done.State != platform.SavepointCompleted || done.Location != "s3://flink/savepoint-1" {
		t.Errorf("ended with %v and %+v", err, done)
	}
}

func TestAJobOfWhichNoSavepointIsTaken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deployment string
		job        platform.JobRef
		want       string
	}{
		"suspended":     {orders("SUSPENDED", "SUSPENDED"), move.Job, "the job is suspended"},
		"cancelled":     {orders("CANCELLED", "CANCELLED"), move.Job, "the job is cancelled"},
		"failed":        {orders("RUNNING", "FAILED"), move.Job, "the job has failed"},
		"finished":      {orders("RUNNING", "FINISHED"), move.Job, "the job has come to its end"},
		"in no session": {orders("RUNNING", "RUNNING"), platform.JobRef{Name: "orders", Session: true}, "deployment = flink_deployment.<name>.name."},
	} {
		client, server := following(t, map[string][]said{
			asksForOrders: once(200, test.deployment), asksForSavepoints: once(200, listed(one("COMPLETED"))), takesSavepoint: once(201, one("STARTED")),
		})
		want := move
		want.Job = test.job
		_, err := client.Savepoints().Take(t.Context(), want)
		if text := refusal(t, err); !strings.Contains(text, test.want) {
			t.Errorf("%s: refused with %s", name, text)
		}
		if writes := server.writes(); len(writes) > 0 {
			t.Errorf("%s: wrote %s", name, writes)
		}
	}
	client, _ := following(t, nil)
	if _, err := client.Savepoints().Take(t.Context(), move); !strings.Contains(refusal(t, err), "prod/orders does not exist") {
		t.Errorf("refused with %v", err)
	}
}

func TestASavepointWaitsForAJobNoLongerThanItMay(t *testing.T) {
	t.Parallel()
	client, server := following(t, map[string][]said{asksForOrders: once(200, orders("RUNNING", "TRANSITIONING"))})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := client.Savepoints().Take(ctx, move)
	if text := refusal(t, err); !strings.Contains(text, "the job is TRANSITIONING after") || len(server.writes()) > 0 {
		t.Errorf("refused with %s after the writes %s", text, server.writes())
	}
}

// TestALostAnswerTakesNoOtherSavepoint loses the answer to a request, after which the savepoint is
// there with its mark, without one, among others, or not at all.
func TestALostAnswerTakesNoOtherSavepoint(t *testing.T) {
	t.Parallel()
	const unmarked = `{"metadata":{"id":%q,"deploymentId":"d-1","origin":%q},"status":{"state":"STARTED"}}`
	for name, test := range map[string]struct {
		// after are the savepoints that are there afterwards, $MARKED for the one with the mark.
		after  []string
		taken  string
		writes int
	}{
		"with its mark":        {[]string{fmt.Sprintf(unmarked, "s-8", "USER_REQUEST"), "$MARKED"}, "s-9", 1},
		"marks are dropped":    {[]string{one("COMPLETED"), fmt.Sprintf(unmarked, "s-8", "USER_REQUEST"), fmt.Sprintf(unmarked, "s-7", "SUSPEND")}, "s-8", 1},
		"it is not clear":      {[]string{fmt.Sprintf(unmarked, "s-8", "USER_REQUEST"), fmt.Sprintf(unmarked, "s-7", "USER_REQUEST")}, "", 1},
		"it never arrived":     {[]string{one("COMPLETED")}, "s-2", 2},
		"others were upgraded": {[]string{one("COMPLETED"), fmt.Sprintf(unmarked, "s-7", "SUSPEND_AND_UPGRADE")}, "s-2", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *script
			client, server := following(t, map[string][]said{
				asksForOrders: once(200, orders("RUNNING", "RUNNING")), asksForSavepoints: {{code: 200, body: listed(one("COMPLETED"))}, {code: 200}},
				takesSavepoint: {{lost: true, then: func(body string) {
					var sent object
					if err := json.Unmarshal([]byte(body), &sent); err != nil {
						t.Error(err)
					}
					part(sent, "metadata")["id"] = "s-9"
					said, err := json.Marshal(sent)
					if err != nil {
						t.Error(err)
					}
					server.answers[asksForSavepoints][0].body = strings.ReplaceAll(listed(test.after...), "$MARKED", string(said))
				}}, {code: 201, body: fmt.Sprintf(unmarked, "s-2", "USER_REQUEST")}},
			})
			taken, err := client.Savepoints().Take(t.Context(), move)
			if test.taken == "" {
				if text := refusal(t, err); !strings.Contains(text, "nobody knows whether it was asked for") {
					t.Errorf("refused with %s", text)
				}
			} else if err != nil || !strings.HasSuffix(taken.Receipt, "/"+test.taken) {
				t.Errorf("took %+v, %v", taken, err)
			}
			if writes := server.writes(); len(writes) != test.writes {
				t.Errorf("wrote %s", writes)
			}
		})
	}
}

func TestASavepointThatFails(t *testing.T) {
	t.Parallel()
	failed := strings.Replace(one("FAILED"), `"state":"FAILED"`, `"state":"FAILED","failure":{"message":"no access to s3 with s3cret"}`, 1)
	client, _ := following(t, map[string][]said{
		asksForOne: once(200, failed), asksForOrders: once(200, orders("RUNNING", "RUNNING")),
		asksForEvents: once(200, listed(
			`{"metadata":{"name":"OLD","createdAt":"2025-01-01T00:00:00Z"},"spec":{"message":"long ago"}}`,
			`{"metadata":{"name":"JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT","createdAt":"2026-01-01T00:00:01Z"},"spec":{"message":"set a directory"}}`)),
	})
	observed, err := client.Savepoints().Await(t.Context(), moved(nil))
	text := refusal(t, err)
	for _, part := range []string{`The savepoint "move" of "orders" is not taken: no access to s3 with `, "execution.checkpointing.savepoint-dir", "event JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT: set a directory"} {
		if !strings.Contains(text, part) {
			t.Errorf("%s says nothing of %q", text, part)
		}
	}
	if strings.Contains(text, "s3cret") || strings.Contains(text, "long ago") || observed.State != platform.SavepointFailed {
		t.Errorf("failed with %s, observed %+v", text, observed)
	}
}

func TestASavepointIsReadByItsReceipt(t *testing.T) {
	t.Parallel()
	claiming := strings.Replace(orders("RUNNING", "RUNNING"), `"s3.secret-key":"s3cret"`, `"execution.state-recovery.claim-mode":"CLAIM"`, 1)
	const started = `{"metadata":{"id":"j-1","deploymentId":"d-1"},"spec":{"savepointLocation":"s3://flink/savepoint-1/","flinkConfiguration":{"execution.state-recovery.claim-mode":"CLAIM"}}}`
	for name, test := range map[string]struct {
		answers map[string][]said
		// want is the location, empty for one that is gone, and owner a part of who owns it.
		want, owner string
	}{
		"in the list":                {map[string][]said{asksForSavepoints: once(200, listed(one("COMPLETED")))}, "s3://flink/savepoint-1", ""},
		"which may not be read":      {map[string][]said{asksForSavepoints: once(403, `{}`), asksForOne: once(200, one("COMPLETED"))}, "s3://flink/savepoint-1", ""},
		"not in it":                  {map[string][]said{asksForSavepoints: once(200, listed()), asksForOne: once(200, one("COMPLETED"))}, "s3://flink/savepoint-1", ""},
		"files that were not gone":   {map[string][]said{asksForSavepoints: once(200, listed(one("FAILED_DELETION")))}, "s3://flink/savepoint-1", ""},
		"gone":                       {map[string][]said{asksForSavepoints: once(200, listed()), listsDeployments: once(200, listed(orders("RUNNING", "RUNNING")))}, "", ""},
		"gone with its deployment":   {map[string][]said{asksForSavepoints: once(200, listed()), listsDeployments: once(200, listed())}, "s3://flink/savepoint-1", ""},
		"going":                      {map[string][]said{asksForSavepoints: once(200, listed(one("DELETING")))}, "", ""},
		"a job took it":              {map[string][]said{asksForSavepoints: once(200, listed(one("COMPLETED"))), listsDeployments: once(200, listed(claiming)), asksForJobs: once(200, listed(started))}, "s3://flink/savepoint-1", "job j-1 of the deployment"},
		"a job could have, and none": {map[string][]said{asksForSavepoints: once(200, listed(one("COMPLETED"))), listsDeployments: once(200, listed(claiming)), asksForJobs: once(200, listed())}, "s3://flink/savepoint-1", ""},
	} {
		client, _ := following(t, test.answers)
		got, err := client.Savepoints().Read(t.Context(), moved(func(known *platform.ObservedSavepoint) { known.Dispose = true }))
		switch {
		case test.want == "":
			if !isAbsent(err) {
				t.Errorf("%s: read %+v, %v", name, got, err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case got.Location != test.want || got.State != platform.SavepointCompleted || !got.Dispose || !strings.HasPrefix(got.Owner, test.owner) || (test.owner == "") != (got.Owner == ""):
			t.Errorf("%s: read %+v", name, got)
		}
	}
}

func TestASavepointIsFound(t *testing.T) {
	t.Parallel()
	inSession := strings.Replace(orders("RUNNING", "RUNNING"), `"state":"RUNNING",`, `"sessionClusterName":"shared",`, 1)
	marked := strings.Replace(one("COMPLETED"), `"id":"s-1"`, `"id":"s-1","annotations":{"flink-terraform.io/savepoint":"move"}`, 1)
	for name, test := range map[string]struct {
		deployment, savepoint string
		want                  platform.Savepoint
		refused               string
	}{
		"of somebody": {orders("RUNNING", "RUNNING"), one("COMPLETED"), platform.Savepoint{Ref: platform.Ref{Namespace: "prod", Name: "s-1"}, Job: move.Job, Format: "canonical"}, ""},
		"of ours":     {orders("RUNNING", "RUNNING"), marked, platform.Savepoint{Ref: move.Ref, Job: move.Job, Format: "canonical"}, ""},
		"in session":  {inSession, marked, platform.Savepoint{Ref: move.Ref, Job: platform.JobRef{Name: "orders", Session: true}, Format: "canonical"}, ""},
		"of another":  {strings.Replace(orders("RUNNING", "RUNNING"), "d-1", "d-2", 1), one("COMPLETED"), platform.Savepoint{}, "is of another deployment than prod/orders"},
		"copied":      {orders("RUNNING", "RUNNING"), strings.Replace(one("COMPLETED"), "USER_REQUEST", "COPIED", 1), platform.Savepoint{}, "write its path, s3://flink/savepoint-1, into"},
		"retained":    {orders("RUNNING", "RUNNING"), strings.Replace(one("COMPLETED"), "USER_REQUEST", "RETAINED_CHECKPOINT", 1), platform.Savepoint{}, "It is a checkpoint"},
	} {
		client, _ := following(t, map[string][]said{asksForOrders: once(200, test.deployment), asksForOne: once(200, test.savepoint)})
		found, err := client.Savepoints().Find(t.Context(), platform.Ref{Namespace: "prod", Name: "s-1"}, "orders")
		switch {
		case test.refused != "":
			if err == nil || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%s: found %+v, %v", name, found, err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case found.Savepoint != test.want || found.Handle != "orders/s-1":
			t.Errorf("%s: found %+v", name, found)
		}
	}
}

func TestASavepointIsDeleted(t *testing.T) {
	t.Parallel()
	const took = `{"metadata":{"id":"j-1","deploymentId":"d-2"},"spec":{"savepointLocation":"s3://flink/savepoint-1","flinkConfiguration":{"execution.state-recovery.claim-mode":"CLAIM"}}}`
	stays := strings.Replace(one("FAILED_DELETION"), `"state":"FAILED_DELETION"`, `"state":"FAILED_DELETION","failure":{"message":"access denied"}`, 1)
	for name, test := range map[string]struct {
		dispose          bool
		savepoint        []said
		jobs             string
		note, refused    string
		deletes, tainted bool
	}{
		"not with its files":      {savepoint: once(200, one("COMPLETED"))},
		"one that was never":      {savepoint: once(200, one("FAILED"))},
		"one that is gone":        {dispose: true},
		"with its files":          {dispose: true, savepoint: []said{{code: 200, body: one("COMPLETED")}, {code: 200, body: one("COMPLETED")}, {code: 200, body: one("DELETING")}, {code: 404}}, deletes: true},
		"by its handle":           {dispose: true, savepoint: []said{{code: 200, body: one("COMPLETED")}, {code: 200, body: one("COMPLETED")}, {code: 404}}, deletes: true, tainted: true},
		"when it is taken":        {dispose: true, savepoint: []said{{code: 200, body: one("STARTED")}, {code: 200, body: one("STARTED")}, {code: 200, body: one("COMPLETED")}, {code: 404}}, deletes: true},
		"of another job by now":   {dispose: true, savepoint: once(200, one("COMPLETED")), jobs: took, note: "were not deleted: job j-1 of the deployment with the id d-2 has started from it"},
		"where the files stay":    {dispose: true, savepoint: []said{{code: 200, body: one("COMPLETED")}, {code: 200, body: one("COMPLETED")}, {code: 200, body: stays}}, deletes: true, refused: "access denied"},
		"where the files stayed":  {dispose: true, savepoint: []said{{code: 200, body: stays}, {code: 200, body: stays}, {code: 200, body: stays}, {code: 200, body: one("DELETING")}, {code: 404}}, deletes: true},
		"while it is on its way":  {dispose: true, savepoint: []said{{code: 200, body: one("DELETING")}, {code: 200, body: one("DELETING")}, {code: 404}}},
		"which was taken by none": {dispose: true, savepoint: []said{{code: 404}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := following(t, map[string][]said{asksForOne: test.savepoint, asksForJobs: once(200, listed(strings.Fields(test.jobs)...)), deletesSavepoint: once(200, "{}")})
			note, err := client.Savepoints().Delete(t.Context(), moved(func(known *platform.ObservedSavepoint) {
				known.Dispose = test.dispose
				if test.tainted {
					known.Receipt = ""
				}
			}))
			if !strings.Contains(note, test.note) || (note == "") != (test.note == "") {
				t.Errorf("noted %q", note)
			}
			if test.refused != "" {
				if text := refusal(t, err); !strings.Contains(text, test.refused) {
					t.Errorf("refused with %s", text)
				}
			} else if err != nil {
				t.Error(err)
			}
			if writes := server.writes(); (len(writes) > 0) != test.deletes {
				t.Errorf("wrote %s", writes)
			}
		})
	}
}
