package ververica

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// annotationSavepoint, of a savepoint, has the name that it was asked for by: the platform itself
// gives it an id and no name.
const annotationSavepoint = annotationPrefix + "savepoint"

// savepointKind is the kind of a savepoint.
const savepointKind = "Savepoint"

// savepoints takes the savepoints that are resources of their own. It implements
// platform.Savepoints.
type savepoints struct{ client *Client }

var _ platform.Savepoints = savepoints{}

// Savepoints implements platform.Platform.
func (c *Client) Savepoints() platform.Savepoints { return savepoints{c} }

// receipt is how a savepoint is found again: by its id, and that of its deployment, which may be
// gone before it.
type receipt struct{ deployment, id string }

// String is the receipt as the state keeps it.
func (r receipt) String() string { return r.deployment + "/" + r.id }

// receiptOf reads the receipt of a savepoint. Terraform forgets the one of a savepoint that was
// tainted, and not its handle; then the deployment's id is empty.
func receiptOf(known platform.ObservedSavepoint) (r receipt, ok bool) {
	if deployment, id, ok := strings.Cut(known.Receipt, "/"); ok && id != "" {
		return receipt{deployment, id}, true
	}
	_, id, _ := strings.Cut(known.Handle, "/")
	return receipt{"", id}, id != ""
}

// unreadable is the error of a savepoint of which nothing tells which one it is.
func unreadable(known platform.ObservedSavepoint) error {
	return fmt.Errorf("the savepoint's receipt %q cannot be read", known.Receipt)
}

// get returns a savepoint as the server has it now; *platform.NotFoundError where there is none.
func (s savepoints) get(ctx context.Context, namespace, id string) (vvp.Savepoint, error) {
	var found object
	err := s.client.do(ctx, namespace, rest.Request{Method: http.MethodGet, Path: at(namespace, savepointsIn, id)}, &found)
	if rest.Code(err) == http.StatusNotFound {
		err = s.client.absent(ctx, s.client.in(namespace), &platform.NotFoundError{Kind: savepointKind, Ref: platform.Ref{Namespace: namespace, Name: id}}, err)
	}
	return vvp.SavepointOf(found), err
}

// read returns a savepoint from the list of its namespace, which is read once; what the list does
// not have is read singly.
func (s savepoints) read(ctx context.Context, namespace, id string) (vvp.Savepoint, error) {
	all, err := s.client.knownSavepoints(ctx, namespace)
	if err != nil && !refusesLists(err) {
		return vvp.Savepoint{}, err
	}
	for _, of := range all {
		for _, one := range of {
			if one.ID == id {
				return one, nil
			}
		}
	}
	return s.get(ctx, namespace, id)
}

// Read implements platform.Savepoints.
func (s savepoints) Read(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	observed, err := s.found(ctx, known)
	return observed, told(err)
}

func (s savepoints) found(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	r, ok := receiptOf(known)
	if !ok {
		return nil, unreadable(known)
	}
	is, err := s.read(ctx, known.Namespace, r.id)
	switch {
	case isAbsent(err) && known.Location != "" && s.wentWithDeployment(ctx, known.Namespace, r):
		logctx.From(ctx).InfoContext(ctx, "The savepoint is there and its object is not", "object", known.String(), "location", known.Location)
		known.State = platform.SavepointCompleted
		return &known, nil
	case err != nil:
		return nil, err
	case is.Going():
		return nil, &platform.NotFoundError{Kind: savepointKind, Ref: platform.Ref{Namespace: known.Namespace, Name: r.id}}
	}
	observed := observedSavepoint(known, is)
	observed.Owner = s.claimedByOwn(ctx, *observed, is.DeploymentID)
	return observed, nil
}

// wentWithDeployment tells whether the object of a savepoint is gone because its deployment is. The
// files are deleted with the object alone where somebody deletes the savepoint itself.
func (s savepoints) wentWithDeployment(ctx context.Context, namespace string, r receipt) bool {
	all, err := s.client.list(ctx, namespace, deployments)
	if err != nil || r.deployment == "" {
		return false
	}
	for _, one := range all {
		if text(one, "metadata", "id") == r.deployment {
			return false
		}
	}
	return true
}

// observedSavepoint returns a savepoint as the platform has it, beside what only the caller knows.
func observedSavepoint(known platform.ObservedSavepoint, is vvp.Savepoint) *platform.ObservedSavepoint {
	out := known
	out.Receipt, out.Handle = receipt{is.DeploymentID, is.ID}.String(), known.Job.Name+"/"+is.ID
	// The platform asks Flink for one and does not say in which format, which is then this one.
	out.Format = cmp.Or(known.Format, platform.FormatCanonical)
	switch {
	case is.Restorable():
		out.State, out.Location = platform.SavepointCompleted, is.Location
	case is.State == vvp.SavepointFailed, is.Going():
		out.State, out.Problem = platform.SavepointFailed, is.Failure
	default:
		out.State = platform.SavepointPending
	}
	return &out
}

// Find implements platform.Savepoints: ref has the platform's id of it. That a savepoint is of a
// deployment that does not exist any more cannot be told, and the caller is believed.
func (s savepoints) Find(ctx context.Context, ref platform.Ref, deployment string) (*platform.ObservedSavepoint, error) {
	is, err := s.get(ctx, ref.Namespace, ref.Name)
	if err != nil {
		return nil, told(err)
	}
	of := platform.Ref{Namespace: ref.Namespace, Name: deployment}
	found, err := s.client.locate(ctx, s.client.lookup, of)
	if err != nil && !isAbsent(err) {
		return nil, told(err)
	}
	if err == nil && !found.has(is.DeploymentID) {
		return nil, fmt.Errorf("%w: the savepoint of this id is of another deployment than %s", &platform.NotFoundError{Kind: savepointKind, Ref: ref}, of)
	}
	if err := notManaged(is); err != nil {
		return nil, err
	}
	known := platform.ObservedSavepoint{Savepoint: platform.Savepoint{
		Ref: platform.Ref{Namespace: ref.Namespace, Name: cmp.Or(is.Annotations[annotationSavepoint], ref.Name)},
		Job: platform.JobRef{Name: deployment, Session: text(found.active(), "spec", "sessionClusterName") != ""},
	}}
	return observedSavepoint(known, is), nil
}

// notManaged says why a savepoint is none of those that Take makes; nil for one that is.
func notManaged(is vvp.Savepoint) error {
	summary := fmt.Sprintf("The savepoint %s is not one that Terraform can manage", is.ID)
	switch is.Origin {
	case vvp.OriginRetained:
		return &platform.RolloutError{Summary: summary, Detail: "It is a checkpoint that a job has left. Leave it out of the configuration. A path to restore from goes into job.initial_savepoint_path."}
	case vvp.OriginCopied:
		return &platform.RolloutError{Summary: summary, Detail: "It stands for a savepoint that was there before, and there is nothing to take. Leave it out of the configuration, and write its path, " + is.Location +
			", into job.initial_savepoint_path of the job that starts from it."}
	}
	return nil
}

// Change implements platform.Savepoints: what becomes of the files at the end is decided then, and
// nothing is pinned here.
func (s savepoints) Change(_ context.Context, known platform.ObservedSavepoint, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	known.Dispose = want.Dispose
	return &known, nil
}
