package vvp

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// failureOf is why an object of the operator does not run and will not by itself, empty
// for no reason.
func failureOf(is *unstructured.Unstructured) string {
	status := part(is.Object, "status")
	message := messageOf(text(status, "error"))
	jobState := text(part(status, "jobStatus"), "state")
	switch {
	case jobState == stateFailed || text(status, "lifecycleState") == stateFailed:
		if message == "" {
			message = "The job has failed."
		}
		return message
	case jobState == stateRunning:
		return ""
	}
	return message
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
