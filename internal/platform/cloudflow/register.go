package cloudflow

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file has the entries of streamlets of Flink: written before the FlinkDeployment, and taken back or removed after it.

// register writes the entry of a streamlet of Flink, unless it is somebody else's.
func (a applications) register(ctx context.Context, change platform.Change, s streamlet) (written, error) {
	defer a.lock(s.ref.Namespace, s.entry.App)()
	if change.Was == nil {
		found, err := a.find(ctx, s.ref)
		if err != nil {
			return written{}, err
		}
		if err := a.free(ctx, found); err != nil {
			return written{}, err
		}
	}
	done, err := a.write(ctx, s, nil)
	if err != nil {
		return done, a.undone(ctx, change, s, done, err)
	}
	return done, nil
}

// undone takes back what a create has written that has failed: no state knows of it.
func (a applications) undone(ctx context.Context, change platform.Change, s streamlet, done written, failed error) error {
	if change.Was != nil {
		return failed
	}
	bounded, cancel := afterwards(ctx)
	defer cancel()
	if err := a.takeBack(bounded, s, done); err != nil {
		logctx.From(ctx).WarnContext(ctx, "What was written of the streamlet stays", "streamlet", s.ref.String(), "error", err.Error())
	}
	return failed
}

// free refuses an entry that somebody else has made.
func (a applications) free(ctx context.Context, found *located) error {
	if found == nil {
		return nil
	}
	secret, _, err := a.secretOf(ctx, found.app.GetNamespace(), found.entry.Secret)
	if err != nil || isOurs(secret) {
		return err
	}
	return &platform.ExistsError{Err: fmt.Errorf("the CloudflowApplication %s/%s has a streamlet %q already, which somebody else has made", found.app.GetNamespace(), found.app.GetName(), found.entry.Streamlet)}
}

func (a applications) unregister(ctx context.Context, s streamlet, done written) error {
	defer a.lock(s.ref.Namespace, s.entry.App)()
	return a.takeBack(ctx, s, done)
}

// registered is the rollout of a streamlet of Flink, with its entry.
type registered struct {
	platform.Rollout
	apps      applications
	streamlet streamlet
	done      written
}

// Await implements platform.Rollout. A version that was put back has its entry back.
func (r registered) Await(ctx context.Context) (*platform.Observed, error) {
	observed, err := r.Rollout.Await(ctx)
	bounded, cancel := afterwards(ctx)
	defer cancel()
	var failed *platform.RolloutError
	switch {
	case errors.As(err, &failed) && failed.RolledBack && r.done.app != nil:
		if back := r.apps.unregister(bounded, r.streamlet, r.done); back != nil {
			told := *failed
			told.Detail += "\nThe CloudflowApplication still has the entry of the version that failed: " + back.Error()
			err = &told
		}
	case err == nil:
		err = explain(r.apps.dropSecrets(bounded, r.streamlet.ref, r.streamlet.entry.Secret))
	}
	return observed, err
}

// forget removes the entry of a streamlet that runs no more, and its Secrets.
func (a applications) forget(ctx context.Context, ref platform.Ref, found *located) error {
	if found == nil {
		return a.forgetLeft(ctx, ref)
	}
	if err := a.leave(ctx, ref, found); err != nil {
		return err
	}
	return a.dropSecrets(ctx, ref)
}

// leave takes a streamlet out of its application.
func (a applications) leave(ctx context.Context, ref platform.Ref, found *located) error {
	app := found.app.GetName()
	defer a.lock(ref.Namespace, app)()
	if _, err := a.writeInput(ctx, ref.Namespace, app, found.entry.Streamlet, nil, found.app); err != nil {
		return err
	}
	return a.remove(ctx, ref.Namespace, app, found.entry.Streamlet)
}

// forgetLeft removes what a destroy that was cut has left of a streamlet without an entry: its Secrets tell of which
// application it was.
func (a applications) forgetLeft(ctx context.Context, ref platform.Ref) error {
	secrets, err := a.cluster.List(ctx, secretKind, ref.Namespace, ofLabel+"="+ref.Name)
	if err != nil || len(secrets) == 0 {
		return err
	}
	labels := secrets[0].GetLabels()
	app := labels[platform.ApplicationLabel]
	defer a.lock(ref.Namespace, app)()
	if err := a.remove(ctx, ref.Namespace, app, labels[platform.StreamletLabel]); err != nil {
		return err
	}
	return a.dropSecrets(ctx, ref)
}
