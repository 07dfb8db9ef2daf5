package vvp

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// failureOf is why an object of the operator does not run, empty for no reason, and whether it
// will not by itself. An error beside a state that is not final is one that the operator may get over.
func failureOf(is *unstructured.Unstructured) (why string, final bool) {
	status := part(is.Object, "status")
	message := messageOf(text(status, "error"))
	jobState := text(part(status, "jobStatus"), "state")
	switch {
	case jobState == stateFailed || text(status, "lifecycleState") == stateFailed:
		if message == "" {
			message = "The job has failed."
		}
		return message, true
	case jobState == stateRunning:
		return "", false
	}
	return message, false
}

// patience is how long an error may stay that the operator may get over: a pod, for example, does not
// start before the ConfigMap is there that is created after it.
const patience = 20 * time.Second

// trouble is an error that was seen, and since when.
type trouble struct {
	why   string
	since time.Time
}

// ends returns why an object that is waited for will not run, nil while it may.
func (t *trouble) ends(is *unstructured.Unstructured) error {
	why, final := failureOf(is)
	if why != t.why {
		*t = trouble{why, time.Now()}
	}
	if why != "" && (final || time.Since(t.since) > patience) {
		return errors.New(why)
	}
	return nil
}

// messageOf is the message in an error of a status, which may be a JSON text with a chain
// of causes.
func messageOf(document string) string {
	var chain struct {
		Message    string `json:"message"`
		Throwables []struct {
			Message string `json:"message"`
		} `json:"throwableList"`
	}
	if err := json.Unmarshal([]byte(document), &chain); err != nil {
		return document
	}
	message := chain.Message
	for _, cause := range chain.Throwables {
		message += "\nCaused by: " + cause.Message
	}
	return message
}

// flinkSays reads what the JobManager of a job says at a path.
func (k *Kubernetes) flinkSays(ctx context.Context, job Job, path string, into any) error {
	document, err := k.Raw.Get().AbsPath(k.jobManager(job) + path).Do(ctx).Raw()
	if err != nil {
		return err
	}
	return json.Unmarshal(document, into)
}

// restarts is how often a job has restarted, by the exceptions that it has thrown.
func (k *Kubernetes) restarts(ctx context.Context, job Job, flinkID string) (int, error) {
	var said struct {
		History struct {
			Entries []any `json:"entries"`
		} `json:"exceptionHistory"`
	}
	err := k.flinkSays(ctx, job, "/jobs/"+flinkID+"/exceptions", &said)
	return len(said.History.Entries), err
}

// checkpoint is the path of the newest checkpoint of a job, empty for none, or where its
// JobManager does not answer.
func (k *Kubernetes) checkpoint(ctx context.Context, job Job, flinkID string) string {
	var said struct {
		Latest struct {
			Completed *struct {
				Path string `json:"external_path"`
			} `json:"completed"`
		} `json:"latest"`
	}
	if err := k.flinkSays(ctx, job, "/jobs/"+flinkID+"/checkpoints", &said); err != nil || said.Latest.Completed == nil {
		return ""
	}
	return said.Latest.Completed.Path
}
