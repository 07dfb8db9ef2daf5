package ververica

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Delete implements platform.Savepoints. The platform deletes a savepoint with its files or not at
// all: by force it only forgets one whose files it could not delete.
func (s savepoints) Delete(ctx context.Context, known platform.ObservedSavepoint) (string, error) {
	note, err := s.dispose(ctx, known)
	if isAbsent(err) {
		err = nil
	}
	return note, told(err)
}

func (s savepoints) dispose(ctx context.Context, known platform.ObservedSavepoint) (string, error) {
	r, ok := receiptOf(known)
	if !ok {
		// There never was one.
		return "", nil
	}
	if _, err := s.get(ctx, known.Namespace, r.id); err != nil || !known.Dispose {
		// It stays known to the platform, as its files do.
		return "", err
	}
	is, err := s.ended(ctx, known.Namespace, r.id)
	if err != nil {
		return "", err
	}
	if owner := s.claimant(ctx, known.Namespace, is.Location); owner != "" {
		return fmt.Sprintf("The files of the savepoint in %s were not deleted: %s.", is.Location, owner), nil
	}
	if !is.Going() {
		if err := s.client.do(ctx, known.Namespace, rest.Request{
			Method: http.MethodDelete, Path: at(known.Namespace, savepointsIn, r.id), Query: url.Values{"force": {"false"}},
		}, nil); err != nil && rest.Code(err) != http.StatusNotFound {
			return "", err
		}
	}
	return "", s.gone(ctx, known, r.id, is.State == vvp.SavepointFailedDeletion)
}

// ended waits until a savepoint is not being taken any more: the platform deletes none before.
func (s savepoints) ended(ctx context.Context, namespace, id string) (vvp.Savepoint, error) {
	var is vvp.Savepoint
	err := until(ctx, func(ctx context.Context) (over bool, err error) {
		is, err = s.get(ctx, namespace, id)
		return is.State != vvp.SavepointStarted, err
	})
	return is, err
}

// gone waits until a savepoint is deleted. again tells that the platform had given that up before:
// then it says so for a while longer.
func (s savepoints) gone(ctx context.Context, known platform.ObservedSavepoint, id string, again bool) error {
	var is vvp.Savepoint
	err := until(ctx, func(ctx context.Context) (bool, error) {
		var err error
		if is, err = s.get(ctx, known.Namespace, id); err != nil {
			return false, err
		}
		again = again && is.State == vvp.SavepointFailedDeletion
		if is.State == vvp.SavepointFailedDeletion && !again {
			return false, stays(known, is, "the platform cannot delete its files")
		}
		return false, nil
	})
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && !isAbsent(err) {
		return stays(known, is, fmt.Sprintf("it is still %s", is.State))
	}
	return err
}

// stays is the error of a savepoint that is not deleted.
func stays(known platform.ObservedSavepoint, is vvp.Savepoint, why string) error {
	remedy := fmt.Sprintf("The savepoint %s has its files in %s. Check that the platform may delete there and destroy again, or apply dispose_on_destroy = false, so that it stays.", is.ID, cmp.Or(is.Location, known.Location))
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The savepoint %q is not deleted: %s", known.Name, why),
		Detail:  strings.TrimPrefix(is.Failure+"\n"+remedy, "\n"),
	}
}

// A job that starts from a savepoint in the mode CLAIM owns it from then on: Flink deletes its
// files when newer checkpoints have taken their place. The platform notes of each job from where
// it was started, and its configuration.

// claimant returns the job that has taken a savepoint for its own, of all that were ever started
// in a namespace, as the words of a sentence; empty for none that is known.
func (s savepoints) claimant(ctx context.Context, namespace, location string) string {
	if location == "" {
		return ""
	}
	all, err := s.client.listed(ctx, namespace, jobsIn, nil)
	if err != nil {
		// Who may not list jobs knows of none.
		logctx.From(ctx).DebugContext(ctx, "Nobody can say who has claimed the savepoint", "location", location, "error", err.Error())
		return ""
	}
	return claimed(all, location)
}

// claimedByOwn is claimant for the jobs of the deployment alone that the savepoint was taken of,
// and only where that claims by its present configuration: a refresh has read it already.
func (s savepoints) claimedByOwn(ctx context.Context, of platform.ObservedSavepoint, deployment string) string {
	if of.Location == "" {
		return ""
	}
	found, err := s.client.locate(ctx, s.client.known, platform.Ref{Namespace: of.Namespace, Name: of.Job.Name})
	if err != nil || !claims(part(part(found.active(), "spec"), "template")) {
		return ""
	}
	jobs, err := s.client.about(ctx, of.Namespace, jobsIn, deployment)
	if err != nil {
		return ""
	}
	return claimed(jobs, of.Location)
}

// claims tells whether the job of something with a configuration below spec takes the savepoint
// that it starts from for its own.
func claims(of object) bool {
	configuration := flink.Configuration{}
	for key, value := range texts(of, "spec", configurationField) {
		configuration[key] = &value
	}
	_, takes := flink.Claims(flink.DeploymentSpec{FlinkConfiguration: configuration})
	return takes
}

// claimed returns which of some jobs has started from a path and owns it.
func claimed(jobs []object, location string) string {
	for _, job := range jobs {
		if from := text(job, "spec", "savepointLocation"); from == "" || flink.SnapshotFolder(from) != flink.SnapshotFolder(location) || !claims(job) {
			continue
		}
		return fmt.Sprintf("job %s of the deployment with the id %s has started from it in the mode CLAIM, so Flink owns its files and deletes them when newer checkpoints have taken their place",
			text(job, "metadata", "id"), text(job, "metadata", "deploymentId"))
	}
	return ""
}
